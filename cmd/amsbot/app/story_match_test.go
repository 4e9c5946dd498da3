package app_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"amsbot/bot/sim/pagerduty"
)

// grouped has PagerDuty put every alert of shop-web into one incident.
var grouped = service(func(v *pagerduty.Service) { v.Grouping.By = "service" })

// slowCheck fails for ten seconds before it says so.
const slowCheck = checkHealth + `
    attempts: 3
    every: 5s`

// No scenario fits: handed over at once, with why.
func TestNoScenarioFits(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.raise("Something else is wrong with web-1", nil)
		s.says("Handed over")
		s.settle()
		s.ams(aiko, "why 1")
		s.slack(`
			card: #1 Something else is wrong with web-1: Handed over: no scenario fits · Please take over
			broadcast: <@U0AIKO0001> *#1* Something else is wrong with web-1 / No scenario fits this incident. / Please take over.
			only aiko: No scenario fits this incident. / • web-down does not fit: title: "Something else is wrong with web-1" is not /^Health check/`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Handed over -> 200`)
		s.is("triggered", aikoPD)
	})
}

// The target cannot be worked out: that is no match either.
func TestNoTarget(t *testing.T) {
	story(t, one(web("target: ${{ alert.details.machine }}")), func(s *stage) {
		s.raise("Health check of web-1 failed", nil)
		s.says("Handed over")
		s.settle()
		s.ams(aiko, "why 1")
		s.slack(`
			card: #1 Health check of web-1 failed: Handed over: no scenario fits · Please take over
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / No scenario fits this incident. / Please take over.
			only aiko: No scenario fits this incident. / • web-down does not fit: target: alert.details.machine is missing`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Handed over -> 200`)
	})
}

// Two scenarios fit equally well: nobody guesses.
func TestTie(t *testing.T) {
	story(t, map[string]string{
		"a.yaml": web("name: by-its-beginning"),
		"b.yaml": web("name: by-its-end", "when: {service: shop-web, title: '/failed$/'}"),
	}, func(s *stage) {
		s.down()
		s.says("Handed over")
		s.settle()
		s.ams(aiko, "why 1")
		s.slack(`
			card: #1 Health check of web-1 failed: Handed over · Please take over
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / Several scenarios fit equally well: by-its-beginning, by-its-end. / Please take over.
			only aiko: Several scenarios fit equally well: by-its-beginning, by-its-end. / • *by-its-beginning* fits: all 2 conditions hold, and so do those of by-its-end: nothing decides between them / • *by-its-end* fits: all 2 conditions hold, and so do those of by-its-beginning: nothing decides between them`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Handed over -> 200`)
		s.recoveries(0)
	})
}

// Of two that fit the one with more conditions is taken.
func TestMoreConditionsWin(t *testing.T) {
	story(t, map[string]string{
		"a.yaml": web("name: any-web"),
		"b.yaml": web("name: production-web", "autonomy: auto", "when: {service: shop-web, title: '/^Health check/', urgency: high}"),
	}, func(s *stage) {
		s.down()
		s.says("Recovered by amsbot")
		s.settle()
		s.ams(aiko, "why 1")
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.
			only aiko: Scenario *production-web* was chosen, for web-1.shop.example. / • *any-web* fits: all 2 conditions hold, but production-web is more exact with 3 / • *production-web* fits: all 3 conditions hold`)
		s.pagerduty(`
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200`)
	})
}

// Two alerts in one incident are about different hosts: which one is meant
// nobody knows.
func TestAmbiguousAlerts(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.late(2 * time.Second)
		s.down()
		s.raiseOn("shop-web", "Health check of web-2 failed", "web-2", map[string]any{"host": "web-2.shop.example"})
		s.says("Handed over")
		s.settle()
		s.ams(aiko, "why 1")
		s.slack(`
			card: #1 Health check of web-1 failed: Handed over · Please take over
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The open alerts differ in what decides: alert.details.host. / Please take over.
			only aiko: The open alerts differ in what decides: alert.details.host. / • web-down does not fit: alert.details.host differs between the open alerts`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Handed over -> 200`)
		s.recoveries(0)
	}, grouped)
}

// Two alerts about one host are one fault.
func TestAlertsThatAgree(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.late(2 * time.Second)
		s.down()
		s.raiseOn("shop-web", "Health check of web-1 failed twice", "web-1/again", nil)
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
	}, grouped)
}

// The alert comes some seconds after its incident: amsbot waits for it.
func TestAlertComesLater(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.ail("errors")
		s.create("Health check of web-1 failed")
		s.pass(7 * time.Second)
		s.raise("Health check of web-1 failed", nil)
		s.says("Recovered by amsbot")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.pagerduty(`
			aiko:  -> 201
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200`)
		s.recoveries(1)
	}, grouped)
}

// It never comes: after half a minute the incident is taken as it is.
func TestAlertNeverComes(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.ail("errors")
		s.create("Health check of web-1 failed")
		s.pass(25 * time.Second)
		s.says("Choosing a scenario")
		s.says("Handed over")
		s.settle()
		s.ams(aiko, "why 1")
		s.slack(`
			card: #1 Health check of web-1 failed: Handed over: no scenario fits · Please take over
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / No scenario fits this incident. / Please take over.
			only aiko: No scenario fits this incident. / • web-down does not fit: target: alert.details is missing`)
		s.pagerduty(`
			aiko:  -> 201
			amsbot: level 2 -> 200
			amsbot: note amsbot: Handed over -> 200`)
		s.recoveries(0)
	}, unhurried)
}

// While the check runs a second alert joins the incident, about another host:
// amsbot reads again before it recovers, and holds.
func TestAlertBeforeTheRecovery(t *testing.T) {
	story(t, one(web("autonomy: auto", slowCheck)), func(s *stage) {
		s.down()
		s.pass(3 * time.Second)
		s.raiseOn("shop-web", "Health check of web-2 failed", "web-2", map[string]any{"host": "web-2.shop.example"})
		s.says("Held")
		s.settle()
		if _, have := s.card(); slices.Contains(have, "Run Recovery") {
			t.Errorf("a recovery is offered: %v", have)
		}
		s.slack(`
			card: #1 Health check of web-1 failed: Held · NG: status 500, expected 200 · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · 10 s · 3 of 3 tries failed · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The recovery is held: open alerts are about another target than web-1.shop.example / Please take over.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Held -> 200`)
		s.is("triggered", aikoPD)
		s.recoveries(0)
	}, grouped)
}

// The second alert joins during the recovery: what the check did not cover is
// not resolved.
func TestAlertBeforeTheResolve(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.down()
		s.recovering()
		s.raiseOn("shop-web", "Health check of web-2 failed", "web-2", map[string]any{"host": "web-2.shop.example"})
		s.says("Recovered by amsbot")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · 5 s · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The recovery worked: the re-check is OK. / An alert is open that the check did not cover: not resolved.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200`)
		s.is("triggered", aikoPD)
		s.recoveries(1)
	}, grouped, slow(5*time.Second))
}

// The same host alerts once more after the last check began: it may be a new
// fault, so it is not resolved.
func TestSameHostAlertsAfterTheCheck(t *testing.T) {
	story(t, one(web("autonomy: auto", "then: {ok: resolve}", checkHealth+`
  - name: let it settle
    wait: 10s`)), func(s *stage) {
		s.raise("Health check of web-1 failed", nil)
		s.pass(5 * time.Second)
		s.raiseOn("shop-web", "Health check of web-1 failed again", "web-1/again", nil)
		s.says("No fault found")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: No fault found · Please look
			reply: *Check: OK* / OK health · status 200 · ok / waited let it settle · 10 s
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The check is OK: no fault was found. / An alert is open that the check did not cover: not resolved. / Please look, and resolve it if you agree.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: No fault found -> 200`)
		s.is("triggered", aikoPD)
	}, grouped)
}

// An incident of a service in no project is none of amsbot's: it is counted,
// and nothing else.
func TestServiceInNoProject(t *testing.T) {
	files := one(web())
	files["project.yaml"] = strings.Replace(project, ", shop-mail", "", 1)
	story(t, files, func(s *stage) {
		id, err := s.sim.PagerDuty.Raise(pagerduty.Alert{Service: "shop-mail", Title: "Mail is stuck"})
		s.must(err)
		s.pass(2 * time.Minute)
		s.slack(``)
		s.pagerduty(``)
		var kinds []string
		for _, e := range s.history("bot") {
			kinds = append(kinds, e.Kind)
		}
		if len(kinds) == 0 || slices.ContainsFunc(kinds, func(k string) bool { return k != "begun" && k != "ignored" }) {
			t.Errorf("the stream has %v", kinds)
		}
		if events := s.history("pd:shop:" + id); len(events) > 0 {
			t.Errorf("it has %d events", len(events))
		}
	})
}

// With a default project it is that one's.
func TestDefaultProject(t *testing.T) {
	story(t, map[string]string{
		"web.yaml":         web(),
		"project.yaml":     strings.Replace(project, ", shop-mail", "", 1),
		"../rest/any.yaml": web("name: mail", "when: {title: '/^Mail/'}", "check:\n  - name: stuck\n    http: {url: \"http://web-1.shop.example:8080/healthz\"}", "target: mail", "recover: none", "recheck: none"),
		"../rest/project.yaml": `name: rest
default: true
channel: C0SHOPOPS1
first_line: {policy: PSHOPEP, level: 2}
second_line: {policy: PSHOPEP, level: 3}
`,
	}, func(s *stage) {
		_, err := s.sim.PagerDuty.Raise(pagerduty.Alert{Service: "shop-mail", Title: "Mail is stuck"})
		s.must(err)
		s.says("No fault found")
		s.settle()
		s.slack(`
			card: #1 Mail is stuck: No fault found · Please look
			reply: *Check: OK* / OK stuck · status 200 · ok
			broadcast: <@U0AIKO0001> *#1* Mail is stuck / The check is OK: no fault was found. / Please look, and resolve it if you agree.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: No fault found -> 200`)
	})
}
