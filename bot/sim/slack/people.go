package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// ErrNotThere is returned for a click on what is not on the person's screen.
var ErrNotThere = errors.New("not on the screen")

// ErrRefused is returned for what Slack itself would not let a person do; the
// error says why.
var ErrRefused = errors.New("refused by Slack")

// Result says what came of something a person did.
type Result struct {
	// Acked: the app acknowledged within 3 s, After so long.
	Acked bool          `json:"acked"`
	After time.Duration `json:"after"`
	// Problem is what the person saw instead: operation_timeout, or
	// dispatch_failed when no socket was open.
	Problem string `json:"problem,omitempty"`
	// Payload is the acknowledgement's, null if it had none.
	Payload json.RawMessage `json:"payload,omitempty"`
	// TriggerID and ResponseURL are what the app was given.
	TriggerID   string `json:"trigger_id,omitempty"`
	ResponseURL string `json:"response_url,omitempty"`
}

// wait sends what a person did and waits until the app has acknowledged it or
// 3 s are over. Ending ctx ends the waiting, not the clock. prepare runs under
// the lock; its error is returned and nothing is sent. answered and missed, if
// any, run under the lock before wait returns.
func (s *Server) wait(ctx context.Context, prepare func(*Result) (*envelope, error)) (Result, error) {
	s.mu.Lock()
	if s.stopped {
		s.mu.Unlock()
		return Result{}, ErrStopped
	}
	start := time.Now()
	r := &Result{}
	e, err := prepare(r)
	if err != nil || e == nil {
		s.mu.Unlock()
		return Result{}, err
	}
	answered, missed := e.answered, e.missed
	e.answered = func(payload json.RawMessage) {
		r.Acked, r.After, r.Payload = true, time.Since(start), payload
		if answered != nil {
			answered(payload)
		}
	}
	e.missed = func(reason string) {
		r.After, r.Problem = time.Since(start), reason
		if missed != nil {
			missed(reason)
		}
	}
	s.deliver(e)
	s.mu.Unlock()
	s.changed()
	select {
	case <-e.over:
	case <-ctx.Done():
		return Result{}, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return *r, nil
}

// refuse makes an error of kind with a reason.
func refuse(kind error, format string, a ...any) error {
	return fmt.Errorf("slack: %s: %w", fmt.Sprintf(format, a...), kind)
}
