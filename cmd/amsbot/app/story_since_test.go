package app_test

import (
	"strings"
	"testing"
	"time"

	"amsbot/bot/sim/slack"
)

// stale leaves everybody's Home as it is until it is lifted.
func (s *stage) stale() (lift func()) {
	return s.sim.Slack.Fault(slack.Fault{Method: "views.publish", Times: -1, Error: "not_enabled"})
}

// notLifted fails the story where somebody was not told so often that nothing is
// resumed, and why.
func (s *stage) notLifted(who string, times int, why string) {
	s.Helper()
	s.settle()
	got := s.linesIn(s.dm(who)) + "\n" + s.slackLines()
	if strings.Count(got, "Nothing is resumed: "+why) != times || strings.Contains(got, nameOf(who)+" resumed") {
		s.Errorf("%s is not told %d times %q:\n%s", nameOf(who), times, why, got)
	}
}

// Ben's pause, which Aiko has on her Home and Ben in a dialogue, is lifted, and Chie
// pauses for another reason. What they press then lifts nothing: they never
// saw Chie's. As it stands on her Home at last, she lifts it.
func TestResumeLiftsWhatWasShown(t *testing.T) {
	const since = "project:shop was paused meanwhile by Chie Mori: DB failover. “/ams resume project:shop” lifts that, too."
	story(t, one(web()), func(s *stage) {
		s.must(s.sim.Slack.OpenHome(aiko))
		s.ams(ben, "pause project:shop it loops")
		s.settle()
		lift := s.stale()
		s.ams(ben, "resume")
		s.ams(ben, "resume project:shop")
		s.ams(chie, "pause project:shop DB failover")
		s.settle()
		s.onHome(aiko, "Resume", 1)
		s.notLifted(aiko, 1, since)
		s.send(ben, "resume", nil)
		s.settle()
		if got := s.dialogue(ben); !strings.Contains(got, "Nothing is resumed: "+since) {
			t.Errorf("Ben's dialogue says %s", got)
		}
		if got := s.slackLines(); strings.Count(got, " resumed project:shop") != 1 {
			t.Errorf("Chie's pause was lifted:\n%s", got)
		}
		lift()
		s.must(s.sim.Slack.OpenHome(aiko))
		s.settle()
		s.onHome(aiko, "Resume", 1)
		s.settle()
		s.said("Aiko Tanaka resumed project:shop.")
	}, unhurried, configured(givesResume))
}

// What Aiko saw of a breaker lifts no pause that came since; and what she saw of a
// pause resets no breaker that tripped since.
func TestResumeLeavesWhatCameSince(t *testing.T) {
	story(t, one(web("autonomy: auto", "guards: {cooldown: 0s, breaker: 1}")), func(s *stage) {
		s.must(s.sim.Slack.OpenHome(aiko))
		s.ail("stubborn")
		s.raise("Health check of web-1 failed", nil)
		s.says("Escalated")
		s.settle()
		lift := s.stale()
		s.ams(ben, "pause web-down we are moving")
		s.settle()
		s.onHome(aiko, "Resume", 1)
		s.notLifted(aiko, 1, "scenario:shop/web-down was paused meanwhile by Ben Brook: we are moving.")
		lift()
		s.ams(ben, "resume web-down")
		s.ams(ben, "pause web-down once more")
		s.must(s.sim.Slack.OpenHome(aiko))
		s.settle()
		lift = s.stale()
		s.ams(ben, "resume web-down")
		s.settle()
		s.raiseOn("shop-web", "Health check of web-1 failed: again", "again", nil)
		s.pass(5 * time.Minute)
		s.settle()
		s.onHome(aiko, "Resume", 1)
		s.notLifted(aiko, 1, "scenario:shop/web-down was left to people meanwhile, because its recoveries failed (1 in a row, the last for #2).")
		lift()
	}, unhurried, configured(givesResume))
}
