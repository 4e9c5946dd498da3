package outbox

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"amsbot/store"
)

// BenchmarkTurn is what one turn of the outbox costs while 1,000 incidents wait
// with three acts and a card each: alone, after one card changed (with its
// look into the store), and the commit of that change by itself, as the floor.
//
//	go test ./bot/outbox -run '^$' -bench Turn
func BenchmarkTurn(b *testing.B) {
	e := crowded(b, 1000)
	turn := func() { e.schedule(b.Context(), time.Now()) }
	change := func(n int) {
		commit(b, e.DB, fmt.Sprintf("pd:a:%d", n%1000), store.Change{
			Events: []store.NewEvent{{Kind: "news"}}, Views: []string{fmt.Sprintf("card:pd:a:%d", n%1000)},
		})
	}
	b.Run("floor: a commit", func(b *testing.B) {
		for n := range b.N {
			change(n)
		}
	})
	b.Run("a commit and its turn", func(b *testing.B) {
		for n := range b.N {
			change(n)
			if err := e.list(b.Context()); err != nil {
				b.Fatal(err)
			}
			turn()
			for e.running > 0 {
				(<-e.applied)()
			}
			turn()
		}
	})
	b.Run("a turn", func(b *testing.B) {
		for range b.N {
			e.stir(e.lines["pd:a:7"][0])
			turn()
		}
	})
	b.Run("all listed anew", func(b *testing.B) {
		for range b.N {
			e.unseen.all = true
			if err := e.list(b.Context()); err != nil {
				b.Fatal(err)
			}
			turn()
		}
	})
}

// crowded is an engine that knows all those incidents and may let nothing of
// them leave.
func crowded(b *testing.B, incidents int) *engine {
	db, err := store.Open(filepath.Join(b.TempDir(), "test.db"), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	act := func(to, kind string) store.NewEvent {
		return store.NewEvent{Kind: "wanted", By: "amsbot", To: to, Data: map[string]any{"kind": kind, "args": map[string]any{"id": "Q1"}}}
	}
	for n := range incidents {
		name := fmt.Sprintf("pd:a:%d", n)
		commit(b, db, name, store.Change{
			Events: []store.NewEvent{act("pagerduty", "escalate"), act("pagerduty", "note"), act("slack", "reply")},
			Views:  []string{"card:" + name},
		})
	}
	r := &rig{t: nil}
	pd, chat, cards := &place{rig: r}, &place{rig: r}, &wall{rig: r}
	e := newEngine(New(Options{
		DB: db, Conductor: &boss{db: db},
		Receivers: map[string]Receiver{"pagerduty": pd, "slack": channel{chat}},
		Screens:   map[string]Screen{"card": cards},
		Log:       slog.New(slog.NewTextHandler(io.Discard, nil)),
	}).o)
	e.watch = db.Watch()
	b.Cleanup(e.watch.Stop)
	rest := time.Now().Add(time.Hour)
	for _, way := range []way{e.gates.acting("pagerduty"), e.gates.posting("C1"), e.gates.posting("")} {
		way.rest(time.Now(), rest)
	}
	if err := e.list(b.Context()); err != nil {
		b.Fatal(err)
	}
	for e.schedule(b.Context(), time.Now()); e.running > 0; e.schedule(b.Context(), time.Now()) {
		(<-e.applied)()
	}
	if len(e.acts) != 3*incidents || len(e.views) != incidents {
		b.Fatalf("%d acts, %d views", len(e.acts), len(e.views))
	}
	return e
}

func commit(b *testing.B, db *store.DB, incident string, c store.Change) {
	if _, err := db.Commit(context.Background(), incident, func(*store.View) (store.Change, error) { return c, nil }); err != nil {
		b.Fatal(err)
	}
}
