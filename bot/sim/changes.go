package sim

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

const (
	// changeEvery bounds how often a page is told: a storm of changes is one.
	changeEvery = 100 * time.Millisecond
	// changeBeat keeps a quiet stream from looking dead.
	changeBeat = 15 * time.Second
)

// pulse tells any number of readers that something changed. It never blocks
// who changes things, and keeps nothing but the newest count.
type pulse struct {
	mu    sync.Mutex
	n     int
	since chan struct{}
}

func newPulse() *pulse { return &pulse{since: make(chan struct{})} }

func (p *pulse) beat() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	close(p.since)
	p.since = make(chan struct{})
}

// now returns the count of changes and what is closed at the next one.
func (p *pulse) now() (int, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.n, p.since
}

// changes is a stream of server-sent events, one at once and one for each
// burst of changes. Its data is only a count: the page fetches the state.
func (s *Sim) changes(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	beat := time.NewTicker(changeBeat)
	defer beat.Stop()
	for {
		n, next := s.pulse.now()
		if _, err := fmt.Fprintf(w, "data: %d\n\n", n); err != nil || out.Flush() != nil {
			return
		}
		if !s.awaitChange(r, next, beat.C, w) {
			return
		}
	}
}

// awaitChange waits for a change, then for the burst to pass; it says false
// when the reader has gone.
func (s *Sim) awaitChange(r *http.Request, next <-chan struct{}, beat <-chan time.Time, w http.ResponseWriter) bool {
	for waiting := true; waiting; {
		select {
		case <-next:
			waiting = false
		case <-beat:
			if _, err := fmt.Fprint(w, ": still here\n\n"); err != nil || http.NewResponseController(w).Flush() != nil {
				return false
			}
		case <-r.Context().Done():
			return false
		}
	}
	pause := time.NewTimer(changeEvery)
	defer pause.Stop()
	select {
	case <-pause.C:
		return true
	case <-r.Context().Done():
		return false
	}
}
