package outbox

import "time"

// In a crowded lane, what calls people is said together: one message for many
// acts, in the thread of the index, and not one after the other.
const (
	speakEvery = 3 * time.Second
	speakMost  = 100
)

// speaker is the crowd in which an act is said together with others; nil where
// it is said by itself.
func (e *engine) speaker(s *actState) *crowd {
	if !s.act.Calls || s.over || s.act.Name == "" || s.lane == "" || s.answer != nil || s.bad != "" {
		return nil
	}
	if card := e.views["card:"+s.act.Incident]; card != nil && card.draft != nil && card.draft.Index != "" {
		if c := e.crowdOf(card.draft.Index); c.on {
			return c
		}
		return nil
	}
	for _, c := range e.crowds {
		if c.on && c.Lane == s.lane {
			return c
		}
	}
	return nil
}

// withheld says whether an act waits for the card that it belongs to, which is
// held back, or was let go and is still to be drawn: it may be passed over.
func (e *engine) withheld(s *actState) bool {
	card := e.views["card:"+s.act.Incident]
	if card == nil || s.lane == "" || s.answer != nil || s.bad != "" {
		return false
	}
	return (e.holds(card) || card.undrawn()) && e.speaker(s) == nil
}

// speaksAt is when the crowd has its next message said; zero: now.
func (c *crowd) speaksAt(now time.Time) (at time.Time, wait bool) {
	switch {
	case c.ref == "": // the index comes first, and then has us looked at again
		return time.Time{}, true
	case now.Before(c.spoken):
		return c.spoken, true
	}
	return time.Time{}, false
}

// speak has the acts said together in the crowd.
func (c *crowd) speak(acts []*actState) {
	for _, s := range acts {
		s.thread = c.ref
	}
	if !acts[0].look {
		c.spoken = time.Now().Add(speakEvery)
	}
}
