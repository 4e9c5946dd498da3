package pagerduty

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"time"
)

const (
	keptCalls = 2000
	keptText  = 16 << 10
)

// serve is the outermost layer: it keeps the record of the call and lets faults
// get in its way.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return // the caller went away
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	c := Call{
		At: now(), Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, From: r.Header.Get("From"),
		Body: cut(body),
	}
	var f *Fault
	s.update(func() {
		f = s.fault(r.Method, r.URL.Path)
		if t := s.token(r.Header.Get("Authorization")); t != nil {
			c.Token = t.Name
		}
	})
	a := &answer{code: http.StatusOK, header: http.Header{}}
	if f != nil {
		c.Fault = string(f.Kind)
		if f.Kind == FaultSlow {
			pause(r, f.Delay)
		} else if !f.before(a) {
			s.keep(c)
			f.vanish(r)
		}
	}
	if f == nil || f.Kind == FaultSlow || f.Kind == FaultCutAfter {
		s.mux.ServeHTTP(a, r)
	}
	c.Status, c.Answer = a.code, cut(a.body.Bytes())
	if f != nil && f.Kind == FaultCutAfter {
		c.Status = 0
		s.keep(c)
		panic(http.ErrAbortHandler)
	}
	s.keep(c)
	h := w.Header()
	for k, v := range a.header {
		h[k] = v
	}
	w.WriteHeader(a.code)
	w.Write(a.body.Bytes())
}

// answer holds what an endpoint wrote until it is known whether it may leave.
type answer struct {
	code   int
	header http.Header
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(code int)        { a.code = code }
func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }

func cut(b []byte) string { return string(b[:min(len(b), keptText)]) }

// before writes what the fault answers; false: no answer comes.
func (f *Fault) before(w *answer) bool {
	switch f.Kind {
	case FaultStatus:
		write(w, 0, nil, &Error{Status: f.Status, Code: 2000, Message: "Internal Error"})
	case FaultLimit:
		reset := f.Delay
		if reset <= 0 {
			reset = 30 * time.Second
		}
		limitHeaders(w.Header(), 960, 0, reset)
		write(w, 0, nil, refuse(2020))
	case FaultBareLimit:
		w.WriteHeader(http.StatusTooManyRequests)
	case FaultHang, FaultCutBefore:
		return false
	}
	return true
}

// vanish ends the request without an answer.
func (f *Fault) vanish(r *http.Request) {
	if f.Kind == FaultHang {
		<-r.Context().Done()
	}
	panic(http.ErrAbortHandler)
}

func pause(r *http.Request, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.Context().Done():
	}
}

func (s *Server) keep(c Call) {
	var tell []func(Call)
	s.update(func() {
		s.callN++
		c.N = s.callN
		s.calls = append(s.calls, c)
		if len(s.calls) > keptCalls {
			s.calls = slices.Clone(s.calls[len(s.calls)-keptCalls:])
		}
		for _, f := range s.watchers {
			tell = append(tell, f)
		}
		s.changed = s.changed || c.Method != http.MethodGet
	})
	for _, f := range tell {
		f(c)
	}
}

// Calls is what reached the API, oldest first; the last 2000 are kept.
func (s *Server) Calls() (all []Call) {
	s.update(func() { all = slices.Clone(s.calls) })
	return all
}

// Watch tells f every call once its answer is known and before the caller has
// it, from the goroutine that serves it, until stop is called.
func (s *Server) Watch(f func(Call)) (stop func()) {
	var id int
	s.update(func() { s.watchN++; id = s.watchN; s.watchers[id] = f })
	return func() { s.update(func() { delete(s.watchers, id) }) }
}

// Fault makes matching requests or webhooks go wrong and returns its ID for
// Heal. The latest fault that matches is the one that works.
func (s *Server) Fault(f Fault) (id int) {
	s.update(func() {
		s.faultN++
		f.ID = s.faultN
		if f.For > 0 {
			f.until = now().Add(f.For)
		}
		s.faults = append(s.faults, &f)
		s.changed = true
	})
	return f.ID
}

// Heal takes a fault out; 0 takes out all. What hangs already goes on hanging.
func (s *Server) Heal(id int) {
	s.update(func() {
		s.faults = slices.DeleteFunc(s.faults, func(f *Fault) bool { return id == 0 || f.ID == id })
		s.changed = true
	})
}

// fault finds the fault that this request meets, and uses it up.
func (s *Server) fault(method, what string) *Fault {
	s.faults = slices.DeleteFunc(s.faults, func(f *Fault) bool { return !f.until.IsZero() && !now().Before(f.until) })
	for n := len(s.faults) - 1; n >= 0; n-- {
		f := s.faults[n]
		if !f.matches(method, what) {
			continue
		}
		found := *f
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				s.faults = slices.Delete(s.faults, n, n+1)
			}
		}
		s.changed = true
		return &found
	}
	return nil
}
