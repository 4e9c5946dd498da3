package outbox

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// chatWall is a wall that is the chat's.
type chatWall struct{ *wall }

func (chatWall) Neighbour() string { return "slack" }

func TestNeighbourThatDoesNotAnswerIsLeftInPeace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.limit = Limits{Post: 100, PostBurst: 100, Workspace: 100, WorkspaceBurst: 100}
		var turns atomic.Int32
		var away atomic.Bool
		away.Store(true)
		down := Result{State: Again, Down: true, Why: "No answer."}
		r.cards.script = func(View) (Result, bool) { return down, away.Load() }
		r.chat.script = func(Act) Result {
			if away.Load() {
				return Result{State: Unknown, Down: true, Why: "Gone."}
			}
			return Result{State: Done}
		}
		r.chat.find = func(Act) (Result, bool, error) {
			if away.Load() {
				return Result{}, false, fmt.Errorf("find: %w", ErrDown)
			}
			return Result{}, false, nil
		}
		var box *Outbox
		r.runWith(func(o *Options) {
			o.Screens["card"] = chatWall{r.cards}
			o.Turned = func() { turns.Add(1) }
			box = New(*o)
		})
		r.end()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- box.Run(ctx) }()
		began := time.Now()
		for n := range 40 {
			r.card(fmt.Sprintf("pd:a:%d", n))
		}
		for n := range 5 {
			r.want(fmt.Sprintf("pd:a:%d", n), "slack", "note")
			r.want(fmt.Sprintf("pd:a:%d", n), "pagerduty", "note")
		}
		r.after(time.Hour)
		calls := len(r.cards.seen()) + len(r.chat.seen())
		if calls > 130 {
			t.Errorf("%d calls in an hour without an answer", calls)
		}
		r.same("the other neighbour", len(r.pd.seen()), 5)
		all := box.Downs(t.Context())
		if len(all) != 1 || all[0].Name != "slack" || all[0].Since.Sub(began) > time.Second || all[0].Views != 40 || all[0].Acts != 5 || all[0].Why == "" {
			t.Errorf("down: %+v", all)
		}
		r.same("turns", turns.Load(), 1)

		away.Store(false)
		r.after(time.Minute + 5*time.Second)
		r.same("all stand", len(r.cards.standing()), 40)
		r.same("pending", r.pending(), 0)
		r.same("turns", turns.Load(), 2)
		r.same("down", len(box.Downs(t.Context())), 0)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// Slack can be read at times when it takes no message.
func TestNeighbourThatCanOnlyBeReadIsSaidToBeDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		var away atomic.Bool
		away.Store(true)
		r.chat.script = func(Act) Result {
			if away.Load() {
				return Result{State: Unknown, Down: true, Why: "Gone."}
			}
			return Result{State: Done}
		}
		r.chat.find = func(Act) (Result, bool, error) { return Result{}, false, nil }
		var box *Outbox
		r.runWith(func(o *Options) { box = New(*o) })
		r.end()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- box.Run(ctx) }()
		r.card("pd:a:1")
		r.want("pd:a:1", "slack", "note")
		r.after(10 * time.Minute)
		all := box.Downs(t.Context())
		if len(all) != 1 || all[0].Name != "slack" || all[0].Acts != 1 {
			t.Errorf("down: %+v", all)
		}
		away.Store(false)
		r.after(time.Minute)
		r.same("pending", r.pending(), 0)
		r.same("down", len(box.Downs(t.Context())), 0)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestWhatPressesTriesMoreOften(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		var away atomic.Bool
		away.Store(true)
		var back time.Time
		r.pd.script = func(act Act) Result {
			if away.Load() {
				return Result{State: Again, Down: true}
			}
			r.pd.busyNow(func(int) {
				if act.Kind == "escalate" && back.IsZero() {
					back = time.Now()
				}
			})
			return Result{State: Done}
		}
		for n := range 20 {
			r.want(fmt.Sprintf("pd:a:%d", n), "pagerduty", "note")
			r.want(fmt.Sprintf("pd:b:%d", n), "pagerduty", "escalate")
		}
		r.after(30 * time.Minute)
		if n := len(r.pd.seen()); n > 30*60/2 {
			t.Errorf("%d calls in half an hour", n)
		}
		away.Store(false)
		returned := time.Now()
		r.after(2 * time.Minute)
		if back.IsZero() || back.Sub(returned) > pressEvery {
			t.Errorf("escalated %s after it was back", back.Sub(returned))
		}
		r.same("pending", r.pending(), 0)
	})
}

// Who comes back is not fallen upon.
func TestNeighbourThatIsBackGetsCallsOneByOne(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		var away atomic.Bool
		away.Store(true)
		most := 0
		r.pd.slow = func(Act) time.Duration {
			if away.Load() {
				return 0
			}
			r.pd.busyNow(func(n int) { most = max(most, n) })
			return time.Second
		}
		r.pd.script = func(Act) Result {
			if away.Load() {
				return Result{State: Again, Down: true}
			}
			return Result{State: Done}
		}
		for n := range 60 {
			r.want(fmt.Sprintf("pd:a:%d", n), "pagerduty", "note")
		}
		r.after(10 * time.Minute)
		away.Store(false)
		first := 0
		for first == 0 {
			r.after(100 * time.Millisecond)
			r.pd.busyNow(func(n int) { first = n })
		}
		r.same("at first", first, 1)
		r.after(1100 * time.Millisecond)
		r.pd.busyNow(func(n int) { r.same("then", n, roomAtFirst) })
		r.after(2 * time.Minute)
		r.same("pending", r.pending(), 0)
		r.same("later all slots", most, 6)
	})
}

// busyNow tells how many calls are under way.
func (p *place) busyNow(f func(n int)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, one := range p.busy {
		n += one
	}
	f(n)
}

// deaf is a screen whose removals end so.
type deaf struct {
	Screen
	err error
}

func (d deaf) Remove(context.Context, View, string) error { return d.err }

// Where a duplicate cannot be removed because nobody answers, the neighbour is down
// as it is for any other call.
func TestRemovalTellsTheBreaker(t *testing.T) {
	try := &showing{engine: &engine{Options: Options{Limits: Limits{}.withDefaults()}}, breaker: &breaker{}}
	try.screen = deaf{err: fmt.Errorf("slack: remove: %w", ErrDown)}
	for range breakAfter {
		if err := try.remove(t.Context(), "C1/1"); !errors.Is(err, ErrDown) {
			t.Errorf("removed: %v", err)
		}
	}
	if !try.breaker.down {
		t.Error("nobody answers, and it is not down")
	}
	try.screen = deaf{}
	if err := try.remove(t.Context(), "C1/1"); err != nil || try.breaker.down {
		t.Errorf("it answers again: %v, down %v", err, try.breaker.down)
	}
}
