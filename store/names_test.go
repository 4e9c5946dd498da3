package store

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
)

func TestNames(t *testing.T) {
	db := newDB(t)
	named := func(name, want string) {
		t.Helper()
		got, ok, err := db.Named(context.Background(), name)
		if err != nil || got != want || ok != (want != "") {
			t.Errorf("%s is %q, %v, %v; want %q", name, got, ok, err, want)
		}
	}
	received := []NewEvent{{Kind: "received"}}
	db.commit("pd:acme:P1", Change{Events: received, Names: []string{"#1"}})
	db.commit("pd:acme:P2", Change{Events: received, Names: []string{"#2", "P2"}})
	db.commit("pd:acme:P1", Change{Names: []string{"#1", "P1"}})
	named("#1", "pd:acme:P1")
	named("P1", "pd:acme:P1")
	named("#2", "pd:acme:P2")
	named("P2", "pd:acme:P2")
	named("#3", "")
	named("#", "")

	// A number that is given again is that of the newer one.
	db.commit("pd:other:P1", Change{Events: received, Names: []string{"#1"}})
	named("#1", "pd:other:P1")
	if err := db.Check(context.Background()); err != nil {
		t.Error(err)
	}

	for _, wrong := range []string{"", "a\nb"} {
		_, err := db.Commit(context.Background(), "pd:acme:P1", func(*View) (Change, error) {
			return Change{Names: []string{wrong}}, nil
		})
		if !errors.Is(err, ErrChange) {
			t.Errorf("name %q: %v", wrong, err)
		}
	}
	_, err := db.Commit(context.Background(), "pd:acme:P9", func(*View) (Change, error) {
		return Change{Names: []string{"#9"}}, nil
	})
	if !errors.Is(err, ErrNoIncident) {
		t.Errorf("a name of nothing: %v", err)
	}
}

func TestNamesThatDoNotFit(t *testing.T) {
	for what, harm := range map[string]func(*tables) error{
		"missing": func(t *tables) error { return t.del(nameTable, []byte("#1")) },
		"of none": func(t *tables) error { return t.put(nameTable, []byte("#7"), []byte("pd:acme:P1")) },
		"lost":    func(t *tables) error { return t.put(nameTable, []byte("#1"), []byte("pd:acme:P7")) },
	} {
		db := mustOpen(t, filepath.Join(t.TempDir(), "amsbot.db")) // newDB would want it to be sound in the end
		defer func() { _ = db.Close() }()
		(&testDB{DB: db, t: t}).commit("pd:acme:P1", Change{Events: []NewEvent{{Kind: "received"}}, Names: []string{"#1"}})
		if err := db.alone(harm); err != nil {
			t.Fatal(err)
		}
		if err := db.Check(context.Background()); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
