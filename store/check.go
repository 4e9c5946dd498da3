package store

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"slices"
)

// Check reads the whole file and compares everything with everything: each
// stream as Verify does, and that what is sorted twice (due times, open
// incidents, acts, views, dedupe keys) says the same both times. It answers
// all that it finds, each once, joined; each is an ErrDamaged. It reads for as long as the
// file is large, in one snapshot.
func (db *DB) Check(ctx context.Context) error { return db.check(ctx, true) }

// VerifyLists is Check without the histories themselves: a quick look at a file
// in which they are verified one by one.
func (db *DB) VerifyLists(ctx context.Context) error { return db.check(ctx, false) }

func (db *DB) check(ctx context.Context, streams bool) error {
	return db.about(ctx, "everything", func(t *tables) error {
		checks := []func(context.Context) error{t.checkSum, t.checkLists, t.checkActs, t.checkViews, t.checkSeen, t.checkGuards}
		if streams {
			checks = append(checks, t.checkStreams, t.checkEvents, t.checkBlobs, t.checkRefs)
		}
		var found []error
		for _, check := range checks {
			if err := ctx.Err(); err != nil {
				return err
			}
			err := shield(func() error { return check(ctx) })
			if err != nil && !slices.ContainsFunc(found, func(f error) bool { return f.Error() == err.Error() }) {
				found = append(found, err)
			}
		}
		return errors.Join(found...)
	})
}

// all calls fn with every key of a table, until ctx ends.
func (t *tables) all(ctx context.Context, table table, fn func(key, value []byte) error) error {
	return t.scan(table, nil, func(key, value []byte) (bool, error) {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		err := fn(key, value)
		return err == nil, err
	})
}

// has is an error unless table has key.
func (t *tables) has(table table, key []byte) error {
	_, ok, err := t.get(table, key)
	if err == nil && !ok {
		err = damaged("%s %q is missing", table, key)
	}
	return err
}

func (t *tables) checkStreams(ctx context.Context) error {
	return t.all(ctx, recordTable, func(key, _ []byte) error { return t.checkStream(string(key)) })
}

func (t *tables) checkListed(r Record) error {
	if r.Key == BotStream {
		return nil
	}
	if err := t.checkNamed(r); err != nil {
		return err
	}
	if err := t.has(firstTable, timeKey(r.First, r.Key)); err != nil || !r.Open {
		return err
	}
	return t.has(openTable, timeKey(r.First, r.Key))
}

// checkEvents finds events of streams that have no record.
func (t *tables) checkEvents(ctx context.Context) error {
	known := ""
	return t.all(ctx, eventTable, func(key, _ []byte) error {
		incident, _, _ := bytes.Cut(key, []byte{0})
		if string(incident) == known {
			return nil
		}
		known = string(incident)
		return t.has(recordTable, incident)
	})
}

// checkLists finds entries that no record stands for.
func (t *tables) checkLists(ctx context.Context) error {
	for _, table := range []table{firstTable, openTable, dueTable} {
		err := t.all(ctx, table, func(key, _ []byte) error {
			at, ok := parseTime(key)
			if !ok {
				return damaged("%s %q: no time", table, key)
			}
			r, err := t.listed(table, string(key[timeSize:]))
			if err != nil {
				return err
			}
			want := r.First
			if table == dueTable {
				want = r.Due
			}
			if !want.Equal(at) || table == openTable && !r.Open {
				return damaged("%s %q: the record says otherwise", table, key)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return t.checkNames(ctx)
}

func (t *tables) checkActs(ctx context.Context) error {
	acts, ofStreams := 0, 0
	err := t.all(ctx, actTable, func(key, value []byte) error {
		acts++
		p, err := t.pending(key, value)
		if err != nil {
			return err
		}
		return t.has(actOfTable, streamKey(p.Event.Incident, p.Event.Seq))
	})
	if err != nil {
		return err
	}
	err = t.all(ctx, actOfTable, func(_, pos []byte) error {
		ofStreams++
		return t.has(actTable, pos)
	})
	if err == nil && acts != ofStreams {
		err = damaged("%d acts, and %d of streams", acts, ofStreams)
	}
	return err
}

func (t *tables) checkViews(ctx context.Context) error {
	due, waiting := 0, 0
	err := t.all(ctx, viewTable, func(key, _ []byte) error {
		v, _, err := t.readView(string(key))
		if err != nil || !v.Due() {
			return err
		}
		due++
		return t.has(viewDueTable, numberKey(v.Since, v.Key))
	})
	if err != nil {
		return err
	}
	err = t.all(ctx, viewDueTable, func(_, _ []byte) error {
		waiting++
		return nil
	})
	if err == nil && due != waiting {
		err = damaged("%d views to be drawn, and %d waiting", due, waiting)
	}
	return err
}

func (t *tables) checkSeen(ctx context.Context) error {
	keys, times := 0, 0
	err := t.all(ctx, seenTable, func(key, at []byte) error {
		keys++
		return t.has(seenAtTable, append(bytes.Clone(at), key...))
	})
	if err != nil {
		return err
	}
	err = t.all(ctx, seenAtTable, func(_, _ []byte) error {
		times++
		return nil
	})
	if err == nil && keys != times {
		err = damaged("%d dedupe keys, and %d times of them", keys, times)
	}
	return err
}

// checkGuards reads what stands alone.
func (t *tables) checkGuards(ctx context.Context) error {
	return t.all(ctx, guardTable, func(_, _ []byte) error { return nil })
}

func (t *tables) checkBlobs(ctx context.Context) error {
	return t.all(ctx, blobTable, func(key, value []byte) error {
		if Hash(value) != hex.EncodeToString(key) {
			return damaged("%s %x: it has another hash", blobTable, key)
		}
		return nil
	})
}
