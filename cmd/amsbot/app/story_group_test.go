package app_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"amsbot/bot/sim/slack"
	"amsbot/store"
)

// groupCards are the group cards of the channel, as they stand.
func (s *stage) groupCards() []slack.Message {
	return slices.DeleteFunc(s.sim.Slack.Messages(room), func(m slack.Message) bool {
		return !strings.Contains(string(m.Metadata), "amsbot_group")
	})
}

// group is the only group card, once it has a button on so many.
func (s *stage) group(label string, n int) (m slack.Message, button string) {
	s.Helper()
	button = fmt.Sprintf("%s All %d", label, n)
	s.until("the group card has "+button, func() bool {
		all := s.groupCards()
		if len(all) == 1 {
			m = all[0]
		}
		return len(all) == 1 && slices.Contains(labels(elements(m)), button)
	})
	return m, button
}

// grouped is a crowd of forty in which two have a card of their own, as there was
// room for them, and one stands for the others.
func (s *stage) grouped(label string) (m slack.Message, button string) {
	s.Helper()
	s.flood(1, 40, time.Second)
	return s.group(label, 38)
}

// clicks counts who pressed what, by the events of a kind in all incidents. amsbot
// is stopped for that.
func (s *stage) clicks(kind string) map[string]int {
	s.Helper()
	s.stop()
	db, err := store.Open(s.config.Database, store.Options{})
	s.must(err)
	defer db.Close()
	records, err := db.Incidents(s.ctx, store.Filter{})
	s.must(err)
	all := map[string]int{}
	for _, r := range records {
		events, err := db.Events(s.ctx, r.Key)
		s.must(err)
		for _, e := range events {
			var c struct{ Act, Name string }
			if e.Kind == kind && e.Into(&c) == nil {
				all[c.Name+" "+c.Act]++
			}
		}
	}
	return all
}

// One press takes over all that the card stood for; who comes later waits for the
// next press, and whoever is second is told.
func TestGroupTakesOver(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		m, all := s.grouped("Take Over")
		s.flood(41, 50, time.Second)
		s.click(ben, all, m)
		s.until("Ben has them", func() bool { return len(s.assigned(benPD)) == 38 })
		s.click(aiko, all, m) // as she still has it on her screen
		s.click(ben, all, m)
		s.group("Take Over", 10)
		s.saidOnce("only ben: Taken over: 38 (#3–#40).", "only aiko: Not done for #3–#40: Ben Brook was first: ",
			"only ben: Not done for #3–#40: You have ", "message: Ben Brook takes over 38: #3–#40.")
		s.indexSays("it is calm again")
		s.settle()
		m = s.groupCards()[0]
		if have := labels(elements(m)); len(have) > 0 || !strings.Contains(m.Text, "50 × shop-queue · no scenario fits: it is calm again") {
			t.Errorf("%v, %s", have, m.Text)
		}
		if n := len(s.assigned(benPD)); n != 38 {
			t.Errorf("Ben has %d", n)
		}
		s.clicked("clicked", "map[Ben Brook take:38]")
		s.clicked("refused", "map[Aiko Tanaka take:38 Ben Brook take:38]")
	}, unhurried)
}

// saidOnce says that each of the texts was said once.
func (s *stage) saidOnce(texts ...string) {
	s.Helper()
	lines := s.slackLines()
	for _, want := range texts {
		if n := strings.Count(lines, want); n != 1 {
			s.Errorf("%q was said %d times:\n%s", want, n, lines)
		}
	}
}

func (s *stage) clicked(kind, want string) {
	s.Helper()
	if got := fmt.Sprint(s.clicks(kind)); got != want {
		s.Errorf("%s: %s, not %s", kind, got, want)
	}
}

// What is escalated goes to the next level once, also when two press at once, in
// few calls. Who may not see the project may do nothing.
func TestGroupEscalates(t *testing.T) {
	files := one(web())
	files["project.yaml"] = strings.Replace(project, "permissions: {", "permissions: {view: [S0SHOPOPS1], ", 1)
	story(t, files, func(s *stage) {
		s.grouped("Escalate")
		s.pass(time.Minute)
		m, all := s.group("Escalate", 38)
		before, callsBefore := s.escalations()
		var both sync.WaitGroup
		for _, who := range []string{ben, aiko} {
			both.Go(func() { s.click(who, all, m) })
		}
		both.Wait()
		s.pass(time.Minute)
		after, calls := s.escalations()
		if after-before != 38 || calls-callsBefore > 6 {
			t.Errorf("%d escalations in %d calls", after-before, calls-callsBefore)
		}
		s.click(dan, all, m)
		s.pass(time.Second)
		s.saidOnce("only dan: Not done for #3–#40: You may not Escalate here. Who may: ")
		got := s.clicks("clicked")
		if got["Ben Brook escalate"]+got["Aiko Tanaka escalate"] != 38 || len(got) > 2 {
			t.Error(got)
		}
		if n := s.clicks("refused")["Dan Weber escalate"]; n != 38 {
			t.Errorf("%d refusals of Dan are on record", n)
		}
	}, unhurried)
}

// escalations are how many incidents were put on another level, and in how many calls.
func (s *stage) escalations() (incidents, calls int) {
	for _, c := range s.writes() {
		if n := strings.Count(c.Body, "escalation_level"); n > 0 {
			incidents, calls = incidents+n, calls+1
		}
	}
	return incidents, calls
}

// A crash in the midst of a press on all: what was accepted stays, pressing again
// does the rest, and nothing is done twice.
func TestGroupSurvivesACrash(t *testing.T) {
	var commits atomic.Int64
	commits.Store(1 << 40)
	story(t, one(web()), func(s *stage) {
		s.stop()
		s.around = func(_ string, commit func() error) error {
			if commits.Add(-1) < 0 {
				return errors.New("the power is gone")
			}
			return commit()
		}
		s.start()
		s.grouped("Take Over")
		s.pass(time.Minute)
		m, all := s.group("Take Over", 38)
		commits.Store(2)
		s.click(ben, all, m)
		s.crash()
		commits.Store(1 << 40)
		s.start()
		s.pass(time.Minute)
		first := len(s.assigned(benPD))
		if first == 0 || first == 38 {
			t.Fatalf("Ben has %d: the crash was not in the midst", first)
		}
		m, _ = s.group("Take Over", 38-first)
		s.click(ben, "Take Over All "+strconv.Itoa(38-first), m)
		s.until("Ben has them", func() bool { return len(s.assigned(benPD)) == 38 })
		s.crash()
		s.start()
		s.indexSays("it is calm again")
		s.settle()
		cards := s.groupCards()
		if len(cards) != 1 || len(elements(cards[0])) > 0 {
			t.Errorf("%d group cards, the first has %v", len(cards), labels(elements(cards[0])))
		}
		s.clicked("clicked", "map[Ben Brook take:38]")
	}, unhurried)
}
