package outbox

import (
	"math"
	"time"
)

// undrawn says whether a view of a crowd has to be drawn again before anything else
// becomes of it.
func (s *viewState) undrawn() bool { return s.draft != nil && s.drawn == 0 && s.ref == "" }

// crowdTurn notices where it becomes crowded, and where it is calm again.
func (e *engine) crowdTurn(now time.Time) {
	for _, c := range e.crowds {
		switch {
		case c.on && !now.Before(c.calm) && c.unheard(e, now):
			e.goOn(c, now)
		case c.on && !now.Before(c.calm):
			e.letGo(c)
		case !c.on && c.crowded(e, now):
			e.hold(c, now)
		case c.Over && c.settled(e, now):
			c.Crowd, c.dirty = Crowd{}, true
			clear(c.bodies)
			clear(c.ended)
			e.stir(c)
		}
	}
}

// settled says whether nothing of an earlier crowd is left to be shown: nobody draws
// the last of it any more, then. After a restart it takes a while until all of it is known.
func (c *crowd) settled(e *engine, now time.Time) bool {
	if c.dirty || c.busy || c.anew || now.Before(c.calm) || c.ref != "" || len(c.waits)+len(c.beside) > 0 || e.views[c.index] != nil {
		return false
	}
	for key := range c.bodies {
		if e.views[key] != nil {
			return false
		}
	}
	return true
}

// crowded says whether what waits is more than can be posted soon. What was let
// go when an earlier crowd was over does not count: it may take its time.
func (c *crowd) crowded(e *engine, now time.Time) bool {
	return c.tooMany(e, now, func(s *viewState) bool {
		return !c.passed(s) && !s.asked && !s.busy // one that is busy has passed the gate
	})
}

// unheard says whether nothing could be said of a crowd so far, and what somebody
// has to see of it is still more than can be posted soon: its screen is away. Were it
// let go, people would be called about each by itself when the screen is back.
func (c *crowd) unheard(e *engine, now time.Time) bool {
	return c.ref == "" && c.tooMany(e, now, func(s *viewState) bool { return !s.draft.Quiet })
}

// tooMany says whether the last one of those that wait and count would have to wait
// for too long.
func (c *crowd) tooMany(e *engine, now time.Time, counts func(*viewState) bool) bool {
	n := 0
	for s := range c.waits {
		if counts(s) {
			n++
		}
	}
	if n < 2 || c.Lane == "" {
		return false
	}
	return e.gates.posting(c.Lane)[0].drain(n, now) > crowdedAfter
}

// goOn puts off the end of a crowd, and has what is held back drawn again: who has
// to see it may be fewer by now.
func (e *engine) goOn(c *crowd, now time.Time) {
	c.calm = now.Add(calmAfter)
	for s := range c.waits {
		s.drawn = 0
	}
	e.stirAll(c)
}

// letGo ends a crowd: what was held back is drawn again, and shown where somebody
// has to see it.
func (e *engine) letGo(c *crowd) {
	c.on, c.Over, c.dirty = false, true, true
	for s := range c.waits {
		if !s.asked {
			e.leaveUnsaid(s, math.MaxUint64, s.draft.Unsaid)
		}
		c.Until = max(c.Until, s.order)
		s.drawn = 0
	}
	e.stirAll(c)
	e.Log.Info("a channel is no longer crowded", "lane", c.Lane, "held back", len(c.waits))
}
