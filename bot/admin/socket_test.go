package admin

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"amsbot/store"
)

func TestNobodyListens(t *testing.T) {
	dir := t.TempDir()
	stale := filepath.Join(dir, "stale.db")
	leaveStale(t, stale)
	for name, db := range map[string]string{
		"nothing there":   filepath.Join(dir, "a.db"),
		"no directory":    filepath.Join(dir, "b", "a.db"),
		"a stale socket":  stale,
		"a long path":     longPath(t),
		"no private room": longPath(t),
	} {
		if name == "no private room" {
			t.Setenv("XDG_RUNTIME_DIR", room(t))
		}
		if _, err := Dial(db); !errors.Is(err, ErrNoBot) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// leaveStale leaves the socket of a process that was killed.
func leaveStale(t *testing.T, db string) {
	t.Helper()
	l, err := listen(db)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.UnixListener.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(db + ".sock"); err != nil {
		t.Fatalf("no stale socket: %v", err)
	}
}

func TestSocketIsPrivateAndGoesWithTheBot(t *testing.T) {
	db := filepath.Join(t.TempDir(), "a.db")
	down := up(t, db, example())
	info, err := os.Lstat(db + ".sock")
	if err != nil || info.Mode() != fs.ModeSocket|0o600 {
		t.Errorf("socket: %v, %v", info.Mode(), err)
	}
	if err := down(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(filepath.Dir(db))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestStaleSocketIsReplaced(t *testing.T) {
	db := filepath.Join(t.TempDir(), "a.db")
	leaveStale(t, db)
	up(t, db, example())
	if h, err := dial(t, db).Health(t.Context()); err != nil || !h.OK {
		t.Errorf("health: %+v, %v", h, err)
	}
}

func TestSecondBotTakesNothingAway(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	first, err := store.Open(path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = first.Close() })
	up(t, path, example())
	if _, err := store.Open(path, store.Options{}); !errors.Is(err, store.ErrHeld) {
		t.Fatalf("the second bot opened the database: %v", err)
	}
	// Even one that got here without the lock leaves the live socket alone.
	if err := Serve(t.Context(), path, example()); !errors.Is(err, ErrAnswers) {
		t.Errorf("Serve: %v", err)
	}
	if h, err := dial(t, path).Health(t.Context()); err != nil || !h.OK {
		t.Errorf("the first bot does not answer any more: %+v, %v", h, err)
	}
}

func TestWhatIsNoSocketStays(t *testing.T) {
	db := filepath.Join(t.TempDir(), "a.db")
	if err := os.WriteFile(db+".sock", []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Serve(t.Context(), db, example()); err == nil || !strings.Contains(err.Error(), "is in the way: it is no socket") {
		t.Errorf("Serve: %v", err)
	}
	if b, _ := os.ReadFile(db + ".sock"); string(b) != "mine" {
		t.Errorf("the file is %q now", b)
	}
}

func TestSocketOfTheNextBotStays(t *testing.T) {
	db := filepath.Join(t.TempDir(), "a.db")
	l, err := listen(db)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(db + ".sock"); err != nil {
		t.Fatal(err)
	}
	up(t, db, example())
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	dial(t, db)
}
