package bot

import (
	"slices"
	"time"

	"amsbot/bot/words"
	"amsbot/store"
)

// refusedMost is how often the same act of the same person is recorded as refused
// in one incident: who goes on pressing must not make its history so long that
// everything else has to wait for it.
const refusedMost = 50

func (c *change) refuse(k Click, why string) Answer {
	if c.in.refused[k.User+" "+k.Act] >= refusedMost {
		return Answer{Text: why}
	}
	c.write(kindRefused, k.Name, refused{Act: k.Act, Offer: k.Offer, User: k.User, Name: k.Name, Why: why})
	return Answer{Text: why}
}

// refusals says whether all that is written is that somebody was refused, which
// changes nothing on a card: it stands in the history alone.
func refusals(written []store.NewEvent) bool {
	return len(written) > 0 && !slices.ContainsFunc(written, func(e store.NewEvent) bool { return e.Kind != kindRefused })
}

// stale says whether a button was pressed that none of the offers of this history is
// behind. Its card was drawn before a backup took the database's place, and nothing
// else would have it drawn anew.
func (k Click) stale(offers []*offer) bool {
	return k.Offer != 0 && !slices.ContainsFunc(offers, func(o *offer) bool { return o.seq == k.Offer })
}

// refusedApart is the record of a refusal that is about no incident, such as that of a
// pause. Since amsbot began to run it is made as often as in an incident at most.
func (b *Bot) refusedApart(k Click, why string) store.Change {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refused == nil {
		b.refused = map[string]int{}
	}
	if b.refused[k.User+" "+k.Act]++; b.refused[k.User+" "+k.Act] > refusedMost {
		return store.Change{}
	}
	return store.Change{Events: []store.NewEvent{{Kind: kindRefused, By: k.Name, Data: refused{Act: k.Act, User: k.User, Name: k.Name, Why: why}}}}
}

// tooLate says what has happened instead, and by whom.
func (c *change) tooLate(k Click) string {
	o := c.in.offerAt(k.Offer, k.Act)
	if o == nil { // a command, or a card that is older than this history
		for _, of := range c.in.offers {
			if of.act == k.Act && (of.spent != nil || o == nil) {
				o = of
			}
		}
	}
	switch {
	case o != nil && o.spent != nil:
		return o.taken(k, c.now, c.w)
	case k.Act == DoTake && c.in.takenBy != "":
		return c.w.Say("refused.taken", plain(c.in.takenBy, 80))
	case (k.Act == DoRecover || k.Act == DoAgain) && c.in.planned != nil && c.maintained() != nil:
		return c.w.Say("refused.held", plain(c.maintained().Text, 300))
	case o != nil && !o.expires.IsZero() && !c.now.Before(o.expires):
		return c.w.Say("refused.expired")
	case k.Act == DoApprove && c.in.request != nil:
		return c.w.Say("refused.withdrawn", plain(c.in.request.Name, 80))
	}
	return c.w.Say("refused.closed", c.w.Say("act."+k.Act))
}

// taken says who has taken an offer, to whoever presses now.
func (o *offer) taken(k Click, now time.Time, w words.Catalogue) string {
	act, since := w.Say("act."+k.Act), now.Sub(o.spentAt)
	switch {
	case o.spent.User != k.User:
		return w.Say("refused.first", plain(o.spent.Name, 80), act)
	case since >= time.Second:
		return w.Say("refused.yours", act, w.Took(since))
	}
	return w.Say("refused.twice", act)
}

// overWords say how an incident ended.
func (c *change) overWords() string {
	by := c.in.closing.By.Name
	if by == "" {
		by = c.w.Say("by.monitoring")
	}
	return c.w.Say("closed."+c.in.closing.How, plain(by, 80))
}
