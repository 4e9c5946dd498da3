package app_test

import (
	"strings"
	"testing"
	"time"
)

const (
	noCooldown = "guards: {cooldown: 0s, runs: 2 per 1h, lock: target, masking: none}"
	twoSteps   = restart + `
  - name: restart again
    http: {method: POST, url: "http://${{ alert.details.control }}/restart"}
    timeout: 20s`
)

// again is another incident about the same machine.
func (s *stage) again(key string) {
	s.Helper()
	s.ail("errors")
	s.raiseOn("shop-web", "Health check of web-1 failed: "+key, key, nil)
}

// The same machine fails again five minutes after it was recovered: something
// is wrong that a restart does not mend. A person has to look.
func TestCooldown(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.down()
		s.says("Recovered by amsbot")
		s.pass(5 * time.Minute)
		s.again("once more")
		s.says("Held")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.
			card: #2 Health check of web-1 failed: once more: Held · NG: status 500, expected 200 · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#2* Health check of web-1 failed: once more / The recovery is held: cooldown: web-1.shop.example was recovered 5 min 2 s ago; lifted in 24 min 58 s / Please take over.`)
		s.pagerduty(`
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200
			amsbot: level 2 -> 200
			amsbot: note amsbot: Held -> 200`)
		s.is("triggered", aikoPD)
		s.recoveries(1)
	})
}

// Two recoveries in an hour are enough. When the hour is over it recovers again.
func TestRuns(t *testing.T) {
	story(t, one(web("autonomy: auto", noCooldown)), func(s *stage) {
		for n, key := range []string{"one", "two", "three"} {
			s.again(key)
			s.settle()
			s.pass(10 * time.Minute)
			s.recoveries(min(n+1, 2))
		}
		s.is("triggered", aikoPD)
		s.pass(time.Hour)
		s.again("four")
		s.settle()
		s.is("resolved")
		s.recoveries(3)
		s.slack(`
			card: #1 Health check of web-1 failed: one: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.
			card: #2 Health check of web-1 failed: two: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.
			card: #3 Health check of web-1 failed: three: Held · NG: status 500, expected 200 · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#3* Health check of web-1 failed: three / The recovery is held: runs: web-1.shop.example was recovered as often as it may be (2 within 1 h); lifted in 39 min 44 s / Please take over.
			card: #4 Health check of web-1 failed: four: Recovered by amsbot
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

// Guards are on disk: a restart forgets none.
func TestGuardsSurviveARestart(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.down()
		s.says("Recovered by amsbot")
		s.settle()
		s.crash()
		s.start()
		s.pass(5 * time.Minute)
		s.again("once more")
		s.says("Held")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.
			card: #2 Health check of web-1 failed: once more: Held · NG: status 500, expected 200 · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#2* Health check of web-1 failed: once more / The recovery is held: cooldown: web-1.shop.example was recovered 5 min 12 s ago; lifted in 24 min 48 s / Please take over.`)
		s.pagerduty(`
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200
			amsbot: level 2 -> 200
			amsbot: note amsbot: Held -> 200`)
		s.recoveries(1)
	})
}

// Held by the cooldown. The button names what it would override: Aiko may not,
// Chie may.
func TestOverride(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.down()
		s.says("Recovered by amsbot")
		s.pass(5 * time.Minute)
		s.again("once more")
		s.says("Held")
		s.settle()
		s.press(aiko, "Run Recovery")
		s.settle()
		s.recoveries(1)
		for who, waits := range map[string]bool{aiko: false, chie: true} {
			s.must(s.sim.Slack.OpenHome(who))
			s.settle()
			if home := s.home(who); strings.Contains(home, "Waiting for you") != waits {
				t.Errorf("it waits for %s: %v:\n%s", who, !waits, home)
			}
		}
		s.press(chie, "Run Recovery")
		s.until("it is recovered", func() bool { return len(s.sim.Patient.Recoveries()) == 2 })
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.
			card: #2 Health check of web-1 failed: once more: Recovered at a person's word
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#2* Health check of web-1 failed: once more / The recovery is held: cooldown: web-1.shop.example was recovered 5 min 2 s ago; lifted in 24 min 58 s / Please take over.
			only aiko: Held by cooldown: web-1.shop.example was recovered 5 min 7 s ago; lifted in 24 min 53 s. You may not override it here; who may: <@U0CHIE0001>.
			reply: Chie Mori pressed Run Recovery, overriding cooldown.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.pagerduty(`
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200
			amsbot: level 2 -> 200
			amsbot: note amsbot: Held -> 200
			chie: resolved -> 200
			amsbot: note amsbot: Recovered at a person's word -> 200`)
		s.is("resolved")
	})
}

// Two incidents about one machine: the second waits for the first one's
// recovery, looks again, and finds that it works.
func TestLock(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.down()
		s.recovering()
		s.raiseOn("shop-web", "Health check of web-1 failed: again", "again", nil)
		s.pass(4 * time.Second)
		s.recoveries(0)
		s.says("Healed")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			card: #2 Health check of web-1 failed: again: Healed, but not by amsbot · Please look
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · 15 s · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.
			reply: *Check: OK* / OK health · status 200 · ok
			broadcast: <@U0AIKO0001> *#2* Health check of web-1 failed: again / It works again, but not because of amsbot: nothing more is done. / Please look, and resolve it if you agree.`)
		s.pagerduty(`
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200
			amsbot: level 2 -> 200
			amsbot: note amsbot: Healed, but not by amsbot -> 200`)
		s.is("triggered", aikoPD)
		s.recoveries(1)
	}, slow(15*time.Second))
}

// The first recovery did not help: the second goes on, one after the other.
func TestLockThenGoesOn(t *testing.T) {
	story(t, one(web("autonomy: auto", noCooldown)), func(s *stage) {
		s.ail("stubborn")
		s.raise("Health check of web-1 failed", nil)
		s.recovering()
		s.raiseOn("shop-web", "Health check of web-1 failed: again", "again", nil)
		s.pass(4 * time.Second)
		s.recoveries(0)
		s.until("both have recovered", func() bool { return len(s.sim.Patient.Recoveries()) == 2 })
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovery failed · Escalated · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			card: #2 Health check of web-1 failed: again: Recovery failed · Escalated · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · 15 s · {"done":"restart"}
			reply: *Re-check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0CHIE0001> *#1* Health check of web-1 failed / It still does not work: status 500, expected 200 / Please take over.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · 15 s · {"done":"restart"}
			reply: *Re-check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0CHIE0001> *#2* Health check of web-1 failed: again / It still does not work: status 500, expected 200 / Please take over.`)
		s.pagerduty(`
			amsbot: level 3 -> 200
			amsbot: note amsbot: Escalated -> 200
			amsbot: level 3 -> 200
			amsbot: note amsbot: Escalated -> 200`)
	}, slow(15*time.Second), unhurried)
}

// The first recovery takes longer than the second incident may wait.
func TestLockUntilTheDeadline(t *testing.T) {
	story(t, map[string]string{
		"a.yaml": web("name: long", "autonomy: auto", strings.Replace(restart, "20s", "3m", 1), "when: {service: shop-web, title: long}"),
		"b.yaml": web("name: short", "autonomy: auto", strings.Replace(restart, "20s", "5s", 1), "when: {service: shop-web, title: short}", "deadline: 30s"),
	}, func(s *stage) {
		s.ail("stubborn")
		s.raiseOn("shop-web", "long", "long", nil)
		s.recovering()
		s.raiseOn("shop-web", "short", "short", nil)
		s.says("Held")
		s.settle()
		s.is("triggered", aikoPD)
		s.recoveries(0)
		s.pass(2 * time.Minute)
		s.settle()
		s.slack(`
			card: #1 long: Recovery failed · Escalated · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			card: #2 short: Held · NG: status 500, expected 200 · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#2* short / The recovery is held: lock: web-1.shop.example is being recovered by #1 / Please take over.
			reply: *Recovery: OK* / OK restart · status 200 · 1 min 40 s · {"done":"restart"}
			reply: *Re-check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0CHIE0001> *#1* long / It still does not work: status 500, expected 200 / Please take over.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Held -> 200
			amsbot: level 3 -> 200
			amsbot: note amsbot: Escalated -> 200`)
		s.recoveries(1)
	}, slow(100*time.Second), unhurried)
}
