package pagerduty

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	hookTimeout  = 5 * time.Second
	hookPatience = 48 * time.Hour
	hookOff      = 24 * time.Hour
	firstBackoff = time.Second
	lastBackoff  = 10 * time.Minute
	overtaking   = 30 * time.Second // how long a reversed webhook waits for the one that overtakes it
)

func hookClient(c *http.Client) *http.Client {
	if c == nil {
		c = &http.Client{}
	}
	own := *c
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}

// start lets a goroutine of the running Run deliver the queue, if none does.
func (s *Server) start(h *subscription, q *queue) {
	if s.running == nil || q.busy || len(q.items) == 0 {
		return
	}
	q.busy = true
	ctx := s.running
	s.work.Go(func() { s.deliver(ctx, h, q) })
}

// deliver empties the queue in order and ends when it is empty or ctx is done.
func (s *Server) deliver(ctx context.Context, h *subscription, q *queue) {
	for {
		var d *delivery
		var wait time.Duration
		s.update(func() {
			if d = q.head(); d == nil || ctx.Err() != nil {
				q.busy = false
				if d == nil && h.queues[q.key] == q {
					delete(h.queues, q.key)
				}
				d = nil
				return
			}
			d.patienceOver()
			wait = d.wait()
		})
		switch {
		case d == nil:
			return
		case wait > 0:
			q.sleep(ctx, wait)
		default:
			s.attempt(ctx, h, q, d)
		}
	}
}

func (q *queue) head() *delivery {
	if len(q.items) == 0 {
		return nil
	}
	return q.items[0]
}

// wait is how long the delivery is not due yet.
func (d *delivery) wait() time.Duration {
	if d.yields {
		return time.Until(d.queued.Add(overtaking))
	}
	return time.Until(d.due)
}

// patienceOver ends the waiting of a webhook that nothing overtook.
func (d *delivery) patienceOver() {
	if d.yields && time.Since(d.queued) >= overtaking {
		d.yields = false
	}
}

// sleep waits, shorter when something new arrives.
func (q *queue) sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-q.arrived:
	case <-t.C:
	}
}

// attempt sends once and books what came of it.
func (s *Server) attempt(ctx context.Context, h *subscription, q *queue, d *delivery) {
	select {
	case s.slots <- struct{}{}:
	case <-ctx.Done():
		return
	}
	var req *http.Request
	s.update(func() { req = s.hookRequest(h, d) })
	result, text := s.post(ctx, req)
	<-s.slots
	if ctx.Err() != nil {
		return
	}
	s.update(func() {
		h.attempts++
		h.last, h.lastAt = text, now()
		d.attempts++
		s.changed = true
		if q.head() != d { // discarded meanwhile
			return
		}
		s.book(h, q, d, result)
	})
}

type outcome int

const (
	accepted outcome = iota
	again
	dropped
)

func (s *Server) book(h *subscription, q *queue, d *delivery, result outcome) {
	if result == again && time.Since(d.queued) < hookPatience {
		d.due = now().Add(backoff(d.attempts))
		return
	}
	if result == accepted {
		h.delivered++
		h.drops = 0
		if d.twice {
			d.twice = false
			return
		}
		q.drop(d)
		return
	}
	q.drop(d)
	h.dropped++
	h.drops++
	if h.drops >= 3 {
		h.drops, h.disabled = 0, now().Add(hookOff)
		for _, q := range h.queues {
			q.items = nil
		}
	}
}

func (q *queue) drop(d *delivery) {
	q.items = slices.DeleteFunc(q.items, func(x *delivery) bool { return x == d })
}

func backoff(attempts int) time.Duration {
	d := firstBackoff
	for n := 1; n < attempts && d < lastBackoff; n++ {
		d *= 2
	}
	return min(d, lastBackoff)
}

func (s *Server) secrets(h *subscription) []string {
	if len(h.Secrets) > 0 {
		return h.Secrets
	}
	return s.opt.Secrets
}

func (s *Server) hookRequest(h *subscription, d *delivery) *http.Request {
	req, err := http.NewRequest(http.MethodPost, h.URL, bytes.NewReader(d.body))
	if err != nil {
		return nil
	}
	for k, v := range h.Headers {
		req.Header.Set(k, v)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "PagerDuty-Webhook/V3.0")
	req.Header.Set("X-PagerDuty-Signature", sign(s.secrets(h), d.body))
	req.Header.Set("X-Webhook-Id", d.id)
	req.Header.Set("X-Webhook-Subscription", h.ID)
	return req
}

// post sends the request; every answer but 2xx, 429 and 5xx, and a TLS that
// cannot be trusted, is final.
func (s *Server) post(ctx context.Context, req *http.Request) (outcome, string) {
	if req == nil {
		return dropped, "the URL is malformed"
	}
	ctx, cancel := context.WithTimeout(ctx, hookTimeout)
	defer cancel()
	resp, err := s.client.Do(req.WithContext(ctx))
	if err != nil {
		var cert *tls.CertificateVerificationError
		var record tls.RecordHeaderError
		if errors.As(err, &cert) || errors.As(err, &record) {
			return dropped, err.Error()
		}
		return again, err.Error()
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, 300)) // only for the page
	text := strings.TrimSpace(resp.Status + " " + string(answer))
	switch {
	case resp.StatusCode/100 == 2:
		return accepted, text
	case resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= 500:
		return again, text
	}
	return dropped, text
}

// SetSecrets changes the signing secrets of the webhooks that brought none: two
// during a rotation.
func (s *Server) SetSecrets(secrets ...string) {
	s.update(func() { s.opt.Secrets, s.changed = slices.Clone(secrets), true })
}
