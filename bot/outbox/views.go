package outbox

import (
	"context"
	"math"
	"strings"
	"time"

	"amsbot/store"
)

// viewState is what is known of a view that is to be shown. The engine's
// goroutine owns it; while busy, its call has a copy of what it needs.
type viewState struct {
	spot
	key    string
	name   string // of its screen
	screen Screen

	breaker *breaker

	wanted uint64 // as the store says
	ref    string // where it stands; "" where it does not, as far as we know
	look   bool   // not shown, but it may stand somewhere: find it first
	sure   bool   // not shown, and it certainly stands nowhere
	lost   bool   // this process tried to post it, and has not found out yet whether it stands

	draft *View  // as last drawn
	drawn uint64 // the wanted version that the draft has in it
	lane  string

	order uint64    // since when it waits, as a position
	since time.Time // and as a time, as far as we know
	began time.Time // when the draft was begun to be drawn
	crowd *crowd    // in which it waits, if it waits; nil before it is drawn
	asked bool      // somebody wants to see it, however crowded it is
	busy  bool
	gone  bool // the store does not want it shown any more
	done  uint64
	tries int
	kept  int // so often a duplicate of it was refused to be removed
	after time.Time
	shown *store.Shown // what happened and is not yet in the store
}

// due says whether there is anything to do at all.
func (s *viewState) due() bool { return s.shown != nil || s.wanted > s.done }

// wantView takes over that a view is to be shown.
func (e *engine) wantView(v store.ViewState) {
	s := e.views[v.Key]
	if s == nil {
		if s = e.newView(v); s == nil {
			return
		}
		e.views[v.Key] = s
	}
	if s.order != v.Since {
		s.since = time.Now()
	}
	s.wanted, s.order, s.gone = max(s.wanted, v.Wanted), v.Since, false
	if !s.busy && s.shown == nil {
		if v.Delivered < s.done { // it is gone and wanted anew, though it be of the same version
			s.draft, s.drawn = nil, 0
		}
		s.ref, s.done = v.Ref, v.Delivered
	}
	s.look = s.look || v.Ref == "" && !s.sure && v.WantedEpoch < e.epoch
	e.stirView(s)
}

// dropView forgets a view that is gone, once nothing is under way for it.
func (e *engine) dropView(s *viewState) {
	if s.gone && !s.busy && s.shown == nil {
		delete(e.views, s.key)
		e.stirView(s)
	}
}

// stirView has a view looked at again, and the acts whose turn depends on it.
func (e *engine) stirView(s *viewState) {
	e.stir(s)
	e.crowdSees(s)
	if s.name == "card" {
		e.stirLines(streamOf(s.key))
	}
}

// newView is nil for a view that nobody here shows.
func (e *engine) newView(v store.ViewState) *viewState {
	name, _, _ := strings.Cut(v.Key, ":")
	screen := e.Screens[name]
	if screen == nil {
		if !e.missing[name] {
			e.missing[name] = true
			e.Log.Error("no screen shows these views", "screen", name, "view", v.Key)
		}
		return nil
	}
	s := &viewState{key: v.Key, name: name, screen: screen, done: v.Delivered, since: time.Now()}
	s.unit, s.breaker = s, e.breakerOf(name, screen)
	return s
}

// streamOf is the stream in which a view's delivery is recorded.
func streamOf(key string) string {
	if incident, ok := strings.CutPrefix(key, "card:"); ok {
		return incident
	}
	return store.BotStream
}

// next says whether the view can be drawn, shown or recorded now.
func (s *viewState) next(e *engine, now time.Time) (c *candidate, wake time.Time) {
	switch {
	case s.busy || !s.due() || s.gone && s.shown == nil:
		return nil, time.Time{}
	case now.Before(s.after):
		return nil, s.after
	case e.holds(s) && !s.undrawn():
		return nil, time.Time{}
	case s.name == indexName:
		return e.indexNext(s, now)
	}
	return e.viewCandidate(s), time.Time{}
}

func (e *engine) viewCandidate(s *viewState) *candidate {
	c := &candidate{order: s.order, since: s.since, rowKey: rowKey{place: "draw", rank: rankFirst}}
	switch {
	case s.shown != nil:
		c.all, c.begin = true, func() call { return e.beginNote(s) }
		return c
	case s.draft == nil || s.drawn < s.wanted:
		c.begin = func() call { return e.beginDraw(s) }
		return c
	}
	c.place, c.lane, c.urgency = "view "+s.name, s.lane, e.urgencyOf(s)
	c.breaker, c.begin = s.breaker, func() call { return e.beginShow(s) }
	if c.all, c.way = true, e.wayOfView(s, true); s.ref != "" {
		c.rank, c.all, c.way = rankEdit, false, e.wayOfView(s, false)
	}
	return c
}

// urgencyOf puts what was asked for first, and what waited for a crowd to be over
// behind what comes now.
func (e *engine) urgencyOf(s *viewState) int {
	switch {
	case s.asked:
		return math.MinInt
	case s.draft.Index != "" && s.ref == "" && e.crowdOf(s.draft.Index).passed(s):
		return s.draft.Urgency + 100
	}
	return s.draft.Urgency
}

// beginDraw draws the newest version, so that its urgency and lane are known
// before its turn comes; what is wanted meanwhile is merged into it.
func (e *engine) beginDraw(s *viewState) call {
	s.busy = true
	key, wanted, ref, screen := s.key, s.wanted, s.ref, s.screen
	began := time.Now()
	return func(ctx context.Context) func() {
		v, err := e.draw(ctx, key)
		lane := ""
		if err == nil && !v.Skip {
			v.Key, v.Ref = key, ref
			lane = e.laneOfView(screen, v)
		}
		return func() {
			s.busy = false
			defer e.rest(s)
			if err != nil {
				e.putOffView(s, "draw: "+err.Error())
				return
			}
			// What was drawn has in it at least what was wanted before.
			v.Version = max(v.Version, wanted)
			v.Skip = v.Skip || v.Call.Last && ref == "" && e.saidLast(key)
			s.draft, s.drawn, s.lane = &v, v.Version, lane
			if v.Skip || e.passOver(s, v) {
				s.shown = &store.Shown{Key: key, Version: v.Version, Gone: v.Call.Last}
			}
			if s.name == indexName {
				e.indexDrawn(s, began)
			} else if e.unchanged(s) {
				s.shown = &store.Shown{Key: key, Version: v.Version}
			}
		}
	}
}

// rest ends a call for a view.
func (e *engine) rest(s *viewState) {
	e.stirView(s)
	e.dropView(s)
}

func (e *engine) putOffView(s *viewState, why string) {
	s.tries++
	s.after = time.Now().Add(backoff(s.tries))
	if loud(s.tries) {
		e.Log.Warn("a view could not be shown yet", "view", s.key, "tries", s.tries, "why", why)
	}
}
