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
			card: #1 asks: Escalated
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* asks / NG: status 500, expected 200 / Run Recovery waits for a person.
			card: #2 acts: Escalated
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: Chie Mori pressed Run Recovery.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · 15s · {"done":"restart"}
			reply: *Re-check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0CHIE0001> *#2* acts / It still does not work: status 500, expected 200 / Please take over.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · 15s · {"done":"restart"}
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
