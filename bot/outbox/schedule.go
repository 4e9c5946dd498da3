package outbox

import (
	"context"
	"time"
)

// Ranks order what waits for the same slots and gates, most urgent first.
const (
	rankEscalate = iota // a person has to know
	rankResolve
	rankAcknowledge
	rankNote
	rankPost  // a message of its own, or one that calls somebody
	rankFirst // a card that nobody has seen yet
	rankOther // what follows: replies, files
	rankEdit  // a card that stands already
)

// rankOf is the rank of an act. Kinds that are not named here follow last.
func rankOf(kind string) int {
	switch kind {
	case "escalate":
		return rankEscalate
	case "resolve":
		return rankResolve
	case "acknowledge":
		return rankAcknowledge
	case "note":
		return rankNote
	case "post":
		return rankPost
	}
	return rankOther
}

// pressing acts may use every slot, and go before a quiet one of the same
// incident that waits for another try: a note that PagerDuty does not take must
// not keep a page from a person.
func pressing(rank int) bool { return rank < rankNote }

// candidate is something that could leave now. Its rowKey says whose slots it
// needs (place), which lane it is in ("" where there are none), how urgent it is
// (rank, then urgency), whether it may use the slots that are kept for what
// presses (all), and which gates have to be open (way).
type candidate struct {
	rowKey
	order uint64    // position of the event that wanted it first
	since time.Time // of a view: when we learned of that
	most  int       // so many of its group may go in one call
	begin func() call
	act   *actState // what is to be done; nil: begin
}

// call does the work, outside the engine's goroutine, and returns what is to be
// applied on it.
type call func(context.Context) (apply func())

// delay is how long the gates on the way and the neighbour's breaker stay shut;
// not ok: until a call ends.
func (k rowKey) delay(now time.Time) (shut time.Duration, ok bool) {
	if shut = k.way.delay(now); k.breaker == nil {
		return shut, true
	}
	wait, ok := k.breaker.delay(now, k.rank < rankNote)
	return max(shut, wait), ok
}

func (k rowKey) laneSlot() string { return k.place + "\x00" + k.lane }

// schedule starts what can leave now and returns when to look again; zero: not
// before something happens.
func (e *engine) schedule(ctx context.Context, now time.Time) (wake time.Time) {
	e.crowdTurn(now)
	e.arrange(now)
	e.turnNo++
	for r := e.first(now); r != nil; r = e.first(now) {
		if e.full(r.key) { // a call that ends brings us back
			r.blocked = e.turnNo
			continue
		}
		shut, ok := r.key.delay(now)
		if !ok {
			r.blocked = e.turnNo
			continue
		}
		if shut > 0 {
			wake = earlier(wake, now.Add(shut))
			r.blocked = e.turnNo
			continue
		}
		if r.key.way.pass(now); r.key.rank == rankEdit {
			e.edits[r.key.way]++
		}
		e.start(ctx, r.key, e.depart(r))
	}
	if e.asleep.Len() > 0 {
		wake = earlier(wake, e.asleep.all[0].wake)
	}
	return wake
}

// depart takes from the row what goes in one call.
func (e *engine) depart(r *row) call {
	c := r.all[0].ready
	r.all[0].lift()
	if c.act == nil {
		return c.begin()
	}
	acts := []*actState{c.act}
	for r.key.group != "" && len(acts) < c.most && r.Len() > 0 {
		acts = append(acts, r.all[0].ready.act)
		r.all[0].lift()
	}
	if crowd := e.speaker(c.act); crowd != nil {
		crowd.speak(acts)
	}
	return e.attempt(acts)
}

// full says whether a candidate has to wait for a call to end. A quarter of the
// slots is kept for what presses, and one lane gets no more than half of them.
func (e *engine) full(k rowKey) bool {
	calls := e.Limits.Calls
	if k.lane != "" && e.slots[k.laneSlot()] >= max(calls/2, 1) {
		return true
	}
	if !k.all {
		calls = max(calls-calls/4, 1)
	}
	return e.slots[k.place] >= calls
}
