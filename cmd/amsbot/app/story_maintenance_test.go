package app_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"amsbot/bot/sim/pagerduty"
)

// planned is the shop, whose clocks show UTC.
func planned(scenario string) map[string]string {
	files := one(scenario)
	files["project.yaml"] = project + "time_zone: UTC\n"
	return files
}

// Planned work, by what it is about: amsbot looks and reports, and recovers
// nothing. What it holds goes to the first line. When the window is over and the
// incident is still young it is recovered after all, by itself.
func TestMaintenance(t *testing.T) {
	for said, meant := range map[string]string{
		"service shop-web 10m":             "service shop-web of shop",
		"target web-1 for 10 minutes":      "target web-1 of shop",
		"target WEB-?.shop.example 10m":    "target WEB-?.shop.example of shop",
		"scenario web-down until 00:10":    "scenario web-down of shop",
		"shop-web until 2000-01-01T00:10Z": "service shop-web of shop",
		"until 00:10 UTC":                  "project shop",
		"all 10m":                          "everything",
	} {
		t.Run(said, func(t *testing.T) {
			story(t, planned(web("autonomy: auto", gatherMetrics)), func(s *stage) {
				s.ams(aiko, "maintenance "+said+" moving the rack")
				s.down()
				s.says("Held")
				s.settle()
				s.is("triggered", aikoPD)
				s.recoveries(0)
				s.pass(8 * time.Minute)
				s.recoveries(0)
				s.says("Recovered by amsbot")
				s.settle()
				s.is("resolved")
				s.recoveries(1)
				s.same("Slack", timeless(s.slackLines()), strings.ReplaceAll(`
					message: Aiko Tanaka: maintenance of SCOPE until TIME (moving the rack). What it covers is checked and reported, and nothing of it recovers, until then or until '/ams maintenance end 1'.
					card: #1 Health check of web-1 failed: Recovered by amsbot
					reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
					reply: *Gather* / OK numbers · status 200 · {"quota_bytes":4194304,"used_bytes":1677721,"used_percent":40}
					broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The recovery is held: maintenance of SCOPE until CLOCK, by Aiko Tanaka (moving the rack); taken up then, or once “/ams maintenance end 1” ends it / It is yours while the maintenance lasts: amsbot looks again when it is over.
					reply: The maintenance is over: checking again.
					reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
					reply: *Gather* / OK numbers · status 200 · {"quota_bytes":4194304,"used_bytes":1677721,"used_percent":40}
					reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
					reply: *Re-check: OK* / OK health · status 200 · ok
					reply: The recovery worked: the re-check is OK.`, "SCOPE", meant))
				s.pagerduty(`
					amsbot: level 2 -> 200
					amsbot: note amsbot: Held -> 200
					amsbot: resolved -> 200
					amsbot: note amsbot: Recovered by amsbot -> 200`)
			}, unhurried)
		})
	}
}

// timeless is what was said, without the times of windows.
func timeless(text string) string {
	text = slackTime.ReplaceAllString(text, "TIME")
	return strings.ReplaceAll(utcTime.ReplaceAllString(text, "CLOCK"), "`", "'")
}

var (
	slackTime = regexp.MustCompile(`<!date\^\d+\^[^>]*>`)
	utcTime   = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d UTC`)
)

// The incident is older than the scenario lets recover by itself when the window
// ends: amsbot looks, and a person decides.
func TestMaintenanceThatLasts(t *testing.T) {
	story(t, planned(web("autonomy: auto", "start_within: 5m")), func(s *stage) {
		s.ams(aiko, "maintenance shop-web 10m")
		s.down()
		s.says("Held")
		s.pass(9 * time.Minute)
		s.says("Run Recovery waits for a person")
		s.settle()
		s.recoveries(0)
		s.press(aiko, "Run Recovery")
		s.says("Recovered at a person's word")
		s.settle()
		s.same("Slack", timeless(s.slackLines()), `
			message: Aiko Tanaka: maintenance of service shop-web of shop until TIME. What it covers is checked and reported, and nothing of it recovers, until then or until '/ams maintenance end 1'.
			card: #1 Health check of web-1 failed: Recovered at a person's word
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The recovery is held: maintenance of service shop-web of shop until CLOCK, by Aiko Tanaka; taken up then, or once “/ams maintenance end 1” ends it / It is yours while the maintenance lasts: amsbot looks again when it is over.
			reply: The maintenance is over: checking again.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / The incident is older than the scenario lets recover by itself. Run Recovery waits for a person.
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
		s.is("resolved")
	}, unhurried)
}

// amsbot is away when the window ends: it takes up what is open when it is back.
func TestMaintenanceOverARestart(t *testing.T) {
	story(t, planned(web("autonomy: auto")), func(s *stage) {
		s.ams(aiko, "maintenance target web-1 10m")
		s.settle()
		s.crash()
		s.start()
		s.down()
		s.says("Held")
		s.settle()
		s.crash()
		s.pass(12 * time.Minute)
		s.start()
		s.says("Recovered by amsbot")
		s.settle()
		s.same("Slack", timeless(s.slackLines()), `
			message: Aiko Tanaka: maintenance of target web-1 of shop until TIME. What it covers is checked and reported, and nothing of it recovers, until then or until '/ams maintenance end 1'.
			card: #1 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The recovery is held: maintenance of target web-1 of shop until CLOCK, by Aiko Tanaka; taken up then, or once “/ams maintenance end 1” ends it / It is yours while the maintenance lasts: amsbot looks again when it is over.
			reply: The maintenance is over: checking again.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Held -> 200
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200`)
		s.recoveries(1)
		s.toldOfWindows("maintenance by Aiko Tanaka", "maintenance_ended by amsbot")
	}, unhurried)
}

// toldOfWindows says what of windows is on record. It stops amsbot.
func (s *stage) toldOfWindows(want ...string) {
	s.Helper()
	var got []string
	for _, e := range s.history("bot") {
		if strings.HasPrefix(e.Kind, "maintenance") || e.Kind == "refused" {
			got = append(got, e.Kind+" by "+e.By)
		}
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		s.Errorf("on record: %v, want %v", got, want)
	}
}

// A window opens while a recovery waits for a person: whoever presses is told
// why nothing runs and what lifts it, and the offer stands. Ended early, it runs.
func TestMaintenanceRefusesAClick(t *testing.T) {
	story(t, planned(web()), func(s *stage) {
		s.waits()
		s.ams(ben, "maintenance scenario web-down until 02:00")
		s.press(aiko, "Run Recovery")
		s.settle()
		s.recoveries(0)
		s.ams(ben, "maintenance end")
		s.press(aiko, "Run Recovery")
		s.says("Recovered at a person's word")
		s.settle()
		s.same("Slack", timeless(s.slackLines()), `
			card: #1 Health check of web-1 failed: Recovered at a person's word
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			message: Ben Brook: maintenance of scenario web-down of shop until TIME. What it covers is checked and reported, and nothing of it recovers, until then or until '/ams maintenance end 1'.
			only aiko: Nothing runs: maintenance of scenario web-down of shop until CLOCK, by Ben Brook; taken up then, or once “/ams maintenance end 1” ends it.
			message: Ben Brook ended the maintenance of scenario web-down of shop. What it held and is still open is checked again.
			reply: Aiko Tanaka pressed Run Recovery.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			aiko: resolved -> 200
			amsbot: note amsbot: Recovered at a person's word -> 200`)
		s.recoveries(1)
	}, unhurried)
}

// What would wait for a person is held as well: nobody is asked for what nobody
// may do, not even who may override every other guard. A window that reaches
// further holds what the first one held, until a person ends it; somebody has
// looked meanwhile.
func TestMaintenanceIsExtended(t *testing.T) {
	story(t, planned(web()), func(s *stage) {
		s.ams(aiko, "maintenance service shop-web 10m")
		s.down()
		s.says("Held")
		s.settle()
		s.ams(chie, "recover 1")
		s.ams(aiko, "maintenance all 1h")
		s.press(ben, "Run Checks Again")
		s.settle()
		s.pass(20 * time.Minute)
		s.ams(ben, "maintenance end all")
		s.says("Run Recovery waits for a person")
		s.settle()
		s.same("Slack", timeless(s.slackLines()), `
			message: Aiko Tanaka: maintenance of service shop-web of shop until TIME. What it covers is checked and reported, and nothing of it recovers, until then or until '/ams maintenance end 1'.
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The recovery is held: maintenance of service shop-web of shop until CLOCK, by Aiko Tanaka; taken up then, or once “/ams maintenance end 1” ends it / It is yours while the maintenance lasts: amsbot looks again when it is over.
			only chie: Nothing runs: maintenance of service shop-web of shop until CLOCK, by Aiko Tanaka; taken up then, or once “/ams maintenance end 1” ends it.
			message: Aiko Tanaka: maintenance of everything until TIME. What it covers is checked and reported, and nothing of it recovers, until then or until '/ams maintenance end 2'.
			reply: Ben Brook has it checked again.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: It still does not work: status 500, expected 200
			message: Ben Brook ended the maintenance of everything. What it held and is still open is checked again.
			reply: The maintenance is over: checking again.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / The incident is older than the scenario lets recover by itself. Run Recovery waits for a person.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Held -> 200`)
		s.recoveries(0)
		s.toldOfWindows("maintenance by Aiko Tanaka", "maintenance by Aiko Tanaka", "maintenance_ended by amsbot", "maintenance_ended by Ben Brook")
	}, unhurried)
}

// Aiko has it beside amsbot: she is not called on top of that for planned work,
// unless the author says so.
func TestMaintenanceCallsNobody(t *testing.T) {
	for said, called := range map[string]string{
		"":                                      "reply: The recovery is held: HELD",
		"then: {held: [escalate: second_line]}": "broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The recovery is held: HELD / It is yours while the maintenance lasts: amsbot looks again when it is over.",
	} {
		t.Run(said, func(t *testing.T) {
			story(t, planned(web("autonomy: auto", said)), func(s *stage) {
				s.ams(aiko, "maintenance 30m")
				s.down()
				s.says("Held")
				s.settle()
				s.same("Slack", timeless(s.slackLines()), strings.ReplaceAll(`
					message: Aiko Tanaka: maintenance of project shop until TIME. What it covers is checked and reported, and nothing of it recovers, until then or until '/ams maintenance end 1'.
					card: #1 Health check of web-1 failed: Held · NG: status 500, expected 200
					reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
					`+called, "HELD", "maintenance of project shop until CLOCK, by Aiko Tanaka; taken up then, or once “/ams maintenance end 1” ends it"))
				s.pagerduty(`amsbot: note amsbot: Held -> 200`)
				s.is("triggered", botPD, aikoPD)
			}, beside, unhurried)
		})
	}
}

// A person acknowledges during the window: at its end amsbot looks, and tells
// them what it found.
func TestMaintenanceOfWhatAPersonHas(t *testing.T) {
	story(t, planned(web("autonomy: auto")), func(s *stage) {
		s.ams(aiko, "maintenance 10m")
		s.down()
		s.says("Held")
		s.press(aiko, "Take Over")
		s.pass(9 * time.Minute)
		s.says("Run Recovery waits for a person")
		s.settle()
		s.recoveries(0)
		s.same("Slack", timeless(s.slackLines()), `
			message: Aiko Tanaka: maintenance of project shop until TIME. What it covers is checked and reported, and nothing of it recovers, until then or until '/ams maintenance end 1'.
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The recovery is held: maintenance of project shop until CLOCK, by Aiko Tanaka; taken up then, or once “/ams maintenance end 1” ends it / It is yours while the maintenance lasts: amsbot looks again when it is over.
			reply: Aiko Tanaka takes it over.
			reply: The maintenance is over: checking again.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / A person has it: nothing recovers by itself. Run Recovery waits for them.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Held -> 200
			aiko: acknowledged -> 200`)
	}, unhurried)
}

// A window was opened in PagerDuty while the incident was open already. At its
// end the incident is taken up.
func TestMaintenanceInPagerDuty(t *testing.T) {
	story(t, planned(web("autonomy: auto")), func(s *stage) {
		s.stop()
		s.down()
		s.must(s.sim.PagerDuty.Maintain(benPD, "shop-web", 10*time.Minute, "Kernel <upgrade> & *more*"))
		s.start()
		s.says("Held")
		s.settle()
		s.ams(aiko, "maintenance")
		s.ams(chie, "recover 1")
		s.pass(8 * time.Minute)
		s.recoveries(0)
		s.says("Recovered by amsbot")
		s.settle()
		s.same("Slack", timeless(s.slackLines()), `
			card: #1 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The recovery is held: maintenance of service shop-web in PagerDuty until CLOCK, by Ben Brook (Kernel &lt;upgrade&gt; &amp; ∗more∗); taken up then / It is yours while the maintenance lasts: amsbot looks again when it is over.
			only aiko: No maintenance window is open or planned here. / '/ams maintenance service NAME 2h reason' opens one; instead of service also 'target', 'scenario', 'project' or 'all', instead of 2h also 'until 04:00' or 'from 22:00 until friday 04:00'.
			only chie: Nothing runs: maintenance of service shop-web in PagerDuty until CLOCK, by Ben Brook (Kernel &lt;upgrade&gt; &amp; ∗more∗); taken up then.
			reply: The maintenance is over: checking again.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Held -> 200
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200`)
		s.recoveries(1)
	}, unhurried)
}

// PagerDuty does not say whether there is a window: that holds nothing.
func TestMaintenanceThatCannotBeRead(t *testing.T) {
	story(t, planned(web("autonomy: auto")), func(s *stage) {
		s.sim.PagerDuty.Fault(pagerduty.Fault{Method: "GET", Path: "/maintenance_windows", Kind: pagerduty.FaultStatus, Status: 500, For: time.Hour})
		s.down()
		s.says("Recovered by amsbot")
		s.settle()
		s.pagerduty(`
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200`)
		s.recoveries(1)
	}, unhurried)
}
