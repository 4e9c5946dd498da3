package slack

import (
	"context"
	"sync"
)

// pool is a bounded queue of work and what takes from it. Whoever reads from
// Slack only ever puts work in, and is told at once when there is no room: a
// reader that waits is a connection that Slack gives up.
type pool struct {
	mu     sync.Mutex
	closed bool
	jobs   chan func(context.Context)
}

func newPool(room int) *pool { return &pool{jobs: make(chan func(context.Context), room)} }

// offer queues a job; false when there is no room, or no more work is taken.
func (p *pool) offer(job func(context.Context)) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	select {
	case p.jobs <- job:
		return true
	default:
		return false
	}
}

// close ends the intake; what is queued will still be done.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.closed = true
		close(p.jobs)
	}
}

// stopping says whether close was called.
func (p *pool) stopping() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}

// run does jobs until the pool is closed and empty. ctx ending makes jobs end
// soon; each is still called, because each owes somebody an answer.
func (p *pool) run(ctx context.Context) {
	for job := range p.jobs {
		job(ctx)
	}
}

// recent remembers the last so many names, and whether they were dealt with.
type recent struct {
	mu    sync.Mutex
	names map[string]bool
	order []string // a ring
	next  int
}

func newRecent(size int) *recent {
	return &recent{names: make(map[string]bool, size), order: make([]string, size)}
}

// first notes a name; false when it was there before, with whether it is done.
func (r *recent) first(name string) (first, done bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if done, there := r.names[name]; there {
		return false, done
	}
	delete(r.names, r.order[r.next])
	r.order[r.next] = name
	r.next = (r.next + 1) % len(r.order)
	r.names[name] = false
	return true, false
}

func (r *recent) done(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, there := r.names[name]; there {
		r.names[name] = true
	}
}

// forget makes a name new again.
func (r *recent) forget(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.names, name)
}
