package outbox

import (
	"cmp"
	"container/heap"
	"time"
)

// A unit is what has at most one call under way: a line of acts, or a view.
// Only units that something happened to are looked at again; the others lie
// where they were put, so that a turn costs what leaves and not what waits.
type unit interface {
	// next is what of it could leave now. If nothing could (no candidate), wake
	// is when something may; zero: not before something happens.
	next(e *engine, now time.Time) (c *candidate, wake time.Time)
	// at is where the unit lies.
	at() *spot
}

// spot is where a unit lies: in a row of those that could leave, among those
// that sleep, or nowhere.
type spot struct {
	unit
	pile    *pile
	nth     int // in the pile
	stirred bool
	ready   *candidate
	wake    time.Time
}

func (s *spot) at() *spot { return s }

// pile is a heap of spots.
type pile struct {
	all  []*spot
	less func(a, b *spot) bool
}

func (p *pile) Len() int           { return len(p.all) }
func (p *pile) Less(i, j int) bool { return p.less(p.all[i], p.all[j]) }
func (p *pile) Swap(i, j int) {
	p.all[i], p.all[j] = p.all[j], p.all[i]
	p.all[i].nth, p.all[j].nth = i, j
}

// Push is for package heap.
func (p *pile) Push(x any) {
	s := x.(*spot)
	s.pile, s.nth = p, len(p.all)
	p.all = append(p.all, s)
}

// Pop is for package heap.
func (p *pile) Pop() any {
	last := len(p.all) - 1
	s := p.all[last]
	p.all[last], p.all = nil, p.all[:last]
	s.pile = nil
	return s
}

func (s *spot) lift() {
	if s.pile != nil {
		heap.Remove(s.pile, s.nth)
	}
}

// rowKey is all that decides whether a candidate may leave, and before whom:
// those who share it wait for each other and for nobody else.
type rowKey struct {
	place         string
	lane          string
	rank, urgency int
	all           bool
	way           way
	breaker       *breaker // nil: no neighbour is called
	group         string   // of acts that go together; "" for what goes alone
}

// row are the units that could leave and share a key, the longest waiting first.
type row struct {
	pile
	key     rowKey
	blocked uint64 // the turn in which it was found that none of them can
}

func newRow(key rowKey) *row {
	return &row{key: key, pile: pile{less: func(a, b *spot) bool { return a.ready.order < b.ready.order }}}
}

func newSleepers() *pile {
	return &pile{less: func(a, b *spot) bool { return a.wake.Before(b.wake) }}
}

// stir has the unit looked at again in the next turn.
func (e *engine) stir(u unit) {
	if s := u.at(); !s.stirred {
		s.stirred = true
		e.stirred = append(e.stirred, s)
	}
}

// arrange puts every unit where it belongs that something happened to or whose
// time has come.
func (e *engine) arrange(now time.Time) {
	for e.asleep.Len() > 0 && !now.Before(e.asleep.all[0].wake) {
		s := e.asleep.all[0]
		s.lift()
		e.stir(s)
	}
	for _, s := range e.stirred {
		s.stirred = false
		s.lift()
		switch s.ready, s.wake = s.next(e, now); {
		case s.ready != nil:
			heap.Push(&e.rowOf(s.ready.rowKey).pile, s)
		case !s.wake.IsZero():
			heap.Push(e.asleep, s)
		}
	}
	clear(e.stirred)
	e.stirred = e.stirred[:0]
}

func (e *engine) rowOf(key rowKey) *row {
	r := e.rows[key]
	if r == nil {
		r = newRow(key)
		e.rows[key] = r
	}
	return r
}

// first is the row whose turn it is: the most urgent; among equals lanes take
// turns, the one that waited longest first, so that a noisy channel does not
// starve another.
func (e *engine) first(now time.Time) *row {
	var best *row
	for key, r := range e.rows {
		if r.Len() == 0 {
			delete(e.rows, key)
			continue
		}
		if r.blocked != e.turnNo && (best == nil || e.before(r, best, now)) {
			best = r
		}
	}
	return best
}

// An edit that has waited for so long is as urgent as any in every fourth turn. Else
// a channel whose cards need people all the time would keep the edits, which are
// limited for all channels together, from every other; and were it more often, a
// thousand that wait would keep what is urgent now waiting.
const (
	waitsLong = time.Minute
	waitsTurn = 4
)

// urgencyNow is the urgency of a row in this turn.
func (e *engine) urgencyNow(r *row, now time.Time) int {
	if r.key.rank != rankEdit || e.edits[r.key.way]%waitsTurn != waitsTurn-1 || now.Sub(r.all[0].ready.since) < waitsLong {
		return r.key.urgency
	}
	return min(r.key.urgency, 0)
}

func (e *engine) before(a, b *row, now time.Time) bool {
	return cmp.Or(
		cmp.Compare(a.key.rank, b.key.rank),
		cmp.Compare(e.urgencyNow(a, now), e.urgencyNow(b, now)),
		cmp.Compare(e.started[a.key.lane], e.started[b.key.lane]),
		cmp.Compare(a.all[0].ready.order, b.all[0].ready.order)) < 0
}
