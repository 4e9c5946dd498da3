package outbox

import (
	"context"
	"strings"
	"time"

	"amsbot/store"
)

// viewState is what is known of a view that is to be shown. The engine's
// goroutine owns it; while busy, its call has a copy of what it needs.
type viewState struct {
	key    string
	name   string // of its screen
	screen Screen

	wanted uint64 // as the store says
	ref    string // where it stands; "" where it does not, as far as we know
	look   bool   // not shown, but it may stand somewhere: find it first
	sure   bool   // not shown, and it certainly stands nowhere

	draft *View  // as last drawn
	drawn uint64 // the wanted version that the draft has in it
	lane  string

	busy  bool
	done  uint64
	tries int
	after time.Time
	shown *store.Shown // what happened and is not yet in the store
}

// due says whether there is anything to do at all.
func (s *viewState) due() bool { return s.shown != nil || s.wanted > s.done }

// listViews takes over what is to be shown, in the order of the store.
func (e *engine) listViews(states []store.ViewState) {
	listed := make(map[string]*viewState, len(states))
	var queue []*viewState
	for _, v := range states {
		s := e.views[v.Key]
		if s == nil {
			if s = e.newView(v); s == nil {
				continue
			}
		}
		s.wanted = max(s.wanted, v.Wanted)
		if !s.busy && s.shown == nil {
			s.ref = v.Ref
		}
		s.look = s.look || v.Ref == "" && !s.sure && v.WantedEpoch < e.epoch
		listed[v.Key] = s
		queue = append(queue, s)
	}
	for _, s := range e.queue {
		if listed[s.key] == nil && (s.busy || s.shown != nil) {
			listed[s.key] = s
			queue = append(queue, s)
		}
	}
	e.views, e.queue = listed, queue
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
	return &viewState{key: v.Key, name: name, screen: screen, done: v.Delivered}
}

// streamOf is the stream in which a view's delivery is recorded.
func streamOf(key string) string {
	if incident, ok := strings.CutPrefix(key, "card:"); ok {
		return incident
	}
	return store.BotStream
}

// viewCandidates are the views that can be drawn, shown or recorded now, and
// when the next one can.
func (e *engine) viewCandidates(now time.Time) (waiting []candidate, wake time.Time) {
	for _, s := range e.queue {
		if s.busy || !s.due() {
			continue
		}
		if now.Before(s.after) {
			wake = earlier(wake, s.after)
			continue
		}
		waiting = append(waiting, e.viewCandidate(s))
	}
	return waiting, wake
}

func (e *engine) viewCandidate(s *viewState) candidate {
	switch {
	case s.shown != nil:
		return candidate{place: "draw", rank: rankFirst, all: true, begin: func() call { return e.beginNote(s) }}
	case s.draft == nil || s.drawn < s.wanted:
		return candidate{place: "draw", rank: rankFirst, begin: func() call { return e.beginDraw(s) }}
	case s.ref == "":
		return candidate{
			place: "view " + s.name, lane: s.lane, rank: rankFirst, urgency: s.draft.Urgency, all: true,
			gates: e.gates.posting(s.lane), begin: func() call { return e.beginShow(s) },
		}
	}
	return candidate{
		place: "view " + s.name, lane: s.lane, rank: rankEdit, urgency: s.draft.Urgency,
		gates: e.gates.editing(s.name), begin: func() call { return e.beginShow(s) },
	}
}

// beginDraw draws the newest version, so that its urgency and lane are known
// before its turn comes; what is wanted meanwhile is merged into it.
func (e *engine) beginDraw(s *viewState) call {
	s.busy = true
	key, wanted, ref, screen := s.key, s.wanted, s.ref, s.screen
	return func(ctx context.Context) func() {
		v, err := e.draw(ctx, key)
		lane := ""
		if err == nil && !v.Skip {
			v.Key, v.Ref = key, ref
			lane = e.laneOfView(screen, v)
		}
		return func() {
			s.busy = false
			if err != nil {
				e.putOffView(s, "draw: "+err.Error())
				return
			}
			// What was drawn has in it at least what was wanted before.
			v.Version = max(v.Version, wanted)
			s.draft, s.drawn, s.lane = &v, v.Version, lane
			if v.Skip {
				s.shown = &store.Shown{Key: key, Version: v.Version}
			}
		}
	}
}

func (e *engine) putOffView(s *viewState, why string) {
	s.tries++
	s.after = time.Now().Add(backoff(s.tries))
	if loud(s.tries) {
		e.Log.Warn("a view could not be shown yet", "view", s.key, "tries", s.tries, "why", why)
	}
}
