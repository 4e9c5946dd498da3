package bot

import (
	"time"

	"amsbot/bot/words"
)

// deaf is that PagerDuty cannot be read: since when, and why.
type deaf struct {
	since time.Time
	why   string // the key of a text
}

// Polled is told after each poll of PagerDuty: nil, or why it could not be read.
// While it cannot, what lists say is as old as that, and they say so.
func (b *Bot) Polled(err error) {
	b.mu.Lock()
	was := b.deaf != nil
	switch {
	case err == nil:
		b.deaf = nil
	case !was:
		b.deaf = &deaf{since: time.Now()}
	}
	if b.deaf != nil {
		b.deaf.why = whyUnread(err)
	}
	turned := was != (b.deaf != nil)
	b.mu.Unlock()
	if turned {
		b.redrawHomes()
	}
}

// deafness is that PagerDuty cannot be read now; nil if it can.
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
	if d.why == whyUnreadRefused {
		return w.Say("list.refuses", when(d.since, w))
	}
	return w.Say("list.deaf", when(d.since, w))
}
