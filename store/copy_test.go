package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// A copy taken while commits go on is a whole database of one moment.
func TestBackupWhileWriting(t *testing.T) {
	db := newDB(t)
	ctx := context.Background()
	var writers sync.WaitGroup
	over := make(chan struct{})
	for w := range 4 {
		writers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-over:
					return
				default:
					db.commit(fmt.Sprintf("pd:acme:P%d", (n+w)%7), change(strings.Repeat("x", n%300+1)))
				}
			}
		})
	}
	for n := range 5 {
		path := filepath.Join(t.TempDir(), "backup")
		size, err := db.BackupTo(ctx, path)
		info, statErr := os.Stat(path)
		if err != nil || statErr != nil || info.Size() != size || info.Mode().Perm() != 0o600 {
			t.Fatalf("backup %d: %v, %v: %v", n, err, statErr, info)
		}
		mustBeSound(t, path)
		if _, err := db.BackupTo(ctx, path); !errors.Is(err, fs.ErrExist) {
			t.Errorf("over another file: %v", err)
		}
	}
	close(over)
	writers.Wait()
	if db.again(); db.Ready() != nil { // the lock is still where it was
		t.Error(db.Ready())
	}
}

func TestBackupIsCutShort(t *testing.T) {
	db := newDB(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	dir := t.TempDir()
	if _, err := db.BackupTo(ctx, filepath.Join(dir, "b")); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if _, err := db.BackupTo(context.Background(), filepath.Join(dir, "missing", "b")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestRestore(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	path, backup := filepath.Join(dir, "amsbot.db"), filepath.Join(dir, "backup")
	db := &testDB{t: t, DB: mustOpenWith(t, path, Options{Key: historyKey})}
	db.commit("pd:acme:P1", change("received"))
	if _, err := db.BackupTo(ctx, backup); err != nil {
		t.Fatal(err)
	}
	db.commit("pd:acme:P2", change("received"))
	r := Restoring{Backup: backup, Key: historyKey, Stream: BotStream, Mark: func(v *View) (Change, error) { return change("restored"), nil }}
	if _, err := Restore(ctx, path, r); !errors.Is(err, ErrHeld) || !strings.Contains(err.Error(), fmt.Sprint("pid ", os.Getpid())) {
		t.Errorf("while a bot has it: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]Restoring{
		"no such backup": {Backup: backup + "s", Key: historyKey},
		"no key":         {Backup: backup, Mark: r.Mark, Stream: BotStream},
		"another key":    {Backup: backup, Key: []byte("another")},
		"cut off":        {Backup: half(t, backup), Key: historyKey},
		"no database":    {Backup: notes(t)},
		"damaged inside": {Backup: spoiled(t, backup), Key: historyKey},
	} {
		if done, err := Restore(ctx, path, bad); err == nil || done.Kept != "" {
			t.Errorf("%s: %+v, %v", name, done, err)
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, old) {
			t.Errorf("%s: the file has changed: %v", name, err)
		}
	}
	done, err := Restore(ctx, path, r)
	if err != nil || done.End != 1 || time.Since(done.At) > time.Minute {
		t.Fatalf("%+v, %v", done, err)
	}
	kept := done.Kept
	if was, err := os.ReadFile(kept); err != nil || !bytes.Equal(was, old) || !strings.HasPrefix(kept, path+".before-") {
		t.Errorf("the old file is not at %s: %v", kept, err)
	}
	db.DB = mustOpenWith(t, path, Options{Key: historyKey})
	records, err := db.Incidents(ctx, Filter{})
	marks, markErr := db.Events(ctx, BotStream)
	if err != nil || markErr != nil || len(records) != 1 || len(marks) != 1 {
		t.Errorf("restored: %v, %v: %d records, %d marks", err, markErr, len(records), len(marks))
	}
	if err := errors.Join(db.Check(ctx), db.Close()); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(path + ".new-*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// Where there is no file any more, or one that nobody can open, a backup takes
// its place all the same.
func TestRestoreInPlaceOfNothing(t *testing.T) {
	db := newDB(t)
	db.commit("pd:acme:P1", change("received"))
	backup := filepath.Join(t.TempDir(), "backup")
	if _, err := db.BackupTo(context.Background(), backup); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"nothing": filepath.Join(t.TempDir(), "a.db"), "damaged": half(t, backup)} {
		done, err := Restore(context.Background(), path, Restoring{Backup: backup})
		if err != nil || (done.Kept == "") != (name == "nothing") {
			t.Errorf("%s: %+v, %v", name, done, err)
		}
		mustBeSound(t, path)
	}
}

// Whoever waited for the lock of a file that was replaced meanwhile has the
// wrong file.
func TestReplacedWhileWaiting(t *testing.T) {
	db := newDB(t)
	path := db.Path()
	other := filepath.Join(t.TempDir(), "other")
	if _, err := db.BackupTo(context.Background(), other); err != nil {
		t.Fatal(err)
	}
	waiting := unopened(path, Options{})
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	waiting.file = f
	if err := waiting.still(); err != nil {
		t.Errorf("before: %v", err)
	}
	if err := errors.Join(db.Close(), os.Rename(other, path)); err != nil {
		t.Fatal(err)
	}
	if err := waiting.still(); !errors.Is(err, ErrHeld) {
		t.Errorf("after: %v", err)
	}
}

func half(t *testing.T, path string) string {
	return edited(t, path, func(b []byte) []byte { return b[:len(b)/2] })
}

// spoiled has one bit flipped where an event lies.
func spoiled(t *testing.T, path string) string {
	return edited(t, path, func(b []byte) []byte {
		for at := bytes.Index(b, []byte(`"kind":"received"`)); at >= 0; {
			b[at+10] ^= 1
			next := bytes.Index(b[at:], []byte(`"kind":"received"`))
			if next < 0 {
				break
			}
			at += next
		}
		return b
	})
}

func notes(t *testing.T) string {
	return edited(t, os.DevNull, func([]byte) []byte { return []byte("these are notes\n") })
}

func edited(t *testing.T, path string, edit func([]byte) []byte) string {
	t.Helper()
	b, err := os.ReadFile(path)
	to := filepath.Join(t.TempDir(), "edited")
	if err == nil {
		err = os.WriteFile(to, edit(b), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return to
}
