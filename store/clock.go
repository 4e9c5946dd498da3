package store

import (
	"sync"
	"time"
)

// clock is the time of streams. As long as the system's clock runs forward it is
// that clock. Where it was set back, streams that were written before are ahead
// of it, and what they wait for would be due only when it has caught up, in a
// year perhaps. So the time of such a stream goes on from its last event, at the
// clock's pace, until the clock is ahead of it again.
type clock struct {
	mu    sync.Mutex
	seen  time.Time                // when Due was asked last
	ahead map[string]time.Duration // streams, and how far they are ahead of the clock
}

// of is the time of a stream whose last event was then; now is the clock's.
func (c *clock) of(stream string, now, last time.Time) time.Time {
	wall := now.Round(0).UTC()
	if c == nil {
		return later(wall, last)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !wall.Before(last) {
		delete(c.ahead, stream)
		return wall
	}
	by := max(c.ahead[stream], last.Sub(wall))
	c.ahead[stream] = by
	return wall.Add(by)
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// noticeable is how far a clock may be set back that nobody has to care about.
const noticeable = time.Second

// setBack says whether the clock was set back since it was asked last, or at the
// first time since the latest event of the file, and how far, where that is known.
func (c *clock) setBack(now, latest time.Time) (by time.Duration, back bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen, wall := c.seen, now.Round(0)
	c.seen = now
	if seen.IsZero() {
		return 0, latest.After(wall)
	}
	by = now.Sub(seen) - wall.Sub(seen.Round(0)) // what passed, without what the clock says that passed
	return max(by, 0), by > noticeable || wall.Before(seen.Round(0).Add(-noticeable))
}

// note puts down that a stream is so far ahead, at least.
func (c *clock) note(stream string, by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead[stream] = max(c.ahead[stream], by)
}

func (c *clock) streams() map[string]time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.ahead) == 0 {
		return nil
	}
	out := make(map[string]time.Duration, len(c.ahead))
	for stream, by := range c.ahead {
		out[stream] = by
	}
	return out
}

// Clock is the time of a stream whose last event was then, as View.Now would be.
func (db *DB) Clock(stream string, last time.Time) time.Time {
	return db.clock.of(stream, time.Now(), last)
}

// lookAtClock finds the waiting streams that are ahead of a clock that was set
// back. It reads all due times, once for each time that this happens.
func (db *DB) lookAtClock(t *tables, now time.Time) error {
	latest, err := t.latest()
	if err != nil {
		return err
	}
	by, back := db.clock.setBack(now, latest)
	if !back {
		return nil
	}
	return t.scan(dueTable, nil, func(key, _ []byte) (bool, error) {
		if len(key) <= timeSize {
			return false, damaged("%s %q: no time", dueTable, key)
		}
		r, err := t.listed(dueTable, string(key[timeSize:]))
		if err == nil && r.Last.After(now) {
			db.clock.note(r.Key, max(by, r.Last.Sub(now)))
		}
		return err == nil, err
	})
}

// dueAhead adds to what is due by the clock what is due by its stream's own time.
func (db *DB) dueAhead(t *tables, now time.Time, keys []string, next time.Time) ([]string, time.Time, error) {
	for stream, by := range db.clock.streams() {
		r, err := t.listed(dueTable, stream)
		if err != nil {
			return nil, time.Time{}, err
		}
		at := r.Due.Add(-by)
		switch {
		case r.Due.IsZero() || !r.Due.After(now) || !r.Last.After(now): // it waits for nothing, or as all do
		case !at.After(now):
			keys = append(keys, stream)
		case next.IsZero() || at.Before(next):
			next = at
		}
	}
	return keys, next, nil
}
