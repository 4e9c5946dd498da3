package app_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/bot/sim"
	"amsbot/bot/sim/pagerduty"
	"amsbot/bot/sim/slack"
	"amsbot/cmd/amsbot/app"
)

// everybody is so many people of the shop, in Slack and in PagerDuty.
func everybody(many int) option {
	return func(o *sim.Options, c *app.Config) {
		for n := range many {
			id, name := crowdMember(n), fmt.Sprintf("p%03d", n)
			mail := name + "@shop.example"
			o.Slack.Users = append(o.Slack.Users, slack.User{ID: id, Name: name, RealName: "Person " + name, Email: mail})
			o.Slack.Groups[0].Users = append(o.Slack.Groups[0].Users, id)
			o.Slack.Channels[0].Members = append(o.Slack.Channels[0].Members, id)
			o.PagerDuty.Users = append(o.PagerDuty.Users, pagerduty.User{ID: fmt.Sprintf("PCROWD%03d", n), Name: "Person " + name, Email: mail})
		}
	}
}

func crowdMember(n int) string { return fmt.Sprintf("U0CROWD%03d", n) }

// Two hundred people press at the same moment, over both connections, most of them
// the same button and some another. One act of a kind comes of it, every click is
// acknowledged in time, and everybody else is told, with the name of who was first.
// Slack, which would not say of all of them who they are, is asked about few.
func TestTwoHundredPress(t *testing.T) {
	const many = 200
	story(t, one(web(restartOnce)), func(s *stage) {
		m := s.waits()
		press, take := s.clickOn("Run Recovery", m), s.clickOn("Take Over", m)
		var all sync.WaitGroup
		for n := range many {
			all.Go(func() {
				c := press
				if n%10 == 9 {
					c = take
				}
				c.User = crowdMember(n)
				if r, err := s.sim.Slack.Click(s.ctx, c); err != nil || !r.Acked {
					s.Errorf("%s: %+v, %v", c.User, r, err)
				}
			})
		}
		all.Wait()
		synctest.Wait()
		s.says("Recovered at a person's word")
		s.pass(5 * time.Minute)
		s.settle()
		s.recoveries(1)
		asked := 0
		for _, c := range s.sim.Slack.Calls() {
			if c.Method == "users.info" {
				asked++
			}
		}
		if asked > 10 {
			t.Errorf("Slack was asked about %d people", asked)
		}
		did, answered := map[string]int{}, map[string]bool{}
		for _, e := range s.history("pd:shop:" + s.incident) {
			var c struct{ Act, User string }
			if e.Kind == "clicked" || e.Kind == "refused" {
				s.must(json.Unmarshal(e.Data, &c))
				did[e.Kind+" "+c.Act]++
			}
			if e.Kind == "clicked" {
				answered[c.User] = true
			}
		}
		if did["clicked recover"] != 1 || did["clicked take"] > 1 || len(answered) != did["clicked recover"]+did["clicked take"] {
			t.Errorf("on record: %v", did)
		}
		heard := map[string]string{}
		for _, m := range s.sim.Slack.Messages(room) {
			if m.Ephemeral {
				heard[m.To] += m.Text
				answered[m.To] = answered[m.To] || strings.Contains(m.Text, "Person p")
			}
		}
		for n := range many {
			if !answered[crowdMember(n)] {
				t.Errorf("%s was not told who was first, but %q\n%s", crowdMember(n), heard[crowdMember(n)], s.log)
			}
		}
		if n := strings.Count(s.pagerLines(), "resolved -> 200"); n != 1 {
			t.Errorf("resolved %d times:\n%s", n, s.pagerLines())
		}
	}, unhurried, everybody(many))
}
