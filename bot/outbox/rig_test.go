package outbox

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/store"
)

// rig is an outbox over a real store file, with scripted places around it. It
// lives in a bubble, whose clock starts at the test's.
type rig struct {
	t     *testing.T
	path  string
	db    *store.DB
	pd    *place
	chat  *place
	cards *wall
	home  *wall
	limit Limits
	boss  *boss
	disk  disk

	start time.Time
	end   func()
}

// inBubble runs the test with a rig whose outbox runs already.
func inBubble(t *testing.T, test func(t *testing.T, r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.run()
		test(t, r)
	})
}

func newRig(t *testing.T) *rig {
	r := &rig{t: t, path: filepath.Join(t.TempDir(), "test.db"), start: time.Now()}
	r.pd, r.chat = &place{rig: r}, &place{rig: r}
	r.cards, r.home = &wall{rig: r, lane: map[string]string{}}, &wall{rig: r, lane: map[string]string{}}
	r.open()
	return r
}

func (r *rig) open() {
	db, err := store.Open(r.path, store.Options{Around: r.disk.around})
	if err != nil {
		r.t.Fatal(err)
	}
	r.db = db
	r.boss = &boss{db: db, urgency: map[string]int{}, skip: map[string]bool{}}
	r.t.Cleanup(func() { _ = db.Close() })
}

// run starts the outbox; it ends with the test or with r.end.
func (r *rig) run() { r.runWith(nil) }

func (r *rig) runWith(change func(*Options)) {
	o := Options{
		DB: r.db, Conductor: r.boss,
		Receivers: map[string]Receiver{"pagerduty": r.pd, "slack": r.chat},
		Screens:   map[string]Screen{"card": r.cards, "home": r.home},
		Limits:    r.limit,
		Log:       slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	if change != nil {
		change(&o)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- New(o).Run(ctx) }()
	r.end = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			r.t.Errorf("Run: %v", err)
		}
	})
	r.t.Cleanup(r.end)
}

// disk takes what is committed, unless it was made to refuse the next commits.
type disk struct {
	mu    sync.Mutex
	fails int // so many more
}

func (d *disk) refuse(commits int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fails = commits
}

func (d *disk) left() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.fails
}

func (d *disk) around(_ string, commit func() error) error {
	d.mu.Lock()
	ill := d.fails > 0
	if ill {
		d.fails--
	}
	d.mu.Unlock()
	if ill {
		return syscall.ENOSPC
	}
	return commit()
}

// again is a restart: the process ends and a new one opens the file.
func (r *rig) again() {
	r.end()
	if err := r.db.Close(); err != nil {
		r.t.Fatal(err)
	}
	r.open()
	r.run()
}

// inCrowdAgain is a restart in a crowd.
func (r *rig) inCrowdAgain(index *wall) {
	r.end()
	if err := r.db.Close(); err != nil {
		r.t.Fatal(err)
	}
	before := r.boss
	r.open()
	r.boss.index, r.boss.quiet, r.boss.beside, r.boss.pages, r.boss.asked = before.index, before.quiet, before.beside, before.pages, before.asked
	r.runWith(func(o *Options) {
		o.Screens["index"], o.Screens["group"], o.Receivers["slack"] = index, r.cards, channel{r.chat}
	})
}

func (r *rig) commit(incident string, c store.Change) []store.Event {
	r.t.Helper()
	events, err := r.db.Commit(r.t.Context(), incident, func(*store.View) (store.Change, error) { return c, nil })
	if err != nil {
		r.t.Fatal(err)
	}
	return events
}

// want asks for an act and returns its number.
func (r *rig) want(incident, to, kind string) uint64 {
	r.t.Helper()
	data := map[string]any{"kind": kind, "args": map[string]any{"id": incident}}
	return r.commit(incident, store.Change{Events: []store.NewEvent{{Kind: "wanted", By: "amsbot", To: to, Data: data}}})[0].Seq
}

// card asks for an incident's card to be drawn.
func (r *rig) card(incident string) {
	r.t.Helper()
	r.commit(incident, store.Change{
		Events: []store.NewEvent{{Kind: "news"}}, Views: []string{"card:" + incident},
	})
}

// after lets the time pass and everything settle.
func (r *rig) after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (r *rig) pending() int {
	r.t.Helper()
	acts, err := r.db.Acts(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	return len(acts)
}

func (r *rig) view(key string) store.ViewState {
	r.t.Helper()
	v, _, err := r.db.View(r.t.Context(), key)
	if err != nil {
		r.t.Fatal(err)
	}
	return v
}

func (r *rig) kinds(incident string) []string {
	r.t.Helper()
	events, err := r.db.Events(r.t.Context(), incident)
	if err != nil {
		r.t.Fatal(err)
	}
	var kinds []string
	for _, e := range events {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

func (r *rig) same(what string, got, want any) {
	r.t.Helper()
	g, w := fmt.Sprint(got), fmt.Sprint(want)
	if g != w {
		r.t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

// call wants people to be called about an incident.
func (r *rig) call(incident string) {
	r.t.Helper()
	data := map[string]any{"kind": "reply", "calls": true, "name": incident, "args": map[string]any{}}
	r.commit(incident, store.Change{Events: []store.NewEvent{{Kind: "wanted", To: "slack", Data: data}}})
}
