package store

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// look runs an internal read in a snapshot.
func (db *DB) look(work func(*tables) error) error {
	t, done, err := db.snapshot()
	if err != nil {
		return err
	}
	defer done()
	return shield(func() error { return work(t) })
}

// snapshot begins a read; the caller calls done. While a transaction is in
// doubt there is none: what it says might be gone after a power failure.
func (db *DB) snapshot() (t *tables, done func(), err error) {
	db.gate.RLock()
	defer db.gate.RUnlock()
	db.mu.Lock()
	err = db.broken
	if err == nil {
		err = db.doubt
	}
	db.mu.Unlock()
	if err != nil {
		return nil, nil, err
	}
	if db.closed.Load() {
		return nil, nil, ErrClosed
	}
	err = shield(func() error {
		tx, err := db.bolt.Begin(false)
		if err != nil {
			return err
		}
		t = &tables{tx: tx, keys: db.keys, time: db.clock}
		return t.begin()
	})
	switch {
	case err == nil:
		return t, func() { _ = shield(t.tx.Rollback) }, nil
	case t != nil:
		_ = shield(t.tx.Rollback)
	case errors.Is(err, ErrDamaged):
		db.breakDown(err) // bolt panicked with its locks held
	}
	return nil, nil, err
}

// about runs an internal read and says of what when it fails.
func (db *DB) about(ctx context.Context, what string, work func(*tables) error) error {
	err := ctx.Err()
	if err == nil {
		err = db.look(work)
	}
	if err != nil {
		return db.met(fmt.Errorf("store: read %s in %s: %w", what, db.path, err))
	}
	return nil
}

// Read calls fn with one stream as it is now, in a snapshot that no commit
// changes. fn must be quick and must not call Commit or Close: a commit that
// makes the file grow waits for it. Its error is returned as it is.
func (db *DB) Read(ctx context.Context, incident string, fn func(*View) error) error {
	wrap := func(err error) error {
		return db.met(fmt.Errorf("store: read %s in %s: %w", incident, db.path, err))
	}
	if err := ctx.Err(); err != nil {
		return wrap(err)
	}
	t, done, err := db.snapshot()
	if err != nil {
		return wrap(err)
	}
	defer done()
	v, err := t.newView(incident, db.epoch, time.Now())
	if err != nil {
		return wrap(err)
	}
	err = fn(v)
	if unread := v.close(); unread != nil {
		return wrap(unread)
	}
	return err
}

// Events is the whole history of one stream, as far as it is kept, checked as
// Verify does. Unknown: ErrNoIncident; where all of it was removed: ErrForgotten.
func (db *DB) Events(ctx context.Context, incident string) ([]Event, error) {
	var events []Event
	err := db.about(ctx, incident, func(t *tables) error {
		r, ok, err := t.readRecord(incident)
		if err != nil {
			return err
		}
		if !ok {
			return ErrNoIncident
		}
		if events, err = t.readEvents(r); err == nil && len(events) == 0 {
			err = ErrForgotten
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return events, nil
}

// Verify reads everything of one stream: each checksum, numbers without a gap,
// the chain of hashes and the head that the record names. ErrDamaged says what
// is wrong; unknown: ErrNoIncident.
func (db *DB) Verify(ctx context.Context, incident string) error {
	_, err := db.Events(ctx, incident)
	if errors.Is(err, ErrForgotten) {
		return nil
	}
	return err
}

// End is the position of the file's last event, and the latest time of any;
// zero when there is none, or when it cannot be read.
func (db *DB) End() (pos uint64, at time.Time) {
	_ = db.look(func(t *tables) (err error) {
		if pos, err = t.number(keyPos); err == nil {
			at, err = t.latest()
		}
		return err
	})
	return pos, at
}

// Blob is what was kept under this Hash; ErrNoBlob when nothing was.
func (db *DB) Blob(ctx context.Context, hash string) ([]byte, error) {
	var blob []byte
	err := db.about(ctx, "blob "+hash, func(t *tables) error {
		key, err := hex.DecodeString(hash)
		if err != nil {
			return ErrNoBlob
		}
		value, ok, err := t.get(blobTable, key)
		if err != nil {
			return err
		}
		if !ok {
			return ErrNoBlob
		}
		blob = append([]byte{}, value...)
		if Hash(blob) != hex.EncodeToString(key) {
			return damaged("%s %s: it has another hash", blobTable, hash)
		}
		return nil
	})
	return blob, err
}
