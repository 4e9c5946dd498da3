package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"amsbot/bot/sim/slack"
)

// cardWrites counts what amsbot wrote of cards in Slack: posted and edited.
func (s *stage) cardWrites() (posts, edits int) {
	for _, c := range s.sim.Slack.Calls() {
		if !c.OK || !strings.Contains(c.Args["metadata"], "amsbot_card") {
			continue
		}
		switch c.Method {
		case "chat.postMessage":
			posts++
		case "chat.update":
			edits++
		}
	}
	return posts, edits
}

// Slack is away for an hour, while four incidents go their way and are over:
// PagerDuty and the machines do not wait, and Slack gets one final card for each
// and no history of what it missed. It is asked seldom meanwhile.
func TestSlackIsAwayForAnHour(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		lift := s.sim.Slack.Fault(slack.Fault{Method: "*", Status: http.StatusServiceUnavailable, Times: -1})
		s.sim.Slack.Drop(2)
		s.onEach(4)
		s.ail("errors")
		s.pass(10 * time.Minute)
		before := len(s.sim.Slack.Calls())
		s.pass(50 * time.Minute)
		if n := len(s.sim.Slack.Calls()) - before; n > 300 {
			t.Errorf("Slack, which is away, is asked %d times in 50 minutes", n)
		}
		s.slack(``)
		if got := strings.Count(s.pagerLines(), "note "); got != 4 {
			t.Errorf("PagerDuty has %d notes:\n%s", got, s.pagerLines())
		}
		lift()
		s.pass(5 * time.Minute)
		s.settle()
		cards := map[string]int{}
		for _, m := range s.sim.Slack.Messages(room) {
			if isCard(m) {
				cards[m.Text]++
			}
		}
		if len(cards) != 4 {
			t.Errorf("cards: %v", cards)
		}
		if posts, edits := s.cardWrites(); posts != 4 || edits != 0 {
			t.Errorf("%d cards posted and %d edited, want one final card for each of four", posts, edits)
		}
	}, unhurried)
}

// PagerDuty is away: whoever asks for the list, or looks at Home, reads since
// when and what waits; and when it is back, nobody reads it any more.
func TestPagerDutyIsAwayAndTheListSaysSo(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.must(s.sim.Slack.OpenHome(ben))
		s.down()
		s.until("the recovery is offered", s.offered("Run Recovery"))
		s.ams(ben, "note 1 it begins") // amsbot knows now who Ben is in PagerDuty
		s.settle()
		back := s.pagerAway()
		s.ams(ben, "note 1 it goes on")
		s.pass(2 * time.Minute)
		s.ams(ben, "list")
		s.settle()
		const line = "PagerDuty has not answered since"
		if got := s.slackLines(); !strings.Contains(got, line) || !strings.Contains(got, "wait") {
			t.Errorf("the list does not say it:\n%s", got)
		}
		if got := s.home(ben); !strings.Contains(got, line) {
			t.Errorf("Home does not say it: %s", got)
		}
		back()
		s.pass(2 * time.Minute)
		s.settle()
		before := strings.Count(s.slackLines(), line)
		s.ams(ben, "list")
		s.settle()
		if got := s.slackLines(); strings.Count(got, line) != before {
			t.Errorf("the list still says it:\n%s", got)
		}
		if got := s.home(ben); strings.Contains(got, line) {
			t.Errorf("Home still says it: %s", got)
		}
	}, unhurried)
}

// The health check says of a neighbour that is away since when, and what waits.
func TestHealthSaysWhoIsAway(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		lift := s.sim.Slack.Fault(slack.Fault{Method: "*", Hang: true, Times: -1})
		s.sim.Slack.Drop(2)
		s.onEach(3)
		s.ail("errors")
		s.pass(10 * time.Minute)
		got := s.healthOf("slack")
		for _, want := range []string{"Slack has not answered since", "Slack's answer did not arrive", "3 cards and ", " messages wait."} {
			if !strings.Contains(got, want) {
				t.Errorf("health does not say %q: %s", want, got)
			}
		}
		lift()
		s.pass(5 * time.Minute)
		if got := s.healthOf("slack"); got != "" {
			t.Errorf("health still says: %s", got)
		}
	}, unhurried)
}

// healthOf is what the health check says of a neighbour's outbox; "": all is well.
func (s *stage) healthOf(name string) string {
	if err := s.app.Away(s.ctx)[name]; err != nil {
		return err.Error()
	}
	return ""
}
