package app_test

import (
	"testing"
	"time"
)

// Somebody merges it into another incident: amsbot stops and points there.
func TestMerged(t *testing.T) {
	story(t, one(web("autonomy: auto", slowCheck)), func(s *stage) {
		other := s.raiseOn("shop-db", "Something bigger", "bigger", nil)
		s.says("Handed over")
		s.down()
		s.pass(3 * time.Second)
		s.must(s.sim.PagerDuty.Merge(aikoPD, other, s.incident))
		s.says("Merged")
		s.settle()
		s.slack(`
			card: #1 Something bigger: Handed over: no scenario fits · Please take over
			broadcast: <@U0AIKO0001> *#1* Something bigger / No scenario fits this incident. / Please take over.
			card: #2 Health check of web-1 failed: Merged into another incident by Aiko Tanaka (Q…)
			reply: Merged into another incident by Aiko Tanaka (Q…)`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Handed over -> 200
			amsbot: note amsbot: Merged -> 200`)
		s.recoveries(0)
	}, unhurried)
}

// The monitoring tool clears the alert while the check runs: no step that has
// not started starts.
func TestResolvedByMonitoringDuringTheCheck(t *testing.T) {
	story(t, one(web("autonomy: auto", slowCheck, gatherMetrics)), func(s *stage) {
		s.down()
		s.pass(3 * time.Second)
		s.must(s.sim.PagerDuty.Clear("shop-web", host+"/health"))
		s.says("Resolved by monitoring (shop-web)")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Resolved by monitoring (shop-web)
			reply: Resolved by monitoring (shop-web)`)
		s.pagerduty(`
			amsbot: note amsbot: Resolved by monitoring -> 200`)
		s.recoveries(0)
	})
}

// It clears during the recovery: the step ends and reports, and that is all.
func TestResolvedByMonitoringDuringTheRecovery(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.down()
		s.recovering()
		s.must(s.sim.PagerDuty.Clear("shop-web", host+"/health"))
		s.says("Resolved by monitoring (shop-web)")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Resolved by monitoring (shop-web)
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · 5 s · {"done":"restart"}
			reply: Resolved by monitoring (shop-web)`)
		s.pagerduty(`
			amsbot: note amsbot: Resolved by monitoring -> 200`)
		s.recoveries(1)
	}, slow(5*time.Second))
}

// Aiko resolves it in PagerDuty while the recovery is offered.
func TestResolvedByAPersonWhileOffered(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.down()
		s.until("the recovery is offered", s.offered("Run Recovery"))
		old, _ := s.card()
		s.must(s.sim.PagerDuty.Resolve(aikoPD, s.incident))
		s.says("Resolved by Aiko Tanaka")
		s.settle()
		s.click(ben, "Run Recovery", old)
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Resolved by Aiko Tanaka
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			reply: Resolved by Aiko Tanaka
			only ben: Too late: Resolved by Aiko Tanaka.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Resolved by a person -> 200`)
		s.recoveries(0)
	})
}

// Reopened: the same card, a new run, and this time a person decides.
func TestReopened(t *testing.T) {
	story(t, one(web("autonomy: auto", unsafe)), func(s *stage) {
		s.down()
		s.says("Recovered by amsbot")
		s.settle()
		s.ail("errors")
		s.must(s.sim.PagerDuty.Reopen(aikoPD, s.incident))
		s.until("the recovery is offered", s.offered("Run Recovery"))
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.`)
		s.pagerduty(`
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200
			amsbot: level 2 -> 200`)
		s.is("triggered", aikoPD)
		s.recoveries(1)
	})
}

// The same alert comes back ten minutes after amsbot resolved it: nothing
// recovers by itself any more.
func TestCameBack(t *testing.T) {
	story(t, one(web("autonomy: auto", unsafe)), func(s *stage) {
		s.down()
		s.says("Recovered by amsbot")
		s.pass(10 * time.Minute)
		s.down()
		s.until("the recovery is offered", s.offered("Run Recovery"))
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.
			card: #2 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#2* Health check of web-1 failed / NG: status 500, expected 200 / It came back after it was resolved through amsbot: nothing recovers by itself. Run Recovery waits for a person.`)
		s.pagerduty(`
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200
			amsbot: level 2 -> 200`)
		s.is("triggered", aikoPD)
		s.recoveries(1)
	})
}

// After half an hour it is a fault of its own.
func TestCameBackMuchLater(t *testing.T) {
	story(t, one(web("autonomy: auto", unsafe)), func(s *stage) {
		s.down()
		s.says("Recovered by amsbot")
		s.pass(31 * time.Minute)
		s.down()
		s.until("it is recovered again", func() bool { return len(s.sim.Patient.Recoveries()) == 2 })
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.
			card: #2 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.pagerduty(`
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200`)
		s.is("resolved")
	})
}

// amsbot starts and finds an incident of twenty minutes ago: it looks, and
// recovers nothing by itself.
func TestOldIncidentAtTheStart(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.stop()
		s.down()
		s.pass(20 * time.Minute)
		s.start()
		s.until("the recovery is offered", s.offered("Run Recovery"))
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / The incident is older than the scenario lets recover by itself. Run Recovery waits for a person.`)
		s.pagerduty(`
			amsbot: level 2 -> 200`)
		s.is("triggered", aikoPD)
		s.recoveries(0)
	}, unhurried)
}

// One of five minutes ago it takes up as if it had just come.
func TestYoungIncidentAtTheStart(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.stop()
		s.down()
		s.pass(5 * time.Minute)
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

// Aiko had acknowledged before amsbot heard of it.
func TestAcknowledgedBeforeWeSawIt(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.late(5 * time.Second)
		s.down()
		s.must(s.sim.PagerDuty.Acknowledge(aikoPD, s.incident))
		s.until("the recovery is offered", s.offered("Run Recovery"))
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / A person had acknowledged it before amsbot saw it: nothing recovers by itself. Run Recovery waits for a person.`)
		s.pagerduty(``)
		s.is("acknowledged", aikoPD)
		s.recoveries(0)
	})
}
