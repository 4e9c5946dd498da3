package store

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"
)

// testDB is a file that is opened again and checked from end to end when its
// test is over.
type testDB struct {
	*DB
	t testing.TB
}

// newDB makes an empty file. Whatever a test did to it, it must be sound in
// the end.
func newDB(t testing.TB) *testDB {
	t.Helper()
	db := &testDB{t: t}
	path := filepath.Join(t.TempDir(), "amsbot.db")
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		mustBeSound(t, path)
	})
	db.DB = mustOpen(t, path)
	return db
}

// again closes the file and opens it once more.
func (db *testDB) again() {
	db.t.Helper()
	if err := db.Close(); err != nil {
		db.t.Fatalf("close: %v", err)
	}
	db.DB = mustOpen(db.t, db.Path())
}

func mustOpen(t testing.TB, path string) *DB {
	t.Helper()
	db, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// mustBeSound is bolt's check of its pages, then ours of everything in them.
func mustBeSound(t testing.TB, path string) {
	t.Helper()
	b, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true, Timeout: 1, PreLoadFreelist: true})
	if err != nil {
		t.Fatalf("open to check: %v", err)
	}
	if err := errors.Join(checkPages(b), b.Close()); err != nil {
		t.Errorf("pages: %v", err)
	}
	db, err := Open(path, Options{ReadOnly: true})
	if err != nil {
		t.Fatalf("open to check: %v", err)
	}
	if err := errors.Join(db.Check(context.Background()), db.Close()); err != nil {
		t.Errorf("check: %v", err)
	}
}

// checkPages is bolt's own check of its pages. It runs on a goroutine of
// bolt's, where the panics that damage causes cannot be caught: only for files
// that are believed to be sound.
func checkPages(b *bolt.DB) error {
	return b.View(func(tx *bolt.Tx) error {
		var found []error
		for err := range tx.Check() {
			found = append(found, err)
		}
		return errors.Join(found...)
	})
}

// commit makes a change that must succeed.
func (db *testDB) commit(incident string, c Change) []Event {
	db.t.Helper()
	events, err := db.Commit(context.Background(), incident, func(*View) (Change, error) { return c, nil })
	if err != nil {
		db.t.Fatal(err)
	}
	return events
}

// change is one event of this kind.
func change(kind string) Change {
	return Change{Events: []NewEvent{{Kind: kind, By: "test", Data: map[string]string{"kind": kind}}}}
}

func TestCommitIsThereAfterReopening(t *testing.T) {
	db := newDB(t)
	ctx := context.Background()
	first := db.commit("pd:acme:P1", change("received"))
	again := db.commit("pd:acme:P1", change("read"))
	want := append(first, again...)
	for range 2 {
		got, err := db.Events(ctx, "pd:acme:P1")
		if err != nil {
			t.Fatal(err)
		}
		if a, b := asJSON(t, got), asJSON(t, want); a != b {
			t.Fatalf("events:\n%s\nwant:\n%s", a, b)
		}
		db.again()
	}
	if db.Epoch() != 3 {
		t.Errorf("epoch %d after opening three times", db.Epoch())
	}
}

func TestFileMode(t *testing.T) {
	db := newDB(t)
	info, err := os.Stat(db.Path())
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("mode %o", mode)
	}
	left, err := filepath.Glob(db.Path() + ".new-*")
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func asJSON(t testing.TB, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Whoever stands around the commits sees each by what it writes, and what is not
// committed has not happened.
func TestAround(t *testing.T) {
	path := filepath.Join(t.TempDir(), "amsbot.db")
	var seen []string
	dead := false
	db, err := Open(path, Options{Around: func(what string, commit func() error) error {
		seen = append(seen, what)
		if dead {
			return errors.New("no power")
		}
		return commit()
	}})
	if err != nil {
		t.Fatal(err)
	}
	write := func(c Change) error {
		_, err := db.Commit(t.Context(), "pd:a:1", func(*View) (Change, error) { return c, nil })
		return err
	}
	if err := write(Change{Events: []NewEvent{{Kind: "received"}, {Kind: "wanted", To: "x"}}, Views: []string{"card"}}); err != nil {
		t.Fatal(err)
	}
	if err := write(Change{Shown: []Shown{{Key: "card", Version: 1}}}); err != nil {
		t.Fatal(err)
	}
	dead = true
	if err := write(Change{Events: []NewEvent{{Kind: "read"}}}); err == nil || !strings.Contains(err.Error(), "no power") {
		t.Errorf("commit without power: %v", err)
	}
	dead = false
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if want := []string{"upkeep", "received+wanted", "shown", "read", "upkeep"}; !slices.Equal(seen, want) {
		t.Errorf("seen: %q", seen)
	}
	if db, err = Open(path, Options{}); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if events, err := db.Events(t.Context(), "pd:a:1"); err != nil || len(events) != 2 {
		t.Errorf("kept: %v, %v", events, err)
	}
}
