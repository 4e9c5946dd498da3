package bot

import (
	"context"
	"fmt"
	"slices"

	"amsbot/store"
)

// actStorm takes a press on a storm's card. It is a recovery of many targets and
// overrides the storm brake, so it needs both permissions.
func (b *Bot) actStorm(ctx context.Context, k Click) (Answer, error) {
	w := b.WordsIn(k.Channel, k.Room)
	q := Question{User: k.User, Channel: k.Channel, Room: k.Room}
	s, err := b.loadStorm(ctx, k.Incident)
	if err != nil || s.seq == 0 {
		return Answer{Text: w.Say("find.never")}, err
	}
	p := presser{may: b.may(ctx, &s.began.Project, k.User)}
	if card, _ := b.cardAt(ctx, s.key); card != k.Channel && !b.sees(ctx, q, s.began.Project.Name) {
		p.may.ok["view"] = false
	}
	p.as, p.unsure = b.personOf(ctx, k.User)
	if s.request != nil {
		p.asker, p.asked = b.may(ctx, &s.began.Project, s.request.User), s.request.seq
	}
	if k.Act == DoBreakGlass {
		p.owners = b.ownersOf(ctx, s.began.Project)
	}
	k.Name = nameOf(k, p.as)
	var answer Answer
	_, err = b.commitStorm(ctx, s.key, func(c *stormChange) { answer = c.press(k, p) })
	if err != nil {
		return Answer{}, fmt.Errorf("bot: act %s on %s: %w", k.Act, s.key, err)
	}
	b.kick(s.key)
	return answer, nil
}

// press accepts a press or says why not.
func (c *stormChange) press(k Click, p presser) Answer {
	s := c.storm
	once := fitKey("click:" + k.Once)
	if k.Once != "" && c.view.Seen(once) {
		return Answer{Done: true}
	}
	if k.Fields != nil {
		k.Text = k.field("text")
	}
	var o *offer
	if i := slices.IndexFunc(s.offers, func(o *offer) bool { return o.seq == k.Offer && o.act == DoAll }); i >= 0 {
		o = s.offers[i]
	}
	why := c.mayNot(k, p, o)
	if why == "" {
		why = c.notByTwo(k, p)
	}
	if why != "" {
		c.stale = k.stale(s.offers)
		if s.refused[k.User] < refusedMost {
			c.write(kindRefused, k.Name, refused{Act: k.Act, Offer: k.Offer, User: k.User, Name: k.Name, Why: why})
		}
		return Answer{Text: why}
	}
	if k.Open {
		return Answer{Form: c.form(o)}
	}
	if k.Once != "" {
		c.out.Seen = append(c.out.Seen, once)
	}
	var said string
	switch {
	case k.Act == DoApprove:
		said = c.approve(k, p.as)
	case k.Act == DoBreakGlass:
		said = c.breakGlass(k, p)
	case s.second(k.Offer):
		said = c.request(k, p)
	default:
		c.write(kindClicked, k.Name, clicked{Act: DoAll, Offer: o.seq, User: k.User, Name: k.Name, As: p.as, Via: k.via()})
		said = c.w.Say("storm.accepted", plain(k.Name, 80), len(s.named(o.seq)))
		c.say(said, false, nil)
	}
	return c.answered(k, said)
}

// answered tells of a decision whoever typed it: who presses sees the card, whose
// thread says it to everybody.
func (c *stormChange) answered(k Click, said string) Answer {
	if !k.Typed {
		return Answer{Done: true}
	}
	s := c.storm
	return Answer{Done: true, Text: fmt.Sprintf("*%s* %s", c.w.Say("storm.title", plain(s.began.Scenario, 80), len(s.members)), said)}
}

// mayNot says why a press is refused, whatever it takes; "" if it is not.
func (c *stormChange) mayNot(k Click, p presser, o *offer) string {
	s, act := c.storm, c.w.Say("act."+k.Act)
	pause := pausedBy(c.view, s.began.Project.Name, s.began.Scenario)
	need := k.Act
	if k.Act == DoAll {
		need = DoRecover
	}
	switch {
	case !slices.Contains([]string{DoAll, DoApprove, DoBreakGlass}, k.Act):
		return c.w.Say("refused.closed", act)
	case !p.may.ok["view"]:
		return c.w.Say("refused.view")
	case !p.may.can(need):
		return c.w.Say("refused.permission", act, p.may.who(need, c.w))
	case k.Act != DoApprove && !p.may.can(doOverride):
		return c.w.Say("refused.permission", act, p.may.who(doOverride, c.w))
	case o != nil && o.spent != nil:
		return o.taken(k, c.now, c.w)
	case k.Act == DoApprove:
		if why := c.notWaiting(k); why != "" {
			return why
		}
	case o == nil || s.closed || s.click != nil || len(s.named(o.seq)) == 0:
		return c.w.Say("refused.closed", act)
	}
	switch {
	case p.unsaid(c.w) != "":
		return p.unsaid(c.w)
	case pause != nil:
		return c.w.Say("refused.held", plain(pause.held(c.w), 300))
	}
	return ""
}

// wakeStorms takes up storms whose first incident was held just before a crash.
func (b *Bot) wakeStorms(ctx context.Context) error {
	return b.DB.Read(ctx, botStream, func(v *store.View) error {
		all, err := guardsOf[brake](v, stormKeys)
		for _, one := range all {
			if one.Storm != "" {
				b.kick(one.Storm)
			}
		}
		return err
	})
}
