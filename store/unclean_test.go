package store

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"testing"
)

func TestUnclean(t *testing.T) {
	db := newDB(t)
	path := db.Path()
	if _, err := Unclean(path, 0); !errors.Is(err, ErrHeld) {
		t.Errorf("while it is open: %v", err)
	}
	db.commit("pd:acme:P1", change("received"))
	left, err := os.ReadFile(path) // as a process leaves it that is killed
	if err != nil {
		t.Fatal(err)
	}
	db.again()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	killed := filepath.Join(t.TempDir(), "killed")
	if err := os.WriteFile(killed, left, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{path: false, killed: true, path + ".none": false} {
		if got, err := Unclean(path, 0); err != nil || got != want {
			t.Errorf("%s: %v, %v", path, got, err)
		}
	}
	again := mustOpen(t, killed)
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := Unclean(killed, 0); err != nil || got {
		t.Errorf("closed since: %v, %v", got, err)
	}
}

// However much of a file is gone, it is said before bolt maps it; a file of which
// that is not said is all there.
func TestCutOffIsSeenBeforeItIsRead(t *testing.T) {
	sound, truth, blobs := filled(t)
	page := os.Getpagesize()
	path := filepath.Join(t.TempDir(), "cut.db")
	cut, whole := 0, 0
	for size := 4 * page; size <= len(sound); size += page {
		if err := os.WriteFile(path, sound[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		switch err := cutOff(path); {
		case errors.Is(err, ErrDamaged):
			cut++
			if whole > 0 {
				t.Errorf("%d bytes: cut off, and fewer were not", size)
			}
		case err != nil:
			t.Errorf("%d bytes: %v", size, err)
		default:
			whole++
			if said, err := lasting(path, blobs); err != nil || !maps.Equal(said, truth) {
				t.Fatalf("%d bytes: not all is there: %v", size, err)
			}
		}
	}
	if cut == 0 || whole == 0 {
		t.Errorf("%d cut off, %d whole", cut, whole)
	}
}
