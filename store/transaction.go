package store

import (
	"errors"
	"fmt"
	"time"
)

// alone carries out work in a transaction of its own, on the writer's behalf:
// before it runs, while it rests or after it has stopped.
func (db *DB) alone(work func(*tables) error) error {
	t, err := db.beginWrite()
	if err != nil {
		return err
	}
	defer db.rollback(t)
	if err := shield(func() error { return work(t) }); err != nil {
		return err
	}
	t.dirty = true
	if err := db.keep(t, time.Now()); err != nil {
		return err
	}
	db.signal(t)
	return nil
}

func (db *DB) beginWrite() (*tables, error) {
	if err := db.brokenBy(); err != nil {
		return nil, err
	}
	var t *tables
	err := shield(func() error {
		tx, err := db.bolt.Begin(true)
		if err != nil {
			return err
		}
		t = &tables{tx: tx, keys: db.keys, time: db.clock}
		if err := t.begin(); err != nil {
			return err
		}
		t.pos, err = t.number(keyPos)
		t.first = t.pos
		return err
	})
	if err != nil {
		db.noteFailure(err)
		if t != nil {
			db.rollback(t)
		} else if errors.Is(err, ErrDamaged) {
			db.breakDown(err) // bolt panicked with its locks held
		}
		return nil, err
	}
	return t, nil
}

// keep commits. A transaction that changed nothing is dropped, unless an
// earlier one is in doubt: then nothing may be acknowledged before the disk
// has taken one.
func (db *DB) keep(t *tables, now time.Time) error {
	if !t.dirty && !db.doubtful() {
		return nil
	}
	err := shield(func() error {
		if err := t.prune(now); err != nil {
			return err
		}
		if t.pos != t.first {
			if err := errors.Join(t.put(metaTable, keyPos, number(t.pos)), t.putAt()); err != nil {
				return err
			}
		}
		return errors.Join(t.putSum(), t.putSizes(), t.stamp())
	})
	if err != nil {
		db.noteFailure(err)
		return err
	}
	return db.finalize(t)
}

// finalize is the commit itself. bolt's readers see a transaction as soon as
// its meta page is written, before it is synced; so nobody begins to read
// meanwhile, and nothing is visible that a power failure could take back.
func (db *DB) finalize(t *tables) error {
	db.gate.Lock()
	defer db.gate.Unlock()
	id := t.tx.ID()
	returned := false
	err := shield(func() error {
		err := db.around(t.what(), func() error { return db.commitTx(t.tx) })
		returned = true
		return err
	})
	if err == nil {
		t.done = true
		db.noteSuccess(&t.touched)
		return nil
	}
	db.noteFailure(err)
	if !returned {
		db.breakDown(err) // bolt panicked with its locks held
		return err
	}
	db.rollback(t)
	if db.noteDoubt(id, err) {
		return fmt.Errorf("%w: %w", ErrInDoubt, err)
	}
	return err
}

// rollback gives a transaction up. If bolt cannot even do that, it still holds
// its locks and must not be asked again.
func (db *DB) rollback(t *tables) {
	if t.done {
		return
	}
	t.done = true
	if db.brokenBy() != nil {
		return
	}
	err := shield(func() error {
		if err := t.tx.Rollback(); err != nil && !errors.Is(known(err), ErrClosed) {
			return err
		}
		return nil
	})
	if err != nil {
		db.breakDown(err)
	}
}

// noteDoubt finds out, and answers, whether a transaction whose commit failed is visible
// all the same: its meta page was written, but perhaps not to the disk. Until a
// later one succeeds (which makes it durable too), nothing is read or
// acknowledged.
func (db *DB) noteDoubt(id int, cause error) (stands bool) {
	err := shield(func() error {
		tx, err := db.bolt.Begin(false)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }()
		if stands = tx.ID() >= id; stands {
			db.mu.Lock()
			db.doubt = fmt.Errorf("the last commit is in doubt: %w", cause)
			db.mu.Unlock()
		}
		return nil
	})
	if err != nil {
		db.breakDown(err)
	}
	return stands
}
