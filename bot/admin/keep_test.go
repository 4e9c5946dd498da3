package admin

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// What takes its time is asked and answered as it is.
func TestKeeper(t *testing.T) {
	db := filepath.Join(t.TempDir(), "a.db")
	source := example()
	source.verified = Verified{Histories: 7, End: 42, Key: true, Faults: []Fault{{Incident: "pd:main:Q1", Number: 3, Forged: true, Why: "ü"}}}
	up(t, db, source)
	client := dial(t, db)
	want := source.verified
	want.Next = "#7 &|pd:main:Q1/ü ?&#"
	v, err := client.Verify(t.Context(), Stretch{Incident: "#7 &", Behind: "pd:main:Q1/ü ?&#"})
	if err != nil || !reflect.DeepEqual(v, want) {
		t.Errorf("verify: %+v, %v", v, err)
	}
	size, err := client.Backup(t.Context(), "/data/a b?.db")
	if err != nil || size != 4096 || source.copied != "/data/a b?.db" {
		t.Errorf("backup: %d %q, %v", size, source.copied, err)
	}
	if _, err := client.Backup(t.Context(), "b.db"); err == nil || source.copied == "b.db" {
		t.Errorf("a path that means something else there: %v", err)
	}
	source.err = fs.ErrExist
	if _, err := client.Backup(t.Context(), "/b.db"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("backup: %v", err)
	}
	source.err = errors.New("the disk is full")
	if _, err := client.Backup(t.Context(), "/b.db"); err == nil || !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("backup: %v", err)
	}
}

// hinted is an error that says what to do.
type hinted struct{ error }

func (hinted) Hint() string { return "make room" }

func TestWhatToDoComesBack(t *testing.T) {
	db := filepath.Join(t.TempDir(), "a.db")
	source := example()
	source.err = hinted{errors.New("the disk is full")}
	up(t, db, source)
	_, err := dial(t, db).Backup(t.Context(), filepath.Join(t.TempDir(), "b.db"))
	var said interface{ Hint() string }
	if !errors.As(err, &said) || said.Hint() != "make room" || err.Error() != "admin: ask for backup: the disk is full" {
		t.Errorf("got %v", err)
	}
}

// A bot that hangs is said to hang: no address of ours, no words of Go's.
func TestBotThatHangs(t *testing.T) {
	db := filepath.Join(t.TempDir(), "a.db")
	source := example()
	source.hang = make(chan struct{})
	up(t, db, source)
	c := dial(t, db)
	c.http.Timeout = 50 * time.Millisecond
	_, err := c.History(t.Context(), "last")
	if !errors.Is(err, ErrSilent) || err.Error() != "admin: ask for history: the bot that runs does not answer within 50ms" {
		t.Errorf("a bot that hangs: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Health(ctx); errors.Is(err, ErrSilent) || !errors.Is(err, context.Canceled) {
		t.Errorf("who asks has gone: %v", err)
	}
}
