package app_test

import (
	"strings"
	"testing"
	"time"
)

// Somebody who has the secret signs an incident that PagerDuty does not know: it
// is asked for, nothing is done about it, and after an hour it is over. Nobody is
// asked for it from then on.
func TestUnknownToPagerDuty(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		forged := hook("E1", "incident.triggered", "QNOBODY0000001", "Health check of web-1 failed")
		if got := s.deliver("POST", "/pagerduty/webhook", forged, signedBy(hookSecret, forged)); got != 202 {
			t.Fatalf("answered %d", got)
		}
		s.pass(50 * time.Minute)
		if n := len(s.reads()); n < 10 {
			t.Errorf("asked for %d times in 50 minutes", n)
		}
		s.pass(20 * time.Minute)
		s.says("Not known to PagerDuty")
		asked := len(s.reads())
		s.pass(2 * time.Hour)
		if n := len(s.reads()) - asked; n > 0 {
			t.Errorf("asked for %d times more", n)
		}
		s.ams(aiko, "list")
		s.settle()
		if text := s.slackLines(); !strings.Contains(text, "only aiko: No incident is open.") {
			t.Errorf("the list:\n%s", text)
		}
		s.recoveries(0)
		if text := s.pagerLines(); text != "" {
			t.Errorf("PagerDuty:\n%s", text)
		}
	}, unhurried)
}
