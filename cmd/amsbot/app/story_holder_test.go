package app_test

import (
	"slices"
	"strings"
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
			card: #1 Health check of web-1 failed: Escalated
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / It still does not work: status 500, expected 200`)
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
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery is waiting for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / Run Recovery waits for a person.`)
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
			reply: *Check: NG* / NG health · status 500, expected 200 · 10s · 3 of 3 tries failed · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / A person has it: nothing recovers by itself. Run Recovery waits for them.
			reply: aiko pressed Run Recovery.
			reply: *Check: NG* / NG health · status 500, expected 200 · 10s · 3 of 3 tries failed · {"error":"database pool exhausted","status":"error"}
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
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery is waiting for a person
			reply: ben takes it over.
			reply: *Check: NG* / NG health · status 500, expected 200 · 10s · 3 of 3 tries failed · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0BEN00001> *#1* Health check of web-1 failed / A person has it: nothing recovers by itself. Run Recovery waits for them.`)
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
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery is waiting for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · 10s · 3 of 3 tries failed · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0BEN00001> *#1* Health check of web-1 failed / A person has it: nothing recovers by itself. Run Recovery waits for them.`)
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
			reply: *Check: NG* / NG health · status 500, expected 200 · 10s · 3 of 3 tries failed · {"error":"database pool exhausted","status":"error"}
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
			reply: *Recovery: OK* / OK restart · status 200 · 5s · {"done":"restart"}
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
			reply: *Recovery: OK* / OK restart · status 200 · 5s · {"done":"restart"}
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
			card: #1 Health check of web-1 failed: Escalated
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0CHIE0001> *#1* Health check of web-1 failed / It still does not work: status 500, expected 200`)
		s.pagerduty(`
			amsbot: acknowledged -> 200
			amsbot: level 3 -> 200
			amsbot: note amsbot: Escalated -> 200`)
		s.is("triggered", chiePD)
	})
}

// The first line does not exist in PagerDuty: the fallback gets it, and amsbot
// says so.
func TestEscalationToTheFallback(t *testing.T) {
	files := one(web())
	files["project.yaml"] = strings.Replace(project, "first_line: {policy: PSHOPEP, level: 2}", "first_line: {policy: PNOWHERE, level: 1}", 1)
	story(t, files, func(s *stage) {
		s.down()
		s.until("the recovery is offered", s.offered("Run Recovery"))
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery is waiting for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <!here> *#1* Health check of web-1 failed / Run Recovery waits for a person.
			reply: The line that was meant does not exist or has nobody on call; it went to the fallback: The escalation policy PNOWHERE does not exist.`)
		s.pagerduty(`
			amsbot: assign PBEN001 -> 200`)
		s.is("triggered", benPD)
	}, configured(func(c *app.Config) { c.PagerDuty.Fallback = &app.FallbackConfig{Users: []string{benPD}} }))
}

// Neither the first line nor a fallback exists: whoever is in the channel is
// called.
func TestEscalationToNobody(t *testing.T) {
	files := one(web())
	files["project.yaml"] = strings.Replace(project, "first_line: {policy: PSHOPEP, level: 2}", "first_line: {policy: PNOWHERE, level: 1}", 1)
	story(t, files, func(s *stage) {
		s.down()
		s.until("the recovery is offered", s.offered("Run Recovery"))
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery is waiting for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <!here> *#1* Health check of web-1 failed / Run Recovery waits for a person.
			broadcast: <!here> *#1* Health check of web-1 failed / The escalation did not work: The escalation policy PNOWHERE does not exist.`)
		s.pagerduty(``)
		s.is("triggered", botPD)
	}, unhurried)
}

// Nobody is on call at the first line: nobody would be paged, so the channel is.
func TestEscalationToAnEmptySchedule(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.down()
		s.until("the recovery is offered", s.offered("Run Recovery"))
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery is waiting for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <!here> *#1* Health check of web-1 failed / Run Recovery waits for a person.
			broadcast: <!here> *#1* Health check of web-1 failed / The escalation did not work: Nobody is on call there.`)
		s.pagerduty(`
			amsbot: level 2 -> 400`)
	}, unhurried, func(o *sim.Options, _ *app.Config) { o.PagerDuty.EscalationPolicies[0].Levels[1].Users = nil })
}

// A low urgency does not escalate.
func TestLowUrgency(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.down()
		s.until("the recovery is offered", s.offered("Run Recovery"))
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery is waiting for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / Run Recovery waits for a person.
			broadcast: <!here> *#1* Health check of web-1 failed / The escalation did not work: PagerDuty does not escalate it there: Incident Cannot Be Escalated: A low urgency incident does not escalate.`)
		s.pagerduty(`
			amsbot: level 2 -> 400`)
	}, service(func(v *pagerduty.Service) { v.Urgency = "low" }))
}

// Aiko acknowledged and fell asleep. PagerDuty takes it back, and amsbot checks
// once more.
func TestUnacknowledged(t *testing.T) {
	story(t, one(web("then: {failed: report}", "recover: none", "recheck: none")), func(s *stage) {
		s.down()
		s.says("NG")
		s.settle()
		s.must(s.sim.PagerDuty.Acknowledge(aikoPD, s.incident))
		s.pass(11 * time.Minute)
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: It still does not work: status 500, expected 200
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / It still does not work: status 500, expected 200`)
		s.pagerduty(`
			amsbot: note amsbot: Escalated -> 200`)
	}, beside)
}

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
			card: #1 Something bigger: Handed over: no scenario fits
			broadcast: <@U0AIKO0001> *#1* Something bigger / No scenario fits this incident.
			card: #2 Health check of web-1 failed: Merged into another incident by Aiko Tanaka
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
		s.says("Resolved by shop-web")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Resolved by shop-web
			reply: Resolved by shop-web`)
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
		s.says("Resolved by shop-web")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Resolved by shop-web
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · 5s · {"done":"restart"}
			reply: Resolved by shop-web`)
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
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / Run Recovery waits for a person.
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
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery is waiting for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / Run Recovery waits for a person.`)
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
			card: #2 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery is waiting for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#2* Health check of web-1 failed / It came back after amsbot had resolved it: nothing recovers by itself. Run Recovery waits for a person.`)
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
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery is waiting for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The incident is older than the scenario lets recover by itself. Run Recovery waits for a person.`)
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
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery is waiting for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / A person had acknowledged it before amsbot saw it: nothing recovers by itself. Run Recovery waits for a person.`)
		s.pagerduty(``)
		s.is("acknowledged", aikoPD)
		s.recoveries(0)
	})
}
