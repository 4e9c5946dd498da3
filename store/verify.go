package store

import (
	"bytes"
	"context"
	"errors"
	"time"
)

// Fault is a stream whose history is not as it was written.
type Fault struct {
	Stream string // "": it cannot be said which, or more than one
	Err    error  // an ErrDamaged; an ErrForged where somebody without the key did it
}

// Verified is what came of looking at some streams.
type Verified struct {
	Streams int // so many were read
	Faults  []Fault
	Next    string // the last of them, behind which the next ones are; "": there are none
}

// VerifyFrom looks at the histories behind a stream in the order of their keys,
// each as Verify does, for about as long as it is told, and at one at least. What
// is wrong with one keeps it from none of the others. The error is about the
// file as a whole, or ctx.
func (db *DB) VerifyFrom(ctx context.Context, behind string, span time.Duration) (Verified, error) {
	var v Verified
	until := time.Now().Add(span)
	err := db.about(ctx, "histories", func(t *tables) error {
		lost := map[table]bool{}
		for v.Next = behind; ; {
			name, fault := t.nextStream(v.Next, lost)
			if fault != nil {
				v.Faults = append(v.Faults, Fault{Err: fault})
			}
			if name == "" {
				v.Next = ""
				return nil
			}
			if err := t.faultOf(name); err != nil {
				v.Faults = append(v.Faults, Fault{Stream: name, Err: err})
			}
			v.Streams++
			v.Next = name
			if err := ctx.Err(); err != nil {
				return err
			}
			if time.Now().After(until) {
				return nil
			}
		}
	})
	return v, err
}

// VerifyOpen looks at what amsbot goes on with after a start: all that stands
// beside the histories (as Check does), and the history of every incident that
// is open.
func (db *DB) VerifyOpen(ctx context.Context) (Verified, error) {
	var v Verified
	if err := db.VerifyLists(ctx); errors.Is(err, ErrDamaged) {
		v.Faults = append(v.Faults, Fault{Err: err})
	} else if err != nil {
		return v, err
	}
	open := true
	records, err := db.Incidents(ctx, Filter{Open: &open})
	if errors.Is(err, ErrDamaged) {
		return v, nil // it is told above
	}
	for _, r := range records {
		v.Streams++
		if err := db.Verify(ctx, r.Key); err != nil {
			v.Faults = append(v.Faults, Fault{Stream: r.Key, Err: err})
		}
	}
	return v, err
}

// nextStream is the name of the first stream behind one, by its record or by its
// events. A table whose pages cannot be read is told once, and the other one
// goes on.
func (t *tables) nextStream(behind string, lost map[table]bool) (name string, fault error) {
	for _, table := range []table{recordTable, eventTable} {
		if lost[table] {
			continue
		}
		found := ""
		err := shield(func() error {
			start := table.key(append([]byte(behind), 1)) // names have no control characters
			c := t.tree.Cursor()
			if k, _ := c.Seek(start); bytes.HasPrefix(k, table.key(nil)) {
				stream, _, _ := bytes.Cut(k[len(table)+1:], []byte{0})
				found = string(stream)
			}
			return nil
		})
		if err != nil {
			lost[table] = true
			fault = err
		}
		if found > behind && (name == "" || found < name) {
			name = found
		}
	}
	return name, fault
}

// faultOf is what is wrong with a stream itself, not with its neighbour in the
// tree.
func (t *tables) faultOf(name string) error {
	t.alone = true
	defer func() { t.alone = false }()
	return shield(func() error { return t.checkStream(name) })
}

// checkStream compares a stream's record with all of its events.
func (t *tables) checkStream(name string) error {
	r, ok, err := t.readRecord(name)
	if err != nil {
		return err
	}
	if !ok {
		return damaged("record of %s is missing", name)
	}
	events, err := t.readEvents(r)
	if err != nil {
		return err
	}
	last, err := t.number(keyPos)
	if err != nil {
		return err
	}
	if len(events) > 0 {
		end := events[len(events)-1]
		if r.Gone == 0 && !r.First.Equal(events[0].At) || !r.Last.Equal(end.At) || r.Pos != end.Pos || r.Pos > last {
			return damaged("record of %s does not fit its events", r.Key)
		}
	}
	for i, e := range events[min(1, len(events)):] {
		if e.At.Before(events[i].At) || e.Pos <= events[i].Pos {
			return damaged("events of %s: event %d is older than the one before it", r.Key, e.Seq)
		}
	}
	if !r.Due.IsZero() {
		if err := t.has(dueTable, timeKey(r.Due, r.Key)); err != nil {
			return err
		}
	}
	return t.checkListed(r)
}
