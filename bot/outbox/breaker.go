package outbox

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ErrDown is in the errors of Find and Remove when the neighbour did not answer
// at all, or said that it is in trouble.
var ErrDown = errors.New("no answer")

// Owned is what a receiver or a screen also is that shares a neighbour with
// others: all that is shown and said in Slack fails together. Without it each
// is a neighbour by itself, of its own name.
type Owned interface {
	// Neighbour is the name, always the same.
	Neighbour() string
}

// Neighbour is one that does not answer.
type Neighbour struct {
	Name  string    `json:"name"`
	Since time.Time `json:"since"`           // the first call without an answer
	Why   string    `json:"why,omitempty"`   // one sentence for people, of the latest one
	Views int       `json:"views,omitempty"` // how many views wait for it that somebody will see
	Acts  int       `json:"acts,omitempty"`  // and how many acts
}

const (
	// breakAfter is how many calls in a row get no answer before a neighbour is
	// taken for down.
	breakAfter = 5
	// pressEvery is how often what presses tries all the same.
	pressEvery = 5 * time.Second
	// roomAtFirst is how many calls go at once when a neighbour is back; each
	// answer makes room for one more.
	roomAtFirst = 2
)

// breaker keeps calls from a neighbour that does not answer, but for one at a
// time that tries whether it does. Calls tell it what came from goroutines of
// their own; the rest belongs to the engine's.
type breaker struct {
	mu      sync.Mutex
	failed  int // calls in a row without an answer
	since   time.Time
	why     string
	down    bool
	turned  bool // it went down or came back, and nobody was told yet
	tried   int  // in vain, since it is down
	probes  int  // under way
	busy    int  // calls under way
	room    int  // how many may be; 0: any number
	next    time.Time
	pressed time.Time // from then on, for what presses
}

// delay is how long a call has to wait; until something happens: not ok.
func (b *breaker) delay(now time.Time, presses bool) (wait time.Duration, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case !b.down:
		return 0, b.room == 0 || b.busy < b.room
	case b.probes > 0:
		return 0, false
	case presses:
		return max(b.pressed.Sub(now), 0), true
	}
	return max(b.next.Sub(now), 0), true
}

// begin is told of a call that starts; end of its end.
func (b *breaker) begin() (end func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	probe := b.down
	b.busy++
	if probe {
		b.probes++
	}
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.busy--
		if probe {
			b.probes--
		}
	}
}

// unanswered is told that no answer came. Calls that began before the neighbour was
// taken for down say nothing new.
func (b *breaker) unanswered(why string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if b.failed++; b.failed == 1 {
		b.since = now
	}
	if why != "" {
		b.why = why
	}
	switch {
	case !b.down && b.failed >= breakAfter:
		b.down, b.turned, b.tried = true, !b.turned, 0
	case !b.down, now.Before(b.pressed):
		return
	}
	b.tried++
	wait := backoff(b.tried)
	b.next, b.pressed = now.Add(wait), now.Add(min(wait, pressEvery))
}

// answered is told that the neighbour answered, whatever it said.
func (b *breaker) answered(calls int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failed = 0
	switch {
	case b.down:
		b.down, b.turned, b.room = false, !b.turned, roomAtFirst
	case b.room > 2*calls:
		b.room = 0
	case b.room > 0:
		b.room++
	}
}

// heard takes what a result says of the neighbour. A receiver that did not get
// as far as to ask says nothing.
func (e *engine) heard(b *breaker, r Result) {
	switch {
	case r.Down:
		b.unanswered(r.Why)
	case r.State == Done, r.State == Refused, r.After > 0:
		b.answered(e.Limits.Calls)
	}
}

// heardError is heard for what answers with an error.
func (e *engine) heardError(b *breaker, err error) {
	switch {
	case err == nil:
		b.answered(e.Limits.Calls)
	case errors.Is(err, ErrDown):
		b.unanswered("")
	}
}

// heardLook is heardError for looking for something. Where nothing was found, that
// says nothing: what follows is tried now, and a neighbour that can be read but
// takes nothing in is as good as none.
func (e *engine) heardLook(b *breaker, found bool, err error) {
	if found || err != nil {
		e.heardError(b, err)
	}
}

// breakerOf is the breaker of the neighbour that x belongs to.
func (e *engine) breakerOf(name string, x any) *breaker {
	if owned, ok := x.(Owned); ok {
		name = owned.Neighbour()
	}
	if e.breakers[name] == nil {
		e.breakers[name] = &breaker{}
	}
	return e.breakers[name]
}

// tellTurns says it where a neighbour went down or came back.
func (e *engine) tellTurns() {
	turned := false
	for name, b := range e.breakers {
		b.mu.Lock()
		news, down, since, why := b.turned, b.down, b.since, b.why
		b.turned = false
		b.mu.Unlock()
		switch {
		case !news:
			continue
		case down:
			e.Log.Warn("a neighbour does not answer", "neighbour", name, "since", since, "why", why)
		default:
			e.Log.Info("a neighbour answers again", "neighbour", name, "after", time.Since(since).Round(time.Second))
		}
		turned = true
	}
	if turned && e.Turned != nil {
		e.Turned()
	}
}

// downs are the neighbours that do not answer, with what waits for them.
func (e *engine) downs() (all []Neighbour) {
	for name, b := range e.breakers {
		b.mu.Lock()
		n := Neighbour{Name: name, Since: b.since, Why: b.why}
		down := b.down
		b.mu.Unlock()
		if !down {
			continue
		}
		for _, s := range e.acts {
			if s.breaker == b && !s.settled {
				n.Acts++
			}
		}
		for _, s := range e.views {
			if s.breaker == b && s.due() && e.willBeSeen(s) {
				n.Views++
			}
		}
		all = append(all, n)
	}
	return all
}

// willBeSeen says whether somebody sees a view once its screen answers: not what
// there is nothing to show of any more, and not what an index stands for.
func (e *engine) willBeSeen(s *viewState) bool {
	if s.draft == nil || s.ref != "" {
		return true
	}
	if s.draft.Skip {
		return false
	}
	c := e.crowds[s.draft.Index]
	return c == nil || s.asked || !c.on && !(s.draft.Quiet && c.passed(s))
}

// Downs are the neighbours that do not answer now, with what waits for them. It
// asks the outbox that runs, and is empty when none answers before ctx ends.
func (o *Outbox) Downs(ctx context.Context) []Neighbour {
	reply := make(chan []Neighbour, 1)
	select {
	case o.ask <- reply:
		return <-reply
	case <-ctx.Done():
		return nil
	}
}
