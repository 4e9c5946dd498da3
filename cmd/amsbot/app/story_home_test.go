package app_test

import (
	"strings"
	"testing"
	"time"
)

// What has been open since yesterday is still open.
func TestHomeOfYesterday(t *testing.T) {
	story(t, twoProjects(), func(s *stage) {
		s.waits()
		s.pass(25 * time.Hour)
		s.must(s.sim.Slack.OpenHome(aiko))
		s.settle()
		home := s.home(aiko)
		for _, want := range []string{"Health check of web-1 failed", "*Open now* / 1", "*In the last 24 hours* / 0"} {
			if !strings.Contains(home, want) {
				t.Errorf("Home does not say %q:\n%s", want, home)
			}
		}
	}, unhurried)
}
