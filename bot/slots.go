package bot

import (
	"context"
	"slices"
	"sync"
)

// slots lets so many steps run at once, and so many of them on one target. Those
// that wait are let in by turns, one service after the other: however many
// incidents one of them has, another's first response does not wait for them all.
type slots struct {
	mu    sync.Mutex
	free  int                 // so many more may run
	each  int                 // at most so many on one target
	on    map[string]int      // those that run, by target
	lines map[string][]*inRow // those that wait, by service, the oldest first
	turn  []string            // the services that somebody waits for, whose turn it is first
}

// inRow is somebody who waits for a slot.
type inRow struct {
	target string
	ready  chan struct{}
}

func newSlots(most, each int) *slots {
	return &slots{free: most, each: each, on: map[string]int{}, lines: map[string][]*inRow{}}
}

// take waits until a step of this service may run on this target; give ends it.
// Its error is the context's.
func (s *slots) take(ctx context.Context, service, target string) error {
	w := &inRow{target: target, ready: make(chan struct{})}
	s.mu.Lock()
	if len(s.lines[service]) == 0 {
		s.turn = append(s.turn, service)
	}
	s.lines[service] = append(s.lines[service], w)
	s.grant()
	s.mu.Unlock()
	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-w.ready: // in the same moment
		s.back(target)
	default:
		s.leave(service, slices.Index(s.lines[service], w))
	}
	return ctx.Err()
}

// give frees the slot of a step on this target.
func (s *slots) give(target string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.back(target)
}

func (s *slots) back(target string) {
	s.free++
	if s.on[target]--; s.on[target] == 0 {
		delete(s.on, target)
	}
	s.grant()
}

// grant lets in whoever may run now. A service of which nobody may, because their
// targets are busy, misses its turn.
func (s *slots) grant() {
	for missed := 0; s.free > 0 && missed < len(s.turn); {
		service := s.turn[0]
		n := slices.IndexFunc(s.lines[service], func(w *inRow) bool { return s.on[w.target] < s.each })
		s.turn = append(s.turn[1:], service)
		if n < 0 {
			missed++
			continue
		}
		missed = 0
		w := s.lines[service][n]
		s.leave(service, n)
		s.free--
		s.on[w.target]++
		close(w.ready)
	}
}

// leave takes one out of a service's line.
func (s *slots) leave(service string, n int) {
	s.lines[service] = slices.Delete(s.lines[service], n, n+1)
	if len(s.lines[service]) == 0 {
		delete(s.lines, service)
		s.turn = slices.DeleteFunc(s.turn, func(other string) bool { return other == service })
	}
}
