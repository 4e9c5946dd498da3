package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	bolt "go.etcd.io/bbolt"
)

// A transaction that does not reach the disk fails for all that are in it, and
// leaves nothing behind.
func TestFailingCommit(t *testing.T) {
	db := newDB(t)
	ctx := context.Background()
	db.commit("pd:acme:P1", change("before"))
	disk := fmt.Errorf("write: %w", syscall.ENOSPC)
	db.commitTx = func(*bolt.Tx) error { return disk }
	fine := func(*View) (Change, error) { return change("fine"), nil }
	for i, err := range db.together("pd:acme:P1", fine, fine) {
		if !errors.Is(err, syscall.ENOSPC) || errors.Is(err, ErrInDoubt) {
			t.Errorf("commit %d: %v", i, err)
		}
	}
	if err := db.Ready(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("ready: %v", err)
	}
	if events, err := db.Events(ctx, "pd:acme:P1"); err != nil || len(events) != 1 {
		t.Errorf("%d events, %v", len(events), err)
	}
	db.commitTx = (*bolt.Tx).Commit
	if events := db.commit("pd:acme:P1", change("after")); events[0].Seq != 2 || events[0].Pos != 2 {
		t.Errorf("after: %+v", events[0])
	}
	if err := db.Ready(); err != nil {
		t.Errorf("ready: %v", err)
	}
}

// When the meta page was written but not synced, the change is visible and may
// yet be lost: nothing is read or acknowledged, not even "seen already", until
// the disk has taken a transaction.
func TestCommitInDoubt(t *testing.T) {
	db := newDB(t)
	ctx := context.Background()
	var sick error = syscall.EIO
	db.commitTx = func(tx *bolt.Tx) error { return errors.Join(tx.Commit(), sick) }
	once := func(v *View) (Change, error) {
		if v.Seen("delivery 1") {
			return Change{}, nil
		}
		c := change("received")
		c.Seen = []string{"delivery 1"}
		return c, nil
	}
	for range 2 {
		if _, err := db.Commit(ctx, "pd:acme:P1", once); !errors.Is(err, syscall.EIO) || !errors.Is(err, ErrInDoubt) {
			t.Errorf("commit: %v", err)
		}
		if _, err := db.Events(ctx, "pd:acme:P1"); !errors.Is(err, syscall.EIO) {
			t.Errorf("events: %v", err)
		}
	}
	sick = nil
	if _, err := db.Commit(ctx, "pd:acme:P1", once); err != nil {
		t.Errorf("commit: %v", err)
	}
	if events, err := db.Events(ctx, "pd:acme:P1"); err != nil || len(events) != 1 {
		t.Errorf("%d events, %v", len(events), err)
	}
}

// A full disk is an error that says so; what is stored stays readable.
func TestFullDisk(t *testing.T) {
	db := newDB(t)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	small, err := Open(db.Path(), Options{maxSize: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	db.DB = small
	ctx := context.Background()
	kept := 0
	for range 100 {
		c := change("big")
		c.Blobs = [][]byte{[]byte(strings.Repeat(fmt.Sprint(kept), 1<<16))}
		if _, err = db.Commit(ctx, "pd:acme:P1", func(*View) (Change, error) { return c, nil }); err != nil {
			break
		}
		kept++
	}
	if err == nil || db.Ready() == nil {
		t.Fatalf("after %d blobs: %v, ready: %v", kept, err, db.Ready())
	}
	if events, err := db.Events(ctx, "pd:acme:P1"); err != nil || len(events) != kept {
		t.Errorf("%d events of %d, %v", len(events), kept, err)
	}
}

func TestReadyAgainOnAQuietNight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDB(t)
		disk := errors.New("gone")
		db.commitTx = func(*bolt.Tx) error { return disk }
		if _, err := db.Commit(t.Context(), "pd:acme:P1", func(*View) (Change, error) { return change("lost"), nil }); !errors.Is(err, disk) {
			t.Fatal(err)
		}
		db.gate.Lock()
		db.commitTx = (*bolt.Tx).Commit
		db.gate.Unlock()
		time.Sleep(probeEvery / 2)
		if err := db.Ready(); !errors.Is(err, disk) {
			t.Errorf("ready: %v", err)
		}
		time.Sleep(probeEvery)
		if err := db.Ready(); err != nil {
			t.Errorf("ready: %v", err)
		}
	})
}
