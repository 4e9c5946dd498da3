package store

import (
	"context"
	"fmt"
)

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
// of the disk nothing has been acknowledged and readers do not see the change;
// where it is ErrInDoubt they see it as soon as the disk answers again.
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
	return r.events, db.met(r.err)
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
