package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Act is the door of people. A click spends its offer in the commit that records
// it: however often and by however many it is pressed, it acts once; the others
// are told what happened. A refused click is recorded too. An error means that
// nothing was recorded and nothing happened; it is for the log, not for people.
func (b *Bot) Act(ctx context.Context, k Click) (Answer, error) {
	k = b.maskedClick(k)
	switch k.Act {
	case DoChoose:
		return b.choose(ctx, k)
	case DoPause, DoResume:
		return b.pause(ctx, k)
	case DoMaintain, DoEndMaintenance:
		return b.maintain(ctx, k)
	}
	if strings.HasPrefix(k.Incident, groupKey) || single(k.Act) != "" {
		return b.actGroup(ctx, k)
	}
	if !IsIncident(k.Incident) {
		return b.actStorm(ctx, k)
	}
	if k.aboutStorm() {
		return b.typeStorm(ctx, k)
	}
	if k.Act == DoCard {
		return b.showCard(ctx, k)
	}
	found, err := b.find(ctx, k.question())
	if err != nil || found.key == "" {
		return found.answer, err
	}
	key, answer := found.key, found.answer
	if k.Text = found.text; k.Fields != nil {
		k.Text = k.field("text")
	} else if k.Act == DoNote && !k.Open && strings.TrimSpace(k.Text) == "" {
		return Answer{Text: b.WordsIn(k.Channel, k.Room).Say("note.empty")}, nil
	}
	k = k.breaksGlass()
	leave, crowd := b.presses.enter(ctx, fmt.Sprint(key, " ", k.Act))
	defer leave()
	in, err := b.load(ctx, key)
	if err != nil {
		return Answer{}, err
	}
	if in.gone() { // nobody knows any more whose it is, and what it was about
		return Answer{Text: b.WordsIn(k.Channel, k.Room).Say("refused.forgotten")}, nil
	}
	if _, err := b.scenario(ctx, in); err != nil { // the commit asks what is loaded
		return Answer{}, err
	}
	p := b.presser(ctx, in, k, crowd)
	k.Name = nameOf(k, p.as)
	_, err = b.commit(ctx, key, func(c *change) error {
		answer = c.click(k, p)
		return nil
	})
	if err != nil {
		return Answer{}, fmt.Errorf("bot: act %s on %s: %w", k.Act, key, err)
	}
	b.kick(key)
	return answer, nil
}

// question is which incident a click is about.
func (k Click) question() Question {
	return Question{User: k.User, Channel: k.Channel, Room: k.Room, Incident: k.Incident, Text: k.Text, act: k.Act}
}

// nameOf is what a person is called everywhere: by their name in PagerDuty, as on
// the card, else by that in Slack.
func nameOf(k Click, as Person) string {
	if as.Name != "" {
		return as.Name
	}
	return k.Name
}

// needsUser are the acts that are done in PagerDuty in the presser's own name.
var needsUser = []string{DoTake, DoResolve, DoRecover, DoAgain, DoMark, DoApprove, DoBreakGlass}

// click accepts a click or says why not.
func (c *change) click(k Click, p presser) Answer {
	once := fitKey("click:" + k.Once)
	if k.Once != "" && c.view.Seen(once) {
		return Answer{Done: true}
	}
	o := c.in.takes(k, c.now)
	if why := c.mayNot(k, p, o); why != "" {
		c.stale = k.stale(c.in.offers)
		return c.refuse(k, why)
	}
	if k.Open {
		return Answer{Form: c.form(k, o)}
	}
	if wrong := c.fill(&k); len(wrong) > 0 {
		return Answer{Wrong: wrong}
	}
	if k.Once != "" {
		c.out.Seen = append(c.out.Seen, once)
	}
	k.Override = c.mustOverride(o) || k.Override && p.may.can(doOverride) && c.toSpare(o)
	switch {
	case k.Act == DoBreakGlass:
		return c.breakGlass(k, o, p.as)
	case (k.Act == DoRecover || k.Act == DoAgain) && c.in.match.Second:
		return c.request(k, o, p)
	}
	return c.accept(k, o, p.as)
}

// mayNot says why a click is refused; "" if it is not.
func (c *change) mayNot(k Click, p presser, o *offer) string {
	may := p.may
	switch {
	case c.in.over():
		return c.w.Say("refused.over", c.overWords())
	case p.of != c.in.projectName(): // it was matched into another one while this click came in
		return c.w.Say("refused.closed", c.w.Say("act."+k.Act))
	case may.ok["view"] && c.needless(k, o) != "":
		return c.needless(k, o)
	case !may.can(k.Act):
		return c.w.Say("refused.permission", c.w.Say("act."+k.Act), may.who(k.Act, c.w))
	case o == nil && k.Act != DoNote:
		return c.tooLate(k)
	case slices.Contains(needsUser, k.Act) && p.unsaid(c.w) != "":
		return p.unsaid(c.w)
	}
	if why := c.notByTwo(k, p); why != "" {
		return why
	}
	switch {
	case c.mustOverride(o) && !may.can(doOverride):
		return c.w.Say("refused.override", c.overrideHolds(o), may.who(doOverride, c.w))
	case c.mustOverride(o) && !k.Override && !k.Open:
		return c.w.Say("refused.guard", c.overrideHolds(o))
	case k.Act == DoEscalate:
		return c.nobodyMeant(k)
	case !slices.Contains(recovering, k.Act):
		return ""
	case c.sc == nil:
		return c.w.Say(whyPinnedGone)
	}
	for _, h := range []*held{c.paused(), c.maintained()} {
		if h != nil {
			return c.w.Say("refused.held", plain(h.Text, 300))
		}
	}
	return ""
}

// clickOf is a click as it is recorded.
func (c *change) clickOf(k Click, o *offer, as Person) clicked {
	e := clicked{Act: k.Act, User: k.User, Name: k.Name, As: as, Text: k.Text, To: k.To, Noise: k.Noise, Override: k.Override, Via: k.via()}
	if o != nil {
		e.Offer = o.seq
	}
	if id, ok := strings.CutPrefix(k.To, "user:"); ok {
		e.ToName = c.nameOf(id)
	}
	return e
}

// answered tells of an accepted click whoever did not click on the card: the card
// and its thread say it.
func (c *change) answered(k Click, said string) Answer {
	if k.onCard() {
		return Answer{Done: true}
	}
	return Answer{Done: true, Public: true, Text: fmt.Sprintf("*#%d* %s", c.in.number(), said)}
}

func (c *change) accept(k Click, o *offer, as Person) Answer {
	if slices.Contains(passActs, k.Act) && k.Act != DoApprove {
		c.withdraw("withdrawn.checks")
	}
	e := c.clickOf(k, o, as)
	c.write(kindClicked, k.Name, e)
	from, name := as.Email, k.Name
	if as.ID == "" {
		from = c.bot.Self.Email
	}
	switch k.Act {
	case DoTake:
		c.want(ToPagerDuty, ActAcknowledge, name, AckArgs{ID: c.in.id(), From: from})
	case DoEscalate:
		c.want(ToPagerDuty, ActEscalate, name, EscalateArgs{ID: c.in.id(), From: from, To: c.target(k.To), Fallback: c.bot.Fallback})
		if as.ID == "" || k.Text != "" {
			c.want(ToPagerDuty, ActNote, name, NoteArgs{ID: c.in.id(), From: from, Content: c.w.Say("note.escalated", name, k.Text)})
		}
	case DoResolve:
		c.want(ToPagerDuty, ActResolve, name, ResolveArgs{ID: c.in.id(), From: from, Note: k.Text})
	case DoNote:
		c.want(ToPagerDuty, ActNote, name, NoteArgs{ID: c.in.id(), From: from, Content: c.w.Say("note.by", name, k.Text)})
	}
	said := plain(acceptedText(e, c.w), 400)
	switch {
	case k.Act == DoApprove:
		said = c.w.Say("accepted."+k.Act, plain(k.Name, 80), plain(c.in.request.Name, 80))
	case k.Text != "":
		said += "\n> " + plain(oneLine(k.Text), 500)
	}
	if e.Override {
		said = strings.TrimRight(said, ".。") + c.w.Say("accepted.override", guardNames(o.override, c.w))
	}
	if k.Act == DoEscalate {
		c.callNext(said, c.target(k.To), as)
	} else {
		c.reply(said)
	}
	return c.answered(k, said)
}

// callNext says in the channel who escalates, and calls whoever is to have it there
// too, but nobody about their own act.
func (c *change) callNext(said string, to Target, by Person) {
	if c.channel() == "" {
		return
	}
	next := slices.DeleteFunc(slices.Clone(c.in.onCall(to)), func(p Person) bool { return p.ID == by.ID })
	if len(next) == 0 {
		c.reply(said)
		return
	}
	c.want(ToSlack, ActReply, amsbot, MessageArgs{Channel: c.channel(), Text: c.headline() + "\n" + said, Mention: next, Broadcast: true})
}

// onCard says whether a click was made on the incident's card, which names it by
// its key; a note's dialogue carries no offer. What a command asked for in a dialogue
// was not.
func (k Click) onCard() bool {
	return !k.Typed && (k.Offer != 0 || strings.HasPrefix(k.Incident, IncidentKeys))
}

// via is the way on which a click came, as it is recorded.
func (k Click) via() string {
	if k.onCard() {
		return "button"
	}
	return "command"
}

// mustOverride says whether taking an offer overrides a guard that still holds.
func (c *change) mustOverride(o *offer) bool {
	return o != nil && len(o.override) > 0 && (c.sc == nil || len(c.spent(o.act)) > 0)
}

// toSpare says whether an offer named the masking guard, which holds nothing:
// overriding it spares the second line.
func (c *change) toSpare(o *offer) bool { return o != nil && slices.Contains(o.override, guardMasking) }
