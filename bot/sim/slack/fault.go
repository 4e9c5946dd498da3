package slack

import (
	"net/http"
	"path"
	"slices"
	"strconv"
	"time"
)

// Fault makes calls fail the way a network or an overloaded Slack does. What
// is set applies in this order: Slow, then one of Hang, Cut, Status, Error,
// CutAfter. A Fault with none of these but Slow only delays.
type Fault struct {
	// Method is a glob: "chat.*", "*"; beside Web API methods "socket" (the
	// WebSocket handshake), "upload", "response", and "files.share" (Cut: the
	// share of an uploaded file is lost in silence).
	Method string
	// After lets so many calls through first; Times is how many calls then
	// fail: 0 is one, -1 all of them.
	After, Times int
	// Status answers with that HTTP status and Body. 429 carries Retry-After
	// of RetryAfter (in whole seconds, at least 1), unless NoHeader.
	Status     int
	RetryAfter time.Duration
	NoHeader   bool
	Body       string
	// Error answers 200 {"ok":false,"error":…}; the act is not done.
	Error string
	// Hang never answers; the call ends when the client gives up.
	Hang bool
	// Cut breaks the connection before the act, CutAfter after it: the act is
	// done and the answer lost.
	Cut, CutAfter bool
	// Slow waits so long before anything else.
	Slow time.Duration
}

type fault struct{ Fault }

// Fault adds a fault; the function that it returns lifts it again.
func (s *Server) Fault(f Fault) (lift func()) {
	if f.Times == 0 {
		f.Times = 1
	}
	kept := &fault{Fault: f}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, kept)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.faults = slices.DeleteFunc(s.faults, func(x *fault) bool { return x == kept })
	}
}

// nextFault takes the first fault that applies to this call, nil if none.
func (s *Server) nextFault(method string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.takeFault(method)
}

// takeFault is nextFault for those who hold the lock.
func (s *Server) takeFault(method string) *Fault {
	for i, f := range s.faults {
		if ok, _ := path.Match(f.Method, method); !ok {
			continue
		}
		if f.After > 0 {
			f.After--
			continue
		}
		hit := f.Fault
		if f.Times > 0 {
			f.Times--
			if f.Times == 0 {
				s.faults = slices.Delete(s.faults, i, i+1)
			}
		}
		return &hit
	}
	return nil
}

// before does what a fault does ahead of the act. It says whether the call
// goes on; if not, it has been answered and recorded.
func (s *Server) before(w http.ResponseWriter, r *http.Request, f *Fault, call Call) bool {
	call.Faulted = true
	if f.Slow > 0 && !s.pause(r, f.Slow) {
		call.Lost = true
		s.record(call)
		panic(http.ErrAbortHandler)
	}
	switch {
	case f.Hang:
		call.Lost, call.Error = true, "hang"
		s.record(call)
		s.pause(r, 0)
		panic(http.ErrAbortHandler)
	case f.Cut:
		call.Lost, call.Error = true, "cut"
		s.record(call)
		panic(http.ErrAbortHandler)
	case f.Status != 0:
		call.Status = f.Status
		s.record(call)
		if f.Status == http.StatusTooManyRequests && !f.NoHeader {
			w.Header().Set("Retry-After", strconv.Itoa(seconds(f.RetryAfter)))
		}
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(f.Status)
		_, _ = w.Write([]byte(f.Body))
		return false
	}
	return true
}

// pause waits for d, or without end when d is 0; it says false when the client
// or the server went away first.
func (s *Server) pause(r *http.Request, d time.Duration) bool {
	var over <-chan time.Time
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		over = t.C
	}
	select {
	case <-over:
		return true
	case <-r.Context().Done():
	case <-s.done:
	}
	return false
}

// serveSocketFaulty is the handshake, with what a fault makes of it.
func (s *Server) serveSocketFaulty(w http.ResponseWriter, r *http.Request) {
	if f := s.nextFault("socket"); f != nil {
		if !s.before(w, r, f, Call{At: time.Now().UTC(), Method: "socket", Args: map[string]string{}}) {
			return
		}
	}
	s.serveSocket(w, r)
}
