package outbox

import (
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
	switch {
	case c.Over, c.ref != "" && !now.Before(c.spread):
		return c.beside
	case c.ref == "":
		return nil
	}
	return slices.DeleteFunc(slices.Clone(c.beside), func(key string) bool {
		_, known := c.bodies[key]
		return known
	})
}

// spreadCrowd wants views that stand beside an index.
func (e *engine) spreadCrowd(c *crowd, keys []string) call {
	before := c.spread
	if len(keys) == len(c.beside) {
		c.spread = time.Now().Add(max(spreadEvery, time.Duration(len(keys))*spreadEach))
	}
	var fresh []string
	for _, key := range keys {
		if _, known := c.bodies[key]; !known {
			fresh, c.bodies[key] = append(fresh, key), nil
		}
	}
	c.beside = without(c.beside, keys)
	return e.commitCrowd(c, store.Change{Views: keys}, func() {
		c.beside, c.spread = append(without(c.beside, keys), keys...), before
		for _, key := range fresh {
			delete(c.bodies, key)
		}
	})
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
