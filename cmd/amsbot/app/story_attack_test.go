package app_test

import (
	"fmt"
	"strings"
	"testing"
)

// What an alert brings may be as large as monitoring lets it be, and made of
// characters that take six bytes where the history keeps them: the incident is
// read and answered all the same.
func TestHugeAlert(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.ail("errors")
		details := map[string]any{}
		for i := range 50 { // 1.2 MB in the history, where an event has 1 MiB
			details[fmt.Sprintf("zz%03d", i)] = strings.Repeat("<", 4000)
		}
		s.raise("Health check of web-1 failed", details)
		s.says("Recovered by amsbot")
		s.settle()
		s.recoveries(1)
		s.is("resolved")
	}, unhurried)
}

// A target of as many characters as a target may have, each of them long: guards
// are counted by it.
func TestLongTarget(t *testing.T) {
	story(t, one(web("autonomy: auto", "target: ${{ alert.details.text }}")), func(s *stage) {
		s.ail("errors")
		s.raise("Health check of web-1 failed", map[string]any{"text": strings.Repeat("世", 200)})
		s.says("Recovered by amsbot")
		s.settle()
		s.recoveries(1)
		s.is("resolved")
	}, unhurried)
}

// The key by which monitoring groups its alerts is as long as it may be, or has
// characters that no key of ours has: what amsbot did is in the history.
func TestOddAlertKeys(t *testing.T) {
	for name, key := range map[string]string{"long": strings.Repeat("世", 255), "control": "web-1\thealth\x01"} {
		t.Run(name, func(t *testing.T) {
			story(t, one(web("autonomy: auto")), func(s *stage) {
				s.ail("errors")
				s.raiseOn("shop-web", "Health check of web-1 failed", key, nil)
				s.says("Recovered by amsbot")
				s.settle()
				s.is("resolved")
				s.recoveries(1)
				if text := s.log.String(); strings.Contains(text, "ERROR") || strings.Contains(text, "could not be delivered") {
					t.Errorf("the log: %s", text)
				}
			}, unhurried)
		})
	}
}

// What is paused or resumed for all is so for each project: only who may do it in
// every one of them may do it at once.
func TestPauseAllBehindAWall(t *testing.T) {
	story(t, twoProjects(), func(s *stage) {
		s.ams(chie, "pause all")
		s.ams(aiko, "pause all")
		s.ams(chie, "resume all")
		s.settle()
		s.slack(`
			only chie: You may not Pause here. Who may: <!subteam^S0SHOPOPS1>.
			message: Aiko Tanaka paused all: recoveries are held until “/ams resume all”. Handing over goes on.
			only chie: You may not Resume here. Who may: <!subteam^S0SHOPOPS1>.`)
	}, unhurried)
}
