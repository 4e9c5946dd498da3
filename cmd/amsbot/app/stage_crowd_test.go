package app_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"amsbot/bot/sim/slack"
)

// written are the calls by which something came to stand in Slack, or changed there.
func (s *stage) written() []slack.Call {
	return slices.DeleteFunc(s.sim.Slack.Calls(), func(c slack.Call) bool {
		return !strings.HasPrefix(c.Method, "chat.")
	})
}

// limited are Slack's answers that we were too fast.
func (s *stage) limited() int {
	return len(slices.DeleteFunc(s.sim.Slack.Calls(), func(c slack.Call) bool { return c.Status != 429 }))
}

var named = regexp.MustCompile(`#\d+`)

// naming says when the number of each incident was first to be read in the
// channel, and how long after its beginning.
func (s *stage) naming(began map[int]time.Time) (late []time.Duration, never []int) {
	when := map[int]time.Time{}
	for _, c := range s.written() {
		if !c.OK {
			continue
		}
		for _, name := range named.FindAllString(c.Args["text"]+c.Args["attachments"], -1) {
			n, err := strconv.Atoi(name[1:])
			if _, known := when[n]; err == nil && !known {
				when[n] = c.At
			}
		}
	}
	for n, at := range began {
		if when[n].IsZero() {
			never = append(never, n)
		} else {
			late = append(late, when[n].Sub(at))
		}
	}
	slices.Sort(late)
	return late, never
}

// allNamed says that every incident's number stood in Slack soon after it came.
func (s *stage) allNamed(began map[int]time.Time) {
	s.Helper()
	late, never := s.naming(began)
	if len(never) > 0 {
		s.Errorf("%d incidents were never named: %v", len(never), never[:min(5, len(never))])
		return
	}
	if p95 := late[len(late)*95/100]; p95 > 5*time.Second {
		s.Errorf("after %s 95 of 100 incidents were named", p95)
	}
}

// fewWrites says that until the crowd was over no more than so much was written,
// and never too fast.
func (s *stage) fewWrites(most int) {
	s.Helper()
	all := s.written()
	n := slices.IndexFunc(all, func(c slack.Call) bool { return strings.Contains(c.Args["text"], "it is calm again") })
	if n < 0 || n > most {
		s.Errorf("%d writes until the crowd was over, at most %d are few", n, most)
	}
	if n := s.limited(); n > 0 {
		s.Errorf("Slack had to say %d times that we are too fast", n)
	}
}

// indexes are the indexes of the channel, as they stand.
func (s *stage) indexes() []slack.Message {
	return slices.DeleteFunc(s.sim.Slack.Messages(room), func(m slack.Message) bool {
		return !strings.Contains(string(m.Metadata), "amsbot_index")
	})
}

func (s *stage) indexSays(text string) {
	s.Helper()
	s.until("the index says "+text, func() bool {
		all := s.indexes()
		return len(all) > 0 && strings.Contains(all[len(all)-1].Text, text)
	})
}

// oneIndex says that the channel has one index, and what its headline says.
func (s *stage) oneIndex(text string) {
	s.Helper()
	all := s.indexes()
	if len(all) != 1 || !strings.Contains(all[0].Text, text) {
		s.Errorf("%d indexes, the first says %q, not %q", len(all), headOf(all), text)
	}
}

func headOf(all []slack.Message) string {
	if len(all) == 0 {
		return ""
	}
	return all[0].Text
}

// cards counts the cards that stand in the channel, and says whether any stands
// twice.
func (s *stage) cards() int {
	s.Helper()
	seen := map[string]bool{}
	for _, m := range s.sim.Slack.Messages(room) {
		if !isCard(m) {
			continue
		}
		var meta struct {
			Payload struct{ Incident string } `json:"event_payload"`
		}
		s.must(json.Unmarshal(m.Metadata, &meta))
		if seen[meta.Payload.Incident] {
			s.Errorf("%s has two cards", meta.Payload.Incident)
		}
		seen[meta.Payload.Incident] = true
	}
	return len(seen)
}

// flood raises incidents that no scenario is for, one after the other within a
// time, and says when each began.
func (s *stage) flood(from, to int, within time.Duration) map[int]time.Time {
	s.Helper()
	began := map[int]time.Time{}
	for n := from; n <= to; n++ {
		s.raiseOn("shop-queue", fmt.Sprintf("Queue %d is stuck", n), fmt.Sprint("queue", n), nil)
		began[n] = time.Now()
		time.Sleep(within / time.Duration(to-from+1))
	}
	return began
}

// callsPeople holds how often people were called about each of the first incidents.
func (s *stage) callsPeople(incidents int, want func(n int) int) {
	s.Helper()
	about := s.called()
	for n := 1; n <= incidents; n++ {
		if times := about[fmt.Sprintf("#%d", n)]; times != want(n) {
			s.Errorf("people were called %d times about #%d", times, n)
		}
	}
}

func once(int) int { return 1 }

// called are the numbers that people were called about, by how often.
func (s *stage) called() map[string]int {
	about := map[string]int{}
	for _, m := range s.sim.Slack.Messages(room) {
		if m.ReplyBroadcast {
			for _, name := range named.FindAllString(m.Text, -1) {
				about[name]++
			}
		}
	}
	return about
}

// choice is what choosing a card in the menu of the index is, by nobody yet.
func (s *stage) choice(name string) slack.Click {
	s.Helper()
	all := s.indexes()
	for _, e := range elements(all[len(all)-1]) {
		for _, o := range e.Options {
			if strings.HasPrefix(o.Text.Text, name) {
				return slack.Click{Channel: room, MessageTS: all[len(all)-1].TS,
					BlockID: e.Block, ActionID: e.Action, SelectedOption: o.Value, Version: all[len(all)-1].Version}
			}
		}
	}
	s.Fatalf("the index has no %s to choose", name)
	return slack.Click{}
}

func (s *stage) chooses(who string, c slack.Click) {
	s.Helper()
	c.User = who
	s.did(s.sim.Slack.Click(s.ctx, c))
}
