package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"
)

// verifyAll is all that VerifyFrom finds, by stream.
func verifyAll(t *testing.T, db *DB, span time.Duration) (faults []string, streams, parts int) {
	t.Helper()
	for next := ""; ; {
		v, err := db.VerifyFrom(context.Background(), next, span)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range v.Faults {
			if !errors.Is(f.Err, ErrDamaged) {
				t.Errorf("%s: %v", f.Stream, f.Err)
			}
			faults = append(faults, f.Stream)
		}
		streams += v.Streams
		parts++
		if next = v.Next; next == "" {
			return faults, streams, parts
		}
	}
}

// Those that are damaged are named, and no others: not those that lie beside
// them in the tree.
func TestDamagedHistoriesAreNamed(t *testing.T) {
	db := newDB(t)
	for i := range 40 {
		incident := fmt.Sprintf("pd:acme:P%02d", i)
		db.commit(incident, change("received"))
		db.commit(incident, change("read"))
	}
	if faults, streams, parts := verifyAll(t, db.DB, 0); len(faults) > 0 || streams != 40 || parts != 41 {
		t.Errorf("sound: %q of %d in %d parts", faults, streams, parts)
	}
	copied := filepath.Join(t.TempDir(), "copy")
	if _, err := db.BackupTo(context.Background(), copied); err != nil {
		t.Fatal(err)
	}
	b, err := bolt.Open(copied, 0o600, &bolt.Options{Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	spoil := func(table table, key []byte, with []byte) func(*bolt.Tx) error {
		return func(tx *bolt.Tx) error { return tx.Bucket(treeBucket).Put(table.key(key), with) }
	}
	tx, err := b.Begin(true)
	if err != nil {
		t.Fatal(err)
	}
	for _, work := range []func(*bolt.Tx) error{
		spoil(recordTable, []byte("pd:acme:P03"), []byte("rubbish of a record")),
		spoil(eventTable, streamKey("pd:acme:P07", 1), []byte("rubbish of an event")),
		spoil(eventTable, streamKey("pd:acme:P39", 2), nil),
		func(tx *bolt.Tx) error { return tx.Bucket(treeBucket).Delete(recordTable.key([]byte("pd:acme:P20"))) },
		func(tx *bolt.Tx) error {
			return tx.Bucket(treeBucket).Delete(eventTable.key(streamKey("pd:acme:P21", 1)))
		},
		func(tx *bolt.Tx) error {
			key := metaTable.key(keyTx)
			return tx.Bucket(treeBucket).Put(key, seal(key, number(uint64(tx.ID()))))
		},
	} {
		err = errors.Join(err, work(tx))
	}
	if err = errors.Join(err, tx.Commit(), b.Close()); err != nil {
		t.Fatal(err)
	}
	spoiled := mustOpenWith(t, copied, Options{ReadOnly: true})
	defer func() { _ = spoiled.Close() }()
	want := []string{"pd:acme:P03", "pd:acme:P07", "pd:acme:P20", "pd:acme:P21", "pd:acme:P39"}
	faults, streams, _ := verifyAll(t, spoiled, time.Minute)
	if !slices.Equal(faults, want) || streams != 40 {
		t.Errorf("%q of %d, want %q", faults, streams, want)
	}
	if err := spoiled.VerifyLists(context.Background()); !errors.Is(err, ErrDamaged) {
		t.Errorf("lists: %v", err)
	}
}
