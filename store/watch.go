package store

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// mostUnseen is how many names a Watch remembers. Whoever takes so seldom is
// better served by looking at everything.
const mostUnseen = 1 << 16

// Unseen is what changed among acts and views (among what still has to leave) since
// a watcher looked last.
type Unseen struct {
	All   bool     // look at everything: it is the first time, or nobody can say any more
	Acts  []uint64 // Pos of acts that were wanted, put off or settled, in order
	Views []string // keys of views that were wanted or shown, in order
}

// Watch tells one watcher what changed. Its methods may be called from any
// goroutine.
type Watch struct {
	db      *DB
	changed chan struct{}

	mu    sync.Mutex
	all   bool
	acts  map[uint64]bool
	views map[string]bool
}

// Watch begins to watch acts and views. The caller stops it when done.
func (db *DB) Watch() *Watch {
	w := &Watch{db: db, changed: make(chan struct{}, 1), all: true}
	w.clear()
	db.mu.Lock()
	defer db.mu.Unlock()
	db.watchers[w] = struct{}{}
	return w
}

// Stop ends it; it may be called twice.
func (w *Watch) Stop() {
	w.db.mu.Lock()
	defer w.db.mu.Unlock()
	delete(w.db.watchers, w)
}

// Changed is a channel that gets a signal when there is something to take;
// several commits may share one. It is never closed.
func (w *Watch) Changed() <-chan struct{} { return w.changed }

// Take is what changed since it was called last, the first time everything.
// What it names was on disk before it was named: a read that begins now sees it.
func (w *Watch) Take() Unseen {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := Unseen{All: w.all, Acts: slices.Sorted(maps.Keys(w.acts)), Views: slices.Sorted(maps.Keys(w.views))}
	w.all = false
	w.clear()
	return n
}

func (w *Watch) clear() { w.acts, w.views = map[uint64]bool{}, map[string]bool{} }

// note is told of a transaction that is on disk, or (unknown) perhaps will be.
func (w *Watch) note(t *touched, unknown bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all = w.all || unknown || len(w.acts)+len(w.views) > mostUnseen; w.all {
		w.clear()
	} else {
		maps.Copy(w.acts, t.acts)
		maps.Copy(w.views, t.views)
	}
}

// signal wakes the watcher where there is something to take.
func (w *Watch) signal() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.all && len(w.acts)+len(w.views) == 0 {
		return
	}
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// touched are the acts and views that one transaction has changed.
type touched struct {
	acts  map[uint64]bool
	views map[string]bool
}

func (t *touched) act(pos uint64) {
	if t.acts == nil {
		t.acts = map[uint64]bool{}
	}
	t.acts[pos] = true
}

func (t *touched) view(key string) {
	if t.views == nil {
		t.views = map[string]bool{}
	}
	t.views[key] = true
}

// tell tells the watchers of a transaction; the caller holds db.mu.
func (db *DB) tell(t *touched, unknown bool) {
	if !unknown && len(t.acts) == 0 && len(t.views) == 0 {
		return
	}
	for w := range db.watchers {
		w.note(t, unknown)
	}
}

// ActsAt are those of the acts with these positions that are pending, in the
// order given.
func (db *DB) ActsAt(ctx context.Context, positions []uint64) ([]Pending, error) {
	var acts []Pending
	if len(positions) == 0 {
		return nil, nil
	}
	err := db.about(ctx, "acts", func(t *tables) error {
		for _, pos := range positions {
			key := number(pos)
			value, ok, err := t.get(actTable, key)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			p, err := t.pending(key, value)
			if err != nil {
				return err
			}
			acts = append(acts, p)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return acts, nil
}

// ViewsOf are the states of those of the views with these keys that anybody has
// wanted or shown, whether they are to be drawn again or not.
func (db *DB) ViewsOf(ctx context.Context, keys []string) ([]ViewState, error) {
	var views []ViewState
	if len(keys) == 0 {
		return nil, nil
	}
	err := db.about(ctx, "views", func(t *tables) error {
		for _, key := range keys {
			v, ok, err := t.readView(key)
			if err != nil {
				return err
			}
			if ok {
				views = append(views, v)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return views, nil
}
