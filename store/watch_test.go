package store

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	bolt "go.etcd.io/bbolt"
)

// take is what the watch says, in short.
func take(w *Watch) string {
	n := w.Take()
	return fmt.Sprint(n.All, n.Acts, n.Views)
}

func (db *testDB) does(incident string, c Change) {
	db.t.Helper()
	if _, err := db.Commit(context.Background(), incident, func(*View) (Change, error) { return c, nil }); err != nil {
		db.t.Fatal(err)
	}
}

func TestWatchTellsWhatChanged(t *testing.T) {
	db := newDB(t)
	w := db.Watch()
	defer w.Stop()
	const one = "pd:acme:P1"
	wanted := Change{Events: []NewEvent{{Kind: "wanted", To: "slack"}}, Views: []string{"card:" + one}}
	for _, step := range []struct {
		name   string
		change Change
		want   string
	}{
		{"the first time", Change{}, "true [] []"},
		{"nothing", Change{}, "false [] []"},
		{"an event alone", change("news"), "false [] []"},
		{"an act and a view", wanted, "false [2] [card:pd:acme:P1]"},
		{"put off", Change{Later: map[uint64]Later{2: {Tries: 1}}}, "false [2] []"},
		{"shown", Change{Shown: []Shown{{Key: "card:" + one, Version: 2, Ref: "here"}}}, "false [] [card:pd:acme:P1]"},
		{"settled", Change{Settled: []uint64{2}}, "false [2] []"},
		{"gone", Change{Shown: []Shown{{Key: "card:" + one, Version: 2, Gone: true}}}, "false [] [card:pd:acme:P1]"},
	} {
		db.does(one, step.change)
		if got := take(w); got != step.want {
			t.Errorf("%s: %s, want %s", step.name, got, step.want)
		}
	}
}

func TestWatchSharesASignalAndKeepsWhatIsNotTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDB(t)
		w := db.Watch()
		take(w)
		for n := range 3 {
			db.does(fmt.Sprintf("pd:acme:P%d", n), Change{Events: []NewEvent{{Kind: "wanted", To: "slack"}}})
		}
		synctest.Wait()
		<-w.Changed()
		select {
		case <-w.Changed():
			t.Error("a second signal")
		default:
		}
		if got := take(w); got != "false [1 2 3] []" {
			t.Error(got)
		}
		w.Stop()
		w.Stop()
		db.does("pd:acme:P9", Change{Events: []NewEvent{{Kind: "wanted", To: "slack"}}})
		if got := take(w); got != "false [] []" {
			t.Errorf("after the end: %s", got)
		}
	})
}

func TestWatchWithTooMuchToNameSaysAll(t *testing.T) {
	db := newDB(t)
	w := db.Watch()
	defer w.Stop()
	take(w)
	many := &touched{}
	for n := range mostUnseen + 1 {
		many.act(uint64(n))
	}
	w.note(many, false)
	w.note(&touched{views: map[string]bool{"card:x": true}}, false)
	if got := take(w); got != "true [] []" {
		t.Error(got)
	}
}

// A commit that failed may have reached the disk all the same; when that comes
// out, nobody remembers what it changed.
func TestWatchAfterACommitInDoubtSaysAll(t *testing.T) {
	db := newDB(t)
	w := db.Watch()
	defer w.Stop()
	take(w)
	sick := errors.New("sick disk")
	db.commitTx = func(tx *bolt.Tx) error {
		if err := tx.Commit(); err != nil {
			return err
		}
		return sick
	}
	_, err := db.Commit(t.Context(), "pd:acme:P1", func(*View) (Change, error) {
		return Change{Events: []NewEvent{{Kind: "wanted", To: "slack"}}}, nil
	})
	if !errors.Is(err, sick) {
		t.Fatal(err)
	}
	db.commitTx = (*bolt.Tx).Commit
	db.does("pd:acme:P2", change("news"))
	if got := take(w); got != "true [] []" {
		t.Error(got)
	}
}

func TestActsAtAndViewsOfAreThoseThatAreThere(t *testing.T) {
	db := newDB(t)
	const one = "pd:acme:P1"
	db.does(one, Change{Events: []NewEvent{{Kind: "wanted", To: "slack"}, {Kind: "wanted", To: "slack"}, {Kind: "news"}}, Views: []string{"card:" + one, "home:U1"}})
	db.does(one, Change{Settled: []uint64{1}, Shown: []Shown{{Key: "home:U1", Version: 3, Ref: "r"}}})
	acts, err := db.ActsAt(t.Context(), []uint64{1, 2, 3, 99})
	if err != nil || len(acts) != 1 || acts[0].Event.Seq != 2 {
		t.Errorf("acts %+v, %v", acts, err)
	}
	views, err := db.ViewsOf(t.Context(), []string{"home:U1", "home:U2", "card:" + one})
	if err != nil || len(views) != 2 || views[0].Due() || !views[1].Due() || views[1].Since != 3 {
		t.Errorf("views %+v, %v", views, err)
	}
}
