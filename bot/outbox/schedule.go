package outbox

import (
	"cmp"
	"context"
	"slices"
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

// candidate is something that could leave now.
type candidate struct {
	place   string  // whose slots it needs
	lane    string  // "" where there are none
	rank    int     // Rank, then urgency, then the lane's turn
	urgency int     //
	all     bool    // may use the slots that are kept for what presses
	gates   []*gate // all must be open
	begin   func() call

	nth int // of its lane and rank, in the order of arrival
}

// call does the work, outside the engine's goroutine, and returns what is to be
// applied on it.
type call func(context.Context) (apply func())

func (c candidate) laneSlot() string { return c.place + "\x00" + c.lane }

// schedule starts what can leave now and returns when to look again; zero: not
// before something happens.
func (e *engine) schedule(ctx context.Context, now time.Time) (wake time.Time) {
	waiting, wake := e.candidates(now)
	e.arrange(waiting)
	for _, c := range waiting {
		if e.full(c) {
			continue // a call that ends brings us back
		}
		shut := time.Duration(0)
		for _, g := range c.gates {
			shut = max(shut, g.delay(now))
		}
		if shut > 0 {
			wake = earlier(wake, now.Add(shut))
			continue
		}
		for _, g := range c.gates {
			g.pass(now)
		}
		e.start(ctx, c)
	}
	return wake
}

func (e *engine) candidates(now time.Time) (waiting []candidate, wake time.Time) {
	waiting, wake = e.actCandidates(now)
	views, first := e.viewCandidates(now)
	return append(waiting, views...), earlier(wake, first)
}

// arrange puts the most urgent first; among equals lanes take turns, the one
// that waited longest first, so that a noisy channel does not starve another.
func (e *engine) arrange(waiting []candidate) {
	type line struct {
		lane          string
		rank, urgency int
	}
	length := map[line]int{}
	for i := range waiting {
		c := &waiting[i]
		l := line{c.lane, c.rank, c.urgency}
		c.nth = length[l]
		length[l]++
	}
	slices.SortStableFunc(waiting, func(a, b candidate) int {
		return cmp.Or(
			cmp.Compare(a.rank, b.rank),
			cmp.Compare(a.urgency, b.urgency),
			cmp.Compare(a.nth, b.nth),
			cmp.Compare(e.turn[a.lane], e.turn[b.lane]))
	})
}

// full says whether c has to wait for a call to end. A quarter of the slots is
// kept for what presses, and one lane gets no more than half of them.
func (e *engine) full(c candidate) bool {
	calls := e.Limits.Calls
	if c.lane != "" && e.slots[c.laneSlot()] >= max(calls/2, 1) {
		return true
	}
	if !c.all {
		calls = max(calls-calls/4, 1)
	}
	return e.slots[c.place] >= calls
}
