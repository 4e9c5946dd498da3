// Package store keeps what amsbot must never forget, in one bbolt file:
// incidents and their events, guards, due times, remembered dedupe keys, blobs,
// and what still has to leave (views and acts).
//
// There is one way to write, [DB.Commit], and one goroutine that writes. It
// commits whatever is queued in one transaction and never waits for more, so
// that a lone change is as quick as the disk and a storm shares its fsyncs.
// A commit that has returned is on disk.
//
// Every stored value carries a checksum that covers its key too, and every
// event the hash of the one before it, because bbolt has no checksums on its
// data pages: damage is an error ([ErrDamaged]), never other data. With a history
// key, records are sealed too, and what somebody without it changed is found
// ([ErrForged]). A file can be backed up while it is open, verified, sealed anew
// and restored; the events of what is long over can be forgotten, and leave their
// record.
//
// The package does not know what an event means, what an incident's summary
// holds, which guards there are, how a view is drawn or who receives an act.
// It owns the envelope of an event and leaves kinds and data to package bot.
// No bbolt type leaves it.
package store

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// BotStream is the stream of what belongs to no incident (a pause, a reload, a
// ping). It has events like an incident, but is none: no list shows it.
const BotStream = "bot"

// Options says how to open a file. The zero value opens for writing and does
// not wait for another process to let go of it.
type Options struct {
	ReadOnly bool          // read what is there; Commit answers ErrReadOnly
	LockWait time.Duration // how long to wait for another process that holds the file

	// Around, if set, makes each transaction durable by calling commit, or fails
	// it. what names what is written ("received+wanted", "shown", "upkeep"). It
	// runs on the writer's goroutine; tests end a process on either side of it.
	Around func(what string, commit func() error) error

	// Key seals the history: records are signed with HMAC-SHA256, so that what
	// somebody without the key changed is found. nil: damage is found, not
	// forgery. An empty file is sealed at its first opening, any other by Seal.
	Key []byte

	maxSize int // bytes; tests make the disk full with it
	glance  int // branch pages of a tree that are looked at where the file was closed in order; 0 means a few
}

// DB is one open file. All methods may be called by many goroutines at once.
type DB struct {
	path     string
	epoch    uint64
	readOnly bool
	clock    *clock
	keys     *sealer // nil: no history key
	sealed   bool    // the file is, with a key
	bolt     *bolt.DB
	file     *os.File // bolt's own, to be closed when bolt no longer can

	mu      sync.Mutex
	queue   []*request
	closing bool
	failure error                      // why the last commit failed; nil when it did not
	doubt   error                      // a transaction failed, and yet readers see it
	broken  error                      // bolt cannot be asked to write any more
	damage  error                      // the first that was met
	signals map[chan struct{}]struct{} // of Changed

	watchers map[*Watch]struct{}

	gate      sync.RWMutex  // held while a transaction is made durable; readers begin under it
	wake      chan struct{} // one signal: the queue is not empty, or Close was called
	chores    chan chore    // what is done when nothing waits
	stopped   chan struct{} // closed when the writer has returned
	closeOnce sync.Once
	closeErr  error
	closed    atomic.Bool

	commitTx func(*bolt.Tx) error // (*bolt.Tx).Commit; tests make it fail
	around   func(what string, commit func() error) error
}

// Open opens the file at path and makes it first if nothing is there (unless
// read-only). Every opening for writing raises the epoch by one.
//
// Errors: ErrHeld (another process has it, the message names it), ErrNotStore
// (some other file), ErrNewer (written by a newer amsbot), ErrDamaged,
// ErrOtherKey, ErrUnsealed, ErrSealed (not for reading), or what the file system
// said.
//
// The caller owns the DB and closes it.
func Open(path string, o Options) (*DB, error) {
	db, err := open(path, o)
	if err != nil {
		return nil, fmt.Errorf("store: open %s: %w", path, err)
	}
	return db, nil
}

func open(path string, o Options) (*DB, error) {
	if !o.ReadOnly {
		sweep(path)
		if err := ensure(path); err != nil {
			return nil, err
		}
	}
	db := unopened(path, o)
	if err := db.openBolt(o); err != nil {
		_ = db.closeBolt()
		return nil, err
	}
	if err := db.begin(); err != nil {
		_ = db.closeBolt()
		return nil, err
	}
	if db.readOnly {
		close(db.stopped)
	} else {
		go db.write()
	}
	return db, nil
}

func unopened(path string, o Options) *DB {
	db := &DB{
		path:     path,
		readOnly: o.ReadOnly,
		clock:    &clock{ahead: map[string]time.Duration{}},
		keys:     newSealer(o.Key),
		signals:  map[chan struct{}]struct{}{},
		watchers: map[*Watch]struct{}{},
		wake:     make(chan struct{}, 1),
		chores:   make(chan chore),
		stopped:  make(chan struct{}),
		commitTx: (*bolt.Tx).Commit,
		around:   o.Around,
	}
	if db.around == nil {
		db.around = func(_ string, commit func() error) error { return commit() }
	}
	return db
}

// openBolt opens the file and takes its lock. A damaged file makes bolt panic
// and would leave the lock behind; that is why the file is remembered.
func (db *DB) openBolt(o Options) error {
	info, err := os.Stat(db.path)
	if err != nil {
		return cause(err)
	} else if info.IsDir() {
		return fmt.Errorf("%w: it is a directory", ErrNotStore)
	} else if info.Size() == 0 {
		return fmt.Errorf("%w: it is empty; remove it to start a new one", ErrNotStore)
	} else if err := cutOff(db.path); err != nil && !tooSmall(db.path) {
		return err
	}
	options := &bolt.Options{
		Timeout:         max(o.LockWait, 1), // 0 would wait for ever
		FreelistType:    bolt.FreelistMapType,
		ReadOnly:        o.ReadOnly,
		InitialMmapSize: mapFor(info.Size(), o.ReadOnly),
		MaxSize:         o.maxSize,
		OpenFile: func(name string, flag int, perm os.FileMode) (*os.File, error) {
			f, err := os.OpenFile(name, flag&^os.O_CREATE, perm)
			if db.file == nil { // bolt opens it once more to copy it
				db.file = f
			}
			return f, err
		},
	}
	err = shield(func() (err error) {
		db.bolt, err = bolt.Open(db.path, 0o600, options)
		return err
	})
	switch {
	case err == nil:
		db.bolt.AllocSize = growBy
		if err := db.still(); err != nil {
			return err
		}
		return db.rings(o)
	case errors.Is(err, bolterrors.ErrTimeout):
		return held(db.path)
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrVersionMismatch),
		errors.Is(err, bolterrors.ErrChecksum):
		if looksLikeBolt(db.path) || wasOurs(db.path) {
			return fmt.Errorf("%w: both meta pages: %v", ErrDamaged, err)
		}
		return ErrNotStore
	case tooSmall(db.path):
		if looksLikeBolt(db.path) {
			return fmt.Errorf("%w: cut off", ErrDamaged)
		}
		return ErrNotStore
	}
	return cause(err)
}

// begin checks that the file is ours and whole at its edges, and starts a new
// epoch.
func (db *DB) begin() error {
	if err := shield(func() error { return db.bolt.View(db.inspect) }); err != nil {
		if errors.Is(err, ErrNotStore) && wasOurs(db.path) {
			return damaged("its schema and its tree are missing")
		}
		if errors.Is(err, ErrDamaged) {
			db.breakDown(err) // bolt may have panicked with its locks held
		}
		return err
	}
	fresh := false
	err := db.look(func(t *tables) (err error) {
		if db.epoch, err = t.number(keyEpoch); err != nil {
			return err
		}
		fresh, err = db.settleKey(t)
		return err
	})
	if err != nil || db.readOnly {
		return err
	}
	if err := writeHolder(db.path); err != nil {
		return fmt.Errorf("note the holder: %w", cause(err))
	}
	err = db.alone(func(t *tables) error {
		db.epoch++
		if fresh {
			db.sealed, t.open = true, make([]byte, sha256.Size)
		}
		return errors.Join(t.del(metaTable, keyClean), t.put(metaTable, keyEpoch, number(db.epoch)))
	})
	if err != nil {
		removeHolder(db.path)
	}
	return err
}

func (db *DB) inspect(tx *bolt.Tx) error {
	info, err := db.file.Stat()
	if err != nil {
		return err
	}
	if size := tx.Size(); info.Size() < size {
		return damaged("cut off at %d of %d bytes", info.Size(), size)
	}
	return checkSchema(tx)
}

// Epoch is the number of this opening; it fences what an earlier process left.
// Read-only it is that of the last opening for writing.
func (db *DB) Epoch() uint64 { return db.epoch }

// Path is the file's path as given to Open.
func (db *DB) Path() string { return db.path }

// Damage is the first damage that anything read or committed has met since Open, an
// ErrDamaged that names the stream; nil where none has. Other streams may be sound, and
// go on.
func (db *DB) Damage() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.damage
}

// met keeps the first damage, and hands the error on.
func (db *DB) met(err error) error {
	if errors.Is(err, ErrDamaged) {
		db.mu.Lock()
		defer db.mu.Unlock()
		db.damage = cmp.Or(db.damage, err)
	}
	return err
}

// Ready answers nil while commits work, and otherwise why the last one did not
// reach the disk. While it does not, the writer tries again every few seconds.
func (db *DB) Ready() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	switch {
	case db.closing:
		return ErrClosed
	case db.broken != nil:
		return db.broken
	}
	return db.failure
}
