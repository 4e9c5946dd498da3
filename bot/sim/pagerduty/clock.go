package pagerduty

import (
	"context"
	"time"
)

// tick lives the time of the account until ctx is done: it sleeps until the
// next timer, or until something changes.
func (s *Server) tick(ctx context.Context) {
	for {
		var next time.Time
		s.update(func() { next = s.fire() })
		var due <-chan time.Time
		var timer *time.Timer
		if !next.IsZero() {
			timer = time.NewTimer(time.Until(next))
			due = timer.C
		}
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-due:
		}
		if timer != nil {
			timer.Stop()
		}
		if ctx.Err() != nil {
			return
		}
	}
}

// fire lets every timer that is due ring, the oldest first, and says when the
// next one is.
func (s *Server) fire() time.Time {
	for {
		i, at := s.soonest()
		if i == nil || at.After(now()) {
			return at
		}
		s.ring(i, at)
	}
}

func (s *Server) soonest() (*incident, time.Time) {
	var first *incident
	var at time.Time
	for i := range s.live {
		t := i.due()
		if t.IsZero() {
			continue
		}
		if first == nil || t.Before(at) || t.Equal(at) && i.number < first.number {
			first, at = i, t
		}
	}
	return first, at
}

// due is the earliest of the incident's timers.
func (i *incident) due() time.Time {
	var first time.Time
	for _, t := range []time.Time{i.escalateAt, i.ackLapses, i.snoozedTo} {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

func (s *Server) ring(i *incident, at time.Time) {
	clock := actor{service: i.service, channel: "timeout"}
	switch at {
	case i.snoozedTo:
		s.unacknowledge(i, clock, "snooze ended")
	case i.ackLapses:
		s.unacknowledge(i, clock, "unacknowledged")
	default:
		level, round := s.nextLevel(i)
		if round != i.round {
			s.record(i, "repeat_escalation_path_log_entry", clock, "The escalation policy starts again.")
		}
		i.round = round
		s.moveTo(i, level, clock)
		if i.stuck(s) == "last level" {
			s.record(i, "exhaust_escalation_path_log_entry", clock, "The escalation policy has no more levels.")
		}
	}
}
