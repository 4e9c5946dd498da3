package store

import (
	"errors"
	"fmt"
)

// Close finishes what is queued, stops the writer and lets go of the file. It
// waits for reads that are under way, so it must not be called from within
// one. Later calls do nothing and answer the same.
func (db *DB) Close() error {
	db.closeOnce.Do(func() {
		db.mu.Lock()
		db.closing = true
		db.mu.Unlock()
		db.nudge()
		<-db.stopped
		if err := db.release(); err != nil {
			db.closeErr = fmt.Errorf("store: close %s: %w", db.path, err)
		}
	})
	return db.closeErr
}

func (db *DB) release() error {
	db.closed.Store(true)
	if !db.readOnly {
		// One more transaction without content: now both meta pages describe
		// the same data, and damage to one of them loses nothing.
		_ = db.alone(func(t *tables) error { return t.put(metaTable, keyClean, nil) })
		removeHolder(db.path)
	}
	return db.closeBolt()
}

// closeBolt closes bolt, and the file in any case: that frees its lock for the
// next process. A broken bolt is not asked, because it would wait for ever for
// the lock of the transaction that broke it.
func (db *DB) closeBolt() error {
	var err error
	if db.bolt != nil && db.brokenBy() == nil {
		err = shield(db.bolt.Close)
	}
	if db.file == nil || db.file.Fd() == ^uintptr(0) {
		return err // closed by bolt
	}
	return errors.Join(err, unlock(db.file), db.file.Close())
}
