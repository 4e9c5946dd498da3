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
	card, _ := b.cardAt(ctx, s.key)
	if card != k.Channel && !b.sees(ctx, q, s.began.Project.Name) {
		return Answer{Text: w.Say("refused.view")}, nil
	}
	may := b.may(ctx, &s.began.Project, k.User)
	as, unsure := b.personOf(ctx, k.User)
	k.Name = nameOf(k, as)
	var answer Answer
	_, err = b.commitStorm(ctx, s.key, func(c *stormChange) { answer = c.press(k, may, as, unsure) })
	if err != nil {
		return Answer{}, fmt.Errorf("bot: act %s on %s: %w", k.Act, s.key, err)
	}
	b.kick(s.key)
	return answer, nil
}

// press accepts a press or says why not.
func (c *stormChange) press(k Click, may permits, as Person, unsure error) Answer {
	s := c.storm
	once := fitKey("click:" + k.Once)
	if k.Once != "" && c.view.Seen(once) {
		return Answer{Done: true}
	}
	refuse := func(why string) Answer {
		if s.refused[k.User] < refusedMost {
			c.write(kindRefused, k.Name, refused{Act: k.Act, Offer: k.Offer, User: k.User, Name: k.Name, Why: why})
		}
		return Answer{Text: why}
	}
	var o *offer
	if i := slices.IndexFunc(s.offers, func(o *offer) bool { return o.seq == k.Offer }); i >= 0 {
		o = s.offers[i]
	}
	act := c.w.Say("act." + DoAll)
	pause := pausedBy(c.view, s.began.Project.Name, s.began.Scenario)
	switch {
	case k.Act != DoAll:
		return Answer{Text: c.w.Say("refused.closed", c.w.Say("act."+k.Act))}
	case !may.can(DoRecover):
		return refuse(c.w.Say("refused.permission", act, may.who(DoRecover, c.w)))
	case !may.can(doOverride):
		return refuse(c.w.Say("refused.permission", act, may.who(doOverride, c.w)))
	case o != nil && o.spent != nil && o.spent.User == k.User:
		return refuse(c.w.Say("refused.yours", act, ago(c.now.Sub(o.spentAt))))
	case o != nil && o.spent != nil:
		return refuse(c.w.Say("refused.first", plain(o.spent.Name, 80), act))
	case o == nil || s.closed || s.click != nil || len(s.named(o.seq)) == 0:
		return refuse(c.w.Say("refused.closed", act))
	case unsure != nil:
		return refuse(c.w.Say("refused.pagerduty"))
	case as.ID == "":
		return refuse(c.w.Say("refused.user"))
	case pause != nil:
		return refuse(c.w.Say("refused.held", plain(c.w.Say("held.pause", pause.Scope, pause.Name), 300)))
	}
	if k.Once != "" {
		c.out.Seen = append(c.out.Seen, once)
	}
	n := len(s.named(o.seq))
	c.write(kindClicked, k.Name, clicked{Act: DoAll, Offer: o.seq, User: k.User, Name: k.Name, As: as, Via: "button"})
	c.say(c.w.Say("storm.accepted", plain(k.Name, 80), n), false, nil)
	return Answer{Done: true}
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
