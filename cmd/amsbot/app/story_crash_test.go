package app_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"amsbot/bot/sim/pagerduty"
)

// The power goes during the check: amsbot starts it again, and goes on.
func TestCrashDuringTheCheck(t *testing.T) {
	story(t, one(web("autonomy: auto", slowCheck)), func(s *stage) {
		s.down()
		s.pass(3 * time.Second)
		s.crash()
		s.pass(5 * time.Second)
		s.start()
		s.says("Recovered by amsbot")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · 10 s · 3 of 3 tries failed · {"error":"database pool exhausted","status":"error"}
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

// The webhook was answered, so PagerDuty will not send it again; the incident
// had not been read when the power went.
func TestCrashBeforeTheRead(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		hang := s.sim.PagerDuty.Fault(pagerduty.Fault{Method: "GET", Path: "/incidents/*", Kind: pagerduty.FaultHang})
		s.down()
		s.says("Reading")
		s.crash()
		s.sim.PagerDuty.Heal(hang)
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
		s.recoveries(1)
	}, unhurried)
}

// The button that was on offer before the power went works after it.
func TestCrashWhileWaiting(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.down()
		s.until("the recovery is offered", s.offered("Run Recovery"))
		s.settle()
		s.crash()
		s.pass(time.Minute)
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

// interrupted plays until a recovery that must not run twice was cut off, and a
// person has to decide.
func interrupted(s *stage) {
	s.Helper()
	s.down()
	s.recovering()
	s.pass(3 * time.Second)
	s.crash()
	s.pass(10 * time.Second)
	s.start()
	s.says("Interrupted")
	s.settle()
	s.recoveries(0)
	s.is("triggered", aikoPD)
	if _, have := s.card(); !slices.Contains(have, "Run Again") || !slices.Contains(have, "Mark Done") || !slices.Contains(have, "Escalate") {
		s.Errorf("on the card: %v", have)
	}
}

// The power goes while a recovery runs that may not run twice: amsbot checks,
// hands over, and asks. Somebody lets it run again.
func TestInterruptedRunAgain(t *testing.T) {
	story(t, one(web("autonomy: auto", restartOnce)), func(s *stage) {
		interrupted(s)
		s.press(aiko, "Run Again") // the start that was interrupted is no reason to hold it
		s.says("Recovered at a person's word")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered at a person's word
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Re-check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The recovery was interrupted, and the check is not OK: amsbot stopped while the recovery ran; nobody saw how it ended / Please take over.
			reply: Aiko Tanaka runs the recovery again.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · 8 s · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Interrupted -> 200
			aiko: resolved -> 200
			amsbot: note amsbot: Recovered at a person's word -> 200`)
		s.is("resolved")
		s.recoveries(1)
	}, slow(8*time.Second), unhurried)
}

// Somebody has restarted it by hand meanwhile, and says so: amsbot checks, and
// resolves nothing by itself.
func TestInterruptedMarkDone(t *testing.T) {
	story(t, one(web("autonomy: auto", restartOnce)), func(s *stage) {
		interrupted(s)
		s.ail("healthy")
		s.press(aiko, "Mark Done")
		s.until("it was checked", func() bool { return strings.Contains(s.slackLines(), "*Check: OK*") })
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Interrupted
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Re-check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The recovery was interrupted, and the check is not OK: amsbot stopped while the recovery ran; nobody saw how it ended / Please take over.
			reply: Aiko Tanaka marked the recovery as done.
			reply: *Check: OK* / OK health · status 200 · ok
			reply: The recovery was interrupted; the check is OK now. A person should look before it is resolved.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Interrupted -> 200
			amsbot: note amsbot: Interrupted -> 200`)
		s.is("triggered", aikoPD)
		s.recoveries(0)
	}, slow(8*time.Second), unhurried)
}

// Somebody says that it is done, and it is not.
func TestInterruptedMarkDoneTooSoon(t *testing.T) {
	story(t, one(web("autonomy: auto", restartOnce)), func(s *stage) {
		interrupted(s)
		s.press(aiko, "Mark Done")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Interrupted · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Re-check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The recovery was interrupted, and the check is not OK: amsbot stopped while the recovery ran; nobody saw how it ended / Please take over.
			reply: Aiko Tanaka marked the recovery as done.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: The recovery was interrupted, and the check is not OK: status 500, expected 200`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Interrupted -> 200`)
		if _, have := s.card(); !slices.Contains(have, "Run Again") {
			t.Errorf("on the card: %v", have)
		}
	}, slow(8*time.Second), unhurried)
}

// Somebody calls the next level.
func TestInterruptedEscalate(t *testing.T) {
	story(t, one(web("autonomy: auto", restartOnce)), func(s *stage) {
		interrupted(s)
		s.press(aiko, "Escalate")
		s.wrote("level 3")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Interrupted · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Re-check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The recovery was interrupted, and the check is not OK: amsbot stopped while the recovery ran; nobody saw how it ended / Please take over.
			broadcast: <@U0CHIE0001> *#1* Health check of web-1 failed / Aiko Tanaka escalates it to the next level.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Interrupted -> 200
			aiko: level 3 -> 200`)
		s.is("triggered", chiePD)
		s.recoveries(0)
	}, slow(8*time.Second), unhurried)
}
