package store

import (
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// probeEvery is how often the writer tries whether commits work again.
const probeEvery = 5 * time.Second

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
	case c := <-db.chores:
		c.done <- db.alone(c.work)
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
	db.signal(t)
}

// carryOut decides and writes one request into the transaction. unwritten says
// that the transaction can no longer be kept.
func (db *DB) carryOut(t *tables, r *request, now time.Time) (events []Event, err, unwritten error) {
	wrap := func(err error) error { return fmt.Errorf("store: commit %s: %w", r.incident, err) }
	v, err := t.newView(r.incident, db.epoch, now)
	if err != nil {
		return nil, wrap(err), nil
	}
	defer func() { _ = v.close() }()
	change, err := decide(v, r.decide)
	if v.err != nil {
		return nil, wrap(v.err), nil
	}
	if err != nil {
		return nil, err, nil
	}
	p, err := v.plan(change, t.pos)
	if err != nil {
		return nil, wrap(err), nil
	}
	if err := shield(func() error { return t.apply(v, p) }); err != nil {
		return nil, nil, err
	}
	for _, n := range p.events {
		events = append(events, n.event)
	}
	t.pos = max(t.pos, p.record.Pos)
	if len(p.events) > 0 && p.record.Last.After(t.at) {
		t.at = p.record.Last
	}
	t.plans = append(t.plans, p)
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
