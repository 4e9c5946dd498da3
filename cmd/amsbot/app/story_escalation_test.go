package app_test

import (
	"strings"
	"testing"
	"time"

	"amsbot/bot/sim"
	"amsbot/bot/sim/pagerduty"
	"amsbot/cmd/amsbot/app"
)

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
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <!here> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			reply: The line that was meant does not exist or has nobody on call; it went to the fallback: The escalation policy PNOWHERE does not exist.`)
		s.pagerduty(`
			amsbot: assign PBEN001 -> 200`)
		s.is("triggered", benPD)
	}, configured(func(c *app.Config) { c.PagerDuty.Fallback = &app.FallbackConfig{Users: []string{benPD}} }))
}

// PagerDuty takes no change, and its own timer reaches Aiko before amsbot does:
// that is what was wanted, and no alarm.
func TestTheTimerIsQuicker(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		broken := s.sim.PagerDuty.Fault(pagerduty.Fault{Method: "PUT", Path: "/incidents", Kind: pagerduty.FaultStatus, Status: 503})
		s.down()
		s.until("Aiko's phone rings", func() bool { return s.rings(aikoPD) })
		s.sim.PagerDuty.Heal(broken)
		s.pass(time.Minute)
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			reply: Escalating was not needed any more: It is assigned to Aiko Tanaka.`)
		if card, _ := s.card(); strings.Contains(string(card.Attachments), "did not work") {
			t.Errorf("an alarm on the card: %s", card.Attachments)
		}
		s.is("triggered", aikoPD)
	})
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
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <!here> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
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
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <!here> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
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
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
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
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: It still does not work: status 500, expected 200
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / It still does not work: status 500, expected 200 / Please take over.`)
		s.pagerduty(`
			amsbot: note amsbot: Escalated -> 200`)
	}, beside)
}

// An author who only writes "escalate" means whoever is next in PagerDuty's
// escalation policy, whatever lines the project has.
func TestEscalateToTheNextLevel(t *testing.T) {
	story(t, one(web("then: {failed: escalate}", "recover: none", "recheck: none")), func(s *stage) {
		s.down()
		s.wrote("level")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / It still does not work: status 500, expected 200 / Please take over.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Escalated -> 200`)
		s.is("triggered", aikoPD)
	}, unhurried)
}
