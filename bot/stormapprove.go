package bot

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"amsbot/bot/words"
	"amsbot/scenarios"
)

// waitsForApproval is what somebody asked for and another may approve at a time;
// nil if there is nothing.
func (s *storm) waitsForApproval(now time.Time) *plea {
	if r := s.request; r != nil && s.click == nil && !s.closed && now.Before(r.Expires) && len(s.named(r.Offer)) > 0 {
		return r
	}
	return nil
}

// second says whether a decision about those whom an offer named takes two people:
// the strictest of them decides for all.
func (s *storm) second(offer uint64) bool {
	return s.began.Second || slices.ContainsFunc(s.named(offer), func(m *stormMember) bool { return m.Second })
}

// breaks says whether one person alone may decide about them all the same.
func (s *storm) breaks(offer uint64) bool {
	return !slices.ContainsFunc(s.named(offer), func(m *stormMember) bool { return m.Second && !m.BreakGlass })
}

// notWaiting says why there is nothing to approve; "" if there is.
func (c *stormChange) notWaiting(k Click) string {
	s := c.storm
	if r := s.waitsForApproval(c.now); r != nil && (k.Offer == 0 || k.Offer == r.seq) {
		return ""
	}
	for _, o := range s.offers {
		if o.act == DoApprove && o.seq == k.Offer && o.spent != nil {
			return o.taken(k, c.now, c.w)
		}
	}
	return c.w.Say("refused.closed", c.w.Say("act."+DoApprove))
}

// notByTwo says why a press on what takes two people is refused; "" if it is not.
func (c *stormChange) notByTwo(k Click, p presser) string {
	s, r := c.storm, c.storm.waitsForApproval(c.now)
	others := p.may.whoBut(DoApprove, k.User, c.w)
	switch {
	case k.Act == DoApprove && (k.User == r.User || p.as.ID == r.As.ID):
		return c.w.Say("refused.own", others)
	case k.Act == DoApprove && p.asked != r.seq: // it was made while this press came in
		return c.w.Say("refused.closed", c.w.Say("act."+DoApprove))
	case k.Act == DoApprove && !(p.asker.can(DoRecover) && p.asker.can(doOverride)):
		return c.w.Say("refused.asker", plain(r.Name, 80))
	case k.Act == DoBreakGlass && !s.second(k.Offer):
		return c.w.Say("refused.glass.needless")
	case k.Act == DoBreakGlass && !s.breaks(k.Offer):
		return c.w.Say("refused.glass.never", others)
	case k.Act == DoBreakGlass && !k.Open && strings.TrimSpace(k.Text) == "" && k.Typed:
		return c.w.Say("refused.glass.storm")
	case k.Act == DoBreakGlass && !k.Open && strings.TrimSpace(k.Text) == "":
		return c.w.Say("refused.glass.empty")
	case k.Act == DoAll && r != nil && r.User == k.User:
		return c.w.Say("refused.asked.yours", others)
	case k.Act == DoAll && r != nil:
		return c.w.Say("refused.asked.all", plain(r.Name, 80))
	}
	return ""
}

// request asks for a second person's approval of a decision about all, and returns
// what it says of it, as the two below do.
func (c *stormChange) request(k Click, p presser) string {
	s := c.storm
	until := c.now.Add(cmp.Or(s.began.Approval, stormWaitsFor))
	who := p.may.lists[permission(DoApprove)]
	c.write(kindRequested, k.Name, requested{Expires: until, Who: who,
		clicked: clicked{Act: DoAll, Offer: k.Offer, User: k.User, Name: k.Name, As: p.as, Via: k.via()}})
	var call []Person
	if slices.Contains(who, everyone) { // whom the text does not call
		call = slices.DeleteFunc(calledBy(s.named(k.Offer)), func(one Person) bool { return one.ID == p.as.ID })
	}
	text := c.w.Say("storm.requested", plain(k.Name, 80), len(s.named(k.Offer)), clock(until, c.w), p.may.whoBut(DoApprove, k.User, c.w))
	c.tell(text, call, slices.Contains(who, everyone))
	return text
}

// approve lets a decision be carried out that somebody else has asked for.
func (c *stormChange) approve(k Click, as Person) string {
	r := c.storm.request
	n := len(c.storm.named(r.Offer))
	c.write(kindClicked, k.Name, clicked{Act: DoApprove, Offer: r.seq, User: k.User, Name: k.Name, As: as, Via: k.via()})
	text := c.w.Say("storm.approved", plain(k.Name, 80), plain(r.Name, 80), n)
	c.say(text, false, nil)
	return text
}

// breakGlass lets a decision be carried out that one person takes alone, and says
// so to everybody whom it concerns.
func (c *stormChange) breakGlass(k Click, p presser) string {
	k.Text = cut(oneLine(k.Text), glassMost)
	n := len(c.storm.named(k.Offer))
	c.write(kindGlass, k.Name, glassBroken{Act: DoAll, User: k.User, Name: k.Name, As: p.as, Why: k.Text})
	c.write(kindClicked, k.Name, clicked{Act: DoAll, Offer: k.Offer, User: k.User, Name: k.Name, As: p.as, Text: k.Text, Glass: k.Text, Via: k.via()})
	owners := slices.DeleteFunc(slices.Clone(p.owners), func(one Person) bool { return one.ID == p.as.ID })
	text := c.w.Say("storm.glass", plain(k.Name, 80), n, plain(k.Text, 300))
	c.tell(text, owners, true)
	return text
}

// form is the dialogue that asks why somebody breaks the glass; it names what
// follows, as the button's confirm does.
func (c *stormChange) form(o *offer) *Form {
	f := &Form{Act: DoBreakGlass, Incident: c.storm.key, Offer: o.seq, Override: true,
		Title: c.w.Say("form." + DoBreakGlass), Send: c.w.Say("form.send." + DoBreakGlass)}
	if b, ok := c.storm.glass(o, c.w.Say("confirm.break_glass"), c.w); ok {
		f.Text = b.Confirm.Title + "\n" + b.Confirm.Text
	}
	f.Fields = []Entry{{Name: "text", Kind: EntryText, Label: c.w.Say("form.text." + DoBreakGlass), Hint: c.w.Say("form.text." + DoBreakGlass + ".hint"), Most: glassMost}}
	return f
}

// tell says something in the channel and calls people, those who are there where
// it is loud and nobody else can be called.
func (c *stormChange) tell(text string, call []Person, loud bool) {
	m := MessageArgs{Channel: c.storm.began.Project.Channel, Text: text, Mention: call, Broadcast: true, Loud: loud && len(call) == 0}
	if m.Channel != "" {
		c.add(reply(m))
	}
}

// unapproved ends a request that nobody approves any more.
func (c *stormChange) unapproved() {
	r := c.storm.request
	if c.now.Before(r.Expires) {
		c.write(kindWithdrawn, amsbot, withdrawn{Request: r.seq, Name: r.Name, Why: "withdrawn.left"})
		c.say(c.w.Say("storm.withdrawn", plain(r.Name, 80)), false, nil)
		return
	}
	c.write(kindExpired, amsbot, expired{Acts: []string{DoApprove}})
	c.say(c.w.Say("storm.unapproved", plain(r.Name, 80)), false, nil)
}

// ownersOf are the people on call in a project's second line; nil where nobody
// knows them.
func (b *Bot) ownersOf(ctx context.Context, p projectView) []Person {
	l := p.SecondLine
	if len(l.Users) > 0 {
		return people(l.Users)
	}
	return b.onCallIn(ctx, l)
}

func (b *Bot) onCallIn(ctx context.Context, l scenarios.Line) []Person {
	if l.Policy == "" {
		return nil
	}
	levels, err := b.OnCalls.Levels(ctx, l.Policy)
	if err != nil {
		b.Log.Warn("bot: ask who is on call in the second line", "policy", l.Policy, "err", err)
		return nil
	}
	for _, one := range levels {
		if one.Level == max(l.Level, 1) {
			return one.OnCall
		}
	}
	return nil
}

// drawApproval draws what waits for a second person.
func (s *storm) drawApproval(c *Card, r *plea, w words.Catalogue) {
	named := s.named(r.Offer)
	c.State, c.Detail = CardWaiting, w.Say("wait.approve", r.Name)
	c.Headline = c.Title + ": " + c.Status + " · " + w.Say("headline.approve")
	c.Fields = append(c.Fields, Field{Name: w.Say("field.asked_by"), Value: r.Name}, r.approvers(w))
	c.Times = append(c.Times, Moment{Name: w.Say("card.approve"), At: r.Expires})
	c.Buttons = []Button{{Act: DoApprove, Label: w.Say("button." + DoApprove), Offer: r.seq, Primary: true, Override: true, Confirm: &Confirm{
		Title: w.Say("confirm.all.title", len(named)),
		Text:  w.Say("confirm.approve", r.Name) + "\n" + s.confirmText(named, w),
		Yes:   w.Say("button." + DoApprove), No: w.Say("confirm.no"),
	}}}
	i := slices.IndexFunc(s.offers, func(o *offer) bool { return o.act == DoAll && o.seq == r.Offer })
	if i < 0 {
		return
	}
	if b, ok := s.glassButton(s.offers[i], w); ok {
		c.More = []Button{b}
	}
}

// glassButton is Break Glass, for those whom an offer named.
func (s *storm) glassButton(o *offer, w words.Catalogue) (Button, bool) {
	return s.glass(o, glassNext(w), w)
}

func (s *storm) glass(o *offer, said string, w words.Catalogue) (Button, bool) {
	if !s.second(o.seq) || !s.breaks(o.seq) {
		return Button{}, false
	}
	named := s.named(o.seq)
	return Button{Act: DoBreakGlass, Label: w.Say("button." + DoBreakGlass), Offer: o.seq, Danger: true, Override: true, Confirm: &Confirm{
		Title: w.Say("confirm.all.title", len(named)),
		Text:  said + "\n" + s.confirmText(named, w),
		Yes:   w.Say("button." + DoBreakGlass), No: w.Say("confirm.no"),
	}}, true
}

// confirmText says on what a decision would be carried out, and how.
func (s *storm) confirmText(named []*stormMember, w words.Catalogue) string {
	return w.Say("confirm.all", cut(named[0].Target, 60), max(1, s.began.Parallel), stormTargets(named), strings.Join(s.shown(named), "\n"))
}
