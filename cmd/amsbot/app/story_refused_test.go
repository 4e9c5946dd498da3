package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"amsbot/bot/sim/pagerduty"
)

// PagerDuty says no to an act, for good: it is asked once, what was found stands on
// the card, and people are called where they would otherwise have been paged.
func TestPagerDutyRefuses(t *testing.T) {
	const (
		checked = `
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}`
		recovered = checked + `
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`
		unresolved = recovered + `
			card: #1 Health check of web-1 failed: Not escalated · Recovered by amsbot · Please look
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / Not resolved: WHY
			broadcast: <!here> *#1* Health check of web-1 failed / The escalation did not work: WHY`
	)
	for _, c := range []struct {
		name, path, scenario, ail string
		says, does                string
	}{
		{"resolve", "PUT /incidents", web("autonomy: auto"), "errors", unresolved, `
			amsbot: resolved -> STATUS
			amsbot: note amsbot: Recovered by amsbot -> 200
			amsbot: level 2 -> STATUS`},
		{"acknowledge", "PUT /incidents", web("autonomy: auto", "acknowledge: true"), "errors", unresolved + `
			broadcast: <!here> *#1* Health check of web-1 failed / Taking over did not work: WHY`, `
			amsbot: acknowledged -> STATUS
			amsbot: resolved -> STATUS
			amsbot: note amsbot: Recovered by amsbot -> 200
			amsbot: level 2 -> STATUS`},
		{"escalate", "PUT /incidents", web("autonomy: auto"), "stubborn", checked + `
			card: #1 Health check of web-1 failed: Not escalated · NG: status 500, expected 200 · Please take over
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0CHIE0001> *#1* Health check of web-1 failed / It still does not work: status 500, expected 200 / Please take over.
			broadcast: <!here> *#1* Health check of web-1 failed / The escalation did not work: WHY`, `
			amsbot: level 3 -> STATUS
			amsbot: note amsbot: Escalated -> 200`},
		{"escalate and wait", "PUT /incidents", web(), "errors", checked + `
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			broadcast: <!here> *#1* Health check of web-1 failed / The escalation did not work: WHY`, `
			amsbot: level 2 -> STATUS`},
		{"note", "POST /incidents/*/notes", web("autonomy: auto"), "errors", recovered + `
			card: #1 Health check of web-1 failed: Recovered by amsbot`, `
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> STATUS`},
	} {
		for status, why := range map[int]string{
			403: "PagerDuty refuses amsbot's token: Internal Error.",
			404: "It does not exist in PagerDuty (any more).", 409: "PagerDuty refused it: Internal Error.",
		} {
			t.Run(fmt.Sprint(c.name, " ", status), func(t *testing.T) {
				told := strings.NewReplacer("WHY", why, "STATUS", fmt.Sprint(status))
				story(t, one(c.scenario), func(s *stage) {
					method, path, _ := strings.Cut(c.path, " ")
					s.sim.PagerDuty.Fault(pagerduty.Fault{Method: method, Path: path, Kind: pagerduty.FaultStatus, Status: status})
					s.ail(c.ail)
					s.raise("Health check of web-1 failed", nil)
					s.pass(3 * time.Minute)
					s.settle()
					s.slackAtOnce(told.Replace(c.says))
					s.pagerdutyAtOnce(told.Replace(c.does))
				}, unhurried)
			})
		}
	}
}

// Who is refused is told so, and that is all: neither the card nor the index nor
// anybody's Home is drawn anew for it.
func TestARefusedPressEditsNothing(t *testing.T) {
	for name, c := range map[string]struct {
		scenario string
		begin    func(*stage)
		label    string
		command  string
		who      string
	}{
		"an incident": {web(), func(s *stage) { s.waits() }, "Run Recovery", "recover 1", dan},
		"a storm":     {web("autonomy: auto", brakes("storm: 3 per 5m")), func(s *stage) { s.stormOf(4, "errors") }, "Run Recovery on All 4", "recover storm", aiko},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, one(c.scenario), func(s *stage) {
				s.must(s.sim.Slack.OpenHome(aiko))
				c.begin(s)
				s.settle()
				s.pass(2 * time.Minute) // another minute than that of its last change
				s.settle()
				views := func() int {
					n := 0
					for _, c := range s.sim.Slack.Calls() {
						if c.Method == "chat.update" || c.Method == "views.publish" {
							n++
						}
					}
					return n
				}
				before := views()
				s.press(c.who, c.label)
				s.ams(c.who, c.command)
				s.settle()
				if got := strings.Count(s.slackLines(), "You may not"); got != 2 {
					t.Errorf("%d were refused:\n%s", got, s.slackLines())
				}
				if got := views(); before == 0 || got != before {
					t.Errorf("%d views were drawn, and then %d", before, got)
				}
			}, unhurried)
		})
	}
}
