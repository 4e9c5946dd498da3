package app_test

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// stormCard is the newest card of a storm.
func (s *stage) stormCard() string {
	last := ""
	for _, l := range strings.Split(s.slackLines(), "\n") {
		if strings.HasPrefix(l, "card: Storm of ") {
			last = strings.TrimPrefix(l, "card: Storm of ")
		}
	}
	return last
}

// stormShows waits until the newest card of a storm has all of these texts on it.
func (s *stage) stormShows(texts ...string) {
	s.Helper()
	s.until("the storm's card shows "+strings.Join(texts, " | "), func() bool {
		m, _ := s.newest(isStorm)
		return !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(drawn(m), text) })
	})
}

// stormOf raises a storm of machines that no restart helps, or some do.
func (s *stage) stormOf(machines int, ail string) {
	s.Helper()
	s.onEach(machines)
	s.ail(ail)
	s.until("the storm has its card", func() bool { return s.stormCard() != "" })
	s.settle()
}

// Nobody overrides a pause, with a storm's card neither: what is paused is refused,
// and a pause in the middle stops before the next machine and forgets none.
func TestStormPaused(t *testing.T) {
	story(t, one(web("autonomy: auto", restartOnce, brakes("storm: 3 per 5m"))), func(s *stage) {
		s.stormOf(4, "errors")
		s.ams(ben, "pause project:shop")
		s.stormShows("4 waiting: the storm brake holds their recoveries · Paused: please take over or resume", "Nothing runs yet: paused (project:shop) by Ben Brook; “/ams resume project:shop” lifts it.")
		s.settle()
		s.press(chie, "Run Recovery on All 4")
		s.settle()
		s.recoveries(0)
		if !strings.Contains(s.slackLines(), "only chie: Nothing runs: paused (project:shop) by Ben Brook") {
			t.Errorf("Chie is not told:\n%s", s.slackLines())
		}
		s.ams(ben, "resume project:shop")
		s.stormShows("4 waiting", "Ben Brook resumed project:shop. It may run now.")
		s.settle()
		s.press(chie, "Run Recovery on All 4")
		s.ams(ben, "pause scenario:web-down") // before the check of the first has ended
		s.settle()
		s.recoveries(0)
		if got := s.stormCard(); !strings.HasPrefix(got, "web-down (4): Stopped, #1 is held: paused (scenario:shop/web-down) by Ben Brook") {
			t.Errorf("the card says %s", got)
		}
		s.ams(ben, "resume scenario:web-down")
		s.stormShows("Stopped, #1 is held", "Ben Brook resumed scenario:shop/web-down. It may run now.")
		s.settle()
		s.press(chie, "Run Recovery on All 4")
		s.settle()
		s.recoveries(1)
		s.pass(6 * time.Minute)
		if got := s.stormCard(); got != "web-down (4): The storm is over" {
			t.Errorf("the card says %s", got)
		}
	}, unhurried, configured(givesResume))
}

// What was recovered a minute ago is in a cooldown, and in a storm all the same:
// one card asks, one mention calls. Its cooldown is not overridden with the storm
// brake; its own card asks.
func TestStormOfCooldowns(t *testing.T) {
	story(t, one(web("autonomy: auto", brakes("storm: 3 per 5m, cooldown: 30m"))), func(s *stage) {
		s.on(1)
		s.says("Recovered by amsbot")
		s.settle()
		s.pass(10 * time.Minute)
		s.ail("errors")
		s.onEach(3)
		s.until("the storm has its card", func() bool { return s.stormCard() != "" })
		s.settle()
		if n := strings.Count(s.slackLines(), "broadcast: "); n != 1 {
			t.Errorf("people were called %d times:\n%s", n, s.slackLines())
		}
		s.press(chie, "Run Recovery on All 3")
		s.settle()
		s.recoveries(2)
	}, unhurried)
}

// The scenario is taken out while its storm rages: what it holds runs the version
// that it began with, at a person's word, also after a restart.
func TestStormWithoutItsScenario(t *testing.T) {
	story(t, one(web("autonomy: auto", brakes("storm: 3 per 5m"))), func(s *stage) {
		s.stormOf(4, "errors")
		s.rewrite(one(web("autonomy: auto", "name: other", brakes("storm: 3 per 5m"))))
		s.reloads()
		s.crash()
		s.start()
		s.press(chie, "Run Recovery on All 4")
		s.settle()
		s.recoveries(1)
		s.pass(6 * time.Minute)
		if got := s.stormCard(); got != "web-down (4): The storm is over" {
			t.Errorf("the card says %s", got)
		}
	}, unhurried)
}

// The right to override is taken from Chie after the first machine: nothing more
// runs at her word, and she is told.
func TestStormForbiddenMeanwhile(t *testing.T) {
	scenario := web("autonomy: auto", restartOnce, brakes("storm: 3 per 5m"), "recheck: {settle: 30s, every: 1s, stable: 2, within: 1m}")
	story(t, one(scenario), func(s *stage) {
		s.stormOf(4, "errors")
		s.press(chie, "Run Recovery on All 4")
		s.pass(5 * time.Second)
		s.rewrite(map[string]string{"web.yaml": scenario, "project.yaml": strings.Replace(project, "override: [U0CHIE0001]", "override: [U0DAN00001]", 1)})
		s.reloads()
		s.pass(time.Minute)
		s.settle()
		if got := s.stormCard(); got != "web-down (4): Stopped: Chie Mori may not do this any more" {
			t.Errorf("the card says %s", got)
		}
		if !strings.Contains(s.slackLines(), "broadcast: <@U0CHIE0001> Stopped: Chie Mori may not do this any more") {
			t.Errorf("nobody is told:\n%s", s.slackLines())
		}
	}, unhurried)
}

// A project without a channel has no card of a storm, and nobody to press: each
// incident is handed over in PagerDuty at once.
func TestStormWithoutAChannel(t *testing.T) {
	story(t, map[string]string{"web.yaml": web("autonomy: auto", brakes("storm: 3 per 5m")), "project.yaml": strings.Replace(project, "channel: C0SHOPOPS1\n", "", 1)}, func(s *stage) {
		s.onEach(4)
		s.pass(time.Minute)
		s.recoveries(0)
		if n := len(s.assigned(aikoPD)); n != 4 {
			t.Errorf("%d are with the first line:\n%s", n, s.pagerLines())
		}
	}, unhurried)
}

// Two scenarios fail in one moment: two storms, two cards, and what is pressed on
// one runs nothing of the other.
func TestTwoStorms(t *testing.T) {
	files := one(web("autonomy: auto", brakes("storm: 3 per 5m")))
	files["db.yaml"] = web("name: db-down", "autonomy: auto", "when: {service: shop-db}", brakes("storm: 3 per 5m"))
	story(t, files, func(s *stage) {
		s.ail("stubborn")
		s.raiseMany(3, 3)
		for _, name := range []string{"db-1", "db-2", "db-3"} {
			s.raiseOn("shop-db", "Replication of "+name+" failed", name, map[string]any{"host": name + ".shop.example"})
		}
		s.pass(time.Minute)
		s.recoveries(0)
		for _, name := range []string{"web-down", "db-down"} {
			if n := strings.Count(s.slackLines(), "*Storm of "+name+"*: many of its targets are in trouble at once (3 waiting now)"); n != 1 {
				t.Errorf("%s: people were told %d times", name, n)
			}
		}
		name, _, _ := strings.Cut(s.stormCard(), " ")
		s.press(chie, "Run Recovery on All 3")
		s.settle()
		s.recoveries(1)
		if n := strings.Count(s.slackLines(), ": Stopped: it did not help"); n != 1 || !strings.HasPrefix(s.stormCard(), name) {
			t.Errorf("%d storms were stopped", n)
		}
	}, unhurried)
}

// A scenario that only observes has no recoveries to hold: its incidents are no storm.
func TestNoStormOfObserved(t *testing.T) {
	story(t, one(web("autonomy: observe", brakes("storm: 3 per 5m"))), func(s *stage) {
		s.ail("errors")
		s.raiseMany(5, 5)
		s.pass(time.Minute)
		if strings.Contains(s.slackLines(), "Storm") || len(s.assigned(botPD)) > 0 {
			t.Errorf("%s", s.slackLines())
		}
	}, unhurried)
}

// One incident of a storm stays open, and nobody decides. Hours later another
// machine fails alone: that is its scenario's business, and not an old storm's.
func TestStormThatNobodyEnds(t *testing.T) {
	story(t, one(web("autonomy: auto", brakes("storm: 3 per 5m"))), func(s *stage) {
		s.stormOf(4, "errors")
		s.pass(40 * time.Minute)
		s.on(9)
		s.until("it is recovered", func() bool {
			return strings.Contains(s.slackLines(), "#5 Health check of web-9 failed: Recovered by amsbot")
		})
		s.recoveries(1)
		s.pressAny(chie, "Run Recovery on All 4")
	}, unhurried)
}

// pressAny presses a button of whichever card has it.
func (s *stage) pressAny(who, label string) {
	s.Helper()
	for _, m := range s.sim.Slack.Messages(room) {
		for _, one := range labels(elements(m)) {
			if isCard(m) && one == label {
				s.click(who, label, m)
				return
			}
		}
	}
	s.Fatalf("no card has %s", label)
}

// A scenario is paused, its breaker has tripped, and it is taken out: an incident
// that began with it is held all the same, so a person may lift both.
func TestResumeWhatIsGone(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.ams(ben, "pause scenario:web-down")
		s.down()
		s.says("Held")
		s.rewrite(one(web("name: other")))
		s.reloads()
		s.ams(ben, "resume scenario:web-down")
		s.ams(ben, "resume scenario:web-down")
		s.settle()
		if got := s.slackLines(); !strings.Contains(got, "Ben Brook resumed scenario:shop/web-down.") || !strings.Contains(got, "only ben: There is no scenario web-down here.") {
			t.Errorf("%s", got)
		}
	}, unhurried, configured(givesResume))
}

// A machine of a storm was recovered too often lately: the second line is told of
// that one, but the recovery has helped, and the others go on.
func TestStormOfMasking(t *testing.T) {
	story(t, one(web("autonomy: auto", restartOnce, brakes("storm: 3 per 5m, masking: 1 per 7d"))), func(s *stage) {
		s.stormOf(3, "errors")
		s.press(chie, "Run Recovery on All 3")
		s.settle()
		s.recoveries(1)
		if got := s.stormCard(); got != "web-down (3): No incident of it waits any more" {
			t.Errorf("the card says %s", got)
		}
		if got := s.slackLines(); !strings.Contains(got, "Masking: web-1.shop.example was recovered too often (1 within 7 d)") || !strings.Contains(got, "reply: Done: 3 working again.") {
			t.Errorf("%s", got)
		}
	}, unhurried)
}

// A recovery that a pause stopped half way has not failed: nobody knows what the
// rest of it would have done, and the breaker does not count it.
func TestBreakerAfterAPause(t *testing.T) {
	story(t, one(web("autonomy: auto", twoSteps, brakes("breaker: 1"))), func(s *stage) {
		s.on(1)
		s.recovering()
		s.ams(ben, "pause project:shop")
		s.says("Healed, but not by amsbot")
		s.settle()
		s.ams(ben, "resume project:shop")
		s.settle()
		if got := s.slackLines(); strings.Contains(got, "Breaker") || strings.Contains(got, "breaker") {
			t.Errorf("it has tripped:\n%s", got)
		}
		s.on(2)
		s.says("Recovered by amsbot")
	}, unhurried, slow(5*time.Second), configured(givesResume))
}
