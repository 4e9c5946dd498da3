package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// storm raises incidents about many machines at once.
func (s *stage) storm(machines int) {
	s.Helper()
	s.onEach(machines)
	s.until("the storm has its card", func() bool { return s.stormCard() != "" })
	s.settle()
}

// Four machines at once are no longer a matter of one machine: nothing recovers
// by itself, the first line is told once, and one card asks for all. One press
// recovers one machine first, and goes on when that has worked.
func TestStorm(t *testing.T) {
	story(t, one(web("autonomy: auto", brakes("storm: 3 per 5m"))), func(s *stage) {
		s.storm(4)
		s.recoveries(0)
		if got := s.confirm("Run Recovery on All 4"); !strings.Contains(got, "First on web-1.shop.example alone") || !strings.Contains(got, "web-4.shop.example") {
			t.Errorf("the dialogue says %q", got)
		}
		s.press(aiko, "Run Recovery on All 4") // may run, but not override
		s.press(chie, "Run Recovery on All 4")
		s.settle()
		s.recoveries(1)
		s.pass(6 * time.Minute)
		s.says("The storm is over")
		s.on(9) // one machine alone is its scenario's business again
		s.says("Recovered by amsbot")
		s.settle()
		s.slackAtOnce(`
			broadcast: <@U0AIKO0001> *Storm of web-down*: many of its targets are in trouble at once (4 waiting now). Recoveries are held: Run Recovery on All, on the card, begins with one and goes on when that has worked. Who may: <@U0CHIE0001>. / #1 web-1.shop.example, #2 web-2.shop.example, #3 web-3.shop.example, #4 web-4.shop.example
			card: #1 Health check of web-1 failed: Recovered at a person's word
			card: #2 Health check of web-2 failed: Healed, but not by amsbot · Please look
			card: #3 Health check of web-3 failed: Healed, but not by amsbot · Please look
			card: #4 Health check of web-4 failed: Healed, but not by amsbot · Please look
			card: #5 Health check of web-9 failed: Recovered by amsbot
			card: Storm of web-down (4): The storm is over
			only aiko: You may not Run Recovery on All here. Who may: <@U0CHIE0001>.
			reply: *Check: NG* / NG health · status 500, expected 200 · 1 ms · {"error":"database pool exhausted","status":"error"}
			reply: *Check: NG* / NG health · status 500, expected 200 · 1 ms · {"error":"database pool exhausted","status":"error"}
			reply: *Check: NG* / NG health · status 500, expected 200 · 1 ms · {"error":"database pool exhausted","status":"error"}
			reply: *Check: NG* / NG health · status 500, expected 200 · 1 ms · {"error":"database pool exhausted","status":"error"}
			reply: *Check: NG* / NG health · status 500, expected 200 · 1 ms · {"error":"database pool exhausted","status":"error"}
			reply: *Check: NG* / NG health · status 500, expected 200 · 1 ms · {"error":"database pool exhausted","status":"error"}
			reply: *Check: OK* / OK health · status 200 · 1 ms · ok
			reply: *Check: OK* / OK health · status 200 · 1 ms · ok
			reply: *Check: OK* / OK health · status 200 · 1 ms · ok
			reply: *Re-check: OK* / OK health · status 200 · 1 ms · ok
			reply: *Re-check: OK* / OK health · status 200 · 1 ms · ok
			reply: *Recovery: OK* / OK restart · status 200 · 1 ms · {"done":"restart"}
			reply: *Recovery: OK* / OK restart · status 200 · 1 ms · {"done":"restart"}
			reply: Chie Mori lets it go on (4), one first.
			reply: Chie Mori lets it go on, with the others of the storm.
			reply: Chie Mori lets it go on, with the others of the storm.
			reply: Chie Mori lets it go on, with the others of the storm.
			reply: Chie Mori lets it go on, with the others of the storm.
			reply: Done: 4 working again.
			reply: It works again, but not because of amsbot: nothing more is done.
			reply: It works again, but not because of amsbot: nothing more is done.
			reply: It works again, but not because of amsbot: nothing more is done.
			reply: The recovery is held: storm: many targets of web-down are in trouble at once (3 within 5 min); one decision for all is on the storm's card
			reply: The recovery is held: storm: many targets of web-down are in trouble at once (3 within 5 min); one decision for all is on the storm's card
			reply: The recovery is held: storm: many targets of web-down are in trouble at once (3 within 5 min); one decision for all is on the storm's card
			reply: The recovery is held: storm: many targets of web-down are in trouble at once (3 within 5 min); one decision for all is on the storm's card
			reply: The recovery worked: the re-check is OK.
			reply: The recovery worked: the re-check is OK.`)
		s.pagerdutyAtOnce(`
			amsbot: level 2 -> 200
			amsbot: level 2 -> 200
			amsbot: level 2 -> 200
			amsbot: level 2 -> 200
			amsbot: note amsbot: Healed, but not by amsbot -> 200
			amsbot: note amsbot: Healed, but not by amsbot -> 200
			amsbot: note amsbot: Healed, but not by amsbot -> 200
			amsbot: note amsbot: Held -> 200
			amsbot: note amsbot: Held -> 200
			amsbot: note amsbot: Held -> 200
			amsbot: note amsbot: Held -> 200
			amsbot: note amsbot: Recovered at a person's word -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200
			amsbot: resolved -> 200
			chie: resolved -> 200`)
		s.past(5)
		key := s.printed("storm", "Storm of web-down (4)", "The storm is over", "a storm of web-down: its recoveries are held",
			"Chie Mori pressed Run Recovery on All.", "one goes first", "#1 works again: Recovered at a person's word")
		s.printed(key, "one goes first")
		s.printed("last", "#5 Health check of web-9 failed")
	}, unhurried)
}

// The first machine does not come back: the others are left alone.
func TestStormCanaryFails(t *testing.T) {
	story(t, one(web(brakes("storm: 3 per 5m"))), func(s *stage) {
		s.onEach(4)
		s.ail("stubborn")
		s.until("the storm has its card", func() bool { return s.stormCard() != "" })
		s.settle()
		s.press(chie, "Run Recovery on All 4")
		s.settle()
		s.recoveries(1)
		s.says("Stopped")
		s.slackAtOnce(`
			broadcast: *#1* Health check of web-1 failed / It still does not work: status 500, expected 200 / Please take over.
			broadcast: <@U0AIKO0001> *Storm of web-down*: many of its targets are in trouble at once (4 waiting now). Recoveries are held: Run Recovery on All, on the card, begins with one and goes on when that has worked. Who may: <@U0CHIE0001>. / #1 web-1.shop.example, #2 web-2.shop.example, #3 web-3.shop.example, #4 web-4.shop.example
			broadcast: <@U0CHIE0001> Stopped: the recovery did not help #1 web-1.shop.example. 3 still waiting.
			card: #1 Health check of web-1 failed: Recovery failed · Escalated · Please take over
			card: #2 Health check of web-2 failed: Held · NG: status 500, expected 200 · Please take over
			card: #3 Health check of web-3 failed: Held · NG: status 500, expected 200 · Please take over
			card: #4 Health check of web-4 failed: Held · NG: status 500, expected 200 · Please take over
			card: Storm of web-down (4): Stopped: it did not help #1
			reply: *Check: NG* / NG health · status 500, expected 200 · 1 ms · {"error":"database pool exhausted","status":"error"}
			reply: *Check: NG* / NG health · status 500, expected 200 · 1 ms · {"error":"database pool exhausted","status":"error"}
			reply: *Check: NG* / NG health · status 500, expected 200 · 1 ms · {"error":"database pool exhausted","status":"error"}
			reply: *Check: NG* / NG health · status 500, expected 200 · 1 ms · {"error":"database pool exhausted","status":"error"}
			reply: *Check: NG* / NG health · status 500, expected 200 · 1 ms · {"error":"database pool exhausted","status":"error"}
			reply: *Re-check: NG* / NG health · status 500, expected 200 · 1 ms · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · 1 ms · {"done":"restart"}
			reply: Chie Mori lets it go on (4), one first.
			reply: Chie Mori lets it go on, with the others of the storm.
			reply: The recovery is held: storm: many targets of web-down are in trouble at once (3 within 5 min); one decision for all is on the storm's card
			reply: The recovery is held: storm: many targets of web-down are in trouble at once (3 within 5 min); one decision for all is on the storm's card
			reply: The recovery is held: storm: many targets of web-down are in trouble at once (3 within 5 min); one decision for all is on the storm's card
			reply: The recovery is held: storm: many targets of web-down are in trouble at once (3 within 5 min); one decision for all is on the storm's card`)
		s.pagerdutyAtOnce(`
			amsbot: level 2 -> 200
			amsbot: level 2 -> 200
			amsbot: level 2 -> 200
			amsbot: level 2 -> 200
			amsbot: note amsbot: Escalated -> 200
			amsbot: note amsbot: Held -> 200
			amsbot: note amsbot: Held -> 200
			amsbot: note amsbot: Held -> 200
			amsbot: note amsbot: Held -> 200
			chie: level 3 -> 200`)
	}, unhurried)
}

// A crash between the press and the end: what was begun is not begun twice, and
// what was not is taken up.
func TestStormSurvivesACrash(t *testing.T) {
	story(t, one(web("autonomy: auto", brakes("storm: 3 per 5m"))), func(s *stage) {
		s.storm(4)
		s.crash()
		s.start()
		s.settle()
		s.press(chie, "Run Recovery on All 4")
		s.crash()
		s.start()
		s.settle()
		s.recoveries(1)
		s.slackAtOnce(`
			broadcast: <@U0AIKO0001> *Storm of web-down*: many of its targets are in trouble at once (4 waiting now). Recoveries are held: Run Recovery on All, on the card, begins with one and goes on when that has worked. Who may: <@U0CHIE0001>. / #1 web-1.shop.example, #2 web-2.shop.example, #3 web-3.shop.example, #4 web-4.shop.example
			card: #1 Health check of web-1 failed: Recovered at a person's word
			card: #2 Health check of web-2 failed: Healed, but not by amsbot · Please look
			card: #3 Health check of web-3 failed: Healed, but not by amsbot · Please look
			card: #4 Health check of web-4 failed: Healed, but not by amsbot · Please look
			card: Storm of web-down (4): No incident of it waits any more
			reply: *Check: NG* / NG health · status 500, expected 200 · 1 ms · {"error":"database pool exhausted","status":"error"}
			reply: *Check: NG* / NG health · status 500, expected 200 · 1 ms · {"error":"database pool exhausted","status":"error"}
			reply: *Check: NG* / NG health · status 500, expected 200 · 1 ms · {"error":"database pool exhausted","status":"error"}
			reply: *Check: NG* / NG health · status 500, expected 200 · 1 ms · {"error":"database pool exhausted","status":"error"}
			reply: *Check: NG* / NG health · status 500, expected 200 · 1 ms · {"error":"database pool exhausted","status":"error"}
			reply: *Check: OK* / OK health · status 200 · 1 ms · ok
			reply: *Check: OK* / OK health · status 200 · 1 ms · ok
			reply: *Check: OK* / OK health · status 200 · 1 ms · ok
			reply: *Re-check: OK* / OK health · status 200 · 1 ms · ok
			reply: *Recovery: OK* / OK restart · status 200 · 1 ms · {"done":"restart"}
			reply: Chie Mori lets it go on (4), one first.
			reply: Chie Mori lets it go on, with the others of the storm.
			reply: Chie Mori lets it go on, with the others of the storm.
			reply: Chie Mori lets it go on, with the others of the storm.
			reply: Chie Mori lets it go on, with the others of the storm.
			reply: Done: 4 working again.
			reply: It works again, but not because of amsbot: nothing more is done.
			reply: It works again, but not because of amsbot: nothing more is done.
			reply: It works again, but not because of amsbot: nothing more is done.
			reply: The recovery is held: storm: many targets of web-down are in trouble at once (3 within 5 min); one decision for all is on the storm's card
			reply: The recovery is held: storm: many targets of web-down are in trouble at once (3 within 5 min); one decision for all is on the storm's card
			reply: The recovery is held: storm: many targets of web-down are in trouble at once (3 within 5 min); one decision for all is on the storm's card
			reply: The recovery is held: storm: many targets of web-down are in trouble at once (3 within 5 min); one decision for all is on the storm's card
			reply: The recovery worked: the re-check is OK.`)
		s.pagerdutyAtOnce(`
			amsbot: level 2 -> 200
			amsbot: level 2 -> 200
			amsbot: level 2 -> 200
			amsbot: level 2 -> 200
			amsbot: note amsbot: Healed, but not by amsbot -> 200
			amsbot: note amsbot: Healed, but not by amsbot -> 200
			amsbot: note amsbot: Healed, but not by amsbot -> 200
			amsbot: note amsbot: Held -> 200
			amsbot: note amsbot: Held -> 200
			amsbot: note amsbot: Held -> 200
			amsbot: note amsbot: Held -> 200
			amsbot: note amsbot: Recovered at a person's word -> 200
			chie: resolved -> 200`)
	}, unhurried)
}

// Many incidents about twenty machines in a moment: every machine is
// recovered once at most, and all together as often as the scenario may.
func TestGuardsHoldWithManyAtOnce(t *testing.T) {
	story(t, one(web("autonomy: auto", brakes("runs: 1 per 1h, scenario_runs: 7 per 1h"))), func(s *stage) {
		s.ail("stubborn")
		s.raiseMany(guardedOf, 20)
		s.until("all have ended", func() bool { return len(s.assigned(botPD)) == 0 })
		s.recoveries(7)
	}, unhurried, slow(100*time.Millisecond))
}

// With the storm brake on, what many in trouble at once recover by themselves are at
// most those that were through with their check before the brake, at the fifth, had
// seen enough; and people are called once about the others, and once about those.
func TestStormOfMany(t *testing.T) {
	story(t, one(web("autonomy: auto", "guards: {cooldown: 0s}")), func(s *stage) {
		s.ail("stubborn")
		s.raiseMany(stormAtOnce, stormAtOnce)
		s.until("all have ended", func() bool { return len(s.assigned(botPD)) == 0 })
		early := len(s.sim.Patient.Recoveries())
		if early > 4 {
			t.Errorf("the patient was recovered %d times", early)
		}
		s.pass(10 * time.Minute)
		if n := strings.Count(s.slackLines(), "broadcast: "); n < 1 || n > 1+early {
			t.Errorf("people were called %d times:\n%s", n, s.slackLines())
		}
		s.recoveries(early)
	}, unhurried, slow(100*time.Millisecond))
}

// raiseMany raises incidents about some machines at once.
func (s *stage) raiseMany(incidents, machines int) {
	s.Helper()
	for n := range incidents {
		name := fmt.Sprintf("web-%d", n%machines+1)
		s.raiseOn("shop-web", fmt.Sprintf("Health check %d of %s failed", n, name), fmt.Sprint(n), map[string]any{"host": name + ".shop.example"})
	}
}

// assigned are the open incidents that somebody has.
func (s *stage) assigned(user string) []string {
	var out []string
	for _, in := range s.sim.PagerDuty.State().Incidents {
		for _, a := range in.Assignees {
			if in.Status != "resolved" && a.ID == user {
				out = append(out, in.ID)
			}
		}
	}
	return out
}
