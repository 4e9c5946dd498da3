package app_test

import (
	"strings"
	"testing"
	"time"

	"amsbot/bot/sim/pagerduty"
)

// Each act of amsbot's own, and each of a person through amsbot, comes back: by
// webhook, or, where those are lost, by the poll with its list and its log. None
// starts anything.
func TestEchoesOfEveryAct(t *testing.T) {
	for _, c := range []struct {
		name, scenario, ail string
		press               string // a person's button, as Chie
		says, wrote         string
	}{
		{"resolve, note", web("autonomy: auto"), "errors", "", "Recovered by amsbot", "resolved"},
		{"acknowledge, escalate, note", web("autonomy: auto", "acknowledge: true"), "stubborn", "", "Escalated", "acknowledged"},
		{"reassign", web("autonomy: auto"), "stubborn", "", "Escalated", "assign PCHIE01"},
		{"a person's acknowledgement", web("autonomy: auto"), "stubborn", "Take Over", "Escalated", "acknowledged"},
		{"a person's escalation", web("autonomy: observe"), "stubborn", "Escalate", "Observed", "level"},
		{"a person's resolve", web("autonomy: auto"), "stubborn", "Resolve", "Escalated", "resolved"},
	} {
		for _, way := range []string{"webhook", "poll"} {
			t.Run(c.name+" by "+way, func(t *testing.T) {
				files := one(c.scenario)
				if c.name == "reassign" {
					files["project.yaml"] = strings.Replace(project, "second_line: {policy: PSHOPEP, level: 3}", "second_line: {users: [PCHIE01]}", 1)
				}
				story(t, files, func(s *stage) {
					if way == "poll" {
						s.sim.PagerDuty.Fault(pagerduty.Fault{Method: "webhook", Kind: pagerduty.FaultLost})
					}
					s.ail(c.ail)
					s.raise("Health check of web-1 failed", nil)
					s.says(c.says)
					s.settle()
					if c.press != "" {
						s.press(chie, c.press)
					}
					s.wrote(c.wrote)
					s.settle()
					before := s.pagerLines()
					s.pass(5 * time.Minute)
					s.same("PagerDuty, five minutes later", s.pagerLines(), before)
					s.recoveries(strings.Count(c.scenario, "autonomy: auto"))
					count := map[string]int{}
					for _, e := range s.history("pd:shop:" + s.incident) {
						count[e.Kind]++
					}
					if count["run"] != 1 || count["pass"] != 0 || count["matched"] != 1 || count["intent"] > 1 {
						t.Errorf("the history has %v", count)
					}
				}, unhurried)
			})
		}
	}
}

// It is reopened, which the poll is the first to tell; the webhook of it, which comes
// when amsbot has answered that, starts nothing.
func TestWebhookAfterThePollToldTheSame(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.down()
		s.says("Recovered by amsbot")
		s.settle()
		s.sim.PagerDuty.Fault(pagerduty.Fault{Method: "webhook", Path: "incident.reopened", Kind: pagerduty.FaultLate, Delay: 4 * time.Minute})
		s.must(s.sim.PagerDuty.Reopen(aikoPD, s.incident))
		s.pass(2 * time.Minute)
		before := s.pagerLines()
		s.pass(5 * time.Minute)
		s.same("PagerDuty, after the webhook", s.pagerLines(), before)
		s.recoveries(1)
		runs := 0
		for _, e := range s.history("pd:shop:" + s.incident) {
			if e.Kind == "run" {
				runs++
			}
		}
		if runs != 2 {
			t.Errorf("%d runs, want the first and that of the poll's news", runs)
		}
	}, unhurried)
}

// It was over, somebody reopens it, and somebody else resolves it while it is read:
// what that read says is of before, nothing is checked for it, and nobody is called.
func TestResolvedWhileTheReopeningIsRead(t *testing.T) {
	story(t, one(web("autonomy: auto", unsafe)), func(s *stage) {
		s.down()
		s.says("Recovered by amsbot")
		s.settle()
		s.ail("errors")
		s.sim.PagerDuty.Fault(pagerduty.Fault{Method: "GET", Path: "/incidents/*/alerts", Kind: pagerduty.FaultSlow, Delay: 3 * time.Second, Times: 1})
		s.must(s.sim.PagerDuty.Reopen(aikoPD, s.incident))
		s.pass(time.Second)
		s.must(s.sim.PagerDuty.Resolve(benPD, s.incident))
		s.pass(10 * time.Second)
		s.is("resolved")
		if text := s.slackLines(); strings.Contains(text, "broadcast") || strings.Count(text, "Check: NG") > 1 {
			t.Error(text)
		}
		s.recoveries(1)
	}, unhurried)
}
