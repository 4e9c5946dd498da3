package outbox

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"amsbot/store"
)

// A lane is crowded when what waits there to be shown for the first time could
// not be posted soon. Then none of it is, and one view that speaks for all of it
// stands in its place, its index, until nothing new has come for a while. Who has
// to see more of what was held back then gets it; the rest is passed over.
const (
	crowdedAfter = 5 * time.Second // so long the last one would have to wait
	calmAfter    = 5 * time.Minute // nothing new waited for so long
	noticedAfter = 5 * time.Second // what came is known to us so long after at most
)

// CrowdGuard is the key of the guard that says that a lane is crowded: a [Crowd].
func CrowdGuard(index string) string { return crowdGuards + index }

const crowdGuards = "crowd:"

// CrowdKind is the kind of the event, in the bot's own stream, that says that a
// lane is crowded, or calm again: a [Crowd].
const CrowdKind = "crowd"

// Crowd is what is known of a crowded lane over restarts.
type Crowd struct {
	Lane  string    `json:"lane"`
	Since time.Time `json:"since"`           // what came from then on belongs to it
	Epoch uint64    `json:"epoch"`           // of the process that noticed
	Over  bool      `json:"over,omitempty"`  // calm again: what was held back is let go
	Until uint64    `json:"until,omitempty"` // the newest that was, by the position from which it waited
}

// crowd is a lane as its index sees it. There is one for every index that a view
// has named, crowded or not; the engine's goroutine owns it.
type crowd struct {
	spot
	Crowd
	index string
	on    bool // crowded now
	dirty bool // the store does not know it yet
	anew  bool // its index is of an earlier process: what it asks for is not known yet
	busy  bool
	tries int
	after time.Time

	waits map[*viewState]bool // to be shown for the first time
	fresh time.Time           // when the newest of them came
	calm  time.Time           // not before that is it calm

	ref    string    // where the index stands
	body   any       // as it is shown
	drawn  time.Time // when what is shown was begun to be drawn
	posted time.Time // when it was shown
	redraw time.Time // not before that is it drawn again

	spoken time.Time // not before that are people called again

	ended  map[string]bool // the index, and what stands beside it, whose last version was shown
	beside []string        // views that stand beside the index
	bodies map[string]any  // of those, as they are shown
	spread time.Time       // not before that are they drawn again
}

// crowdOf is the crowd of an index.
func (e *engine) crowdOf(index string) *crowd {
	c := e.crowds[index]
	if c == nil {
		c = &crowd{index: index, waits: map[*viewState]bool{}, ended: map[string]bool{}, bodies: map[string]any{}}
		c.unit = c
		e.crowds[index] = c
	}
	return c
}

// learnCrowds takes over what an earlier process knew.
func (e *engine) learnCrowds(ctx context.Context) error {
	if e.crowds != nil {
		return nil
	}
	var guards map[string]json.RawMessage
	err := e.DB.Read(ctx, store.BotStream, func(v *store.View) (err error) {
		guards, err = v.Guards(crowdGuards)
		return err
	})
	if err != nil {
		return err
	}
	known := map[string]*crowd{}
	e.crowds = known
	for key, raw := range guards {
		c := e.crowdOf(strings.TrimPrefix(key, crowdGuards))
		if err := json.Unmarshal(raw, &c.Crowd); err != nil {
			e.Log.Error("outbox: a crowd cannot be read", "guard", key, "err", err)
		}
		state, _, err := e.DB.View(ctx, c.index)
		if err != nil {
			e.crowds = nil
			return err
		}
		c.on, c.ref = !c.Over, state.Ref
		c.anew = true
		c.calm = time.Now().Add(calmAfter)
		e.stir(c)
	}
	return nil
}

// crowdSees takes over whether a view waits to be shown for the first time, and
// where: drawn anew, it may belong into another lane.
func (e *engine) crowdSees(s *viewState) {
	var c *crowd
	if s.draft != nil && s.draft.Index != "" {
		c = e.crowdOf(s.draft.Index)
	}
	if s.crowd != c && s.crowd != nil {
		delete(s.crowd.waits, s)
		e.stir(s.crowd)
	}
	if s.crowd = c; c == nil {
		return
	}
	waits := s.ref == "" && s.due() && !s.gone && s.shown == nil && !s.draft.Skip
	switch {
	case waits == c.waits[s]:
		return
	case !waits:
		delete(c.waits, s)
	default:
		c.waits[s] = true
		if c.Lane = s.lane; !c.passed(s) {
			c.fresh = time.Now()
			c.calm = c.fresh.Add(calmAfter)
		}
		if index := e.views[c.index]; index != nil {
			e.stir(index) // somebody new is not named yet
		}
	}
	e.stir(c)
}

// passed says whether a view was let go when a crowd was over.
func (c *crowd) passed(s *viewState) bool { return c.Over && s.order <= c.Until }

// holds says whether a view is not shown now, because its lane is crowded.
func (e *engine) holds(s *viewState) bool {
	if s.draft == nil || s.draft.Index == "" || s.ref != "" || s.asked || s.lost {
		return false
	}
	return e.crowdOf(s.draft.Index).on
}

// hold begins a crowd.
func (e *engine) hold(c *crowd, now time.Time) {
	since := now
	for s := range c.waits {
		since = earlier(since, s.since)
	}
	if c.Since.IsZero() || c.ref == "" {
		c.Since = since.Add(-noticedAfter)
	}
	c.Epoch, c.Over, c.Until = e.epoch, false, 0
	for key := range c.ended { // it is posted anew, as if it had never been there
		delete(c.bodies, key)
	}
	clear(c.ended)
	c.on, c.dirty, c.calm = true, true, now.Add(calmAfter)
	e.stirAll(c)
	e.Log.Warn("a channel is crowded: one index stands for all that waits", "lane", c.Lane, "waiting", len(c.waits))
}

func (e *engine) stirAll(c *crowd) {
	e.stir(c)
	for s := range c.waits {
		e.stirView(s)
	}
	for incident := range e.lines {
		e.stirLines(incident)
	}
	if index := e.views[c.index]; index != nil {
		e.stir(index)
	}
}

// next writes down that a lane is crowded, or calm again, and what is to be drawn of it.
func (c *crowd) next(e *engine, now time.Time) (*candidate, time.Time) {
	switch {
	case c.busy:
		return nil, time.Time{}
	case now.Before(c.after):
		return nil, c.after
	case c.dirty:
		return writes(func() call { return e.saveCrowd(c) }), time.Time{}
	case c.anew:
		return writes(func() call { return e.redrawCrowd(c) }), time.Time{}
	}
	if keys := c.spreads(now); len(keys) > 0 {
		return writes(func() call { return e.spreadCrowd(c, keys) }), time.Time{}
	}
	switch {
	case len(c.beside) > 0 && c.ref != "":
		return nil, earlier(c.spread, c.calm)
	case c.on, c.Over && now.Before(c.calm):
		return nil, c.calm
	}
	return nil, time.Time{}
}

func writes(begin func() call) *candidate {
	return &candidate{rowKey: rowKey{place: "draw", rank: rankEscalate, all: true}, begin: begin}
}

func (e *engine) saveCrowd(c *crowd) call {
	c.dirty = false
	change := store.Change{
		Events: []store.NewEvent{{Kind: CrowdKind, By: "amsbot", Data: c.Crowd}},
		Guards: map[string]any{CrowdGuard(c.index): c.Crowd}, Views: []string{c.index},
	}
	if c.Over { // what stands beside it has its last version, too
		change.Views = append(change.Views, slices.Sorted(maps.Keys(c.bodies))...)
	}
	if c.Since.IsZero() {
		change = store.Change{Guards: map[string]any{CrowdGuard(c.index): nil}}
	}
	return e.commitCrowd(c, change, func() { c.dirty = true })
}

// redrawCrowd has the index of an earlier process drawn: who was asked for, and what
// stands beside it, nobody knows here yet, and it may never change again.
func (e *engine) redrawCrowd(c *crowd) call {
	c.busy, c.anew = true, false
	return func(ctx context.Context) func() {
		v, err := e.draw(ctx, c.index)
		return func() {
			if c.busy = false; err != nil {
				c.anew = true
				e.putOffCrowd(c, "what stands beside an index is not known", err)
			} else if !v.Skip {
				e.indexAsks(c, v.Call)
			}
			e.stir(c)
		}
	}
}

func (e *engine) putOffCrowd(c *crowd, what string, err error) {
	c.tries++
	c.after = time.Now().Add(backoff(c.tries))
	e.Log.Error("outbox: "+what, "lane", c.Lane, "err", err)
}

// commitCrowd writes down a change. One that fails is undone, and nothing more is
// written of this crowd for a while.
func (e *engine) commitCrowd(c *crowd, change store.Change, undo func()) call {
	c.busy = true
	return func(ctx context.Context) func() {
		_, err := e.DB.Commit(ctx, store.BotStream, func(*store.View) (store.Change, error) { return change, nil })
		return func() {
			if c.busy = false; err == nil {
				c.tries, c.after = 0, time.Time{}
			} else {
				undo()
				e.putOffCrowd(c, "a crowd is not in the store", err)
			}
			e.stir(c)
		}
	}
}
