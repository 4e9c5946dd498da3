package app_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"amsbot/bot/sim/pagerduty"
)

// onlyTo is what amsbot told one person in the channel, the newest last, from the
// n-th on.
func (s *stage) onlyTo(who string, from int) []string {
	var out []string
	for _, m := range s.sim.Slack.Messages(room) {
		if m.Ephemeral && m.To == who {
			out = append(out, strings.NewReplacer("\n", " / ", "\u2060", "").Replace(moments.ReplaceAllString(m.Text, "TIME")))
		}
	}
	return out[from:]
}

// asks types /ams and answers what only that person is told.
func (s *stage) asks(who, text string) string {
	s.Helper()
	before := len(s.onlyTo(who, 0))
	s.ams(who, text)
	s.settle()
	return strings.Join(s.onlyTo(who, before), "\n")
}

// An incident is also named by its service, by the address of its page, and by
// nothing at all where one is open; what resolves or recovers is never guessed.
func TestIncidentsByName(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.waits()
		page := "https://shop.pagerduty.com/incidents/" + s.incident + "?utm_source=slack"
		for _, c := range []struct{ text, want string }{
			{"show shop-web", "#1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person"},
			{"show SHOP-WEB please", "#1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person"},
			{`why "shop-web"`, "Scenario *web-down* was chosen, for web-1.shop.example. / • *web-down* fits: all 2 conditions hold"},
			{"why " + page, "Scenario *web-down* was chosen, for web-1.shop.example. / • *web-down* fits: all 2 conditions hold"},
			{"show shop-db", "No incident of shop-db is open here. Open: #1."},
			{"show shop-wbe", "There is no incident shop-wbe here. Open: #1. Did you mean “shop-web”?"},
			{"resolve last", "Say which one, so that it is not another by the time it is done: `/ams resolve 1`. Open: / *#1* Health check of web-1 failed · NG: status 500, expected 200"},
			{"recover", "Say which one, so that it is not another by the time it is done: `/ams recover 1`. Open: / *#1* Health check of web-1 failed · NG: status 500, expected 200"},
			{"approve 1", "Nothing waits for an approval here."},
			{"recover 1 break glass: nobody is here", "One person is enough for this recovery: press Run Recovery."},
			{"done", "Say which one, so that it is not another by the time it is done: `/ams done 1`. Open: / *#1* Health check of web-1 failed · NG: status 500, expected 200"},
			{"note shop-web", "Write the note behind the incident: `/ams note 1234 the plug was out`."},
		} {
			if c.text == "note shop-web" {
				s.ams(ben, c.text) // asks for the text, as with a number
				if len(s.sim.Slack.State(ben).Modals) != 1 {
					t.Error("no dialogue for a note")
				}
				continue
			}
			if got := s.asks(ben, c.text); got != c.want {
				t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
			}
		}
		s.submit(ben, "the plug was out")
		s.settle()
		s.raiseOn("shop-db", "Disk is full", "disk", nil)
		s.settle()
		s.raiseOn("shop-db", "Disk is slow", "slow", nil)
		s.pass(time.Minute)
		s.settle()
		for _, c := range []struct{ text, want string }{
			{"show 4", "There is no incident 4 here. Open: #3, #2, #1."},
			{"show 0", "There is no incident 0 here. Open: #1, #2, #3."},
			{"take", "Say which one, so that it is not another by the time it is done: `/ams take 3`. Open: / *#3* Disk is slow · Handed over: no scenario fits / *#2* Disk is full · Handed over: no scenario fits / *#1* Health check of web-1 failed · NG: status 500, expected 200"},
			{"take shop-db", "2 incidents of shop-db are open. Say which one, by its number: / *#3* Disk is slow · Handed over: no scenario fits / *#2* Disk is full · Handed over: no scenario fits"},
		} {
			if got := s.asks(ben, c.text); got != c.want {
				t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
			}
		}
		s.ams(ben, "resolve shop-web the plug was out")
		s.settle()
		s.said("*#1* Ben Brook resolves it.")
		for _, want := range []string{"Ben Brook: the plug was out"} {
			if !strings.Contains(s.allNotes(), want) {
				t.Errorf("no note %q:\n%s", want, s.allNotes())
			}
		}
	}, unhurried)
}

// allNotes are those on every incident, each by whom.
func (s *stage) allNotes() string {
	var out []string
	for _, i := range s.sim.PagerDuty.State().Incidents {
		for _, n := range i.Notes {
			out = append(out, n.By+": "+n.Content)
		}
	}
	return strings.Join(out, "\n")
}

// With one open, take and escalate need no name, and everybody reads which it was.
func TestTheOnlyOneOpen(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.waits()
		s.ams(ben, "ack")
		s.settle()
		s.said("*#1* Ben Brook takes it over.")
		s.ams(chie, "escalate last")
		s.settle()
		s.said("*#1* Chie Mori escalates it to the next level.")
	}, unhurried)
}

// Every subcommand says how it is used, with an example.
func TestHelpOfEach(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		for _, verb := range []string{"list", "show", "why", "history", "scenarios", "stats", "take", "check", "recover", "escalate",
			"resolve", "note", "pause", "resume", "maintenance", "help"} {
			said := s.asks(dan, "help "+verb)
			if !strings.HasPrefix(said, "`/ams "+verb) {
				t.Errorf("help %s: %s", verb, said)
			}
			if again := s.asks(dan, strings.ToUpper(verb)+" help"); verb != "help" && again != said {
				t.Errorf("%s help: %s", verb, again)
			}
			if verb != "list" && verb != "help" && !strings.Contains(said, "For example: `/ams "+verb) {
				t.Errorf("help %s has no example: %s", verb, said)
			}
		}
		if got := s.asks(dan, "help recovr"); got != "There is no `recovr`. Did you mean `/ams help recover`?" {
			t.Error(got)
		}
	}, unhurried)
}

// What amsbot can do in this channel's projects, and what holds it.
func TestScenariosByCommand(t *testing.T) {
	files := twoProjects()
	files["web.yaml"] = "description: Restart the web tier when its health check fails.\n" + web("autonomy: auto")
	story(t, files, func(s *stage) {
		for _, c := range []struct{ text, want string }{
			{"scenarios", "• *web-down* · recovers by itself · Restart the web tier when its health check fails. · not used yet"},
			{"scenarios wbe-down", "There is no scenario “wbe-down” here. Did you mean `/ams scenarios web-down`?"},
			{"scenarios mail-down", "There is no scenario “mail-down” here. There are: web-down."},
		} {
			if got := s.asks(dan, c.text); got != c.want {
				t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
			}
		}
		s.ams(aiko, "pause web-down it *loops*")
		s.settle()
		s.said("Aiko Tanaka paused scenario:shop/web-down (it ∗loops∗): recoveries are held")
		s.waits()
		if got, want := s.asks(dan, "scenarios web"), "• *web-down* · recovers by itself · Restart the web tier when its health check fails. · last for #1, TIME · *paused (scenario:shop/web-down) by Aiko Tanaka (it ∗loops∗)*"; got != want {
			t.Errorf(" got %s\nwant %s", got, want)
		}
		if got, want := s.asks(dan, "resume scenario web-donw"), "There is no scenario web-donw here. Say `all`, `project:NAME` or `scenario:PROJECT/NAME`. Did you mean “scenario:web-down”?"; got != want {
			t.Errorf(" got %s\nwant %s", got, want)
		}
		s.amsIn(s.dm(aiko), aiko, "scenarios")
		s.amsIn(s.dm(chie), chie, "scenarios")
		s.settle()
		if got := s.linesIn(s.dm(aiko)); !strings.Contains(got, "*platform* / • *mail-down*") || !strings.Contains(got, "*shop* / • *web-down*") {
			t.Errorf("Aiko reads %s", got)
		}
		if got := s.linesIn(s.dm(chie)); strings.Contains(got, "mail-down") || !strings.Contains(got, "web-down") {
			t.Errorf("Chie reads %s", got)
		}
	}, unhurried)
}

// While PagerDuty cannot be read, the list says that it may be out of date.
func TestListWhileDeaf(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.waits()
		id := s.sim.PagerDuty.Fault(pagerduty.Fault{Kind: pagerduty.FaultStatus, Status: 503})
		s.pass(3 * time.Minute)
		got := s.asks(ben, "list")
		if !strings.Contains(got, "amsbot has not been able to read PagerDuty since TIME: what stands here may be older.") {
			t.Errorf("the list says %s", got)
		}
		s.sim.PagerDuty.Heal(id)
		s.pass(3 * time.Minute)
		if got := s.asks(ben, "list"); strings.Contains(got, "read PagerDuty") {
			t.Errorf("the list says %s", got)
		}
	}, unhurried)
}

// The figures are honest: what was handed over, is open, or came back after it was
// resolved did not go without a person.
func TestStats(t *testing.T) {
	story(t, map[string]string{
		"auto.yaml": web("name: alone", "autonomy: auto", "when: {service: shop-web, title: '/^alone/'}", unsafe),
		"ask.yaml":  web("name: asks", "when: {service: shop-web, title: '/^asks/'}", unsafe),
	}, func(s *stage) {
		if got, want := s.asks(dan, "stats"), "*shop, the last 7 d* / No incident."; got != want {
			t.Errorf(" got %s\nwant %s", got, want)
		}
		s.fails("errors", "alone one")
		s.says("Recovered by amsbot")
		s.is("resolved")
		s.fails("errors", "asks two")
		s.press(ben, "Run Recovery")
		s.says("Recovered at a person's word")
		s.settle()
		s.fails("", "nobody knows")
		s.pass(time.Minute)
		s.settle()
		want := "*shop, the last 30 d* / *3* incidents, 1 of them still open / Answered without a person: *1 of 3 (33 %)*" +
			" / First response: median T, 90th percentile T (of 3 that have one)" +
			" / By outcome: Handed over 1 · Recovered at a person's word 1 · Recovered by amsbot 1" +
			" / By scenario: none that fits 1 (0 without a person) · alone 1 (1 without a person) · asks 1 (0 without a person)" +
			" / _Without a person: "
		got := regexp.MustCompile(`(median|percentile) [^,(]*[^,( ]`).ReplaceAllString(s.asks(dan, "stats 30d"), "$1 T")
		if !strings.HasPrefix(got, want) {
			t.Errorf(" got %s\nwant %s", got, want)
		}
		if got := s.asks(dan, "stats tomorrow"); !strings.HasPrefix(got, "“tomorrow” is no span of time") {
			t.Error(got)
		}
		s.pass(25 * time.Hour)
		if got := s.asks(dan, "stats 24h"); got != "*shop, the last 1 d* / No incident." {
			t.Error(got)
		}
	}, unhurried)
}
