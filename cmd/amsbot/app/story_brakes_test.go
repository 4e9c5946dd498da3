package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"amsbot/bot/sim"
	"amsbot/cmd/amsbot/app"
	"amsbot/scenarios"
)

// on is another incident of the same scenario, about another machine.
func (s *stage) on(machine int) {
	s.Helper()
	name := fmt.Sprintf("web-%d", machine)
	s.ail("errors")
	s.raiseOn("shop-web", "Health check of "+name+" failed", name, map[string]any{"host": name + ".shop.example"})
}

// onEach is an incident about each of so many machines, all in one moment: they
// are known to amsbot before the first of them has its verdict, for from now on to
// reach a machine takes a moment.
func (s *stage) onEach(machines int) {
	s.Helper()
	s.lag.Store(int64(time.Millisecond))
	for n := range machines {
		s.on(n + 1)
	}
}

// brakes are guards that hold nothing but what a story is about.
func brakes(guards string) string {
	all := map[string]string{"cooldown": "0s", "runs": "none", "scenario_runs": "none", "breaker": "none", "masking": "none", "storm": "none"}
	for _, one := range strings.Split(guards, ", ") {
		key, value, _ := strings.Cut(one, ": ")
		all[key] = value
	}
	var out []string
	for _, key := range []string{"cooldown", "runs", "scenario_runs", "breaker", "masking", "storm"} {
		out = append(out, key+": "+all[key])
	}
	return "guards: {" + strings.Join(out, ", ") + "}"
}

// Three machines in an hour are a scenario's limit, whichever they are.
func TestScenarioRuns(t *testing.T) {
	story(t, one(web("autonomy: auto", brakes("scenario_runs: 2 per 1h"))), func(s *stage) {
		for n := range 3 {
			s.on(n + 1)
			s.settle()
			s.pass(10 * time.Minute)
		}
		s.recoveries(2)
		s.is("triggered", aikoPD)
		s.pass(time.Hour)
		s.on(4) // the hour is over
		s.says("Recovered by amsbot")
		s.settle()
		s.recoveries(3)
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.
			card: #2 Health check of web-2 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.
			card: #3 Health check of web-3 failed: Held · NG: status 500, expected 200 · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#3* Health check of web-3 failed / The recovery is held: scenario_runs: the scenario web-down has recovered as often as it may (2 within 1 h); lifted in 39 min 44 s / Please take over.
			card: #4 Health check of web-4 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.pagerduty(`
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200
			amsbot: level 2 -> 200
			amsbot: note amsbot: Held -> 200
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200`)
	}, unhurried)
}

// All scenarios together have a limit of their own, in amsbot.yaml.
func TestAllRuns(t *testing.T) {
	story(t, map[string]string{
		"a.yaml": web("name: a", "autonomy: auto", brakes(""), "when: {service: shop-web, title: '/^Health check of web-1/'}"),
		"b.yaml": web("name: b", "autonomy: auto", brakes(""), "when: {service: shop-web, title: '/^Health check of web-2/'}"),
	}, func(s *stage) {
		s.on(1)
		s.says("Recovered by amsbot")
		s.on(2)
		s.says("Held")
		s.settle()
		s.recoveries(1)
		s.is("triggered", aikoPD)
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.
			card: #2 Health check of web-2 failed: Held · NG: status 500, expected 200 · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#2* Health check of web-2 failed / The recovery is held: all_runs: amsbot has recovered as often as it may (1 within 1 h); lifted in 59 min 58 s / Please take over.`)
		s.pagerduty(`
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200
			amsbot: level 2 -> 200
			amsbot: note amsbot: Held -> 200`)
	}, func(_ *sim.Options, c *app.Config) {
		c.Guards.AllRuns = app.Limit(scenarios.Limit{N: 1, Per: time.Hour})
	})
}

// Two recoveries in a row have failed: the scenario asks from now on, after a
// restart too, until somebody resumes it.
func TestBreaker(t *testing.T) {
	story(t, one(web("autonomy: auto", brakes("breaker: 2"))), func(s *stage) {
		for n := range 3 {
			s.ail("stubborn")
			s.raiseOn("shop-web", fmt.Sprintf("Health check %d failed", n+1), fmt.Sprint(n+1), nil)
			s.settle()
			s.pass(5 * time.Minute)
			if n == 1 {
				s.crash()
				s.start()
			}
		}
		s.recoveries(2)
		s.ams(aiko, "list")
		s.ams(aiko, "resume scenario:web-down")
		s.on(4)
		s.says("Recovered by amsbot")
		s.settle()
		s.recoveries(3)
		s.slack(`
			card: #1 Health check 1 failed: Recovery failed · Escalated · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0CHIE0001> *#1* Health check 1 failed / It still does not work: status 500, expected 200 / Please take over.
			card: #2 Health check 2 failed: Recovery failed · Escalated · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0CHIE0001> *#2* Health check 2 failed / It still does not work: status 500, expected 200. Breaker: this scenario asks from now on, because its recoveries failed (2 in a row); “/ams resume scenario:shop/web-down” lifts it. / Please take over.
			card: #3 Health check 3 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#3* Health check 3 failed / NG: status 500, expected 200 / Breaker: this scenario asks, because its recoveries failed (2 in a row); “/ams resume scenario:shop/web-down” lifts it. Run Recovery waits for a person.
			only aiko: *3 open* / *#3* Health check 3 failed · NG: status 500, expected 200 · with Aiko Tanaka / *#2* Health check 2 failed · Recovery failed · Escalated · with Chie Mori / *#1* Health check 1 failed · Recovery failed · Escalated · with Chie Mori / Breaker: scenario:shop/web-down asks, because its recoveries failed (2 in a row, the last for #2); “/ams resume scenario:shop/web-down” lifts it
			message: Aiko Tanaka resumed scenario:shop/web-down. / Its breaker is reset: it recovers by itself again, where it did.
			card: #4 Health check of web-4 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.pagerduty(`
			amsbot: level 3 -> 200
			amsbot: note amsbot: Escalated -> 200
			amsbot: level 3 -> 200
			amsbot: note amsbot: Escalated -> 200
			amsbot: level 2 -> 200
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200`)
	}, unhurried)
}

// A person may run what the breaker leaves to them; the button says why it asks.
func TestBreakerAsks(t *testing.T) {
	story(t, one(web("autonomy: auto", brakes("breaker: 1"))), func(s *stage) {
		s.ail("stubborn")
		s.raiseOn("shop-web", "Health check of web-1 failed", "1", nil)
		s.settle()
		s.on(2)
		s.until("the recovery is offered", s.offered("Run Recovery"))
		s.settle()
		if got := s.confirm("Run Recovery"); !strings.Contains(got, "because its recoveries failed (1 in a row)") {
			t.Errorf("the dialogue says %q", got)
		}
		s.press(aiko, "Run Recovery")
		s.says("person's word")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovery failed · Escalated · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0CHIE0001> *#1* Health check of web-1 failed / It still does not work: status 500, expected 200. Breaker: this scenario asks from now on, because its recoveries failed (1 in a row); “/ams resume scenario:shop/web-down” lifts it. / Please take over.
			card: #2 Health check of web-2 failed: Recovered at a person's word
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#2* Health check of web-2 failed / NG: status 500, expected 200 / Breaker: this scenario asks, because its recoveries failed (1 in a row); “/ams resume scenario:shop/web-down” lifts it. Run Recovery waits for a person.
			reply: Aiko Tanaka pressed Run Recovery.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.pagerduty(`
			amsbot: level 3 -> 200
			amsbot: note amsbot: Escalated -> 200
			amsbot: level 2 -> 200
			aiko: resolved -> 200
			amsbot: note amsbot: Recovered at a person's word -> 200`)
	}, unhurried)
}

// The third success in a week hides a fault: it recovers, and the second line
// gets it. Whoever may override masking can spare them that.
func TestMasking(t *testing.T) {
	story(t, one(web("autonomy: auto", brakes("masking: 2 per 7d"))), func(s *stage) {
		for n := range 2 {
			s.raiseAgain(n)
			s.settle()
			s.away(24 * time.Hour)
		}
		s.recoveries(2)
		s.is("triggered", "PCHIE01")
		s.away(8 * 24 * time.Hour)
		s.raiseAgain(2) // the week is over
		s.settle()
		s.is("resolved")
		s.slack(`
			card: #1 Health check 1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.
			card: #2 Health check 2 failed: Escalated · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			broadcast: <@U0CHIE0001> *#2* Health check 2 failed / The recovery worked: the re-check is OK. Masking: web-1.shop.example was recovered too often (2 within 7 d), which hides a fault. Not resolved: somebody has to find it. / Please take over.
			card: #3 Health check 3 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.pagerduty(`
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200
			amsbot: level 3 -> 200
			amsbot: note amsbot: Escalated -> 200
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200`)
	}, unhurried, rarely)
}

// Chie may override masking, and her press resolves it; Aiko's does not.
func TestMaskingOverridden(t *testing.T) {
	story(t, one(web(brakes("masking: 2 per 7d"))), func(s *stage) {
		for n, who := range []string{aiko, aiko, chie} {
			s.raiseAgain(n)
			s.until("the recovery is offered", s.offered("Run Recovery"))
			s.settle()
			s.press(who, "Run Recovery")
			s.settle()
			s.pass(time.Hour)
		}
		s.recoveries(3)
		s.slack(`
			card: #1 Health check 1 failed: Recovered at a person's word
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check 1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			reply: Aiko Tanaka pressed Run Recovery.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.
			card: #2 Health check 2 failed: Escalated · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#2* Health check 2 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			reply: Aiko Tanaka pressed Run Recovery.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			broadcast: <@U0CHIE0001> *#2* Health check 2 failed / The recovery worked: the re-check is OK. Masking: web-1.shop.example was recovered too often (2 within 7 d), which hides a fault. Not resolved: somebody has to find it. / Please take over.
			card: #3 Health check 3 failed: Recovered at a person's word
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#3* Health check 3 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			reply: Chie Mori pressed Run Recovery, overriding masking.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			aiko: resolved -> 200
			amsbot: note amsbot: Recovered at a person's word -> 200
			amsbot: level 2 -> 200
			aiko: level 3 -> 200
			amsbot: note amsbot: Escalated -> 200
			amsbot: level 2 -> 200
			chie: resolved -> 200
			amsbot: note amsbot: Recovered at a person's word -> 200`)
	}, unhurried, rarely)
}

func (s *stage) raiseAgain(n int) {
	s.Helper()
	s.ail("errors")
	s.raiseOn("shop-web", fmt.Sprintf("Health check %d failed", n+1), fmt.Sprint(n+1), nil)
}

// The card says how often a machine was in trouble lately, and what helped.
func TestSeenBefore(t *testing.T) {
	story(t, one(web("autonomy: auto", brakes(""))), func(s *stage) {
		for n, want := range []string{"", "Seen once before in 30 days; the last was #1: recovered by amsbot, after 2", "Seen 2 times before in 30 days; the last was #2: recovered by amsbot, after 2"} {
			s.raiseAgain(n)
			s.says("Recovered by amsbot")
			s.settle()
			m, _ := s.card()
			if has := strings.Contains(string(m.Attachments), "Seen "); has != (want != "") || !strings.Contains(string(m.Attachments), want) {
				t.Errorf("card %d has no %q:\n%s", n+1, want, m.Attachments)
			}
			s.away(24 * time.Hour)
		}
		s.away(30 * 24 * time.Hour)
		s.raiseAgain(3)
		s.says("Recovered by amsbot")
		s.settle()
		if m, _ := s.card(); strings.Contains(string(m.Attachments), "Seen ") {
			t.Errorf("what was a month ago is still seen:\n%s", m.Attachments)
		}
		s.slack(`
			card: #1 Health check 1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.
			card: #2 Health check 2 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.
			card: #3 Health check 3 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.
			card: #4 Health check 4 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.pagerduty(`
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200`)
	}, unhurried, rarely)
}

// rarely has the poll look so seldom that a story may last for weeks.
func rarely(_ *sim.Options, c *app.Config) { c.PagerDuty.Poll = 12 * time.Hour }

// What people may want to open, and whom they may have to call, stands on the
// card: the contacts while it needs somebody, the links as long as the card is there.
func TestLinksAndContacts(t *testing.T) {
	files := one(web("links: [{name: Dashboard, url: 'https://grafana.shop.example/d?host=${{ target }}'}, {name: Logs, url: 'https://logs.shop.example/'}]"))
	files["project.yaml"] = project + "contacts: [{name: Vendor, phone: '+43 1 2345', note: contract 4711}]\n"
	story(t, files, func(s *stage) {
		m := s.waits()
		for _, want := range []string{"https://grafana.shop.example/d?host=web-1.shop.example", `"Logs"`, "Vendor +43 1 2345 (contract 4711)"} {
			if !strings.Contains(string(m.Attachments), want) {
				t.Errorf("the card has no %s:\n%s", want, m.Attachments)
			}
		}
		s.press(aiko, "Run Recovery")
		s.says("person's word")
		s.settle()
		m, _ = s.card()
		if text := string(m.Attachments); !strings.Contains(text, "https://logs.shop.example/") || strings.Contains(text, "Vendor") {
			t.Errorf("when it is over the card is\n%s", m.Attachments)
		}
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
	})
}
