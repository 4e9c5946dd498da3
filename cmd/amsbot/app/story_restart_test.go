package app_test

import (
	"strings"
	"testing"
	"time"
)

// It was interrupted, and works when amsbot is back: reported, not resolved.
func TestInterruptedAndOK(t *testing.T) {
	story(t, one(web("autonomy: auto", restartOnce)), func(s *stage) {
		s.down()
		s.recovering()
		s.crash()
		s.ail("healthy")
		s.start()
		s.says("Interrupted")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Interrupted
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The recovery was interrupted; the check is OK now. A person should look before it is resolved.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Interrupted -> 200`)
		s.is("triggered", aikoPD)
		s.recoveries(0)
	}, slow(8*time.Second), unhurried)
}

// What may run twice runs again by itself.
func TestCrashDuringAnIdempotentRecovery(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.down()
		s.recovering()
		s.pass(3 * time.Second)
		s.crash()
		s.start()
		s.says("Recovered by amsbot")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · 8 s · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.pagerduty(`
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200`)
		s.is("resolved")
		s.recoveries(1)
	}, slow(8*time.Second), unhurried)
}

// The recovery is over and its re-check has not begun: it is not repeated.
func TestCrashBeforeTheRecheck(t *testing.T) {
	story(t, one(web("autonomy: auto", restartOnce, "recheck: {settle: 20s, every: 1s, stable: 2, within: 10s}")), func(s *stage) {
		s.down()
		s.until("it was restarted", func() bool { return len(s.sim.Patient.Recoveries()) == 1 })
		s.pass(5 * time.Second)
		s.crash()
		s.pass(30 * time.Second)
		s.start()
		s.says("Recovered by amsbot")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.pagerduty(`
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200`)
		s.is("resolved")
		s.recoveries(1)
	}, unhurried)
}

// amsbot is stopped in good order while a recovery runs: the step may end, and
// after the start all goes on.
func TestStoppedDuringTheRecovery(t *testing.T) {
	story(t, one(web("autonomy: auto", restartOnce)), func(s *stage) {
		s.down()
		s.recovering()
		s.stop()
		s.recoveries(1)
		s.start()
		s.says("Recovered by amsbot")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · 5 s · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.pagerduty(`
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200`)
		s.is("resolved")
		s.recoveries(1)
	}, slow(5*time.Second), unhurried)
}

// The author changed the scenario while a person was waited for: the incident
// runs the version that it matched.
func TestPinnedVersion(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.down()
		s.until("the recovery is offered", s.offered("Run Recovery"))
		s.settle()
		s.stop()
		s.rewrite(one(web(strings.Replace(restart, "/restart", "/nowhere", 1), "description: changed")))
		s.start()
		s.press(aiko, "Run Recovery")
		s.says("Recovered at a person's word")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered at a person's word
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			reply: Aiko Tanaka pressed Run Recovery.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			aiko: resolved -> 200
			amsbot: note amsbot: Recovered at a person's word -> 200`)
		s.recoveries(1)
	}, unhurried)
}

// The scenario is gone from the folder: its bytes are kept.
func TestPinnedVersionOfARemovedScenario(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.down()
		s.until("the recovery is offered", s.offered("Run Recovery"))
		s.settle()
		s.stop()
		s.rewrite(map[string]string{"other.yaml": web("name: other", "when: {service: shop-db}")})
		s.start()
		s.press(aiko, "Run Recovery")
		s.says("Recovered at a person's word")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered at a person's word
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			reply: Aiko Tanaka pressed Run Recovery.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			aiko: resolved -> 200
			amsbot: note amsbot: Recovered at a person's word -> 200`)
		s.recoveries(1)
	}, unhurried)
}
