package app_test

import (
	"strings"
	"testing"
	"time"

	"amsbot/bot/sim/slack"
)

// Ben presses while the recovery of another incident is at work on the same
// machine. Nobody may override that: his waits, looks again, and goes on.
func TestPressedWhileAnotherRecovers(t *testing.T) {
	story(t, map[string]string{
		"a.yaml": web("name: asks", "when: {service: shop-web, title: asks}", noCooldown),
		"b.yaml": web("name: acts", "autonomy: auto", "when: {service: shop-web, title: acts}", noCooldown),
	}, func(s *stage) {
		s.ail("stubborn")
		s.raiseOn("shop-web", "asks", "asks", nil)
		s.until("the recovery is offered", s.offered("Run Recovery"))
		s.settle()
		mine, _ := s.card()
		s.raiseOn("shop-web", "acts", "acts", nil)
		s.recovering()
		s.click(chie, "Run Recovery", mine)
		s.pass(10 * time.Second)
		s.recoveries(0)
		if m := s.cardOf("asks"); !strings.Contains(string(m.Attachments), "lock: web-1.shop.example is being recovered by #2") {
			t.Errorf("the card does not say what it waits for: %s", m.Attachments)
		}
		s.until("both have recovered", func() bool { return len(s.sim.Patient.Recoveries()) == 2 })
		s.settle()
		s.slack(`
			card: #1 asks: Recovery failed · Escalated · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* asks / NG: status 500, expected 200 / Run Recovery waits for a person.
			card: #2 acts: Recovery failed · Escalated · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: Chie Mori pressed Run Recovery.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · 15 s · {"done":"restart"}
			reply: *Re-check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0CHIE0001> *#2* acts / It still does not work: status 500, expected 200 / Please take over.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · 15 s · {"done":"restart"}
			reply: *Re-check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: *#1* asks / It still does not work: status 500, expected 200 / Please take over.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: level 3 -> 200
			amsbot: note amsbot: Escalated -> 200
			chie: level 3 -> 200
			amsbot: note amsbot: Escalated -> 200`)
	}, slow(15*time.Second), unhurried)
}

// The incident is resolved and reopened while its recovery is at work, and is
// about something else then: it keeps the lock until the step has ended, and
// gives it back.
func TestLockOfAReopenedIncident(t *testing.T) {
	const (
		low    = "The escalation did not work: PagerDuty does not escalate it there: Incident Cannot Be Escalated: A low urgency incident does not escalate."
		second = `
			card: #2 second: Recovery failed · Escalated · Please take over
			reply: NG
			reply: NG
			reply: *Recovery: OK* / OK restart · status 200 · 15 s · {"done":"restart"}
			reply: *Re-check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0CHIE0001> *#2* second / It still does not work: status 500, expected 200 / Please take over.`
	)
	for _, c := range []struct{ name, when, slack, pager string }{
		{"no scenario fits", "when: {service: shop-web, title: first, urgency: high}", `
			card: #1 first: Handed over: no scenario fits · Please take over
			reply: NG
			broadcast: <@U0AIKO0001> *#1* first / No scenario fits this incident. / Please take over.
			broadcast: <!here> *#1* first / ` + low + second, `
			amsbot: note amsbot: Handed over -> 200`},
		{"another target", "when: {service: shop-web, title: first}", `
			card: #1 first: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: NG
			reply: NG
			broadcast: <@U0AIKO0001> *#1* first / NG: status 500, expected 200 / Run Recovery waits for a person.
			broadcast: <!here> *#1* first / ` + low + second, ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			story(t, map[string]string{
				"a.yaml": web("name: one", "autonomy: auto", c.when, noCooldown,
					`target: '${{ incident.urgency == "high" ? alert.details.host : "web-2.shop.example" }}'`),
				"b.yaml": web("name: two", "autonomy: auto", "when: {service: shop-web, title: second}", noCooldown),
			}, func(s *stage) {
				s.reopenedMeanwhile()
				s.sameLines("Slack", s.slackLines(), strings.ReplaceAll(c.slack, "reply: NG", `reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}`))
				s.sameLines("PagerDuty", s.pagerLines(), "amsbot: level 2 -> 400\namsbot: level 3 -> 200\namsbot: note amsbot: Escalated -> 200"+c.pager)
			}, slow(15*time.Second), unhurried)
		})
	}
}

// reopenedMeanwhile has the first incident's recovery under way when it is
// resolved and reopened, and the second wait for it.
func (s *stage) reopenedMeanwhile() {
	s.Helper()
	s.ail("stubborn")
	first := s.raiseOn("shop-web", "first", "first", nil)
	s.recovering()
	s.must(s.sim.PagerDuty.Resolve(aikoPD, first))
	s.pass(time.Second)
	s.must(s.sim.PagerDuty.Reopen(aikoPD, first))
	s.must(s.sim.PagerDuty.Urgency(aikoPD, first, "low"))
	s.pass(2 * time.Second)
	s.raiseOn("shop-web", "second", "second", nil)
	s.pass(5 * time.Second)
	s.recoveries(0)
	if m := s.cardOf("second"); !strings.Contains(string(m.Attachments), "web-1.shop.example is being recovered by #1") {
		s.Errorf("the second does not wait: %s", m.Attachments)
	}
	s.until("the second has recovered, too", func() bool { return len(s.sim.Patient.Recoveries()) == 2 })
	s.settle()
}

// cardOf is the card of the incident with this title.
func (s *stage) cardOf(title string) slack.Message {
	s.Helper()
	for _, m := range s.sim.Slack.Messages(room) {
		if isCard(m) && strings.Contains(m.Text, " "+title+": ") {
			return m
		}
	}
	s.Fatalf("no card says %s", title)
	return slack.Message{}
}
