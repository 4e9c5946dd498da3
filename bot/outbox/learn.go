package outbox

import (
	"context"
	"maps"
	"slices"

	"amsbot/store"
)

// unseen is what the store has said to be changed. It is kept until it could be
// read, so that a read that fails loses nothing.
type unseen struct {
	all   bool
	acts  map[uint64]bool
	views map[string]bool
}

func (u *unseen) add(more store.Unseen) {
	u.all = u.all || more.All
	for _, pos := range more.Acts {
		u.act(pos)
	}
	for _, key := range more.Views {
		u.view(key)
	}
}

func (u *unseen) act(pos uint64) {
	if u.acts == nil {
		u.acts = map[uint64]bool{}
	}
	u.acts[pos] = true
}

func (u *unseen) view(key string) {
	if u.views == nil {
		u.views = map[string]bool{}
	}
	u.views[key] = true
}

// list brings what is known in memory in line with the store: at first all of
// it, then what has changed since.
func (e *engine) list(ctx context.Context) error {
	e.unseen.add(e.watch.Take())
	if e.unseen.all {
		return e.listAll(ctx)
	}
	positions, keys := slices.Sorted(maps.Keys(e.unseen.acts)), slices.Sorted(maps.Keys(e.unseen.views))
	acts, err := e.DB.ActsAt(ctx, positions)
	if err != nil {
		return err
	}
	views, err := e.DB.ViewsOf(ctx, keys)
	if err != nil {
		return err
	}
	e.learnActs(positions, acts)
	e.learnViews(keys, views)
	e.unseen = unseen{}
	return nil
}

func (e *engine) listAll(ctx context.Context) error {
	acts, err := e.DB.Acts(ctx)
	if err != nil {
		return err
	}
	views, err := e.DB.Views(ctx)
	if err != nil {
		return err
	}
	if err := e.learnCrowds(ctx); err != nil {
		return err
	}
	e.learnActs(slices.Collect(maps.Keys(e.acts)), acts)
	e.learnViews(slices.Collect(maps.Keys(e.views)), views)
	e.unseen = unseen{}
	return nil
}

// learnActs takes over what is pending; what was asked for and is not, is
// settled. A call that is still under way for it keeps its place in the line.
func (e *engine) learnActs(asked []uint64, pending []store.Pending) {
	listed := make(map[uint64]bool, len(pending))
	for _, p := range pending {
		listed[p.Event.Pos] = true
		s := e.acts[p.Event.Pos]
		switch {
		case s == nil:
			e.addAct(p)
		case s.settled && !s.odd:
			s.odd = true
			e.Log.Error("outbox: the conductor recorded an act and did not settle it", "act", s.act.Marker())
		}
	}
	for _, pos := range asked {
		switch s := e.acts[pos]; {
		case s == nil || listed[pos]:
		case s.busy:
			s.gone = true
		default:
			e.dropAct(s)
		}
	}
}

// learnViews takes over what is to be shown; what was asked for and is not to
// be shown is forgotten, once nothing is under way for it.
func (e *engine) learnViews(asked []string, states []store.ViewState) {
	due := make(map[string]bool, len(states))
	for _, v := range states {
		if v.Due() {
			due[v.Key] = true
			e.wantView(v)
		}
	}
	for _, key := range asked {
		if s := e.views[key]; s != nil && !due[key] {
			s.gone = true
			e.dropView(s)
		}
	}
}
