package bot

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"
)

// plea is a recovery that a person has asked for and that somebody else has to
// approve. It is open as long as the offer of Approve is that it made.
type plea struct {
	requested
	seq uint64
}

// waitsForApproval is the request that somebody may approve at a time; nil if
// there is none.
func (in *incident) waitsForApproval(now time.Time) *plea {
	if o := in.standing(DoApprove, now); o != nil && in.request != nil && in.request.seq == o.seq {
		return in.request
	}
	return nil
}

// unapproved is the request that nobody has approved, whether or not there is
// still time; nil if there is none.
func (in *incident) unapproved() *plea {
	if r := in.request; r != nil {
		if o := in.offerAt(r.seq, DoApprove); o != nil && o.spent == nil && !o.shut {
			return r
		}
	}
	return nil
}

// approved is the press that an approval lets go on: that of whoever asked.
func (in *incident) approved(by clicked) *clicked {
	if in.request == nil || in.request.seq != by.Offer {
		return nil
	}
	asked := in.request.clicked
	asked.Approved = &approver{User: by.User, Name: by.Name, As: by.As}
	return &asked
}

// lone says whether a press that recovers has one person behind it: nobody has
// approved it, and they have not broken the glass.
func (k *clicked) lone() bool { return k.Approved == nil && k.Glass == "" }

// breaksGlass is a click as it is meant: "/ams recover 12 break glass: nobody is
// here" recovers without a second person.
func (k Click) breaksGlass() Click {
	if at := glassWords.FindStringIndex(k.Text); at != nil && k.Act == DoRecover && k.Offer == 0 {
		k.Act, k.Text = DoBreakGlass, strings.TrimSpace(k.Text[at[1]:])
	}
	return k
}

var glassWords = regexp.MustCompile(`(?i)^\s*break[ _-]?glass\b[\s:：]*`)

// recovering are the acts that a recovery follows from.
var recovering = []string{DoRecover, DoAgain, DoApprove, DoBreakGlass}

// presser is who clicks, as far as that is asked before the commit.
type presser struct {
	of     string // the project in which that was asked
	may    permits
	as     Person
	unsure error // PagerDuty or Slack did not say who it is there

	asker permits // what whoever asked for the recovery may that is to be approved
	asked uint64  // that request

	owners []Person // of the second line, where whoever clicks breaks the glass for all of a storm
}

// presser asks who clicks, and what they may; it is asked anew for every click.
// In a crowd nobody is asked who somebody is who comes too late: when two hundred
// press, Slack would not say of all of them who they are, and some have to be known.
func (b *Bot) presser(ctx context.Context, in *incident, k Click, crowd bool) presser {
	p := presser{of: in.projectName(), may: b.may(ctx, in.project, k.User), unsure: errTooLate}
	if o := in.offerAt(k.Offer, k.Act); o == nil || o.open(in.last) || !crowd {
		p.as, p.unsure = b.personOf(ctx, k.User)
	}
	if r := in.request; r != nil && k.Act == DoApprove {
		p.asker, p.asked = b.may(ctx, in.project, r.User), r.seq
	}
	return p
}

// takes is the offer that a click takes; nil if it does not stand.
func (in *incident) takes(k Click, now time.Time) *offer {
	acts := []string{k.Act}
	if k.Act == DoBreakGlass {
		acts = []string{DoRecover, DoAgain}
	}
	for _, act := range acts {
		if o := in.standing(act, now); o != nil && (k.Offer == 0 || o.seq == k.Offer) {
			return o
		}
	}
	return nil
}

// notByTwo says why a click on a recovery that takes two people is refused; "" if
// it is not.
func (c *change) notByTwo(k Click, p presser) string {
	second := c.in.match != nil && c.in.match.Second
	r := c.in.waitsForApproval(c.now)
	switch {
	case k.Act == DoApprove && r != nil:
		return c.mayNotApprove(k, p, r)
	case k.Act == DoBreakGlass && !second:
		return c.w.Say("refused.glass.needless")
	case k.Act == DoBreakGlass && !c.in.match.BreakGlass:
		return c.w.Say("refused.glass.never", p.may.whoBut(DoApprove, k.User, c.w))
	case k.Act == DoBreakGlass && !k.Open && strings.TrimSpace(k.Text) == "":
		return c.w.Say("refused.glass.why", c.in.number())
	case (k.Act == DoRecover || k.Act == DoAgain) && second && r != nil && r.User == k.User:
		return c.w.Say("refused.asked.yours", p.may.whoBut(DoApprove, k.User, c.w))
	case (k.Act == DoRecover || k.Act == DoAgain) && second && r != nil:
		return c.w.Say("refused.asked", plain(r.Name, 80), c.in.number())
	}
	return ""
}

// needless says that nothing here takes two people, whoever may do it; "" where
// something does.
func (c *change) needless(k Click, o *offer) string {
	switch {
	case k.Act == DoBreakGlass && o != nil && c.in.match != nil && !c.in.match.Second:
		return c.w.Say("refused.glass.needless")
	case k.Act == DoApprove && !slices.ContainsFunc(c.in.offers, func(o *offer) bool { return o.act == DoApprove }):
		return c.w.Say("refused.unasked")
	}
	return ""
}

// mayNotApprove says why somebody does not approve a request; "" if they do. Two
// accounts in Slack of one PagerDuty user are one person.
func (c *change) mayNotApprove(k Click, p presser, r *plea) string {
	switch {
	case k.User == r.User || p.as.ID == r.As.ID:
		return c.w.Say("refused.own", p.may.whoBut(DoApprove, r.User, c.w))
	case p.asked != r.seq: // it was made while this click came in
		return c.w.Say("refused.closed", c.w.Say("act."+DoApprove))
	case !p.asker.can(r.Act) || r.Override && !p.asker.can(doOverride):
		return c.w.Say("refused.asker", plain(r.Name, 80))
	}
	return ""
}

// request asks for a second person's approval: nothing runs until somebody gives it.
func (c *change) request(k Click, o *offer, p presser) Answer {
	e := c.clickOf(k, o, p.as)
	until := o.expires
	if until.IsZero() {
		until = c.now.Add(c.in.match.Approval)
	}
	c.write(kindRequested, k.Name, requested{clicked: e, Expires: until, Who: p.may.lists[permission(DoApprove)]})
	said := c.w.Say("requested."+k.Act, plain(k.Name, 80), plain(c.in.match.Target, 120), clock(until, c.w), p.may.whoBut(DoApprove, k.User, c.w))
	if e.Override {
		said = c.w.Join(said, c.w.Say("requested.override", guardNames(c.overrides(e), c.w)))
	}
	if c.channel() != "" {
		m := MessageArgs{Channel: c.channel(), Text: c.headline() + "\n" + said, Broadcast: true}
		if slices.Contains(p.may.lists[permission(DoApprove)], everyone) { // whom the text does not call
			m.Mention = c.others(p.as)
			m.Loud = len(m.Mention) == 0
		}
		c.want(ToSlack, ActReply, amsbot, m)
	}
	return c.inChannel(k, said)
}

// others are those who have the incident, but for whoever acts and amsbot itself.
func (c *change) others(but Person) []Person {
	return slices.DeleteFunc(slices.Clone(c.in.snap.Assignees), func(p Person) bool {
		return p.ID == but.ID || p.ID == c.bot.Self.ID
	})
}

// overrides are the guards that a press overrides.
func (c *change) overrides(e clicked) []string {
	if o := c.in.offerAt(e.Offer, e.Act); o != nil && e.Override {
		return o.override
	}
	return nil
}

// breakGlass records that a person recovers alone what takes two, and says so to
// everybody whom it concerns, before it begins.
func (c *change) breakGlass(k Click, o *offer, as Person) Answer {
	k.Text = cut(oneLine(k.Text), glassMost)
	c.write(kindGlass, k.Name, glassBroken{Act: o.act, User: k.User, Name: k.Name, As: as, Why: k.Text})
	k.Act = o.act
	e := c.clickOf(k, o, as)
	e.Glass = k.Text
	c.write(kindClicked, k.Name, e)
	said := c.w.Say("accepted."+DoBreakGlass, plain(k.Name, 80), plain(c.in.match.Target, 120))
	if e.Override {
		said = c.w.Join(said, c.w.Say("requested.override", guardNames(o.override, c.w)))
	}
	said = c.w.Join(said, c.w.Say("glass.reason", plain(k.Text, 300)))
	if c.channel() != "" {
		m := MessageArgs{Channel: c.channel(), Text: c.headline() + "\n" + said, Broadcast: true}
		for _, p := range c.in.onCall(c.line("second_line")) {
			if p.ID != as.ID && p.ID != c.bot.Self.ID {
				m.Mention = append(m.Mention, p)
			}
		}
		m.Loud = len(m.Mention) == 0
		c.want(ToSlack, ActReply, amsbot, m)
	}
	c.want(ToPagerDuty, ActNote, k.Name, NoteArgs{ID: c.in.id(), From: as.Email,
		Content: c.w.Say("note.glass", k.Name, c.in.match.Scenario, c.in.match.Target, k.Text)})
	return c.inChannel(k, said)
}

// inChannel answers what the channel is told already.
func (c *change) inChannel(k Click, said string) Answer {
	a := c.answered(k, said)
	a.Public = a.Public && c.channel() == ""
	return a
}

// glassMost is how long a reason may be.
const glassMost = 500

// withdraw takes a request back that nobody can approve any more. The expiry of
// what it asks for needs no words of its own.
func (c *change) withdraw(why string) {
	r := c.in.unapproved()
	if r == nil {
		return
	}
	c.write(kindWithdrawn, amsbot, withdrawn{Request: r.seq, Name: r.Name, Why: why})
	c.reply(c.w.Say("withdrawn", plain(r.Name, 80), c.w.Say(why)))
}

// lonely holds a recovery that one person alone has pressed for and that takes two:
// no way leads there but that of a storm in which not all take two.
func (c *change) lonely() *held {
	by := c.in.pass.by
	if !c.in.match.Second || by == nil || !by.lone() {
		return nil
	}
	return &held{Pass: c.in.pass.id, Guard: guardApproval, Text: c.w.Say("held.approval", by.Name)}
}
