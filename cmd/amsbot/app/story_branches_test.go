package app_test

import (
	"slices"
	"testing"
)

// The check is OK: nothing is wrong. amsbot says so and gives back what it held.
func TestCheckOK(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.raise("Health check of web-1 failed", nil)
		s.says("No fault found")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: No fault found · Please look
			reply: *Check: OK* / OK health · status 200 · ok
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The check is OK: no fault was found. / Please look, and resolve it if you agree.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: No fault found -> 200`)
		s.is("triggered", aikoPD)
		s.recoveries(0)
	})
}

// The check is OK and the scenario says that this is enough.
func TestCheckOKResolves(t *testing.T) {
	story(t, one(web("then: {ok: resolve}")), func(s *stage) {
		s.raise("Health check of web-1 failed", nil)
		s.says("Resolved by amsbot")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Resolved by amsbot
			reply: *Check: OK* / OK health · status 200 · ok
			reply: The check is OK: no fault was found.`)
		s.pagerduty(`
			amsbot: resolved -> 200
			amsbot: note amsbot: No fault found -> 200`)
		s.is("resolved")
	})
}

// The name does not resolve: nobody knows whether it works. The evidence is
// gathered all the same, and the first line is called.
func TestCheckUnknown(t *testing.T) {
	story(t, one(web("autonomy: auto", gatherMetrics)), func(s *stage) {
		s.ail("errors")
		s.raise("Health check of web-1 failed", map[string]any{"address": "web-9.shop.example:8080"})
		s.says("Escalated")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Escalated · UNKNOWN: the name web-9.shop.example cannot be resolved · Please take over
			reply: *Check: UNKNOWN* / UNKNOWN health · the name web-9.shop.example cannot be resolved
			reply: *Gather* / OK numbers · status 200 · {"quota_bytes":4194304,"used_bytes":1677721,"used_percent":40}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The check could not find out whether it works: the name web-9.shop.example cannot be resolved / Please take over.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Escalated -> 200`)
		s.is("triggered", aikoPD)
		s.recoveries(0)
	})
}

// UNKNOWN never resolves. The author only wants people told, but amsbot has the
// incident and nobody would be paged: the first line gets it all the same.
func TestCheckUnknownOnlyNotifies(t *testing.T) {
	story(t, one(web("autonomy: auto", "then: {unknown: [{notify: 'look at ${{ target }} by hand'}]}")), func(s *stage) {
		s.ail("unreachable")
		s.raise("Health check of web-1 failed", nil)
		s.says("Escalated")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Escalated · UNKNOWN: no connection in time · Please take over
			reply: *Check: UNKNOWN* / UNKNOWN health · no connection in time · 2 s
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The check could not find out whether it works: no connection in time / look at web-1.shop.example by hand / Please take over.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Escalated -> 200`)
		s.is("triggered", aikoPD)
		s.recoveries(0)
	}, unhurried)
}

// The check is NG and the scenario knows no recovery.
func TestNothingToRecover(t *testing.T) {
	story(t, one(web("recover: none", "recheck: none")), func(s *stage) {
		s.down()
		s.says("NG")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0CHIE0001> *#1* Health check of web-1 failed / It still does not work: status 500, expected 200 / Please take over.`)
		s.pagerduty(`
			amsbot: level 3 -> 200
			amsbot: note amsbot: Escalated -> 200`)
		s.is("triggered", chiePD)
	})
}

// A scenario that observes looks and tells; it neither recovers nor offers to.
func TestObserve(t *testing.T) {
	story(t, one(web("autonomy: observe", gatherMetrics, "then: {failed: [{escalate: second_line}], ok: resolve}")), func(s *stage) {
		s.down()
		s.says("Observed")
		s.settle()
		if _, have := s.card(); slices.Contains(have, "Run Recovery") {
			t.Errorf("a recovery is offered: %v", have)
		}
		s.slack(`
			card: #1 Health check of web-1 failed: Observed · NG: status 500, expected 200 · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Gather* / OK numbers · status 200 · {"quota_bytes":4194304,"used_bytes":1677721,"used_percent":40}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The check is NG. This scenario only observes: nothing was recovered. / Please take over.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Observed -> 200`)
		s.is("triggered", aikoPD)
		s.recoveries(0)
	})
}

// Observing amsbot resolves nothing either, even what is fine.
func TestObserveOK(t *testing.T) {
	story(t, one(web("autonomy: observe", "then: {ok: resolve}")), func(s *stage) {
		s.raise("Health check of web-1 failed", nil)
		s.says("No fault found")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: No fault found · Please look
			reply: *Check: OK* / OK health · status 200 · ok
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The check is OK: no fault was found. / Please look, and resolve it if you agree.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: No fault found -> 200`)
		s.is("triggered", aikoPD)
	})
}

// Nobody presses in time: Run Checks Again takes the place of Run Recovery. It
// finds the fault still there and offers the recovery anew.
func TestAskExpiresAndIsOfferedAgain(t *testing.T) {
	story(t, one(web("approval: 5m")), func(s *stage) {
		s.down()
		s.until("the recovery is offered", s.offered("Run Recovery"))
		s.says("Nobody pressed in time")
		if _, have := s.card(); slices.Contains(have, "Run Recovery") || !slices.Contains(have, "Run Checks Again") {
			t.Errorf("on the card: %v", have)
		}
		s.press(ben, "Run Checks Again")
		s.press(ben, "Run Recovery")
		s.says("Recovered at a person's word")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered at a person's word
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			reply: Nobody pressed Run Recovery in time. Run Checks Again takes its place.
			reply: Ben Brook has it checked again.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: It still does not work: status 500, expected 200
			reply: Ben Brook pressed Run Recovery.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Nobody pressed in time -> 200
			ben: resolved -> 200
			amsbot: note amsbot: Recovered at a person's word -> 200`)
		s.is("resolved")
		s.recoveries(1)
	}, unhurried)
}

// Nobody presses in time, and when somebody looks again it works: healed, but
// not by amsbot, which resolves nothing.
func TestAskExpiresAndHeals(t *testing.T) {
	story(t, one(web("approval: 5m")), func(s *stage) {
		s.down()
		s.says("Nobody pressed in time")
		s.ail("healthy")
		s.press(ben, "Run Checks Again")
		s.says("Healed")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Healed, but not by amsbot · Please look
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			reply: Nobody pressed Run Recovery in time. Run Checks Again takes its place.
			reply: Ben Brook has it checked again.
			reply: *Check: OK* / OK health · status 200 · ok
			reply: It works again, but not because of amsbot: nothing more is done.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Nobody pressed in time -> 200
			amsbot: note amsbot: Healed, but not by amsbot -> 200`)
		s.is("triggered", aikoPD)
		s.recoveries(0)
	}, unhurried)
}

// Whoever presses Run Recovery when it works again recovers nothing: the check
// comes first.
func TestPressedWhenItWorksAgain(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.down()
		s.until("the recovery is offered", s.offered("Run Recovery"))
		s.ail("healthy")
		s.press(aiko, "Run Recovery")
		s.says("Healed")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Healed, but not by amsbot · Please look
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			reply: Aiko Tanaka pressed Run Recovery.
			reply: *Check: OK* / OK health · status 200 · ok
			reply: It works again, but not because of amsbot: nothing more is done.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Healed, but not by amsbot -> 200`)
		s.recoveries(0)
	})
}
