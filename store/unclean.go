package store

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"time"

	bolt "go.etcd.io/bbolt"
)

// glance is how many branch pages of a tree are looked at in a file that was closed
// in order: it has to open in a moment, however large it is. Should a page further
// down end the process all the same, the file is not closed in order any more, and
// the next start finds the page.
const glance = 256

// rings looks for pages that lead in a ring: for what has to be read to know whether
// the file was closed in order, and then, where it was not, for all.
func (db *DB) rings(o Options) error {
	key := metaTable.key(keyClean)
	if err := cmp.Or(ring(db.file, cmp.Or(o.glance, glance)), ringTo(db.file, key)); err != nil {
		return err
	}
	clean := false
	err := shield(func() error {
		return db.bolt.View(func(tx *bolt.Tx) error {
			tree := tx.Bucket(treeBucket)
			clean = tree != nil && tree.Get(key) != nil
			return nil
		})
	})
	switch {
	case err != nil:
		db.breakDown(err) // bolt may have panicked with its locks held
		return err
	case clean:
		return nil
	}
	return ring(db.file, 0)
}

// Unclean says whether the file was left without Close: its process was killed,
// or the machine was. What had been committed is there, but whether the disk kept
// its word nobody has looked; see VerifyOpen. A file that is not there is clean.
// Errors are those of Open.
func Unclean(path string, wait time.Duration) (unclean bool, err error) {
	db := unopened(path, Options{})
	o := Options{ReadOnly: true, LockWait: wait}
	err = db.openBolt(o)
	if err == nil {
		err = shield(func() error { return db.bolt.View(db.inspect) })
	}
	if err == nil {
		err = db.look(func(t *tables) error {
			_, clean, err := t.get(metaTable, keyClean)
			unclean = !clean
			return err
		})
	}
	if errors.Is(err, ErrDamaged) {
		db.breakDown(err) // bolt may have panicked with its locks held
	}
	err = errors.Join(err, db.closeBolt())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("store: open %s: %w", path, err)
	}
	return unclean, nil
}
