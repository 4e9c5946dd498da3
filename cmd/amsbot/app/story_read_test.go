package app_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// stale holds back the next answer about an incident, for so long: it tells what
// was so when it was asked.
type stale struct {
	http.RoundTripper
	next atomic.Pointer[string] // the incident; nil: nothing is held back
	held atomic.Bool
	long time.Duration
}

func (h *stale) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := h.RoundTripper.RoundTrip(r)
	id := h.next.Load()
	if id == nil || r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/incidents/"+*id) || !h.next.CompareAndSwap(id, nil) {
		return answer, err
	}
	h.held.Store(true)
	time.Sleep(h.long)
	h.held.Store(false)
	return answer, err
}

// PagerDuty's answer is on its way while Ben takes it over: it still says that
// nobody has it. It is dropped and asked for again, and only then goes on what
// Aiko pressed for.
func TestReadOvertakenByAnAct(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.stop()
		slow := &stale{long: 10 * time.Second}
		s.meddle = func(way http.RoundTripper) http.RoundTripper { slow.RoundTripper = way; return slow }
		s.start()
		s.waits()
		slow.next.Store(&s.incident)
		s.press(aiko, "Run Checks Again")
		s.until("the answer is on its way", slow.held.Load)
		s.press(ben, "Take Over")
		s.wrote("ben: acknowledged -> 200")
		s.until("the answer is there", func() bool { return !slow.held.Load() })
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			reply: Aiko Tanaka has it checked again.
			reply: Ben Brook takes it over.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: It still does not work: status 500, expected 200`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			ben: acknowledged -> 200`)
		s.is("acknowledged", benPD)
		s.recoveries(0)
		s.freshReads()
	}, unhurried)
}

// freshReads fails the story where a read is on record that began before the
// click or the act that is on record before it.
func (s *stage) freshReads() {
	s.Helper()
	var act uint64
	reads := 0
	for _, e := range s.history("pd:shop:" + s.incident) {
		switch e.Kind {
		case "clicked", "done":
			var a struct{ Kind string }
			if s.must(json.Unmarshal(e.Data, &a)); e.Kind == "clicked" || a.Kind == "acknowledge" {
				act = e.Seq
			}
		case "read":
			var r struct{ From uint64 }
			s.must(json.Unmarshal(e.Data, &r))
			if reads++; r.From < act {
				s.Errorf("the read at %d began at %d, the act is at %d", e.Seq, r.From, act)
			}
		}
	}
	if reads < 3 || act == 0 {
		s.Errorf("%d reads, the last act at %d", reads, act)
	}
}
