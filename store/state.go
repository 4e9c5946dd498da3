package store

// What the writer knows of its disk, shared with Ready and with readers.

func (db *DB) brokenBy() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.broken
}

func (db *DB) doubtful() bool {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.doubt != nil
}

func (db *DB) failing() bool {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.failure != nil && db.broken == nil
}

func (db *DB) noteFailure(err error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.failure = err
}

func (db *DB) breakDown(err error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.broken == nil {
		db.broken = err
	}
}

// noteSuccess clears what was wrong, and notes for those who watch what changed.
func (db *DB) noteSuccess(t *touched) {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.tell(t, db.doubt != nil) // one that was in doubt has come true as well
	db.failure, db.doubt = nil, nil
}

// signal wakes those who watch, once a transaction is on disk and those who wait
// for it have it. Whom the writer wakes last runs next, on its own processor: that
// is whoever sends what is to leave, as people wait for a card.
func (db *DB) signal(t *tables) {
	if !t.done {
		return // there was nothing to write
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	for ch := range db.signals {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
	for w := range db.watchers {
		w.signal()
	}
}

// Changed is a channel that gets a signal after a commit; commits during which
// nobody receives share one. It is never closed. The caller stops it when done
// (stop may be called twice).
func (db *DB) Changed() (changed <-chan struct{}, stop func()) {
	ch := make(chan struct{}, 1)
	db.mu.Lock()
	defer db.mu.Unlock()
	db.signals[ch] = struct{}{}
	return ch, func() {
		db.mu.Lock()
		defer db.mu.Unlock()
		delete(db.signals, ch)
	}
}
