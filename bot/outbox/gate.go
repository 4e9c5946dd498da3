package outbox

import (
	"time"

	"golang.org/x/time/rate"
)

// gate is a limit that what leaves has to pass, and that can be told to rest.
// Gates belong to the engine's goroutine.
type gate struct {
	limiter *rate.Limiter // nil: no limit
	rest    time.Time
}

// delay is how long the gate stays shut; 0 when it is open. It takes nothing.
func (g *gate) delay(now time.Time) time.Duration {
	wait := g.rest.Sub(now)
	if g.limiter != nil {
		if tokens := g.limiter.TokensAt(now); tokens < 1 {
			missing := (1 - tokens) / float64(g.limiter.Limit())
			wait = max(wait, time.Duration(missing*float64(time.Second))+time.Millisecond)
		}
	}
	return max(wait, 0)
}

func (g *gate) pass(now time.Time) {
	if g.limiter != nil {
		g.limiter.AllowN(now, 1)
	}
}

// shut keeps the gate closed until then; an earlier order to rest longer counts.
func (g *gate) shut(until time.Time) {
	if until.After(g.rest) {
		g.rest = until
	}
}

// way are the gates that something has to pass, all at once; nil ones are open.
// The first is the narrowest: it rests when we are told to.
type way [2]*gate

func (w way) delay(now time.Time) (shut time.Duration) {
	for _, g := range w {
		if g != nil {
			shut = max(shut, g.delay(now))
		}
	}
	return shut
}

func (w way) pass(now time.Time) {
	for _, g := range w {
		if g != nil {
			g.pass(now)
		}
	}
}

// shut has the way rest.
func (w way) shut(until time.Time) {
	if w[0] != nil {
		w[0].shut(until)
	}
}

// gates are made as they are needed; there are as many as channels and people.
type gates struct {
	limits    Limits
	workspace *gate
	byName    map[string]*gate
}

func newGates(l Limits) *gates {
	return &gates{
		limits:    l,
		workspace: &gate{limiter: rate.NewLimiter(l.Workspace, l.WorkspaceBurst)},
		byName:    map[string]*gate{},
	}
}

func (g *gates) named(name string, limit rate.Limit, burst int) *gate {
	one := g.byName[name]
	if one == nil {
		one = &gate{}
		if burst > 0 {
			one.limiter = rate.NewLimiter(limit, burst)
		}
		g.byName[name] = one
	}
	return one
}

// posting is the way of a new message into a lane; its first gate is the lane's.
func (g *gates) posting(lane string) way {
	return way{g.named("post "+lane, g.limits.Post, g.limits.PostBurst), g.workspace}
}

// editing is the way of an edit on a screen.
func (g *gates) editing(screen string) way {
	return way{g.named("edit "+screen, g.limits.Edit, g.limits.EditBurst)}
}

// acting is the way of an act to a receiver without lanes.
func (g *gates) acting(receiver string) way {
	return way{g.named("act "+receiver, 0, 0)}
}
