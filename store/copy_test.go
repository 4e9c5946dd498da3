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

// A backup to a disk that hangs keeps nobody waiting, also when the file grows far
// beyond what it was.
func TestBackupHangs(t *testing.T) {
	db := newDB(t)
	to := &hanging{began: make(chan struct{}), goOn: make(chan struct{})}
	backup, grown := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := db.Backup(context.Background(), to)
		backup <- err
	}()
	<-to.began
	go func() { grown <- grow(db.DB, 2*initialMap) }()
	select {
	case err := <-grown:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Error("commits wait for the backup")
	}
	close(to.goOn)
	if err := <-backup; err != nil {
		t.Error(err)
	}
}

// hanging is a writer whose disk hangs until it goes on.
type hanging struct {
	once        sync.Once
	began, goOn chan struct{}
}

func (h *hanging) Write(b []byte) (int, error) {
	h.once.Do(func() { close(h.began) })
	<-h.goOn
	return len(b), nil
}

// grow commits until the file has a size.
func grow(db *DB, size int64) error {
	for n := 0; ; n++ {
		info, err := os.Stat(db.Path())
		if err != nil || info.Size() >= size {
			return err
		}
		c := change("received")
		for i := range 200 {
			c.Blobs = append(c.Blobs, bytes.Repeat(fmt.Appendf(nil, "%8d.", 1000*n+i), 60<<10/9))
		}
		if _, err := db.Commit(context.Background(), "pd:acme:P1", func(*View) (Change, error) { return c, nil }); err != nil {
			return err
		}
	}
}

func TestMapFor(t *testing.T) {
	for size, want := range map[int64]int64{0: wideMap, 1 << 20: wideMap, 3 << 30: 12 << 30} {
		if got := int64(mapFor(size, false)); got != want {
			t.Errorf("%d bytes: %d, not %d", size, got, want)
		}
	}
	if got := mapFor(3<<30, true); got != initialMap {
		t.Errorf("to read: %d", got)
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

// A bot that is started while the backup is checked keeps its file: what it
// acknowledges there is not put aside.
func TestRestoreIsOvertaken(t *testing.T) {
	ctx := context.Background()
	from := newDB(t)
	from.commit("pd:acme:P1", change("received"))
	backup := filepath.Join(t.TempDir(), "backup")
	if _, err := from.BackupTo(ctx, backup); err != nil {
		t.Fatal(err)
	}
	for name, was := range map[string]func(path string) error{
		"nothing was there":     func(string) error { return nil },
		"a file was moved away": func(path string) error { return os.WriteFile(path, []byte("damaged"), 0o600) },
	} {
		path := filepath.Join(t.TempDir(), "amsbot.db")
		if err := was(path); err != nil {
			t.Fatal(err)
		}
		running := &testDB{t: t}
		done, err := restoreWhile(ctx, path, backup, func() {
			if err := os.Rename(path, path+".away"); err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Error(err)
			}
			running.DB = mustOpen(t, path)
		})
		if !errors.Is(err, ErrHeld) || done.Kept != "" {
			t.Errorf("%s: %+v, %v", name, done, err)
		}
		running.commit("pd:acme:P2", change("received"))
		running.again()
		if _, err := running.Events(ctx, "pd:acme:P2"); err != nil {
			t.Errorf("%s: what was acknowledged is lost: %v", name, err)
		}
		if err := running.Close(); err != nil {
			t.Error(err)
		}
		if left, err := filepath.Glob(path + ".[bn]*"); len(left) > 0 {
			t.Errorf("%s: left behind: %v, %v", name, left, err)
		}
	}
}

// restoreWhile restores, and something happens when the backup is ready to take its
// place.
func restoreWhile(ctx context.Context, path, backup string, happens func()) (Restored, error) {
	defer func(before func(string)) { passes = before }(passes)
	passes = func(point string) {
		if point == "marked" {
			passes = func(string) {}
			happens()
		}
	}
	return Restore(ctx, path, Restoring{Backup: backup})
}

// A symbolic link is neither replaced nor followed.
func TestLinkIsNotReplaced(t *testing.T) {
	ctx := context.Background()
	db := newDB(t)
	db.commit("pd:acme:P1", change("received"))
	dir := t.TempDir()
	path, backup := filepath.Join(dir, "link.db"), filepath.Join(dir, "backup")
	if _, err := db.BackupTo(ctx, backup); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Close(), os.Symlink(db.Path(), path)); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(db.Path())
	if err != nil {
		t.Fatal(err)
	}
	if done, err := Restore(ctx, path, Restoring{Backup: backup}); !errors.Is(err, ErrLink) || done.Kept != "" {
		t.Errorf("restore: %+v, %v", done, err)
	}
	if err := Seal(ctx, path, historyKey, nil); !errors.Is(err, ErrLink) {
		t.Errorf("seal: %v", err)
	}
	if to, err := os.Readlink(path); err != nil || to != db.Path() {
		t.Errorf("the link leads to %q: %v", to, err)
	}
	if after, err := os.ReadFile(db.Path()); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the file was changed: %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("left behind: %v, %v", left, err)
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
