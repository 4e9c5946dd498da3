package outbox

import "time"

// In a crowded lane, what calls people is said together: one message for many
// acts, in the thread of the index, and not one after the other.
const (
	gatherEvery = 3 * time.Second
	gatherMost  = 100
)

// gathering is the crowd in which an act is said together with others; nil where
// it is said by itself.
func (e *engine) gathering(s *actState) *crowd {
	if !s.act.Calls || s.act.Name == "" || s.lane == "" || s.answer != nil || s.bad != "" {
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
// held back.
func (e *engine) withheld(s *actState) bool {
	card := e.views["card:"+s.act.Incident]
	return s.lane != "" && s.answer == nil && s.bad == "" && card != nil && e.holds(card) && e.gathering(s) == nil
}

// gathersAt is when the crowd has its next message said; zero: now.
func (c *crowd) gathersAt(now time.Time) (at time.Time, wait bool) {
	switch {
	case c.ref == "": // the index comes first, and then has us looked at again
		return time.Time{}, true
	case now.Before(c.gathered):
		return c.gathered, true
	}
	return time.Time{}, false
}

// gather has the acts said together in the crowd.
func (c *crowd) gather(acts []*actState) {
	for _, s := range acts {
		s.thread = c.ref
	}
	if !acts[0].look {
		c.gathered = time.Now().Add(gatherEvery)
	}
}
