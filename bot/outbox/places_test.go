package outbox

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"amsbot/store"
)

// boss is a conductor: a view shows how many events its stream has.
type boss struct {
	db *store.DB

	mu      sync.Mutex
	urgency map[string]int
	skip    map[string]bool
	index   map[string]string // of views that are held back in a crowd
	quiet   map[string]bool
	over    map[string]bool // incidents that nobody is needed for any more
	beside  []string        // views beside an index
	pages   []string        // those that are none of it any more when it is over
	asked   []string        // cards that somebody asked an index for
	drew    func(View)      // called when an index was drawn
	draws   []string
	fail    int // so many more calls of Draw and Record fail
	said    []string
}

func (b *boss) set(change func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change()
}

func (b *boss) failing() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail == 0 {
		return false
	}
	b.fail--
	return true
}

func (b *boss) Draw(ctx context.Context, key string) (View, error) {
	if b.failing() {
		return View{}, fmt.Errorf("cannot draw")
	}
	if strings.HasPrefix(key, "index:") {
		return b.drawIndex(ctx, key)
	}
	var record store.Record
	var older bool
	var crowd Crowd
	err := b.db.Read(ctx, streamOf(key), func(v *store.View) (err error) {
		record, _ = v.Record()
		events := v.Events()
		older = len(events) > 0 && events[0].Epoch < v.Epoch()
		if strings.HasPrefix(key, "group:") {
			_, err = v.Guard(CrowdGuard("index:C1"), &crowd)
		}
		return err
	})
	b.mu.Lock()
	defer b.mu.Unlock()
	b.draws = append(b.draws, key)
	return View{
		Key: key, Version: record.Pos, Urgency: b.urgency[key], Skip: b.skip[key], Look: older,
		Index: b.index[key], Quiet: b.quiet[key] || crowd.Over, Unsaid: "unsaid",
		Body: record.Seq, Call: CrowdView{Last: crowd.Over},
	}, err
}

func (b *boss) Record(ctx context.Context, act Act, r Result) error {
	if b.failing() {
		return fmt.Errorf("cannot record")
	}
	b.set(func() { b.said = append(b.said, fmt.Sprintf("%s %s", act.Marker(), r.State)) })
	_, err := b.db.Commit(ctx, act.Incident, func(*store.View) (store.Change, error) {
		c := store.Change{Events: []store.NewEvent{{Kind: string(r.State), Data: map[string]any{"act": act.Seq, "why": r.Why}}}}
		if r.State != Unknown {
			c.Settled = []uint64{act.Seq}
		}
		return c, nil
	})
	return err
}

// place is a receiver. It notes what is asked of it and answers by the script.
type place struct {
	*rig
	mu     sync.Mutex
	calls  []string
	marks  map[string]bool // what was done, as Find sees it
	busy   map[string]int
	script func(act Act) Result // nil: Done
	find   func(act Act) (Result, bool, error)
	slow   func(act Act) time.Duration
	cards  []string
}

// note writes down a call.
func (p *place) note(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = append(p.calls, fmt.Sprintf(format, args...))
}

func (p *place) seen() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.calls)
}

// set has it answer by a script from now on.
func (p *place) set(script func(Act) Result) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.script = script
}

func (p *place) Do(ctx context.Context, acts []Act) []Result {
	if len(acts) != 1 || !json.Valid(acts[0].Args) {
		panic("not one good act")
	}
	act := acts[0]
	p.note("%s %s", act.Kind, act.Incident)
	p.mu.Lock()
	if p.busy == nil {
		p.busy, p.marks = map[string]int{}, map[string]bool{}
	}
	p.busy[act.Incident]++
	if p.busy[act.Incident] > 1 {
		p.t.Errorf("two acts of %s at once", act.Incident)
	}
	p.cards = append(p.cards, act.Card)
	script, slow := p.script, p.slow
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.busy[act.Incident]--
	}()
	if slow != nil {
		select {
		case <-time.After(slow(act)):
		case <-ctx.Done():
			return []Result{{State: Unknown, Why: "it took too long"}}
		}
	}
	if script != nil {
		return []Result{script(act)}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.marks[act.Marker()] = true
	return []Result{{State: Done}}
}

func (p *place) Find(_ context.Context, act Act) (Result, bool, error) {
	p.note("find %s %s", act.Kind, act.Incident)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.find != nil {
		return p.find(act)
	}
	return Result{State: Done}, p.marks[act.Marker()], nil
}

// wall is a screen: a list of what stands there.
type wall struct {
	*rig
	mu     sync.Mutex
	calls  []string
	up     []string // references of what stands, "key@n", oldest first
	lane   map[string]string
	busy   map[string]bool
	script func(v View) (Result, bool) // false: show it
	slow   time.Duration
	find   func(v View) // called before it is looked for
	stuck  int          // so many removals fail
	wrong  error        // with this
}

func (w *wall) Lane(v View) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lane[v.Key]
}

func (w *wall) seen() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.calls)
}

func (w *wall) standing() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.up)
}

func (w *wall) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

func (w *wall) Show(ctx context.Context, v View) Result {
	w.mu.Lock()
	if w.busy[v.Key] {
		w.t.Errorf("%s shown twice at once", v.Key)
	}
	if w.busy == nil {
		w.busy = map[string]bool{}
	}
	w.busy[v.Key] = true
	verb := "post"
	if v.Ref != "" {
		verb = "edit"
	}
	w.calls = append(w.calls, fmt.Sprintf("%s %s v%v", verb, v.Key, v.Body))
	slow, script := w.slow, w.script
	w.mu.Unlock()
	if slow > 0 {
		select {
		case <-time.After(slow):
		case <-ctx.Done():
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy[v.Key] = false
	if script != nil {
		if r, done := script(v); done {
			return r
		}
	}
	if v.Ref == "" {
		return Result{State: Done, Ref: w.put(v.Key)}
	}
	if !slices.Contains(w.up, v.Ref) {
		return Result{State: Refused, Why: "It is gone."}
	}
	return Result{State: Done, Ref: v.Ref}
}

// put makes the view stand; the caller holds mu.
func (w *wall) put(key string) string {
	ref := fmt.Sprintf("%s@%d", key, len(w.up)+1)
	w.up = append(w.up, ref)
	return ref
}

func (w *wall) Find(_ context.Context, v View) (refs []string, err error) {
	w.mu.Lock()
	find := w.find
	w.mu.Unlock()
	if find != nil {
		find(v)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, "find "+v.Key)
	for _, ref := range w.up {
		if len(ref) > len(v.Key) && ref[:len(v.Key)+1] == v.Key+"@" {
			refs = append(refs, ref)
		}
	}
	return refs, nil
}

func (w *wall) Remove(_ context.Context, _ View, ref string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, "remove "+ref)
	if w.stuck > 0 {
		w.stuck--
		return cmp.Or(w.wrong, errors.New("not now"))
	}
	w.up = slices.DeleteFunc(w.up, func(up string) bool { return up == ref })
	return nil
}

// Late calls nobody any more about what is over.
func (b *boss) Late(_ context.Context, act Act) (Act, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	act.Calls = act.Calls && !b.over[act.Incident]
	return act, nil
}
