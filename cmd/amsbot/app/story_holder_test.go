package app_test

import (
	"slices"
	"testing"
	"time"

	"amsbot/bot/sim"
	"amsbot/bot/sim/pagerduty"
	"amsbot/cmd/amsbot/app"
)

// The policy pages Aiko at once, beside amsbot: it recovers and resolves, and
// never changes who has the incident.
func TestBesidePeopleAuto(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.down()
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
	}, beside)
}

// What fails is told to those who have it; nobody is taken off.
func TestBesidePeopleFails(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.ail("stubborn")
		s.raise("Health check of web-1 failed", nil)
		s.says("Escalated")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovery failed · Escalated · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / It still does not work: status 500, expected 200 / Please take over.`)
		s.pagerduty(`
			amsbot: note amsbot: Escalated -> 200`)
		s.is("triggered", botPD, aikoPD)
	}, beside)
}

// To wait for a button amsbot hands nothing over: Aiko has it already.
func TestBesidePeopleAsk(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.down()
		s.until("the recovery is offered", s.offered("Run Recovery"))
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.`)
		s.pagerduty(``)
		s.is("triggered", botPD, aikoPD)
	}, beside)
}

// Aiko acknowledges in PagerDuty while the check runs: nothing recovers by
// itself, and the button stands for her.
func TestAcknowledgedDuringTheCheck(t *testing.T) {
	story(t, one(web("autonomy: auto", slowCheck)), func(s *stage) {
		s.down()
		s.pass(3 * time.Second)
		s.must(s.sim.PagerDuty.Acknowledge(aikoPD, s.incident))
		s.until("the recovery is offered", s.offered("Run Recovery"))
		s.settle()
		s.recoveries(0)
		s.press(aiko, "Run Recovery")
		s.says("Recovered at a person's word")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered at a person's word
			reply: *Check: NG* / NG health · status 500, expected 200 · 10 s · 3 of 3 tries failed · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / A person has it: nothing recovers by itself. Run Recovery waits for them.
			reply: Aiko Tanaka pressed Run Recovery.
			reply: *Check: NG* / NG health · status 500, expected 200 · 10 s · 3 of 3 tries failed · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.pagerduty(`
			aiko: resolved -> 200
			amsbot: note amsbot: Recovered at a person's word -> 200`)
		s.is("resolved")
		s.recoveries(1)
	}, beside)
}

// Ben takes it over in Slack while the check runs.
func TestTakeOver(t *testing.T) {
	story(t, one(web("autonomy: auto", slowCheck)), func(s *stage) {
		s.down()
		s.press(ben, "Take Over")
		s.until("the recovery is offered", s.offered("Run Recovery"))
		s.settle()
		if _, have := s.card(); slices.Contains(have, "Take Over") {
			t.Errorf("still to be taken over: %v", have)
		}
		s.slack(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: Ben Brook takes it over.
			reply: *Check: NG* / NG health · status 500, expected 200 · 10 s · 3 of 3 tries failed · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0BEN00001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / A person has it: nothing recovers by itself. Run Recovery waits for them.`)
		s.pagerduty(`
			ben: acknowledged -> 200`)
		s.is("acknowledged", benPD)
		s.recoveries(0)
	})
}

// Chie gives it to Ben in PagerDuty while the check runs.
func TestReassignedDuringTheCheck(t *testing.T) {
	story(t, one(web("autonomy: auto", slowCheck)), func(s *stage) {
		s.down()
		s.pass(3 * time.Second)
		s.must(s.sim.PagerDuty.Reassign(chiePD, s.incident, benPD))
		s.until("the recovery is offered", s.offered("Run Recovery"))
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · 10 s · 3 of 3 tries failed · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0BEN00001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / A person has it: nothing recovers by itself. Run Recovery waits for them.`)
		s.pagerduty(``)
		s.is("triggered", benPD)
		s.recoveries(0)
	})
}

// PagerDuty's own timer escalates while the check runs: amsbot goes on.
func TestEscalatedByTheTimer(t *testing.T) {
	story(t, one(web("autonomy: auto", slowCheck)), func(s *stage) {
		s.down()
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
	}, func(o *sim.Options, _ *app.Config) { o.BotTimeout = 5 * time.Second })
}

// Aiko acknowledges while the recovery runs: it ends, and she is told instead
// of finding it resolved under her hands.
func TestAcknowledgedDuringTheRecovery(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.down()
		s.recovering()
		s.must(s.sim.PagerDuty.Acknowledge(aikoPD, s.incident))
		s.says("Recovered by amsbot")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · 5 s · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The recovery worked: the re-check is OK. / Aiko Tanaka has acknowledged it: resolving it is theirs.`)
		s.pagerduty(`
			amsbot: note amsbot: Recovered by amsbot -> 200`)
		s.is("acknowledged", aikoPD)
		s.recoveries(1)
	}, beside, slow(5*time.Second))
}

// The scenario lets amsbot acknowledge, and PagerDuty takes an acknowledgement
// back by itself: it does, together with the recovery.
func TestAcknowledges(t *testing.T) {
	story(t, one(web("autonomy: auto", "acknowledge: true")), func(s *stage) {
		s.down()
		s.recovering()
		s.wrote("acknowledged")
		s.is("acknowledged", botPD)
		s.says("Recovered by amsbot")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · 5 s · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.pagerduty(`
			amsbot: acknowledged -> 200
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200`)
		s.is("resolved")
	}, slow(5*time.Second))
}

// Without an acknowledgement timeout nobody would take the page back if amsbot
// died: it does not acknowledge.
func TestAcknowledgesNothingForEver(t *testing.T) {
	story(t, one(web("autonomy: auto", "acknowledge: true")), func(s *stage) {
		s.down()
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
	}, service(func(v *pagerduty.Service) { v.AckTimeout = 0 }))
}

// Nor where the timeout is longer than the response may take.
func TestAcknowledgesNothingForTooLong(t *testing.T) {
	story(t, one(web("autonomy: auto", "acknowledge: true")), func(s *stage) {
		s.down()
		s.says("Recovered by amsbot")
		s.settle()
		s.pagerduty(`
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200`)
	}, service(func(v *pagerduty.Service) { v.AckTimeout = time.Hour }))
}

// amsbot acknowledged and the recovery failed: the second line gets it.
func TestAcknowledgesAndFails(t *testing.T) {
	story(t, one(web("autonomy: auto", "acknowledge: true")), func(s *stage) {
		s.ail("stubborn")
		s.raise("Health check of web-1 failed", nil)
		s.says("Escalated")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovery failed · Escalated · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0CHIE0001> *#1* Health check of web-1 failed / It still does not work: status 500, expected 200 / Please take over.`)
		s.pagerduty(`
			amsbot: acknowledged -> 200
			amsbot: level 3 -> 200
			amsbot: note amsbot: Escalated -> 200`)
		s.is("triggered", chiePD)
	})
}
