package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// View is what a decide, or the function of a Read, sees: one stream as left by
// all earlier changes, those of the same transaction included. It must not be
// kept: using one after its function has returned panics.
//
// Methods without an error in their signature answer as if nothing were there
// when the file is damaged. That is safe, because a Commit or Read during which
// anything could not be read fails with ErrDamaged, whatever its function did.
type View struct {
	t        *tables
	incident string
	epoch    uint64
	now      time.Time
	record   Record
	exists   bool
	events   []Event
	err      error // the first thing that could not be read
}

// newView reads the record of the stream; now is the clock's time.
func (t *tables) newView(incident string, epoch uint64, now time.Time) (*View, error) {
	v := &View{t: t, incident: incident, epoch: epoch}
	err := shield(func() (err error) {
		v.record, v.exists, err = t.readRecord(incident)
		return err
	})
	if err != nil {
		return nil, err
	}
	v.now = t.time.of(incident, now, v.record.Last)
	return v, nil
}

// read runs work and remembers the first error; after one, nothing is read.
func (v *View) read(work func() error) error {
	if v.t == nil {
		panic("store: a View was used after its function had returned")
	}
	if v.err == nil {
		v.err = shield(work)
	}
	return v.err
}

// close ends the use of v and answers what could not be read.
func (v *View) close() error {
	v.t = nil
	return v.err
}

// Incident is the key of the stream.
func (v *View) Incident() string { return v.incident }

// Epoch is that of the opening, as in every event that this commit writes.
func (v *View) Epoch() uint64 { return v.epoch }

// Now is the commit's time in UTC, and the At of the events that it writes. It
// is never earlier than the stream's last event: when the clock was set back, it
// goes on from there.
func (v *View) Now() time.Time { return v.now }

// Record is the stream's record; false before its first event.
func (v *View) Record() (Record, bool) {
	r := v.record
	r.Summary, r.Names = slices.Clone(r.Summary), slices.Clone(r.Names)
	return r, v.exists
}

// Events is the whole stream in order; the caller may keep it. It is empty
// before the first event.
func (v *View) Events() []Event {
	if v.events == nil && v.exists {
		_ = v.read(func() (err error) {
			v.events, err = v.t.readEvents(v.record)
			return err
		})
	}
	return slices.Clone(v.events)
}

// Since is what the stream has after an event, in order. Those before are neither
// read nor checked: it is for whoever has read them already.
func (v *View) Since(seq uint64) []Event {
	if seq == 0 || !v.exists {
		return v.Events()
	}
	var events []Event
	_ = v.read(func() (err error) {
		events, err = v.t.readEventsAfter(v.record, seq)
		return err
	})
	return events
}

// Seen says whether a Change of any stream has remembered this dedupe key. Keys
// are forgotten some time after 30 days.
func (v *View) Seen(key string) bool {
	seen := false
	_ = v.read(func() (err error) {
		_, seen, err = v.t.get(seenTable, []byte(key))
		return err
	})
	return seen
}

// Guard decodes the guard of this key into into; false when there is none.
func (v *View) Guard(key string, into any) (bool, error) {
	found := false
	var unfit error
	err := v.read(func() error {
		value, ok, err := v.t.get(guardTable, []byte(key))
		if err != nil || !ok {
			return err
		}
		found = true
		unfit = json.Unmarshal(value, into)
		return nil
	})
	if err == nil && unfit != nil {
		err = fmt.Errorf("store: read guard %s: %w", key, unfit)
	}
	return found && err == nil, err
}

// Guards are all guards whose key begins with prefix, by key.
func (v *View) Guards(prefix string) (map[string]json.RawMessage, error) {
	guards := map[string]json.RawMessage{}
	err := v.read(func() error {
		return v.t.scan(guardTable, []byte(prefix), func(key, value []byte) (bool, error) {
			guards[string(key)] = slices.Clone(value)
			return true, nil
		})
	})
	if err != nil {
		return nil, err
	}
	return maps.Clone(guards), nil
}

// Incidents are what DB.Incidents would say once this commit is written, but for
// what it changes itself. It is for changes that concern many streams, and rare.
func (v *View) Incidents(f Filter) ([]Record, error) {
	var records []Record
	err := v.read(func() (err error) {
		records, err = v.t.incidents(context.Background(), f)
		return err
	})
	if err != nil {
		return nil, err
	}
	return records, nil
}

// End is the position of the file's last event before this commit. Unlike times, which
// are each stream's own where the clock was set back, positions tell of two streams
// what came first.
func (v *View) End() (pos uint64) {
	_ = v.read(func() (err error) {
		if pos = v.t.pos; !v.t.tx.Writable() {
			pos, err = v.t.number(keyPos)
		}
		return err
	})
	return pos
}

// Pending are the acts of this stream that are not settled, in order.
func (v *View) Pending() []Pending {
	var pending []Pending
	_ = v.read(func() (err error) {
		pending, err = v.t.pendingOf(v.incident)
		return err
	})
	return pending
}
