package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"
)

func TestOpenRefuses(t *testing.T) {
	other := func(t *testing.T, path string, fill func(*bolt.Tx) error) {
		b, err := bolt.Open(path, 0o600, nil)
		if err == nil {
			err = errors.Join(b.Update(fill), b.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	text := func(s string) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	tests := []struct {
		name string
		make func(t *testing.T, path string)
		want error
		says string
	}{
		{"text", text("slack:\n  channel: ops\n"), ErrNotStore, "open DIR/amsbot.db: not an amsbot database"},
		{"long text", text(strings.Repeat("hello ", 1<<16)), ErrNotStore, "not an amsbot database"},
		{"zeros", text(strings.Repeat("\x00", 1<<16)), ErrNotStore, "not an amsbot database"},
		{"empty", text(""), ErrNotStore, "it is empty; remove it to start a new one"},
		{"directory", func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, ErrNotStore, "it is a directory"},
		{"another program's bbolt file", func(t *testing.T, path string) {
			other(t, path, func(tx *bolt.Tx) error { _, err := tx.CreateBucket([]byte("jobs")); return err })
		}, ErrNotStore, "not an amsbot database"},
		{"another program's schema", func(t *testing.T, path string) {
			other(t, path, func(tx *bolt.Tx) error {
				b, err := tx.CreateBucket(schemaBucket)
				return errors.Join(err, b.Put([]byte("version"), []byte("3")))
			})
		}, ErrNotStore, "not an amsbot database"},
		{"another format", func(t *testing.T, path string) {
			other(t, path, func(tx *bolt.Tx) error { return putSchema(tx, schema{Format: "else", Version: 1}) })
		}, ErrNotStore, `format "else"`},
		{"newer", func(t *testing.T, path string) {
			other(t, path, func(tx *bolt.Tx) error {
				return putSchema(tx, schema{Format: schemaFormat, Version: schemaVersion + 1})
			})
		}, ErrNewer, "its format is 2, this amsbot knows up to 1"},
		{"both meta pages are gone", func(t *testing.T, path string) {
			if err := ensure(path); err != nil {
				t.Fatal(err)
			}
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			clear(b[:2*os.Getpagesize()])
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}, ErrDamaged, "open DIR/amsbot.db: file is damaged: both meta pages: "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "amsbot.db")
			test.make(t, path)
			for _, o := range []Options{{}, {ReadOnly: true}} {
				db, err := Open(path, o)
				if err == nil {
					_ = db.Close()
				}
				says := strings.ReplaceAll(test.says, "DIR", dir)
				if !errors.Is(err, test.want) || !strings.Contains(err.Error(), says) {
					t.Errorf("%+v: %v\nwant %s", o, err, says)
				}
			}
		})
	}
}

func TestOpenWhereNothingCanBe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "amsbot.db")
	for _, o := range []Options{{}, {ReadOnly: true}} {
		_, err := Open(path, o)
		if !errors.Is(err, fs.ErrNotExist) || strings.Count(err.Error(), "missing") != 1 {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

func TestHeld(t *testing.T) {
	db := newDB(t)
	for _, o := range []Options{{}, {ReadOnly: true}} {
		_, err := Open(db.Path(), o)
		want := fmt.Sprintf("another process holds it: pid %d on ", os.Getpid())
		if !errors.Is(err, ErrHeld) || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v\nwant %s", o, err, want)
		}
	}
}

// A reader leaves no name, and what a dead process left is not believed.
func TestHeldByAReader(t *testing.T) {
	db := newDB(t)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(holderPath(db.Path())); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the holder's name after closing: %v", err)
	}
	reader, err := Open(db.Path(), Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, left := range []string{"", "{", `{"pid": 0}`, fmt.Sprintf(`{"pid": 2147483600, "host": %q}`, host)} {
		if left != "" {
			if err := os.WriteFile(holderPath(db.Path()), []byte(left), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, err = Open(db.Path(), Options{})
		if !errors.Is(err, ErrHeld) || strings.Contains(err.Error(), "pid") {
			t.Errorf("left %q: %v", left, err)
		}
	}
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	db.DB = mustOpen(t, db.Path())
}

func TestLockWait(t *testing.T) {
	db := newDB(t)
	path := db.Path()
	opened := make(chan error)
	go func() {
		second, err := Open(path, Options{LockWait: time.Minute})
		if err == nil {
			err = second.Close()
		}
		opened <- err
	}()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-opened; err != nil {
		t.Error(err)
	}
}

func TestReadOnly(t *testing.T) {
	db := newDB(t)
	db.commit("pd:acme:P1", change("received"))
	epoch := db.Epoch()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	reader, err := Open(db.Path(), Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	db.DB = reader
	if reader.Epoch() != epoch {
		t.Errorf("epoch %d, want %d", reader.Epoch(), epoch)
	}
	ctx := context.Background()
	if events, err := reader.Events(ctx, "pd:acme:P1"); err != nil || len(events) != 1 {
		t.Errorf("%d events, %v", len(events), err)
	}
	_, err = reader.Commit(ctx, "pd:acme:P1", func(*View) (Change, error) { return change("no"), nil })
	if !errors.Is(err, ErrReadOnly) {
		t.Errorf("commit: %v", err)
	}
	if err := reader.Ready(); err != nil {
		t.Errorf("ready: %v", err)
	}
}

func TestReadOnlyMakesNoFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "amsbot.db")
	if _, err := Open(path, Options{ReadOnly: true}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

// Several processes that start on an empty disk agree on one file.
func TestOpenedAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "amsbot.db")
	const n = 8
	opened := make(chan *DB, n)
	for range n {
		go func() {
			db, err := Open(path, Options{})
			if err != nil && !errors.Is(err, ErrHeld) {
				t.Error(err)
			}
			opened <- db
		}()
	}
	var holder *DB
	for range n {
		if db := <-opened; db != nil {
			if holder != nil {
				t.Error("two hold the file")
			}
			holder = db
		}
	}
	if holder == nil {
		t.Fatal("nobody holds the file")
	}
	if err := holder.Close(); err != nil {
		t.Error(err)
	}
	mustBeSound(t, path)
}
