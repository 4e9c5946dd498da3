package app_test

import (
	"strings"
	"testing"
)

// PagerDuty takes 960 calls a minute. An incident is read when it comes, before its
// end is decided on, and before it is resolved: what comes back of amsbot's own
// resolve and note, and what others write beside it, is not read again.
func TestNothingIsReadInVain(t *testing.T) {
	story(t, one(web("then: {ok: resolve}")), func(s *stage) {
		s.raise("Health check of web-1 failed", nil)
		s.says("Resolved by amsbot")
		s.settle()
		if err := s.sim.PagerDuty.Note(aikoPD, s.incident, "That was the load test."); err != nil {
			t.Fatal(err)
		}
		s.settle()
		reads := map[string]int{}
		for _, c := range s.sim.PagerDuty.Calls() {
			if at, is := strings.CutPrefix(c.Path, "/incidents/"+s.incident); is && c.Method == "GET" {
				reads[at]++
			}
		}
		if reads[""] != 3 || reads["/alerts"] != 3 {
			t.Errorf("read: %v, want 3 times each", reads)
		}
		s.slack(`
			card: #1 Health check of web-1 failed: Resolved by amsbot
			reply: *Check: OK* / OK health · status 200 · ok
			reply: The check is OK: no fault was found.`)
	})
}
