package outbox

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/store"
)

// What changed while the store could not be read is looked at when it can.
func TestNewsAreKeptWhileTheStoreCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		e := newEngine(New(Options{
			DB: r.db, Conductor: r.boss,
			Receivers: map[string]Receiver{"pagerduty": r.pd}, Screens: map[string]Screen{"card": r.cards},
		}).o)
		e.watch = r.db.Watch()
		defer e.watch.Stop()
		if err := e.list(t.Context()); err != nil {
			t.Fatal(err)
		}
		broken, cancel := context.WithCancel(t.Context())
		cancel()
		r.want("pd:a:1", "pagerduty", "note")
		r.card("pd:a:1")
		for range 2 {
			if err := e.list(broken); err == nil {
				t.Fatal("read in spite of all")
			}
			r.want("pd:a:2", "pagerduty", "note")
		}
		if err := e.list(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.same("acts and views", []int{len(e.acts), len(e.views)}, []int{3, 1})
		r.same("nothing is left to look at", e.unseen, unseen{})
	})
}

// A view is gone and wanted anew before the engine has looked, without anything having
// happened in between, so that the version is the same one: it is due, also where the
// call that records it is still under way for the engine.
func TestViewIsWantedAnewAtOnce(t *testing.T) {
	for _, underWay := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			e := newEngine(New(Options{DB: r.db, Conductor: r.boss, Screens: map[string]Screen{"card": r.cards}}).o)
			e.watch = r.db.Watch()
			defer e.watch.Stop()
			list := func() {
				t.Helper()
				if err := e.list(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			r.card("pd:a:1")
			list()
			const key = "card:pd:a:1"
			s := e.views[key]
			s.draft, s.drawn, s.shown = &View{}, s.wanted, &store.Shown{Key: key, Version: s.wanted, Gone: true}
			apply := e.beginNote(s)(t.Context())
			if !underWay {
				if apply(); s.due() {
					t.Fatal("it is due, though it is gone")
				}
			}
			r.commit(store.BotStream, store.Change{Views: []string{key}})
			list()
			if underWay {
				apply()
			}
			if e.stale {
				list()
			}
			r.same("the store wants it", r.view(key).Due(), true)
			if s = e.views[key]; s == nil || !s.due() || s.draft != nil {
				t.Errorf("under way: %v; it is never shown: %+v", underWay, s)
			}
		})
	}
}

// Whatever is settled or shown by others leaves no trace in memory.
func TestNothingStaysInMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		o := Options{
			DB: r.db, Conductor: r.boss,
			Receivers: map[string]Receiver{"pagerduty": r.pd}, Screens: map[string]Screen{"card": r.cards},
		}
		o.Limits.Post, o.Limits.PostBurst = 0.001, 1
		e := newEngine(New(o).o)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- e.run(ctx) }()
		r.pd.script = func(act Act) Result { return Result{State: Again} }
		for _, name := range []string{"pd:a:1", "pd:a:2", "pd:a:3"} {
			r.card(name)
			r.want(name, "pagerduty", "note")
		}
		r.after(time.Minute)
		for _, name := range []string{"pd:a:1", "pd:a:2", "pd:a:3"} {
			r.commit(name, store.Change{Settled: []uint64{2}, Shown: []store.Shown{{Key: "card:" + name, Version: 6}}})
		}
		r.after(time.Minute)
		cancel()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		r.same("acts, lines, views, sleepers", []int{len(e.acts), len(e.lines), len(e.views), e.asleep.Len()}, []int{0, 0, 0, 0})
		if e.first(time.Now()) != nil {
			t.Error("something could still leave")
		}
	})
}

func TestConductorThatDoesNotSettleIsNamedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		var log bytes.Buffer
		r.runWith(func(o *Options) {
			o.Conductor = forgetful{r.boss}
			o.Log = slog.New(slog.NewTextHandler(&log, nil))
		})
		r.want("pd:a:1", "pagerduty", "note")
		r.after(time.Second)
		r.card("pd:a:1")
		r.after(time.Hour)
		r.end()
		if n := strings.Count(log.String(), "did not settle it"); n != 1 {
			t.Errorf("said %d times: %s", n, &log)
		}
		r.same("done once", r.pd.seen(), []string{"note pd:a:1"})
	})
}

// forgetful records nothing.
type forgetful struct{ *boss }

func (forgetful) Record(context.Context, Act, Result) error { return nil }
