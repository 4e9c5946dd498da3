package store

import (
	"context"
	"hash/maphash"
	"time"
)

// Filter chooses incidents. The zero Filter chooses all.
type Filter struct {
	Open  *bool
	Since time.Time // first event at or after
	Until time.Time // first event before; zero: no end
	Limit int       // at most so many, the newest; 0: no limit

	// Known is asked of each, if it is set, with what the record's bytes come to:
	// the same while this DB is open and nothing about the incident has changed.
	// Those that the caller knows are neither read nor listed, and count for no
	// limit. It is called in the transaction, and must not call the DB.
	Known func(incident string, version uint64) bool
}

// Incidents are the records of those that f chooses, by the time of their first
// event, newest first. The bot's own stream is not among them.
func (db *DB) Incidents(ctx context.Context, f Filter) ([]Record, error) {
	var records []Record
	err := db.about(ctx, "incidents", func(t *tables) (err error) {
		records, err = t.incidents(ctx, f)
		return err
	})
	if err != nil {
		return nil, err
	}
	return records, nil
}

// incidents is DB.Incidents in a transaction.
func (t *tables) incidents(ctx context.Context, f Filter) (records []Record, err error) {
	table := firstTable
	if f.Open != nil && *f.Open {
		table = openTable
	}
	err = t.scanBack(table, func(key, _ []byte) (bool, error) {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		first, ok := parseTime(key)
		if !ok {
			return false, damaged("%s %q: no time", table, key)
		}
		if first.Before(f.Since) {
			return false, nil
		}
		if !f.Until.IsZero() && !first.Before(f.Until) {
			return true, nil
		}
		r, known, err := t.unknown(f, table, string(key[timeSize:]))
		if err != nil || known {
			return true, err
		}
		if !r.First.Equal(first) || table == openTable && !r.Open {
			return false, damaged("%s %q: the record says otherwise", table, key)
		}
		if f.Open == nil || *f.Open == r.Open {
			records = append(records, r)
		}
		return f.Limit <= 0 || len(records) < f.Limit, nil
	})
	return records, err
}

// Mark is a place in the order of incidents: by the time of their first event,
// and by key where that is the same. The zero Mark is before all.
type Mark struct {
	First time.Time
	Key   string
}

// Onwards are the records of incidents in the order of their first events, the
// oldest first: those behind a mark, at most so many. The last one's First and
// Key are the mark for those that follow. A Mark without a Key stands before
// all incidents of its time.
func (db *DB) Onwards(ctx context.Context, behind Mark, limit int) ([]Record, error) {
	if limit < 1 {
		return nil, nil
	}
	var least []byte
	if behind != (Mark{}) {
		least = timeKey(behind.First, behind.Key)
	}
	var records []Record
	err := db.about(ctx, "incidents", func(t *tables) error {
		return t.scanFrom(firstTable, nil, least, func(key, _ []byte) (bool, error) {
			if err := ctx.Err(); err != nil {
				return false, err
			}
			first, ok := parseTime(key)
			if !ok {
				return false, damaged("%s %q: no time", firstTable, key)
			}
			name := string(key[timeSize:])
			if name == behind.Key && first.Equal(behind.First) {
				return true, nil
			}
			r, err := t.listed(firstTable, name)
			if err == nil && !r.First.Equal(first) {
				err = damaged("%s %q: the record says otherwise", firstTable, key)
			}
			if err != nil {
				return false, err
			}
			records = append(records, r)
			return len(records) < limit, nil
		})
	})
	if err != nil {
		return nil, err
	}
	return records, nil
}

// listed is the record that an entry of another table stands for.
func (t *tables) listed(table table, incident string) (Record, error) {
	r, _, err := t.unknown(Filter{}, table, incident)
	return r, err
}

// versions is what versions of records are counted with.
var versions = maphash.MakeSeed()

// unknown is listed, unless the filter's caller knows the record as it is.
func (t *tables) unknown(f Filter, table table, incident string) (r Record, known bool, err error) {
	value, ok, err := t.get(recordTable, []byte(incident))
	if err != nil {
		return r, false, err
	}
	if !ok {
		return r, false, damaged("%s: %q has no record", table, incident)
	}
	if f.Known != nil {
		r.Version = maphash.Bytes(versions, value)
		if f.Known(incident, r.Version) {
			return r, true, nil
		}
	}
	return r, false, t.recordFrom(incident, value, &r)
}

// recordFrom is the record that is stored so.
func (t *tables) recordFrom(incident string, value []byte, r *Record) error {
	if err := t.keys.sealed(incident, value); err != nil {
		return err
	}
	if err := decode(recordTable, []byte(incident), value, r); err != nil {
		return err
	}
	if r.Key != incident {
		return damaged("record of %q is that of %q", incident, r.Key)
	}
	return nil
}

// Due are the keys of the streams that must be looked at, due at or before now,
// longest due first; and when the next one will be (zero: none). Streams that are
// ahead of a clock that was set back are due by their own time.
func (db *DB) Due(ctx context.Context, now time.Time) (keys []string, next time.Time, err error) {
	err = db.about(ctx, "due times", func(t *tables) error {
		if err := db.lookAtClock(t, now); err != nil {
			return err
		}
		err := t.scan(dueTable, nil, func(key, _ []byte) (bool, error) {
			at, ok := parseTime(key)
			if !ok {
				return false, damaged("%s %q: no time", dueTable, key)
			}
			if at.After(now) {
				next = at
				return false, nil
			}
			keys = append(keys, string(key[timeSize:]))
			return true, nil
		})
		if err == nil {
			keys, next, err = db.dueAhead(t, now, keys, next)
		}
		return err
	})
	if err != nil {
		return nil, time.Time{}, err
	}
	return keys, next, nil
}

// Acts are all pending acts of all streams, in the order in which they were
// wanted.
func (db *DB) Acts(ctx context.Context) ([]Pending, error) {
	var acts []Pending
	err := db.about(ctx, "acts", func(t *tables) error {
		return t.scan(actTable, nil, func(key, value []byte) (bool, error) {
			p, err := t.pending(key, value)
			acts = append(acts, p)
			return err == nil, err
		})
	})
	if err != nil {
		return nil, err
	}
	return acts, nil
}

// Views are those to be drawn again (Wanted > Delivered), longest waiting
// first: a view that is wanted again while it waits keeps its place.
func (db *DB) Views(ctx context.Context) ([]ViewState, error) {
	var views []ViewState
	err := db.about(ctx, "views", func(t *tables) error {
		return t.scan(viewDueTable, nil, func(key, _ []byte) (bool, error) {
			if len(key) <= 8 {
				return false, damaged("%s %q: no key", viewDueTable, key)
			}
			v, ok, err := t.readView(string(key[8:]))
			if err == nil && (!ok || !v.Due()) {
				err = damaged("%s %q: the view says otherwise", viewDueTable, key)
			}
			views = append(views, v)
			return err == nil, err
		})
	})
	if err != nil {
		return nil, err
	}
	return views, nil
}

// View is the state of one view; false when nobody has wanted or shown it.
func (db *DB) View(ctx context.Context, key string) (state ViewState, ok bool, err error) {
	err = db.about(ctx, "view "+key, func(t *tables) error {
		state, ok, err = t.readView(key)
		return err
	})
	return state, ok && err == nil, err
}
