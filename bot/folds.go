package bot

import (
	"container/list"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"amsbot/store"
)

const (
	foldsMost = 5 << 20     // bytes, about, of all incidents that are kept folded
	foldsFor  = time.Minute // how long one is kept that nobody asks for
)

// folds keeps incidents folded while they move, so that a turn costs what is new
// and not the whole history. It is no second truth: what it has is only believed
// where the store's record ends at the same event, and what came since is added.
// An incident in it is never changed; whoever adds an event adds it to a clone.
type folds struct {
	mu    sync.Mutex
	by    map[string]*list.Element // of *foldKept, by key
	order *list.List               // the last used first
	size  int
}

type foldKept struct {
	in   *incident
	used time.Time
}

func newFolds() *folds { return &folds{by: map[string]*list.Element{}, order: list.New()} }

// get is an incident as it was when it was last put; nil where it is not kept.
func (f *folds) get(key string) *incident {
	f.mu.Lock()
	defer f.mu.Unlock()
	e := f.by[key]
	if e == nil {
		return nil
	}
	k := e.Value.(*foldKept)
	k.used = time.Now()
	f.order.MoveToFront(e)
	return k.in
}

// put keeps an incident, unless a newer one is kept already or it is over.
func (f *folds) put(in *incident) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if e := f.by[in.key]; e != nil {
		if e.Value.(*foldKept).in.seq > in.seq {
			return
		}
		f.drop(e)
	}
	if in.over() || in.weight > foldsMost/8 {
		return
	}
	f.by[in.key] = f.order.PushFront(&foldKept{in, time.Now()})
	for f.size += in.weight; f.size > foldsMost; {
		f.drop(f.order.Back())
	}
}

func (f *folds) drop(e *list.Element) {
	in := f.order.Remove(e).(*foldKept).in
	delete(f.by, in.key)
	f.size -= in.weight
}

// rest drops what nobody has asked for lately, and says when to look again; zero:
// nothing is kept.
func (f *folds) rest(now time.Time) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	for e := f.order.Back(); e != nil; e = f.order.Back() {
		if again := e.Value.(*foldKept).used.Add(foldsFor); again.After(now) {
			return again
		}
		f.drop(e)
	}
	return time.Time{}
}

// folded is the incident of a view as it is there; nil before its first event.
// It is shared, and not to be changed.
func (b *Bot) folded(v *store.View) *incident {
	r, exists := v.Record()
	if !exists {
		return nil
	}
	in := b.folds.get(r.Key)
	switch {
	case in == nil || in.epoch != v.Epoch() || in.seq > r.Seq:
		if in = fold(r.Key, v.Epoch(), v.Events()); r.Gone == r.Seq {
			in.seq = r.Seq // its events were removed, and their numbers are not given again
		}
		return in
	case in.seq == r.Seq:
		return in
	}
	return in.with(v.Since(in.seq))
}

// gone says whether nothing is left of it but its line: its events were removed.
func (in *incident) gone() bool { return in.seq > 0 && len(in.log) == 0 }

// load is an incident as it is now; it is shared, and not to be changed.
func (b *Bot) load(ctx context.Context, key string) (*incident, error) {
	return b.loadWith(ctx, key, func(*incident, *store.View) error { return nil })
}

// loadWith is load; ask looks at what lies beside the incident, in the same
// snapshot.
func (b *Bot) loadWith(ctx context.Context, key string, ask func(*incident, *store.View) error) (in *incident, err error) {
	err = b.DB.Read(ctx, key, func(v *store.View) error {
		if in = b.folded(v); in == nil {
			return fmt.Errorf("bot: load %s: %w", key, store.ErrNoIncident)
		}
		return ask(in, v)
	})
	if err != nil {
		return nil, err
	}
	b.folds.put(in)
	return in, nil
}

// with is the incident after more events.
func (in *incident) with(events []store.Event) *incident {
	c := in.clone()
	for _, e := range events {
		c.add(e)
	}
	return c
}

// clone is the incident as it is, to which events can be added while others read
// the one that it is of: it has its own of all that add changes in place.
func (in *incident) clone() *incident {
	c := *in
	c.log, c.locks = slices.Clip(c.log), slices.Clip(c.locks)
	c.strays = slices.Clone(c.strays)
	c.refused = maps.Clone(c.refused)
	c.offers = slices.Clone(c.offers)
	for i, o := range c.offers {
		of := *o
		c.offers[i] = &of
	}
	c.acts = make(map[uint64]*act, len(in.acts))
	for seq, a := range in.acts {
		one := *a
		c.acts[seq] = &one
	}
	c.pass = in.pass.clone()
	return &c
}

func (p *pass) clone() *pass {
	if p == nil {
		return nil
	}
	c := *p
	c.tripped = slices.Clip(c.tripped)
	c.phases = maps.Clone(c.phases)
	for name, ph := range c.phases {
		c.phases[name] = ph.clone()
	}
	c.rounds = slices.Clone(c.rounds)
	for i, ph := range c.rounds {
		c.rounds[i] = ph.clone()
	}
	return &c
}

func (ph *phase) clone() *phase {
	c := *ph
	c.results, c.running = maps.Clone(c.results), maps.Clone(c.running)
	return &c
}
