package bot

import (
	"errors"
	"time"

	"amsbot/bot/words"
	"amsbot/store"
)

// deaf is that nothing new is heard of PagerDuty: since when, and why.
type deaf struct {
	since time.Time
	why   string // as whyUnread says, or one of those below
}

const (
	// whyUnwritten is that what PagerDuty says cannot be written down: the disk is
	// full, say.
	whyUnwritten = "unwritten"
	// whyPartly is that some of it is not taken in: where more is open than PagerDuty
	// lists, say.
	whyPartly = "partly"
	// whyDamaged is that nothing is taken in of an incident, for its record is damaged.
	whyDamaged = "damaged"
)

// Polled is told after each poll of PagerDuty: nil, or why it could not be read, or
// written down, or not all of it (ErrPartly). While that is so, what lists say is as
// old as that, and they say so.
func (b *Bot) Polled(err error) {
	why := ""
	switch {
	case err == nil:
	case b.DB.Ready() != nil:
		why = whyUnwritten
	case errors.Is(err, store.ErrDamaged):
		why = whyDamaged
	case errors.Is(err, ErrPartly) && !errors.Is(err, ErrRefused):
		why = whyPartly
	default:
		why = whyUnread(err)
	}
	b.mu.Lock()
	was := ""
	if b.deaf != nil {
		was = b.deaf.why
	}
	switch {
	case why == "":
		b.deaf = nil
	case was == "":
		b.deaf = &deaf{since: time.Now(), why: why}
	default:
		b.deaf.why = why
	}
	b.mu.Unlock()
	switch {
	case why == was:
		return
	case why == "":
		b.Log.Info("what PagerDuty says is heard again")
	case why == whyUnwritten, why == whyDamaged:
		b.Log.Error("what PagerDuty says cannot be written down; it is tried again", "err", err)
	case why == whyPartly:
		b.Log.Warn("not all that PagerDuty says is taken in; it is tried again", "err", err)
	default:
		b.Log.Warn("what PagerDuty says is not heard; it is tried again", "err", err)
	}
	b.redrawHomes()
}

// deafness is that nothing new is heard of PagerDuty now; nil if it is.
func (b *Bot) deafness() *deaf {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.deaf == nil {
		return nil
	}
	d := *b.deaf
	return &d
}

// words say it in one sentence, with the time as it is to be written.
func (d *deaf) words(w words.Catalogue, when func(time.Time, words.Catalogue) string) string {
	switch d.why {
	case whyUnreadRefused:
		return w.Say("list.refuses", when(d.since, w))
	case whyUnwritten:
		return w.Say("list.unwritten", when(d.since, w))
	case whyDamaged:
		return w.Say("list.damaged", when(d.since, w))
	case whyPartly:
		return w.Say("list.partly", when(d.since, w))
	}
	return w.Say("list.deaf", when(d.since, w))
}
