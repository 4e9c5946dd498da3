package outbox

import (
	"context"
	"reflect"
	"slices"
	"time"

	"amsbot/store"
)

// The views beside an index are drawn again now and then, the more of them the more
// seldom: each takes an edit of its own. One that is new is drawn at once.
const (
	spreadEvery = 15 * time.Second
	spreadEach  = 4 * time.Second
)

// spreads are the views beside an index that are to be drawn now.
func (c *crowd) spreads(now time.Time) []string {
	if c.Over || c.ref != "" && !now.Before(c.spread) {
		return c.beside
	}
	if c.ref == "" {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(c.beside), func(key string) bool {
		_, known := c.bodies[key]
		return known
	})
}

// spreadCrowd wants views that stand beside an index.
func (e *engine) spreadCrowd(c *crowd, keys []string) call {
	if len(keys) == len(c.beside) {
		c.spread = time.Now().Add(max(spreadEvery, time.Duration(len(keys))*spreadEach))
	}
	c.busy, c.beside = true, without(c.beside, keys)
	for _, key := range keys {
		if _, known := c.bodies[key]; !known {
			c.bodies[key] = nil
		}
	}
	return func(ctx context.Context) func() {
		_, err := e.DB.Commit(ctx, store.BotStream, func(*store.View) (store.Change, error) {
			return store.Change{Views: keys}, nil
		})
		return func() {
			c.busy = false
			if err != nil {
				c.beside = append(without(c.beside, keys), keys...)
				e.Log.Error("outbox: the views beside an index are not in the store", "lane", c.Lane, "err", err)
			}
			e.stir(c)
		}
	}
}

func without(keys, gone []string) []string {
	return slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return slices.Contains(gone, key) })
}

// besideOf is the crowd beside whose index a view stands; nil if there is none.
func (e *engine) besideOf(key string) *crowd {
	for _, c := range e.crowds {
		if _, yes := c.bodies[key]; yes || slices.Contains(c.beside, key) {
			return c
		}
	}
	return nil
}

// unchanged says whether a view beside an index says already what it would.
func (e *engine) unchanged(s *viewState) bool {
	c := e.besideOf(s.key)
	return c != nil && s.ref != "" && !s.draft.Skip && !s.draft.Call.Last && reflect.DeepEqual(s.draft.Body, c.bodies[s.key])
}

// speaksIn is the crowd whose index a view is, or beside whose index it stands; nil
// if there is none.
func (e *engine) speaksIn(key string) *crowd {
	if c := e.crowds[key]; c != nil {
		return c
	}
	return e.besideOf(key)
}

// saidLast says whether the last version of a view of a crowd was shown. It may be
// wanted once more by what was decided before that; it stands, though the store
// knows it no more, and would be posted anew.
func (e *engine) saidLast(key string) bool {
	c := e.speaksIn(key)
	return c != nil && c.ended[key]
}
