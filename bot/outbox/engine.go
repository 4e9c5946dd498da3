package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"amsbot/store"
)

// relist is the least time between two looks into the store, so that a storm
// of commits costs one look and not thousands.
const relist = 20 * time.Millisecond

// How long calls may go on after the end: finishing, then being cancelled.
const (
	graceFinish = 4 * time.Second
	graceCancel = time.Second
)

// engine holds what Run knows in memory. All of it belongs to the goroutine of
// run; calls run in goroutines of their own and hand back a function that is
// applied here. So nothing is locked (but for what calls tell a breaker), and no
// call can hold up another.
type engine struct {
	Options
	epoch   uint64
	gates   *gates
	slots   map[string]int    // calls under way, by place and by lane of a place
	started map[string]uint64 // which of the starts was the last of a lane
	starts  uint64
	edits   map[way]int // started, by their gates

	watch  *store.Watch
	unseen unseen               // what the store has said, and we have not looked at yet
	stale  bool                 // there is something to look at
	acts   map[uint64]*actState // by position
	lines  map[string][]*line   // by incident
	views  map[string]*viewState
	crowds map[string]*crowd // by the key of their index; nil before they are known

	ask      chan chan<- []Neighbour
	breakers map[string]*breaker // by neighbour

	rows    map[rowKey]*row // what could leave now
	asleep  *pile           // what waits for the time
	stirred []*spot
	turnNo  uint64

	running int
	applied chan func()
	gone    chan struct{}   // closed when nobody applies any more
	missing map[string]bool // screens that nobody gave us, said once
}

func newEngine(o Options) *engine {
	return &engine{
		Options:  o,
		epoch:    o.DB.Epoch(),
		gates:    newGates(o.Limits),
		slots:    map[string]int{},
		started:  map[string]uint64{},
		edits:    map[way]int{},
		acts:     map[uint64]*actState{},
		lines:    map[string][]*line{},
		views:    map[string]*viewState{},
		rows:     map[rowKey]*row{},
		breakers: map[string]*breaker{},
		asleep:   newSleepers(),
		applied:  make(chan func()),
		gone:     make(chan struct{}),
		missing:  map[string]bool{},
	}
}

func (e *engine) run(ctx context.Context) error {
	defer close(e.gone)
	e.watch = e.DB.Watch()
	defer e.watch.Stop()
	calls, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	timer := time.NewTimer(0)
	defer timer.Stop()

	e.stale = true
	var look time.Time // when the store may be looked into again
	failures := 0
	for ctx.Err() == nil {
		now := time.Now()
		if e.stale && !now.Before(look) {
			e.stale, look = false, now.Add(relist)
			if err := e.list(ctx); err != nil && ctx.Err() == nil {
				if permanent(err) {
					return errors.Join(fmt.Errorf("outbox: %w", err), e.drain(cancel))
				}
				failures++
				e.stale, look = true, now.Add(backoff(failures))
				if loud(failures) {
					e.Log.Error("outbox cannot see what is to leave", "tries", failures, "err", err)
				}
			} else {
				failures = 0
			}
		}
		wake := e.schedule(calls, now)
		if e.stale {
			wake = earlier(wake, look)
		}
		timer.Reset(until(wake, now))
		select {
		case <-ctx.Done():
		case <-e.watch.Changed():
			e.stale = true
		case apply := <-e.applied:
			apply()
			e.tellTurns()
		case reply := <-e.ask:
			reply <- e.downs()
		case <-timer.C:
		}
	}
	return e.drain(cancel)
}

// drain waits for the calls that are under way.
func (e *engine) drain(cancel context.CancelFunc) error {
	finish, end := time.NewTimer(graceFinish), time.NewTimer(graceFinish+graceCancel)
	defer finish.Stop()
	defer end.Stop()
	for e.running > 0 {
		select {
		case apply := <-e.applied:
			apply()
		case <-finish.C:
			cancel()
		case <-end.C:
			return fmt.Errorf("outbox: stop: %d calls ignore that their context ended", e.running)
		}
	}
	return nil
}

// start runs call in a goroutine of its own, in the slots of its row, and
// applies here what it returns.
func (e *engine) start(ctx context.Context, k rowKey, call call) {
	e.running++
	e.slots[k.place]++
	e.slots[k.laneSlot()]++
	e.starts++
	e.started[k.lane] = e.starts
	end := func() {}
	if k.breaker != nil {
		end = k.breaker.begin()
	}
	go func() {
		apply := call(ctx)
		free := func() {
			end()
			e.running--
			e.slots[k.place]--
			e.slots[k.laneSlot()]--
			apply()
		}
		select {
		case e.applied <- free:
		case <-e.gone:
		}
	}()
}

// idle is how long to sleep when nothing waits for the time.
const idle = time.Hour

func until(wake, now time.Time) time.Duration {
	if wake.IsZero() {
		return idle
	}
	return max(wake.Sub(now), 0)
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
