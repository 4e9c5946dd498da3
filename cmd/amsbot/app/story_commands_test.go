package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"amsbot/bot/words"
)

// dm is a person's direct message with amsbot.
func (s *stage) dm(who string) string {
	s.Helper()
	for _, c := range s.sim.Slack.State(who).Channels {
		if c.IM {
			return c.ID
		}
	}
	s.Fatalf("%s has no direct message with amsbot", nameOf(who))
	return ""
}

// What /ams is asked for is answered to whoever asks, alone.
func TestQuestions(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.ams(ben, "list")
		s.ams(ben, "show")
		s.waits()
		s.ams(ben, "list")
		s.ams(ben, "show 1")
		s.ams(ben, "show #1")
		s.ams(ben, "why last")
		s.ams(ben, "WHY "+strings.ToLower(s.incident))
		s.ams(ben, "show")
		s.settle()
		s.anyOrder(`
			only ben: No incident is open.
			only ben: There is no incident here yet.
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			only ben: *1 open* / *#1* Health check of web-1 failed · NG: status 500, expected 200 · with Aiko Tanaka
			only ben: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			only ben: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			only ben: Scenario *web-down* was chosen, for web-1.shop.example. / • *web-down* fits: all 2 conditions hold
			only ben: Scenario *web-down* was chosen, for web-1.shop.example. / • *web-down* fits: all 2 conditions hold
			only ben: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person`)
		s.pagerduty(`
			amsbot: level 2 -> 200`)
	}, unhurried)
}

// The history says all that happened, each line with its time in the reader's
// own zone.
func TestHistoryByCommand(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.waits()
		s.press(dan, "Run Recovery")
		s.press(aiko, "Run Recovery")
		s.says("Recovered at a person's word")
		s.settle()
		s.ams(ben, "history")
		s.ams(ben, "history 1")
		s.settle()
		var said []string
		for _, m := range s.sim.Slack.Messages(room) {
			if m.To == ben {
				said = append(said, m.Text)
			}
		}
		if len(said) != 2 {
			t.Fatalf("%d answers: %q", len(said), said)
		}
		lines := strings.Split(said[1], "\n")[1:] // the first counts those that are left out
		for i, l := range lines {
			mark, rest, ok := strings.Cut(l, "> ")
			if !ok || !strings.HasPrefix(mark, "<!date^9466848") {
				t.Errorf("line %d has no time: %q", i, l)
			}
			lines[i] = strings.ReplaceAll(rest, "\u2060", "")
		}
		rest := strings.Join(lines, "\n")
		for _, want := range []string{
			"offered: Run Recovery, Run Checks Again", "refused to Dan Weber: Run Recovery (You may not Run Recovery here. Who may: S0SHOPOPS1, U0CHIE0001.)",
			"Aiko Tanaka pressed Run Recovery.", "Check: started health: GET http:", "Check: health: NG status 500, expected 200", "Check: NG (0 of 1 OK)",
			"recovery begins, by Aiko Tanaka, on web-1.shop.example", "Recovery: started restart: POST http:", "Recovery: restart: OK status 200",
			"Re-check: OK (1 of 1 OK)", "Recovered at a person's word. The recovery worked: the re-check is OK.", "wanted: resolve in PagerDuty, by Aiko Tanaka", "done: resolve in PagerDuty",
		} {
			_, after, ok := strings.Cut(rest, want)
			if !ok {
				t.Fatalf("%q does not come after what comes before it:\n%s", want, strings.Join(lines, "\n"))
			}
			rest = after
		}
	}, unhurried)
}

// helpSaid is what /ams alone answers.
var helpSaid = strings.ReplaceAll(words.In("en").Say("help"), "\n", " / ")

// What does not exist, and what was never meant.
func TestMistyped(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.waits()
		for _, text := range []string{"", "help", "lsit", "recovr 1", "frobnicate", "show 99", "show QNOWHERE",
			"show pd:shop:QNOWHERE", "take 99", "resolve", "note", "<!channel>", "show `*x*` <!here>", "list me everything"} {
			s.ams(ben, text)
		}
		s.settle()
		s.anyOrder(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			only ben: ` + helpSaid + `
			only ben: ` + helpSaid + `
			only ben: There is no ` + "`" + `lsit` + "`" + `. Did you mean ` + "`" + `/ams list` + "`" + `?
			only ben: There is no ` + "`" + `recovr` + "`" + `. Did you mean ` + "`" + `/ams recover 1` + "`" + `?
			only ben: There is no ` + "`" + `frobnicate` + "`" + `. ` + "`" + `/ams help` + "`" + ` says what there is.
			only ben: There is no incident 99 here. Open: #1.
			only ben: There is no incident QNOWHERE here. Open: #1.
			only ben: There is no incident pd∶shop∶QNOWHERE here. Open: #1.
			only ben: There is no incident 99 here. Open: #1.
			only ben: Say which one, so that it is not another by the time it is done: ` + "`" + `/ams resolve 1` + "`" + `. Open: / *#1* Health check of web-1 failed · NG: status 500, expected 200
			only ben: Write the note behind the incident: ` + "`" + `/ams note 1234 the plug was out` + "`" + `.
			only ben: There is no ` + "`" + `&lt;!channel&gt;` + "`" + `. ` + "`" + `/ams help` + "`" + ` says what there is.
			only ben: There is no incident ∗x∗ here. Open: #1.
			only ben: *1 open* / *#1* Health check of web-1 failed · NG: status 500, expected 200 · with Aiko Tanaka`)
		s.pagerduty(`
			amsbot: level 2 -> 200`)
	}, unhurried)
}

// More are open than one answer tells of: the newest are, and the others' numbers.
func TestLongList(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.ail("errors")
		for n := range 23 {
			s.raiseOn("shop-db", fmt.Sprintf("Disk %d is full", n+1), fmt.Sprintf("disk/%d", n), nil)
			s.pass(time.Second)
		}
		s.pass(2 * time.Minute)
		s.settle()
		s.ams(ben, "list")
		s.settle()
		var text string
		for _, m := range s.sim.Slack.Messages(room) {
			if m.To == ben {
				text = m.Text
			}
		}
		lines := strings.Split(text, "\n")
		if len(lines) != 22 || lines[0] != "*23 open*" || lines[21] != "… and 3 more, `/ams show NUMBER` tells of one: #3 #2 #1" || !strings.HasPrefix(lines[1], "*#23* Disk 23 is full · Handed over") {
			t.Errorf("%d lines:\n%s", len(lines), text)
		}
	}, unhurried)
}

// Whoever speaks to amsbot, or writes to it directly, is told what there is.
func TestSpokenTo(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		_, err := s.sim.Slack.Say(ben, room, "@amsbot what can you do?", "")
		s.must(err)
		_, err = s.sim.Slack.Say(dan, s.dm(dan), "hello", "")
		s.must(err)
		s.settle()
		for _, where := range []string{room, s.dm(dan)} {
			if got := s.linesIn(where); strings.Count(got, "*/ams* gives every incident") != 1 {
				t.Errorf("in %s:\n%s", where, got)
			}
		}
	})
}

// A pause stops what would recover, is said to all, shows wherever one looks,
// survives a restart, and ends at a person's word.
func TestPauseAndResume(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.ams(dan, "pause we are moving")
		s.ams(ben, "pause project:shop")
		s.ams(ben, "pause scenario:shop/web-down flapping <!channel>")
		s.ams(ben, "pause all")
		s.ams(ben, "list")
		s.settle()
		s.stop()
		s.start()
		s.down()
		s.says("Held")
		s.settle()
		s.recoveries(0)
		s.ams(dan, "resume project:shop")
		for range 2 {
			s.ams(aiko, "resume project:shop")
		}
		s.ams(aiko, "resume scenario shop/web-down")
		s.ams(aiko, "resume all")
		s.settle()
		s.press(aiko, "Run Recovery")
		s.says("Recovered at a person's word")
		s.settle()
		s.anyOrder(`
			message: Dan Weber paused project:shop (we are moving): recoveries are held until “/ams resume project:shop”. Handing over goes on.
			only ben: project:shop is paused already, by Dan Weber. “/ams resume project:shop” lifts it.
			message: Ben Brook paused scenario:shop/web-down (flapping &lt;!channel&gt;): recoveries are held until “/ams resume scenario:shop/web-down”. Handing over goes on.
			message: Ben Brook paused all: recoveries are held until “/ams resume all”. Handing over goes on.
			only ben: No incident is open. / Paused: all, by Ben Brook; “/ams resume all” lifts it / Paused: project:shop, by Dan Weber: we are moving; “/ams resume project:shop” lifts it / Paused: scenario:shop/web-down, by Ben Brook: flapping &lt;!channel&gt;; “/ams resume scenario:shop/web-down” lifts it
			card: #1 Health check of web-1 failed: Recovered at a person's word
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The recovery is held: paused (all) by Ben Brook; “/ams resume all” lifts it / Please take over.
			only dan: You may not Resume here. Who may: <!subteam^S0SHOPOPS1>.
			message: Aiko Tanaka resumed project:shop. / Still paused: all, by Ben Brook; “/ams resume all” lifts it / Still paused: scenario:shop/web-down, by Ben Brook: flapping &lt;!channel&gt;; “/ams resume scenario:shop/web-down” lifts it
			only aiko: project:shop is not paused. / Still paused: all, by Ben Brook; “/ams resume all” lifts it / Still paused: scenario:shop/web-down, by Ben Brook: flapping &lt;!channel&gt;; “/ams resume scenario:shop/web-down” lifts it
			message: Aiko Tanaka resumed scenario:shop/web-down. / Still paused: all, by Ben Brook; “/ams resume all” lifts it
			message: Aiko Tanaka resumed all.
			reply: Aiko Tanaka pressed Run Recovery.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Held -> 200
			aiko: resolved -> 200
			amsbot: note amsbot: Recovered at a person's word -> 200`)
		s.recoveries(1)
	}, unhurried, configured(givesResume))
}

// What is paused has to be said, and to exist.
func TestPauseOfWhat(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.ams(ben, "pause project:nobody")
		s.ams(ben, "pause scenario:shop/nothing")
		s.ams(ben, "pause scenario web-down 30")
		s.ams(ben, "resume project:shop")
		s.ams(ben, "resume all")
		s.amsIn("C0PLATOPS1", ben, "pause for a while")
		s.amsIn("C0PLATOPS1", ben, "resume")
		s.amsIn("C0PLATOPS1", ben, "pause project:shop")
		s.ams(ben, "list")
		s.settle()
		s.anyOrder(`
			only ben: There is no project nobody here. Say ` + "`" + `all` + "`" + `, ` + "`" + `project:NAME` + "`" + ` or ` + "`" + `scenario:PROJECT/NAME` + "`" + `.
			only ben: There is no scenario shop/nothing here. Say ` + "`" + `all` + "`" + `, ` + "`" + `project:NAME` + "`" + ` or ` + "`" + `scenario:PROJECT/NAME` + "`" + `.
			message: Ben Brook paused scenario:shop/web-down (30): recoveries are held until “/ams resume scenario:shop/web-down”. Handing over goes on. / A pause has no end. For one that ends: ` + "`" + `/ams maintenance scenario shop/web-down 30m` + "`" + `.
			only ben: project:shop is not paused. / Still paused: scenario:shop/web-down, by Ben Brook: 30; “/ams resume scenario:shop/web-down” lifts it
			only ben: all is not paused. / Still paused: scenario:shop/web-down, by Ben Brook: 30; “/ams resume scenario:shop/web-down” lifts it
			message: Ben Brook paused project:shop: recoveries are held until “/ams resume project:shop”. Handing over goes on.
			only ben: No incident is open. / Paused: project:shop, by Ben Brook; “/ams resume project:shop” lifts it / Paused: scenario:shop/web-down, by Ben Brook: 30; “/ams resume scenario:shop/web-down” lifts it`)
		s.heard("C0PLATOPS1", `
			only ben: Pause what? This channel belongs to no project: say `+"`"+`all`+"`"+`, `+"`"+`project:NAME`+"`"+` or `+"`"+`scenario:PROJECT/NAME`+"`"+`.
			only ben: Resume what? This channel belongs to no project: say `+"`"+`all`+"`"+`, `+"`"+`project:NAME`+"`"+` or `+"`"+`scenario:PROJECT/NAME`+"`"+`.
			message: Ben Brook paused project:shop: recoveries are held until “/ams resume project:shop”. Handing over goes on.`)
	})
}

// While it is paused, whoever presses Run Recovery is told by whom, and nothing
// runs: nobody overrides a pause.
func TestPressedWhilePaused(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.waits()
		s.ams(ben, "pause project:shop")
		s.press(chie, "Run Recovery")
		s.settle()
		s.has("Run Recovery")
		s.ams(aiko, "resume project:shop")
		s.press(chie, "Run Recovery")
		s.says("Recovered at a person's word")
		s.settle()
		s.anyOrder(`
			card: #1 Health check of web-1 failed: Recovered at a person's word
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			message: Ben Brook paused project:shop: recoveries are held until “/ams resume project:shop”. Handing over goes on.
			only chie: Nothing runs: paused (project:shop) by Ben Brook; “/ams resume project:shop” lifts it.
			message: Aiko Tanaka resumed project:shop.
			reply: Chie Mori pressed Run Recovery.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.recoveries(1)
	}, unhurried)
}
