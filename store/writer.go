package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// probeEvery is how often the writer tries whether commits work again.
const probeEvery = 5 * time.Second

// request is one Commit on its way through the writer.
type request struct {
	incident string
	decide   func(*View) (Change, error)
	taken    bool // guarded by DB.mu

	done   chan struct{} // closed when events and err are set
	events []Event
	err    error
}

// Commit decides upon one stream and writes what was decided, all or nothing.
// It returns the new events once they are on disk.
//
// decide runs on the writer's goroutine, inside the transaction: it must be
// quick, must not call the DB, and may run twice when a neighbour's change made
// the transaction fail. Its error is returned as it is and writes nothing; so
// does a panic, as an error. Neither disturbs other commits.
//
// ctx counts while the commit is queued; once taken it completes. Errors
// besides those of decide and ctx: ErrClosed, ErrReadOnly, ErrChange (the
// Change breaks a rule or a limit), ErrNoIncident (a Change of the record of a
// stream that has no events), ErrDamaged, or what the disk said. After an error
// of the disk nothing has been acknowledged; readers do not see the change.
func (db *DB) Commit(ctx context.Context, incident string, decide func(*View) (Change, error)) ([]Event, error) {
	if err := checkKey("key of a stream", incident); err != nil {
		return nil, fmt.Errorf("store: commit: %w", err)
	}
	r := &request{incident: incident, decide: decide, done: make(chan struct{})}
	if err := db.enqueue(ctx, r); err != nil {
		return nil, fmt.Errorf("store: commit %s: %w", incident, err)
	}
	select {
	case <-r.done:
	case <-ctx.Done():
		if db.withdraw(r) {
			return nil, fmt.Errorf("store: commit %s: %w", incident, ctx.Err())
		}
		<-r.done
	}
	return r.events, r.err
}

func (db *DB) enqueue(ctx context.Context, r *request) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	switch {
	case db.closing:
		return ErrClosed
	case db.readOnly:
		return ErrReadOnly
	}
	db.queue = append(db.queue, r)
	db.nudge()
	return nil
}

// withdraw takes back a request that the writer has not taken.
func (db *DB) withdraw(r *request) bool {
	db.mu.Lock()
	defer db.mu.Unlock()
	if r.taken {
		return false
	}
	for i, q := range db.queue {
		if q == r {
			db.queue = append(db.queue[:i], db.queue[i+1:]...)
			break
		}
	}
	return true
}

func (db *DB) nudge() {
	select {
	case db.wake <- struct{}{}:
	default:
	}
}

// take is what is queued now, and whether there will be more.
func (db *DB) take() (batch []*request, more bool) {
	db.mu.Lock()
	defer db.mu.Unlock()
	n := min(len(db.queue), maxBatch)
	batch = append(batch, db.queue[:n]...)
	db.queue = append(db.queue[:0], db.queue[n:]...)
	clear(db.queue[len(db.queue):cap(db.queue)])
	for _, r := range batch {
		r.taken = true
	}
	return batch, !db.closing || len(batch) > 0
}

// write is the one goroutine that writes, until Close.
func (db *DB) write() {
	var batch []*request
	returned := false
	defer func() {
		if returned {
			close(db.stopped)
			return
		}
		// A decide has ended this goroutine (runtime.Goexit, as t.FailNow
		// does). Its commit fails; the others must not wait for ever.
		finish(batch, errors.New("store: commit: decide ended its goroutine"))
		go db.write()
	}()
	for {
		var more bool
		if batch, more = db.take(); !more {
			returned = true
			return
		}
		if len(batch) > 0 {
			db.commitBatch(batch)
			continue
		}
		db.rest()
	}
}

// rest waits for the next commit. While the last one failed it also tries from
// time to time whether the disk is back, so that Ready tells the truth on a
// quiet night.
func (db *DB) rest() {
	var probe <-chan time.Time
	if db.failing() {
		timer := time.NewTimer(probeEvery)
		defer timer.Stop()
		probe = timer.C
	}
	select {
	case <-db.wake:
	case <-probe:
		_ = db.alone(func(*tables) error { return nil })
	}
}

func finish(batch []*request, err error) {
	for _, r := range batch {
		select {
		case <-r.done:
			continue
		default:
		}
		if err != nil {
			r.events, r.err = nil, err
		}
		close(r.done)
	}
}

// commitBatch carries out all requests in one transaction. When one of them
// cannot be written (as opposed to decided) the transaction is given up and
// each is carried out alone, so that it fails alone.
func (db *DB) commitBatch(batch []*request) {
	t, err := db.beginWrite()
	if err != nil {
		finish(batch, fmt.Errorf("store: commit: %w", err))
		return
	}
	defer db.rollback(t) // does nothing after a commit
	now := time.Now()
	for _, r := range batch {
		var unwritten error
		if r.events, r.err, unwritten = db.carryOut(t, r, now); unwritten == nil {
			continue
		}
		db.rollback(t)
		if len(batch) == 1 {
			finish(batch, fmt.Errorf("store: commit %s: %w", r.incident, unwritten))
			return
		}
		for i := range batch {
			db.commitBatch(batch[i : i+1])
		}
		return
	}
	if err := db.keep(t, now); err != nil {
		finish(batch, fmt.Errorf("store: commit: %w", err))
		return
	}
	finish(batch, nil)
}

// carryOut decides and writes one request into the transaction. unwritten says
// that the transaction can no longer be kept.
func (db *DB) carryOut(t *tables, r *request, now time.Time) (events []Event, err, unwritten error) {
	wrap := func(err error) error { return fmt.Errorf("store: commit %s: %w", r.incident, err) }
	v, err := t.newView(r.incident, db.epoch, now)
	if err != nil {
		return nil, wrap(err), nil
	}
	change, err := decide(v, r.decide)
	if v.err != nil {
		return nil, wrap(v.err), nil
	}
	if err != nil {
		_ = v.close()
		return nil, err, nil
	}
	p, err := v.plan(change, t.pos)
	if err != nil {
		_ = v.close()
		return nil, wrap(err), nil
	}
	if err := shield(func() error { return t.apply(v, p) }); err != nil {
		return nil, nil, err
	}
	_ = v.close()
	for _, n := range p.events {
		events = append(events, n.event)
	}
	t.pos = max(t.pos, p.record.Pos)
	return events, nil, nil
}

// decide calls fn and makes an error of its panic.
func decide(v *View, fn func(*View) (Change, error)) (c Change, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("store: commit %s: decide panicked: %v\n%s", v.incident, p, debug.Stack())
		}
	}()
	return fn(v)
}

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
	return db.keep(t, time.Now())
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
		t = &tables{tx: tx}
		t.pos, err = t.number(keyPos)
		t.first = t.pos
		return err
	})
	if err != nil {
		if t != nil {
			db.rollback(t)
		}
		db.noteFailure(err)
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
		if t.pos == t.first {
			return nil
		}
		return t.put(metaTable, keyPos, number(t.pos))
	})
	if err != nil {
		return err
	}
	id := t.tx.ID()
	panicked := true
	err = shield(func() error {
		err := db.commitTx(t.tx)
		panicked = false
		return err
	})
	t.done = err == nil
	if panicked {
		db.breakDown(err)
		return err
	}
	if err != nil {
		db.rollback(t)
		db.noteFailure(err)
		db.noteDoubt(id, err)
		return err
	}
	db.noteSuccess()
	return nil
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

// noteDoubt finds out whether a transaction whose commit failed is visible all
// the same: its meta page was written, but perhaps not to the disk. Until a
// later one succeeds (which makes it durable too), nothing is read or
// acknowledged.
func (db *DB) noteDoubt(id int, cause error) {
	err := shield(func() error {
		tx, err := db.bolt.Begin(false)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }()
		if tx.ID() >= id {
			db.mu.Lock()
			db.doubt = cause
			db.mu.Unlock()
		}
		return nil
	})
	if err != nil {
		db.breakDown(err)
	}
}
