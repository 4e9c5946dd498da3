package pagerduty

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// bucket counts the calls of one minute.
type bucket struct {
	from time.Time
	used int
}

// spent is what a call found in its bucket.
type spent struct {
	limit, left int
	reset       time.Duration
	over        bool
}

// spend takes one call out of the named bucket.
func (s *Server) spend(name string, limit int) spent {
	t := now()
	b := s.buckets[name]
	if b == nil || t.Sub(b.from) >= time.Minute {
		b = &bucket{from: t}
		s.buckets[name] = b
	}
	b.used++
	return spent{
		limit: limit, left: max(limit-b.used, 0), over: b.used > limit,
		reset: b.from.Add(time.Minute).Sub(t),
	}
}

// operationOver counts the calls that have a limit of their own.
func (s *Server) operationOver(r *http.Request) bool {
	return r.Method == http.MethodPut && r.URL.Path == "/incidents" && s.spend("PUT /incidents", 500).over
}

func (l spent) headers(h http.Header) {
	limitHeaders(h, l.limit, l.left, l.reset)
}

// limitHeaders: the reset is in seconds.
func limitHeaders(h http.Header, limit, left int, reset time.Duration) {
	h.Set("ratelimit-limit", strconv.Itoa(limit))
	h.Set("ratelimit-remaining", strconv.Itoa(left))
	h.Set("ratelimit-reset", strconv.Itoa(int(math.Ceil(reset.Seconds()))))
}
