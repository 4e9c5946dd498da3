package outbox

import (
	"time"

	"golang.org/x/time/rate"
)

// How a limit is slowed when it turns out to be too generous: by half each time,
// to a quarter at most, and back by a step when nothing was said for a while.
const (
	slowMost  = 2
	slowCalms = 5 * time.Minute
)

// Gate is a limit that what leaves has to pass, that can be told to rest, and
// that learns from it. The zero Gate has no limit. It is not for use by several
// goroutines at once.
type Gate struct {
	limiter *rate.Limiter // nil: no limit
	limit   rate.Limit
	burst   int
	rest    time.Time
	slowed  int       // so many times by half
	told    time.Time // when that changed last
}

// NewGate lets pass so many at once, and then so many in a second. In any minute
// it lets pass at most burst + 60 x limit.
func NewGate(limit rate.Limit, burst int) *Gate {
	return &Gate{limiter: rate.NewLimiter(limit, burst), limit: limit, burst: burst}
}

// Delay is how long the gate stays shut; 0 when it is open. It takes nothing.
func (g *Gate) Delay(now time.Time) time.Duration {
	wait := g.rest.Sub(now)
	if g.limiter != nil {
		g.calm(now)
		if tokens := g.limiter.TokensAt(now); tokens < 1 {
			missing := (1 - tokens) / float64(g.limiter.Limit())
			wait = max(wait, time.Duration(missing*float64(time.Second))+time.Millisecond)
		}
	}
	return max(wait, 0)
}

// drain is how long so many would take to pass the gate.
func (g *Gate) drain(n int, now time.Time) time.Duration {
	if g.limiter == nil {
		return 0
	}
	missing := float64(n) - max(g.limiter.TokensAt(now), 0)
	return time.Duration(missing / float64(g.limiter.Limit()) * float64(time.Second))
}

// Pass takes one turn.
func (g *Gate) Pass(now time.Time) {
	if g.limiter != nil {
		g.limiter.AllowN(now, 1)
	}
}

// Turn is a place in the line before a gate. The zero Turn has come.
type Turn struct{ booked *rate.Reservation }

// Book takes one turn, now or after those who booked before. It does not heed
// that the gate may be told to rest: see [Gate.Rests].
func (g *Gate) Book(now time.Time) Turn {
	if g.limiter == nil {
		return Turn{}
	}
	g.calm(now)
	return Turn{g.limiter.ReserveN(now, 1)}
}

// Left is how long it is until the turn comes.
func (t Turn) Left(now time.Time) time.Duration {
	if t.booked == nil {
		return 0
	}
	if left := t.booked.DelayFrom(now); left > 0 {
		return left + time.Millisecond
	}
	return 0
}

// GiveBack is for who goes away before the turn has come.
func (t Turn) GiveBack(now time.Time) {
	if t.booked != nil {
		t.booked.CancelAt(now)
	}
}

// Rests is how long the gate was told to rest.
func (g *Gate) Rests(now time.Time) time.Duration { return max(g.rest.Sub(now), 0) }

// Rest keeps the gate shut until then; an earlier order to rest longer counts.
// Whoever orders it says that we were too fast: afterwards the gate is slower
// for a while. What was under way when it was ordered says it again, and that
// counts once.
func (g *Gate) Rest(now, until time.Time) {
	if g.limiter != nil && !now.Before(g.rest) {
		g.slow(now, min(g.slowed+1, slowMost))
	}
	if until.After(g.rest) {
		g.rest = until
	}
}

// calm takes back a step when it has been quiet for long enough.
func (g *Gate) calm(now time.Time) {
	if g.slowed > 0 && now.Sub(g.told) >= slowCalms && now.Sub(g.rest) >= slowCalms {
		g.slow(now, g.slowed-1)
	}
}

func (g *Gate) slow(now time.Time, times int) {
	g.slowed, g.told = times, now
	g.limiter.SetLimitAt(now, g.limit/rate.Limit(int(1)<<times))
	g.limiter.SetBurstAt(now, max(1, g.burst>>times))
}

// way are the gates that something has to pass, all at once; nil ones are open.
// The first is the narrowest: it rests when we are told to.
type way [2]*Gate

func (w way) delay(now time.Time) (shut time.Duration) {
	for _, g := range w {
		if g != nil {
			shut = max(shut, g.Delay(now))
		}
	}
	return shut
}

func (w way) pass(now time.Time) {
	for _, g := range w {
		if g != nil {
			g.Pass(now)
		}
	}
}

// rest has the way rest, as we were told to.
func (w way) rest(now, until time.Time) {
	if w[0] != nil {
		w[0].Rest(now, until)
	}
}

// gates are made as they are needed; there are as many as channels and people.
type gates struct {
	limits    Limits
	workspace *Gate
	byName    map[string]*Gate
}

func newGates(l Limits) *gates {
	return &gates{
		limits:    l,
		workspace: NewGate(l.Workspace, l.WorkspaceBurst),
		byName:    map[string]*Gate{},
	}
}

func (g *gates) named(name string, limit rate.Limit, burst int) *Gate {
	one := g.byName[name]
	if one == nil {
		one = &Gate{}
		if burst > 0 {
			one = NewGate(limit, burst)
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
