package app_test

import (
	"testing"
	"time"
)

// rules are the rules that are never broken, and the tests that hold each.
var rules = []struct {
	rule  string
	tests []string
}{
	{"1. Durable before visible", []string{"TestCrashBeforeTheRead", "TestKilledWhileWriting", "TestFullDisk", "TestWebhookAsksToTryAgain"}},
	{"2. Three doors", []string{"TestWebhooksTwiceAndReversed", "TestPagerDutyCannotBeRead", "TestEchoesStartNothing"}},
	{"3. Once", []string{"TestTwoPressAtOnce", "TestDoubleClick", "TestEnvelopeTwice", "TestPressedAfterARestart"}},
	{"4. Intent first", []string{"TestInterruptedRunAgain", "TestCrashDuringAnIdempotentRecovery", "TestCrashBeforeTheRecheck"}},
	{"5. UNKNOWN never resolves", []string{"TestCheckUnknown", "TestAllSkippedIsUnknown", "TestBrokenExpressionIsUnknown"}},
	{"6. No page is swallowed", []string{"TestPagerDutyReachesAPersonWithoutUs", "TestAcknowledgesNothingForEver", "TestPausedStillHandsOver", "TestMaintenance"}},
	{"7. Pinned", []string{"TestPinnedVersion", "TestPinnedVersionOfARemovedScenario"}},
	{"8. Alert text is data", []string{"TestHostileAlert", "TestHostileHost", "TestExecHostileValues", "TestHTTPHosts"}},
	{"9. No secret leaves", []string{"TestNoSecretLeaves", "TestTheTokenIsNotPrinted", "TestTextShowsNothing"}},
	{"10. A slow Slack or PagerDuty delays nothing but itself", []string{"TestSlackIsAway", "TestSlowReceiverDelaysNothingElse", "TestDuplicateThatCannotBeRemovedIsTriedAgain"}},
	{"11. Every act has a name, and a permission", []string{"TestWhoMayNot", "TestCeilingHolds", "TestWhoMayOverride", "TestWhoMayMaintain"}},
	{"12. Fresh", []string{"TestStaleCardAndFinishedIncident", "TestAcknowledgedDuringTheCheck", "TestResolvedByMonitoringDuringTheRecovery"}},
}

// TestRulesHaveTheirTests holds that every rule is held by tests that exist.
func TestRulesHaveTheirTests(t *testing.T) {
	have := declaredTests(t)
	if len(rules) != 12 {
		t.Errorf("%d rules", len(rules))
	}
	for _, r := range rules {
		for _, name := range r.tests {
			if !have[name] {
				t.Errorf("rule %s: there is no %s", r.rule, name)
			}
		}
	}
}

// amsbot is dead when the incident comes, and again while it holds one:
// PagerDuty's own timer reaches a person each time, and what was missed is taken
// up when amsbot is back.
func TestPagerDutyReachesAPersonWithoutUs(t *testing.T) {
	story(t, one(webDown("ask")), func(s *stage) {
		s.stop()
		s.down()
		s.until("Aiko's phone rings", func() bool { return s.rings(aikoPD) })
		s.start()
		s.until("the card asks", s.offered("Run Recovery"))
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.`)
		s.pagerduty(``)
		s.recoveries(0)
	})
	story(t, one(webDown("auto")), func(s *stage) {
		s.ail("hangs")
		s.raise("Health check of web-1 failed", nil)
		s.pass(time.Second) // it checks, and holds the incident
		s.crash()
		s.until("Aiko's phone rings", func() bool { return s.rings(aikoPD) })
		s.settle()
		s.slack(`card: #1 Health check of web-1 failed: Checking whether it works`)
		s.pagerduty(``)
	})
}

// rings says whether somebody's phone rings.
func (s *stage) rings(user string) bool {
	for _, p := range s.sim.PagerDuty.State().Pages {
		if p.Ringing && p.User.ID == user {
			return true
		}
	}
	return false
}
