package app_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/bot/sim"
	"amsbot/bot/sim/slack"
	"amsbot/cmd/amsbot/app"
)

// onHome presses a button of a person's Home by its label, or chooses it in a menu
// there: the n-th of that name.
func (s *stage) onHome(who, label string, n int) slack.Result {
	s.Helper()
	h := s.sim.Slack.State(who).Home
	if h == nil {
		s.Fatalf("%s has no Home", nameOf(who))
	}
	var view struct {
		Blocks []struct {
			Block     string `json:"block_id"`
			Elements  []json.RawMessage
			Accessory json.RawMessage
		}
	}
	s.must(json.Unmarshal(h.View, &view))
	for _, b := range view.Blocks {
		for _, raw := range append(b.Elements, b.Accessory) {
			var e struct {
				Type, Value string
				Action      string `json:"action_id"`
				Text        any
				Options     []struct {
					Text  struct{ Text string }
					Value string
				}
			}
			if len(raw) == 0 || json.Unmarshal(raw, &e) != nil {
				continue
			}
			c := slack.Click{User: who, ViewID: h.ID, BlockID: b.Block, ActionID: e.Action, Value: e.Value}
			text, _ := e.Text.(map[string]any)
			found := e.Type == "button" && text["text"] == label
			for _, o := range e.Options {
				if o.Text.Text == label {
					c.Value, c.SelectedOption, found = "", o.Value, true
				}
			}
			if !found {
				continue
			}
			if n--; n == 0 {
				return s.did(s.sim.Slack.Click(s.ctx, c))
			}
		}
	}
	s.Fatalf("no %q on %s's Home:\n%s", label, nameOf(who), s.home(who))
	return slack.Result{}
}

// From Home one resumes and ends what one may, and the channel reads who did; what
// is one's own has its acts there.
func TestLiftFromHome(t *testing.T) {
	story(t, twoProjects(), func(s *stage) {
		s.must(s.sim.Slack.OpenHome(aiko))
		s.must(s.sim.Slack.OpenHome(dan))
		s.waits()
		s.ams(ben, "pause web-down it loops")
		s.ams(ben, "maintenance service shop-db 2h new disk")
		s.settle()
		home := s.home(aiko)
		for _, want := range []string{"scenario:shop/web-down, by Ben Brook: it loops\nResume", "service shop-db of shop, by Ben Brook: new disk · until TIME\nEnd"} {
			if !strings.Contains(home, want) {
				t.Errorf("Home does not say %q:\n%s", want, home)
			}
		}
		if home := s.home(dan); strings.Contains(home, "\nResume") || strings.Contains(home, "\nEnd") || !strings.Contains(home, "it loops") {
			t.Errorf("Dan may not resume, and reads\n%s", home)
		}
		s.onHome(aiko, "Resume", 1)
		s.onHome(aiko, "End", 1)
		s.settle()
		s.said("Aiko Tanaka resumed scenario:shop/web-down.")
		s.said("Aiko Tanaka ended the maintenance of service shop-db of shop.")
		if got := s.linesIn(s.dm(aiko)); !strings.Contains(got, "Aiko Tanaka resumed scenario:shop/web-down.") {
			t.Errorf("Aiko is told %s", got)
		}
		if home := s.home(aiko); strings.Contains(home, "\nPaused\n") || strings.Contains(home, "\nMaintenance\n") {
			t.Errorf("Home still says\n%s", home)
		}
		if got := s.linesIn(platform); strings.Contains(got, "resumed") {
			t.Errorf("behind the wall they read %s", got)
		}
		s.onHome(aiko, "Take Over", 1)
		s.settle()
		s.said("Aiko Tanaka takes it over.")
		if home := s.home(aiko); !strings.Contains(home, "Aiko Tanaka (acknowledged) has it") {
			t.Errorf("Home says\n%s", home)
		}
	}, unhurried, configured(givesResume))
}

// What is paused in a direct message is read in the project's channel.
func TestPauseFromADirectMessageIsPublic(t *testing.T) {
	story(t, twoProjects(), func(s *stage) {
		s.amsIn(s.dm(aiko), aiko, "pause project platform moving")
		s.amsIn(s.dm(aiko), aiko, "pause all power cut")
		s.settle()
		s.heard(platform, `
			message: Aiko Tanaka paused project:platform (moving): recoveries are held until “/ams resume project:platform”. Handing over goes on.
			message: Aiko Tanaka paused all (power cut): recoveries are held until “/ams resume all”. Handing over goes on.`)
		s.slack(`
			message: Aiko Tanaka paused all (power cut): recoveries are held until “/ams resume all”. Handing over goes on.`)
	}, unhurried)
}

// Home is in the language of all projects that one may view, if that is one.
func TestHomeLanguage(t *testing.T) {
	files := twoProjects()
	files["project.yaml"] += "language: ja\n"
	story(t, files, func(s *stage) {
		s.down()
		s.until("the recovery is offered", func() bool { return strings.Contains(s.slackLines(), "復旧対応の実行待ち") })
		s.must(s.sim.Slack.OpenHome(aiko))
		s.must(s.sim.Slack.OpenHome(chie))
		s.settle()
		if home := s.home(aiko); !strings.Contains(home, "Waiting for you") {
			t.Errorf("Aiko views both:\n%s", home)
		}
		if home := s.home(chie); !strings.Contains(home, "あなたの操作待ち") || strings.Contains(home, "Waiting") {
			t.Errorf("Chie views the shop alone:\n%s", home)
		}
	}, unhurried)
}

// A hundred people open Home at the same moment, and a storm begins: all see it
// within minutes, Slack never has to say that it is too much, and nobody is told
// that Home could not be drawn.
func TestHundredHomes(t *testing.T) {
	const many = 100
	story(t, one(web()), func(s *stage) {
		began := time.Now()
		var all sync.WaitGroup
		for n := range many {
			all.Go(func() { s.must(s.sim.Slack.OpenHome(crowdMember(n))) })
		}
		all.Wait()
		synctest.Wait()
		s.ail("stubborn")
		s.raiseMany(60, 60)
		s.pass(8 * time.Minute)
		s.settle()
		late := 0
		for n := range many {
			if s.sim.Slack.State(crowdMember(n)).Home == nil {
				t.Fatalf("%s has no Home", crowdMember(n))
			}
			if home := s.home(crowdMember(n)); !strings.Contains(home, "*Open now* / 60") {
				late++
			}
			for _, m := range s.sim.Slack.Messages(s.dm(crowdMember(n))) {
				t.Errorf("%s was told %s", crowdMember(n), m.Text)
			}
		}
		if late > 0 {
			t.Errorf("%d of %d do not see the storm yet", late, many)
		}
		var at []time.Time
		for _, c := range s.sim.Slack.Calls() {
			if c.Method == "views.publish" {
				at = append(at, c.At)
				if c.Error != "" {
					t.Errorf("views.publish: %s", c.Error)
				}
			}
		}
		slices.SortFunc(at, time.Time.Compare)
		for i, first := range at {
			if i+100 < len(at) && at[i+100].Sub(first) < time.Minute {
				t.Fatalf("more than 100 within a minute from %s on", first.Sub(began))
			}
		}
		if fmt.Sprint(len(at)) == "0" || len(at) > 9*100 {
			t.Errorf("%d times published", len(at))
		}
	}, unhurried, everybody(many), func(o *sim.Options, _ *app.Config) {})
}
