package store

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// waiting commits an event of a stream that is due after a while.
func (db *testDB) waiting(incident string, wait time.Duration) {
	db.t.Helper()
	_, err := db.Commit(context.Background(), incident, func(v *View) (Change, error) {
		c, due := change("waits"), v.Now().Add(wait)
		c.Due = &due
		return c, nil
	})
	if err != nil {
		db.t.Fatal(err)
	}
}

func (db *testDB) due(now time.Time) (keys []string, wait time.Duration) {
	db.t.Helper()
	keys, next, err := db.Due(context.Background(), now)
	if err != nil {
		db.t.Fatal(err)
	}
	if !next.IsZero() {
		wait = next.Sub(now)
	}
	return keys, wait
}

// A clock that was a year ahead, and was set right while nothing ran: what waits
// for a minute waits for a minute.
func TestReopenedUnderAnEarlierClock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "amsbot.db")
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(365 * 24 * time.Hour) // a bubble begins in the year 2000
		db := &testDB{t: t, DB: mustOpen(t, path)}
		db.waiting("pd:acme:P1", time.Minute)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		db := &testDB{t: t, DB: mustOpen(t, path)}
		db.waiting("pd:acme:P2", 10*time.Minute)
		if keys, wait := db.due(time.Now()); len(keys) > 0 || wait != time.Minute {
			t.Errorf("at once: %q, then in %v", keys, wait)
		}
		time.Sleep(time.Minute)
		if keys, wait := db.due(time.Now()); !slices.Equal(keys, []string{"pd:acme:P1"}) || wait != 9*time.Minute {
			t.Errorf("a minute later: %q, then in %v", keys, wait)
		}
		// Its own time is that of its wait, and goes on.
		db.waiting("pd:acme:P1", time.Minute)
		time.Sleep(time.Minute)
		if keys, _ := db.due(time.Now()); !slices.Equal(keys, []string{"pd:acme:P1"}) {
			t.Errorf("after the next wait: %q", keys)
		}
		events, err := db.Events(t.Context(), "pd:acme:P1")
		if err != nil || events[1].At.Sub(events[0].At) != time.Minute {
			t.Errorf("its events: %v, %v", events, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	})
	mustBeSound(t, path)
}

// The clock jumps while it runs, by an hour and a year, forward and back.
func TestClockJumps(t *testing.T) {
	for _, jump := range []time.Duration{-time.Hour, -365 * 24 * time.Hour, -2 * time.Second} {
		db := newDB(t)
		db.waiting("pd:acme:P1", time.Minute)
		now := time.Now().Round(0) // without what a jump cannot change
		if keys, wait := db.due(now); len(keys) > 0 || wait < 50*time.Second || wait > time.Minute {
			t.Errorf("before: %q, in %v", keys, wait)
		}
		now = now.Add(jump)
		if keys, wait := db.due(now); len(keys) > 0 || wait > time.Minute+time.Second {
			t.Errorf("after %v: %q, in %v", jump, keys, wait)
		}
		if keys, _ := db.due(now.Add(time.Minute + 2*time.Second)); !slices.Equal(keys, []string{"pd:acme:P1"}) {
			t.Errorf("a minute after %v: %q", jump, keys)
		}
	}
	db := newDB(t)
	db.waiting("pd:acme:P1", time.Minute)
	if keys, _ := db.due(time.Now().Add(365 * 24 * time.Hour)); len(keys) != 1 {
		t.Errorf("a year forward: %q", keys)
	}
}

// Once the clock is right again, so is the stream's time: it is not left ahead.
func TestClockIsSetRightAgain(t *testing.T) {
	c := &clock{ahead: map[string]time.Duration{}}
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, step := range []struct{ now, last, want time.Duration }{
		{0, -time.Second, 0},
		{-time.Hour, 0, 0},                              // set back by an hour
		{-time.Hour + time.Minute, 0, time.Minute},      // it goes on
		{-2 * time.Hour, time.Minute, time.Minute},      // and again
		{time.Hour, 2 * time.Minute, time.Hour},         // right
		{time.Hour - time.Second, time.Hour, time.Hour}, // a little back
		{time.Hour + time.Minute, time.Hour, 61 * time.Minute},
	} {
		if got := c.of("a", noon.Add(step.now), noon.Add(step.last)); !got.Equal(noon.Add(step.want)) {
			t.Errorf("at %v after %v: %v, want %v", step.now, step.last, got.Sub(noon), step.want)
		}
	}
	if len(c.ahead) != 0 {
		t.Errorf("left: %v", c.ahead)
	}
}
