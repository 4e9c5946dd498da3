package app_test

import (
	"strings"
	"testing"
	"time"

	"amsbot/bot/sim/pagerduty"
)

// Paused: what would recover by itself is held and handed over, and resumes only
// by a person's word.
func TestPaused(t *testing.T) {
	for _, scope := range []string{"all", "project:shop", "scenario:shop/web-down"} {
		t.Run(scope, func(t *testing.T) {
			story(t, one(web("autonomy: auto")), func(s *stage) {
				s.ams(aiko, "pause "+scope+" we are moving")
				s.down()
				s.says("Held")
				s.settle()
				s.is("triggered", aikoPD)
				s.press(aiko, "Run Recovery")
				s.settle()
				s.recoveries(0)
				s.ams(ben, "resume "+scope)
				s.press(aiko, "Run Recovery")
				s.says("Recovered at a person's word")
				s.settle()
				s.recoveries(1)
				s.slack(strings.ReplaceAll(`
					message: Aiko Tanaka paused SCOPE (we are moving): recoveries are held until “/ams resume SCOPE”. Handing over goes on.
					card: #1 Health check of web-1 failed: Recovered at a person's word
					reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
					broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The recovery is held: paused (SCOPE) by Aiko Tanaka: we are moving; “/ams resume SCOPE” lifts it / Please take over.
					only aiko: Nothing runs: paused (SCOPE) by Aiko Tanaka: we are moving; “/ams resume SCOPE” lifts it.
					message: Ben Brook resumed SCOPE.
					reply: Aiko Tanaka pressed Run Recovery.
					reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
					reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
					reply: *Re-check: OK* / OK health · status 200 · ok
					reply: The recovery worked: the re-check is OK.`, "SCOPE", scope))
				s.pagerduty(`
					amsbot: level 2 -> 200
					amsbot: note amsbot: Held -> 200
					aiko: resolved -> 200
					amsbot: note amsbot: Recovered at a person's word -> 200`)
			})
		})
	}
}

// Somebody pauses in the middle of a recovery of two steps: the first ends, the
// second does not start.
func TestPausedInTheMiddle(t *testing.T) {
	story(t, one(web("autonomy: auto", twoSteps)), func(s *stage) {
		s.ail("stubborn")
		s.raise("Health check of web-1 failed", nil)
		s.recovering()
		s.ams(aiko, "pause project:shop")
		s.says("Held")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Held · NG: status 500, expected 200 · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			message: Aiko Tanaka paused project:shop: recoveries are held until “/ams resume project:shop”. Handing over goes on.
			reply: *Recovery: OK* / OK restart · status 200 · 5 s · {"done":"restart"}
			reply: *Re-check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The recovery is held: paused (project:shop) by Aiko Tanaka; “/ams resume project:shop” lifts it / Please take over.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Held -> 200`)
		s.is("triggered", aikoPD)
		s.recoveries(1)
	}, slow(5*time.Second))
}

// Pausing does not stop a response that changes nothing: check and hand-over go on.
func TestPausedStillHandsOver(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.ams(aiko, "pause all")
		s.ail("errors")
		s.raise("Health check of web-1 failed", map[string]any{"address": "web-9.shop.example:8080"})
		s.says("Escalated")
		s.settle()
		s.slack(`
			message: Aiko Tanaka paused all: recoveries are held until “/ams resume all”. Handing over goes on.
			card: #1 Health check of web-1 failed: Escalated · UNKNOWN: the name web-9.shop.example cannot be resolved · Please take over
			reply: *Check: UNKNOWN* / UNKNOWN health · the name web-9.shop.example cannot be resolved
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The check could not find out whether it works: the name web-9.shop.example cannot be resolved / Please take over.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Escalated -> 200`)
		s.is("triggered", aikoPD)
	})
}

// unread lets PagerDuty answer no read of an incident for a while.
func (s *stage) unread(d time.Duration) {
	s.sim.PagerDuty.Fault(pagerduty.Fault{Method: "GET", Path: "/incidents/*", Kind: pagerduty.FaultStatus, Status: 500, For: d})
}

// PagerDuty could not be read for so long that the deadline passes during the
// check: amsbot escalates, and starts nothing more.
func TestDeadlineDuringTheCheck(t *testing.T) {
	story(t, one(web(strings.Replace(checkHealth, "2s", "30s", 1), "recover: none", "recheck: none", gatherMetrics, "deadline: 80s")), func(s *stage) {
		s.unread(40 * time.Second)
		s.ail("hangs")
		s.raise("Health check of web-1 failed", nil)
		s.says("Escalated")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Escalated · Please take over
			broadcast: <@U0CHIE0001> *#1* Health check of web-1 failed / The deadline of this scenario has passed without a result. / Please take over.`)
		s.pagerduty(`
			amsbot: level 3 -> 200
			amsbot: note amsbot: Escalated -> 200`)
		s.is("triggered", chiePD)
		s.recoveries(0)
	}, unhurried)
}

// The deadline passes while a recovery runs: it is not killed, nothing new
// starts, and its lock is kept until it ends.
func TestDeadlineDuringTheRecovery(t *testing.T) {
	story(t, one(web("autonomy: auto", strings.Replace(twoSteps, "20s", "40s", 2), "deadline: 100s", "guards: {cooldown: 0s, lock: target}")), func(s *stage) {
		s.unread(40 * time.Second)
		s.ail("stubborn")
		s.raise("Health check of web-1 failed", nil)
		s.recovering()
		s.says("Escalated")
		s.is("triggered", chiePD)
		s.recoveries(1)
		s.raiseOn("shop-web", "Health check of web-1 failed: again", "again", nil)
		s.pass(10 * time.Second)
		s.recoveries(1)
		s.until("the second has recovered too", func() bool { return len(s.sim.Patient.Recoveries()) == 4 })
		s.settle()
		if all := s.sim.Patient.Recoveries(); all[2].At.Sub(all[1].At) < 30*time.Second {
			t.Errorf("side by side: %v", all)
		}
		s.slack(`
			card: #1 Health check of web-1 failed: Escalated · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0CHIE0001> *#1* Health check of web-1 failed / The deadline of this scenario has passed without a result. / Please take over.
			card: #2 Health check of web-1 failed: again: Recovery failed · Escalated · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · 30 s · {"done":"restart"} / OK restart again · status 200 · 30 s · {"done":"restart"}
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · 30 s · {"done":"restart"} / OK restart again · status 200 · 30 s · {"done":"restart"}
			reply: *Re-check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0CHIE0001> *#2* Health check of web-1 failed: again / It still does not work: status 500, expected 200 / Please take over.`)
		s.pagerduty(`
			amsbot: level 3 -> 200
			amsbot: note amsbot: Escalated -> 200
			amsbot: level 3 -> 200
			amsbot: note amsbot: Escalated -> 200`)
	}, slow(30*time.Second), unhurried)
}

// A card that asks says what a press would have to override, and whoever is
// called is told of a pause, before they press in vain.
func TestAskSaysWhatHolds(t *testing.T) {
	story(t, one(web("guards: {cooldown: 30m}")), func(s *stage) {
		s.down()
		s.says("Run Recovery waits for a person")
		s.press(aiko, "Run Recovery")
		s.says("Recovered at a person's word")
		s.pass(5 * time.Minute)
		s.again("once more")
		s.says("Run Recovery waits for a person")
		s.settle()
		if m, _ := s.card(); !strings.Contains(string(m.Attachments), "Run Recovery waits for a person. Pressed now, it overrides cooldown.") {
			t.Errorf("the card says %s", m.Attachments)
		}
		s.ams(ben, "pause project:shop")
		s.again("and again")
		s.until("the card has no more to say", func() bool {
			m, _ := s.card()
			return strings.Contains(m.Text, "and again: NG: status 500, expected 200 · Paused: please take over or resume")
		})
		s.settle()
		for _, want := range []string{
			"failed: once more / NG: status 500, expected 200 / Run Recovery waits for a person. Pressed now, it overrides cooldown.",
			"failed: and again / NG: status 500, expected 200 / Run Recovery waits for a person. Nothing runs yet: paused (project:shop) by Ben Brook; “/ams resume project:shop” lifts it",
		} {
			if got := s.slackLines(); !strings.Contains(got, want) {
				t.Errorf("nobody is told %q:\n%s", want, got)
			}
		}
	})
}
