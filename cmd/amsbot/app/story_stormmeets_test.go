package app_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"amsbot/bot"
	"amsbot/store"
)

// numbered is the ID of the incident with a number.
func (s *stage) numbered(n int) string {
	s.Helper()
	for _, in := range s.sim.PagerDuty.State().Incidents {
		if in.Number == n {
			return in.ID
		}
	}
	s.Fatalf("there is no incident %d", n)
	return ""
}

// Planned work takes four machines down: no storm, and nobody is called. When it
// ends they are all looked at in one moment, and that is one.
func TestStormAndMaintenance(t *testing.T) {
	for _, autonomy := range []string{"ask", "auto"} {
		t.Run(autonomy, func(t *testing.T) {
			story(t, planned(web("autonomy: "+autonomy, brakes("storm: 3 per 5m"))), func(s *stage) {
				s.ams(aiko, "maintenance shop-web 10m")
				s.onEach(4)
				s.pass(8 * time.Minute)
				if strings.Contains(s.slackLines(), "Storm") {
					t.Errorf("planned work is a storm:\n%s", s.slackLines())
				}
				s.pass(3 * time.Minute)
				s.settle()
				s.recoveries(0)
				if n := strings.Count(s.slackLines(), "*Storm of web-down*"); n != 1 {
					t.Errorf("%d storms after it:\n%s", n, s.slackLines())
				}
			}, unhurried)
		})
	}
}

// A window is opened between the press and the check: what it covers is held, and
// taken up by itself when it is over; nobody overrides it.
func TestStormIntoMaintenance(t *testing.T) {
	story(t, planned(web("autonomy: auto", restartOnce, brakes("storm: 3 per 5m"))), func(s *stage) {
		s.stormOf(4, "errors")
		s.press(chie, "Run Recovery on All 4")
		s.ams(aiko, "maintenance shop-web 10m")
		s.settle()
		s.recoveries(0)
		if got := s.stormCard(); got != "web-down (4): No incident of it waits any more" || !strings.Contains(s.slackLines(), "reply: Done: 0 working again. 4 held by a guard of their own: their own cards ask.") {
			t.Errorf("the card says %s:\n%s", got, s.slackLines())
		}
	}, unhurried)
}

// The check takes longer than the brake looks back: those that came in one moment
// are in trouble at once all the same.
func TestStormOfSlowChecks(t *testing.T) {
	slowly := strings.Replace(checkHealth, "timeout: 2s", "timeout: 2s\n    attempts: 10\n    every: 10s", 1)
	story(t, one(web("autonomy: auto", slowly, brakes("storm: 3 per 1m"))), func(s *stage) {
		s.stormOf(5, "errors")
		s.recoveries(0)
	}, unhurried)
}

// Two click in one moment, and somebody on a card from before: one decision.
func TestStormPressedByTwo(t *testing.T) {
	story(t, one(web("autonomy: auto", restartOnce, brakes("storm: 3 per 5m"))), func(s *stage) {
		s.stormOf(4, "errors")
		m, _ := s.cardFor("Run Recovery on All 4")
		first := s.atOnce("Run Recovery on All 4", m, chie, chie)
		s.settle()
		s.click(chie, "Run Recovery on All 4", m)
		s.settle()
		s.recoveries(1)
		if n := strings.Count(s.slackLines(), " lets it go on (4), one first"); n != 1 || first == "" {
			t.Errorf("%d decisions:\n%s", n, s.slackLines())
		}
	}, unhurried)
}

// While a storm waits, people and monitoring see to its incidents one by one: one
// is resolved, one merged, one run on its own card, and one resolved and reopened.
// What is left is what the press is about.
func TestStormIsSeenToOneByOne(t *testing.T) {
	story(t, one(web("autonomy: auto", brakes("storm: 3 per 5m"))), func(s *stage) {
		s.stormOf(6, "errors")
		s.must(s.sim.PagerDuty.Resolve(aikoPD, s.numbered(1)))
		s.must(s.sim.PagerDuty.Merge(aikoPD, s.numbered(3), s.numbered(2)))
		s.must(s.sim.PagerDuty.Acknowledge(aikoPD, s.numbered(5)))
		s.must(s.sim.PagerDuty.Resolve(aikoPD, s.numbered(6)))
		s.settle()
		s.until("four wait no more", func() bool { return strings.Contains(s.stormCard(), "3 waiting: ") })
		s.must(s.sim.PagerDuty.Reopen(aikoPD, s.numbered(6)))
		s.settle()
		s.until("one waits again", func() bool { return strings.Contains(s.stormCard(), "4 waiting: ") })
		if got := s.confirm("Run Recovery on All 4"); !strings.Contains(got, "web-3.shop.example, web-4.shop.example, web-5.shop.example, web-6.shop.example") {
			t.Errorf("the dialogue says %s", got)
		}
		s.press(chie, "Run Recovery on All 4")
		s.settle()
		s.pass(6 * time.Minute)
		s.recoveries(1)
		if got := s.stormCard(); got != "web-down (6): The storm is over" {
			t.Errorf("the card says %s", got)
		}
	}, unhurried)
}

// Two incidents of a storm are about one machine: it is recovered once, whoever
// waits for whom.
func TestStormOfOneMachineTwice(t *testing.T) {
	story(t, one(web("autonomy: auto", restartOnce, "guards: {cooldown: 30m, runs: none, scenario_runs: none, breaker: none, masking: none, storm: 3 per 5m, parallel: 5}")), func(s *stage) {
		for _, key := range []string{"a", "b"} {
			s.raiseOn("shop-web", "Health check of web-9 failed", key, map[string]any{"host": "web-9.shop.example"})
		}
		s.stormOf(3, "errors")
		s.press(chie, "Run Recovery on All 5")
		s.settle()
		s.pass(6 * time.Minute)
		s.recoveries(1)
		if got := s.stormCard(); got != "web-down (5): The storm is over" {
			t.Errorf("the card says %s", got)
		}
	}, unhurried)
}

// Monitoring resolves the first of a decision while its recovery runs: nobody has
// seen that the recovery helps, and the next goes alone.
func TestStormCanaryIsResolved(t *testing.T) {
	story(t, one(web("autonomy: auto", restartOnce, brakes("storm: 3 per 5m"))), func(s *stage) {
		s.stormOf(5, "errors")
		s.press(chie, "Run Recovery on All 5")
		s.until("it recovers", func() bool { return strings.Contains(s.slackLines(), "#1 Health check of web-1 failed: Recovering") })
		s.must(s.sim.PagerDuty.Resolve(aikoPD, s.numbered(1)))
		s.settle()
		s.pass(time.Minute)
		var canaries []bool
		for _, e := range s.history(s.stormKey()) {
			var sent struct{ Canary bool }
			if e.Kind == "sent" && e.Into(&sent) == nil {
				canaries = append(canaries, sent.Canary)
			}
		}
		if !slices.Equal(canaries[:2], []bool{true, true}) {
			t.Errorf("canaries: %v", canaries)
		}
	}, unhurried, slow(20*time.Second))
}

// stormKey is the stream of the storm.
func (s *stage) stormKey() string {
	s.Helper()
	s.stop()
	db, err := store.Open(s.config.Database, store.Options{})
	s.must(err)
	defer db.Close()
	records, err := db.Incidents(s.ctx, store.Filter{})
	s.must(err)
	for _, r := range records {
		if !bot.IsIncident(r.Key) {
			return r.Key
		}
	}
	s.Fatal("there is no storm")
	return ""
}
