package app_test

import (
	"regexp"
	"strings"
	"testing"
	"time"
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
					broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The recovery is held: maintenance of SCOPE until CLOCK, by Aiko Tanaka (moving the rack); taken up then, or once '/ams maintenance end 1' ends it / It is yours while the maintenance lasts: amsbot looks again when it is over.
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
