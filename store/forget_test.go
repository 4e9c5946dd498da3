package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	bolt "go.etcd.io/bbolt"
)

// about is an event about a blob.
func about(kind string, blob string) Change {
	return Change{
		Events: []NewEvent{{Kind: kind, By: "test", Data: map[string]string{"hash": Hash([]byte(blob))}}},
		Blobs:  [][]byte{[]byte(blob)},
	}
}

func over(c Change) Change {
	open := false
	c.Open, c.Summary = &open, "over"
	return c
}

// forgetAll takes steps until nothing is left to be forgotten.
func (db *testDB) forgetAll(before time.Time) (events, steps int) {
	db.t.Helper()
	for mark := (Mark{}); ; steps++ {
		done, err := db.Forget(context.Background(), before, mark)
		if err != nil {
			db.t.Fatal(err)
		}
		events += done.Events
		if mark = done.Next; !done.More {
			return events, steps + 1
		}
	}
}

func (db *testDB) blobs(names ...string) (there []string) {
	db.t.Helper()
	for _, name := range names {
		if _, err := db.Blob(context.Background(), Hash([]byte(name))); err == nil {
			there = append(there, name)
		} else if !errors.Is(err, ErrNoBlob) {
			db.t.Error(err)
		}
	}
	return there
}

func TestForget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		db := newDB(t)
		due := time.Now().Add(1000 * time.Hour)
		waits := over(about("waits", "waits"))
		waits.Due = &due
		pending := over(about("pending", "pending"))
		pending.Events = append(pending.Events, NewEvent{Kind: "wanted", To: "slack"})
		db.commit("pd:acme:P1", about("received", "shared"))
		db.commit("pd:acme:P1", over(about("over", "only P1")))
		db.commit("pd:acme:P2", about("open", "open"))
		db.commit("pd:acme:P3", waits)
		db.commit("pd:acme:P4", pending)
		db.commit(BotStream, about("paused", "of the bot"))
		time.Sleep(24 * time.Hour)
		before := time.Now()
		time.Sleep(time.Hour)
		db.commit("pd:acme:P5", over(about("over", "shared")))
		db.commit(BotStream, change("resumed"))
		if events, _ := db.forgetAll(before); events != 3 { // two of P1, one of the bot's
			t.Errorf("%d events removed", events)
		}
		check := func() {
			t.Helper()
			if _, err := db.Events(ctx, "pd:acme:P1"); !errors.Is(err, ErrForgotten) {
				t.Errorf("events of what is forgotten: %v", err)
			}
			records, err := db.Incidents(ctx, Filter{})
			if err != nil || len(records) != 5 || string(records[4].Summary) != `"over"` || records[4].Gone != 2 {
				t.Errorf("records: %+v, %v", records, err)
			}
			for _, key := range []string{"pd:acme:P2", "pd:acme:P3", "pd:acme:P4", "pd:acme:P5", BotStream} {
				if events, err := db.Events(ctx, key); err != nil || len(events) == 0 {
					t.Errorf("%s: %d events, %v", key, len(events), err)
				}
			}
			have := db.blobs("shared", "only P1", "open", "waits", "pending", "of the bot")
			if want := []string{"shared", "open", "waits", "pending"}; !slices.Equal(have, want) {
				t.Errorf("blobs %q, want %q", have, want)
			}
			if err := db.Check(ctx); err != nil {
				t.Error(err)
			}
		}
		check()
		if events, _ := db.forgetAll(before); events != 0 {
			t.Errorf("%d more the second time", events)
		}
		db.again()
		check()
		// It comes back: its history goes on where it was.
		again := db.commit("pd:acme:P1", change("received"))
		if again[0].Seq != 3 || again[0].Prev == "" {
			t.Errorf("the next event: %+v", again[0])
		}
		if events, err := db.Events(ctx, "pd:acme:P1"); err != nil || len(events) != 1 {
			t.Errorf("%d events, %v", len(events), err)
		}
		err := db.Read(ctx, "pd:acme:P1", func(v *View) error {
			for seq, want := range []int{1, 1, 1, 0} {
				if events := v.Since(uint64(seq)); len(events) != want {
					t.Errorf("since %d: %d events", seq, len(events))
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// A large history is forgotten a little at a time, and neither a crash between
// two steps nor a step that fails leaves anything between.
func TestForgetInSteps(t *testing.T) {
	for _, o := range []Options{{}, {Key: historyKey}} {
		synctest.Test(t, func(t *testing.T) {
			db := &testDB{t: t, DB: mustOpenWith(t, t.TempDir()+"/amsbot.db", o)}
			for i := range 300 {
				key := fmt.Sprintf("pd:acme:P%03d", i)
				db.commit(key, about("received", fmt.Sprint("source ", i%7)))
				if i%3 > 0 {
					db.commit(key, over(about("over", fmt.Sprint("output ", i))))
				}
				time.Sleep(time.Second)
			}
			time.Sleep(time.Hour)
			mark, removed, steps := Mark{}, 0, 0
			for more := true; more; steps++ {
				db.commitTx = func(*bolt.Tx) error { return syscall.ENOSPC }
				before := everyBlob(t, db)
				if _, err := db.Forget(t.Context(), time.Now(), mark); !errors.Is(err, syscall.ENOSPC) {
					t.Fatalf("on a full disk: %v", err)
				}
				if !maps.Equal(before, everyBlob(t, db)) {
					t.Fatal("a step that failed removed blobs")
				}
				db.commitTx = (*bolt.Tx).Commit
				done, err := db.Forget(t.Context(), time.Now(), mark)
				if err != nil || done.Events > forgetEvents+2 {
					t.Fatalf("%+v, %v", done, err)
				}
				mark, more = done.Next, done.More
				removed += done.Events
				if err := errors.Join(db.Check(t.Context()), db.Close()); err != nil {
					t.Fatal(err)
				}
				db.DB = mustOpenWith(t, db.Path(), o)
			}
			if removed != 400 || steps < 2 {
				t.Errorf("%d events removed in %d steps", removed, steps)
			}
			if n := len(everyBlob(t, db)); n != 7 {
				t.Errorf("%d blobs are left", n)
			}
			if err := errors.Join(db.Check(t.Context()), db.Close()); err != nil {
				t.Error(err)
			}
		})
	}
}

func everyBlob(t *testing.T, db *testDB) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	err := db.look(func(t *tables) error {
		return t.all(context.Background(), blobTable, func(key, _ []byte) error { all[string(key)] = true; return nil })
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// What is to be committed goes before what is to be forgotten.
func TestForgettingWaits(t *testing.T) {
	db := newDB(t)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Forget(context.Background(), time.Now(), Mark{}); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	db.DB = mustOpen(t, db.Path())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := db.Forget(ctx, time.Now(), Mark{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestHashes(t *testing.T) {
	one, two := Hash([]byte("1")), Hash([]byte("2"))
	text := []byte(`{"a":"` + one + `","b":["x` + two + `z","` + one + `0","` + one[1:] + `"]}`)
	got := hashes(append(text, two...))
	raw := func(hash string) string { return unhex([]byte(hash)) }
	if len(got) != 2 || !got[raw(one)] || !got[raw(two)] || !bytes.Equal([]byte(raw(one))[:1], []byte{0x6b}) {
		t.Errorf("%q", slices.Collect(maps.Keys(got)))
	}
}
