package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	bolt "go.etcd.io/bbolt"
)

// hold lets the writer start a commit and stops it there, so that what is
// queued meanwhile shares the next transaction. The answer lets it go on.
func (db *testDB) hold() (release func()) {
	db.t.Helper()
	started, free := make(chan struct{}), make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, err := db.Commit(context.Background(), "pd:acme:HOLD", func(*View) (Change, error) {
			close(started)
			<-free
			return Change{}, nil
		})
		if err != nil {
			db.t.Errorf("hold: %v", err)
		}
	}()
	<-started
	return func() {
		close(free)
		<-done
	}
}

// queued waits until n commits are queued.
func (db *testDB) queued(n int) {
	for {
		db.mu.Lock()
		have := len(db.queue)
		db.mu.Unlock()
		if have == n {
			return
		}
		runtime.Gosched()
	}
}

// together carries out the decides in one transaction, in order, and answers
// their errors.
func (db *testDB) together(incident string, decides ...func(*View) (Change, error)) []error {
	db.t.Helper()
	release := db.hold()
	errs := make([]error, len(decides))
	var done sync.WaitGroup
	for i, decide := range decides {
		done.Go(func() { _, errs[i] = db.Commit(context.Background(), incident, decide) })
		db.queued(i + 1)
	}
	release()
	done.Wait()
	return errs
}

func TestEarlierChangesOfTheSameCommitAreSeen(t *testing.T) {
	db := newDB(t)
	commits := countCommits(db)
	count := func(v *View) (Change, error) {
		var n int
		if _, err := v.Guard("runs", &n); err != nil {
			return Change{}, err
		}
		record, known := v.Record()
		if n != len(v.Events()) || known != (n > 0) || record.Seq != uint64(n) || len(v.Pending()) != n {
			return Change{}, fmt.Errorf("guard %d, events %d, record %+v, pending %d", n, len(v.Events()), record, len(v.Pending()))
		}
		if key := fmt.Sprint("seen", n); v.Seen(key) || n > 0 && !v.Seen(fmt.Sprint("seen", n-1)) {
			return Change{}, fmt.Errorf("after %d: dedupe keys", n)
		}
		return Change{
			Events: []NewEvent{{Kind: "run", By: "test", To: "slack"}},
			Guards: map[string]any{"runs": n + 1},
			Seen:   []string{fmt.Sprint("seen", n)},
		}, nil
	}
	for i, err := range db.together("pd:acme:P1", count, count, count, count, count) {
		if err != nil {
			t.Errorf("decide %d: %v", i, err)
		}
	}
	if n := commits(); n != 1 {
		t.Errorf("%d transactions for what was queued together", n)
	}
	if events, err := db.Events(context.Background(), "pd:acme:P1"); err != nil || len(events) != 5 {
		t.Errorf("%d events, %v", len(events), err)
	}
}

// countCommits counts the transactions that reach the disk from now on.
func countCommits(db *testDB) (count func() int) {
	n := 0
	db.commitTx = func(tx *bolt.Tx) error { n++; return tx.Commit() }
	return func() int { return n }
}

func TestFailingDecidesDisturbNobody(t *testing.T) {
	db := newDB(t)
	no := errors.New("no")
	fine := func(*View) (Change, error) { return change("fine"), nil }
	errs := db.together("pd:acme:P1",
		fine,
		func(*View) (Change, error) { return change("refused"), no },
		fine,
		func(*View) (Change, error) { panic("oh") },
		fine,
		func(*View) (Change, error) { return Change{Events: []NewEvent{{}}}, nil },
		fine,
	)
	for i, want := range []string{"", "no", "", "decide panicked: oh", "", "change refused: kind of an event is empty", ""} {
		got := ""
		if errs[i] != nil {
			got = errs[i].Error()
		}
		if !strings.Contains(got, want) || (got == "") != (want == "") {
			t.Errorf("decide %d: error %q, want %q", i, got, want)
		}
	}
	if errs[1] != no {
		t.Errorf("the error of decide came back as %v", errs[1])
	}
	events, err := db.Events(context.Background(), "pd:acme:P1")
	if err != nil || len(events) != 4 {
		t.Errorf("%d events, %v", len(events), err)
	}
}

// A decide that ends the writer's goroutine, as a failing test does, takes
// nobody with it.
func TestDecideThatEndsItsGoroutine(t *testing.T) {
	db := newDB(t)
	_, err := db.Commit(context.Background(), "pd:acme:P1", func(*View) (Change, error) {
		runtime.Goexit()
		return Change{}, nil
	})
	if err == nil {
		t.Error("no error")
	}
	db.commit("pd:acme:P1", change("fine"))
}

func TestDecideThatChangesNothingCostsNothing(t *testing.T) {
	db := newDB(t)
	commits := countCommits(db)
	if events := db.commit("pd:acme:P1", Change{}); len(events) != 0 {
		t.Errorf("events %v", events)
	}
	if n := commits(); n != 0 {
		t.Errorf("%d transactions", n)
	}
}

func TestCommitHonoursItsContextWhileQueued(t *testing.T) {
	db := newDB(t)
	release := db.hold()
	ctx, cancel := context.WithCancel(context.Background())
	decided := false
	done := make(chan error)
	go func() {
		_, err := db.Commit(ctx, "pd:acme:P1", func(*View) (Change, error) { decided = true; return change("late"), nil })
		done <- err
	}()
	db.queued(1)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	release()
	db.commit("pd:acme:P2", change("next"))
	if decided {
		t.Error("a commit that was withdrawn was decided")
	}
	if _, err := db.Commit(ctx, "pd:acme:P1", func(*View) (Change, error) { return change("never"), nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestTakenCommitCompletes(t *testing.T) {
	db := newDB(t)
	ctx, cancel := context.WithCancel(context.Background())
	events, err := db.Commit(ctx, "pd:acme:P1", func(*View) (Change, error) { cancel(); return change("taken"), nil })
	if err != nil || len(events) != 1 {
		t.Errorf("%d events, %v", len(events), err)
	}
}

func TestCloseFinishesWhatIsQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // which fails when a goroutine is left
		db := newDB(t)
		release := db.hold()
		errs := make(chan error, 10)
		for range cap(errs) {
			go func() {
				_, err := db.Commit(context.Background(), "pd:acme:P1", func(*View) (Change, error) { return change("queued"), nil })
				errs <- err
			}()
		}
		synctest.Wait()
		closed := make(chan error)
		go func() { closed <- db.Close() }()
		synctest.Wait()
		if _, err := db.Commit(t.Context(), "pd:acme:P2", func(*View) (Change, error) { return change("late"), nil }); !errors.Is(err, ErrClosed) {
			t.Errorf("commit while closing: %v", err)
		}
		release()
		if err := <-closed; err != nil {
			t.Error(err)
		}
		for range cap(errs) {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		if _, err := db.Events(t.Context(), "pd:acme:P1"); !errors.Is(err, ErrClosed) {
			t.Errorf("events of a closed file: %v", err)
		}
		if err := db.Ready(); !errors.Is(err, ErrClosed) {
			t.Errorf("ready: %v", err)
		}
		db.DB = mustOpen(t, db.Path())
		if events, err := db.Events(t.Context(), "pd:acme:P1"); err != nil || len(events) != 10 {
			t.Errorf("%d events, %v", len(events), err)
		}
	})
}

func TestChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDB(t)
		changed, stop := db.Changed()
		db.commit("pd:acme:P1", change("one"))
		db.commit("pd:acme:P1", change("two"))
		synctest.Wait()
		<-changed
		select {
		case <-changed:
			t.Error("two signals that nobody waited for")
		default:
		}
		db.commit("pd:acme:P1", Change{})
		synctest.Wait()
		select {
		case <-changed:
			t.Error("a signal for nothing")
		default:
		}
		stop()
		stop()
		db.commit("pd:acme:P1", change("three"))
		synctest.Wait()
		select {
		case <-changed:
			t.Error("a signal after stop")
		default:
		}
	})
}

// Many at once: every commit is there once, in order, and counts are right.
func TestManyAtOnce(t *testing.T) {
	db := newDB(t)
	ctx := context.Background()
	const people, incidents, each = 200, 50, 5
	commits := countCommits(db)
	var all sync.WaitGroup
	for p := range people {
		all.Go(func() {
			for n := range each {
				incident := fmt.Sprintf("pd:acme:P%02d", (p*each+n)%incidents)
				_, err := db.Commit(ctx, incident, func(v *View) (Change, error) {
					var total int
					if _, err := v.Guard("total", &total); err != nil {
						return Change{}, err
					}
					c := change("click")
					c.Guards = map[string]any{"total": total + 1}
					c.Seen = []string{fmt.Sprint("click ", p, " ", n)}
					c.Views = []string{"card:" + incident}
					return c, nil
				})
				if err != nil {
					t.Error(err)
				}
				if err := db.Verify(ctx, incident); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	n := commits()
	if n >= people*each {
		t.Errorf("%d transactions for %d commits", n, people*each)
	}
	t.Logf("%d transactions for %d commits", n, people*each)
	records, err := db.Incidents(ctx, Filter{})
	if err != nil || len(records) != incidents {
		t.Fatalf("%d incidents, %v", len(records), err)
	}
	for _, r := range records {
		if r.Seq != people*each/incidents {
			t.Errorf("%s has %d events", r.Key, r.Seq)
		}
	}
	err = db.Read(ctx, "pd:acme:P00", func(v *View) error {
		var total int
		if _, err := v.Guard("total", &total); err != nil || total != people*each {
			t.Errorf("total %d, %v", total, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
