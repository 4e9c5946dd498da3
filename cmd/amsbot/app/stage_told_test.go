package app_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"amsbot/bot/sim/pagerduty"
	"amsbot/store"
)

// writes are the calls to PagerDuty that changed something, or tried to.
func (s *stage) writes() []pagerduty.Call {
	return slices.DeleteFunc(s.sim.PagerDuty.Calls(), func(c pagerduty.Call) bool {
		return c.Method == http.MethodGet || strings.HasSuffix(c.Path, "/enqueue")
	})
}

// check reopens the database that the story left behind and verifies it whole.
func (s *stage) check() {
	s.Helper()
	db, err := store.Open(s.config.Database, store.Options{})
	if err != nil {
		s.Fatalf("reopen: %v", err)
	}
	defer db.Close()
	records, err := db.Incidents(s.ctx, store.Filter{})
	if err != nil {
		s.Fatal(err)
	}
	for _, r := range records {
		if err := db.Verify(s.ctx, r.Key); err != nil {
			s.Errorf("verify %s: %v", r.Key, err)
		}
		events, err := db.Events(s.ctx, r.Key)
		if errors.Is(err, store.ErrForgotten) {
			continue
		}
		if err != nil {
			s.Fatal(err)
		}
		s.replay(events)
		s.keepSources(db, events)
	}
}

var incidentID = regexp.MustCompile(`\bQ[A-Z0-9]{13}\b`)

// slackLines is everything in the channel, in order: cards by their last
// headline, then what was said.
func (s *stage) slackLines() string {
	var out []string
	for _, m := range s.sim.Slack.Messages(room) {
		text := strings.NewReplacer("\n", " / ", "\u2060", "").Replace(m.Text)
		kind := "reply"
		switch {
		case isCard(m):
			kind = "card"
		case m.Ephemeral:
			kind = "only " + nameOf(m.To)
		case m.ReplyBroadcast:
			kind = "broadcast"
		case m.ThreadTS == "" || m.ThreadTS == m.TS:
			kind = "message"
		}
		for _, f := range m.Files {
			text += " [" + f.Name + "]"
		}
		out = append(out, kind+": "+text)
	}
	return incidentID.ReplaceAllString(strings.Join(out, "\n"), "Q…")
}

func nameOf(user string) string {
	return map[string]string{aiko: "aiko", ben: "ben", chie: "chie", dan: "dan", eri: "eri"}[user]
}

// pagerLines is everything that amsbot changed in PagerDuty, or tried to.
func (s *stage) pagerLines() string {
	var out []string
	for _, c := range s.writes() {
		from, _, _ := strings.Cut(c.From, "@")
		for _, wish := range wishes(c.Body) {
			out = append(out, fmt.Sprintf("%s: %s -> %d", from, wish, c.Status))
		}
	}
	return incidentID.ReplaceAllString(strings.Join(out, "\n"), "Q…")
}

// wishes say in a few words what a write asks of PagerDuty, for each incident
// by itself: how many go in one call depends on what else waits.
func wishes(body string) (all []string) {
	var b struct {
		Incidents []struct {
			ID          string `json:"id"`
			Status      string `json:"status"`
			Level       int    `json:"escalation_level"`
			Policy      *struct{ ID string }
			Assignments []struct{ Assignee struct{ ID string } }
		}
		Note struct{ Content string }
	}
	if json.Unmarshal([]byte(body), &b) != nil {
		return []string{body}
	}
	if b.Note.Content != "" {
		lines := strings.Split(b.Note.Content, "\n")
		return []string{"note " + lines[0]}
	}
	for _, i := range b.Incidents {
		var words []string
		if i.Status != "" {
			words = append(words, i.Status)
		}
		if i.Level != 0 {
			words = append(words, fmt.Sprintf("level %d", i.Level))
		}
		for _, a := range i.Assignments {
			words = append(words, "assign "+a.Assignee.ID)
		}
		all = append(all, strings.Join(words, ", "))
	}
	if all == nil {
		return []string{""} // of another kind: told all the same
	}
	return all
}

// slack says all that was posted in the channel; nothing else may have been.
func (s *stage) slack(want string) { s.Helper(); s.same("Slack", s.slackLines(), want) }

// pagerduty says all that amsbot changed in PagerDuty; nothing else may have been.
func (s *stage) pagerduty(want string) { s.Helper(); s.same("PagerDuty", s.pagerLines(), want) }

// slackAtOnce and pagerdutyAtOnce are slack and pagerduty for what happened at
// the same time, in whatever order.
func (s *stage) slackAtOnce(want string) {
	s.Helper()
	s.same("Slack", inOrder(s.slackLines()), inOrder(want))
}

func (s *stage) pagerdutyAtOnce(want string) {
	s.Helper()
	s.same("PagerDuty", inOrder(s.pagerLines()), inOrder(want))
}

func inOrder(lines string) string {
	all := strings.Split(strings.TrimSpace(lines), "\n")
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

func (s *stage) same(where, got, want string) {
	s.Helper()
	var lines []string
	for _, l := range strings.Split(strings.TrimSpace(want), "\n") {
		lines = append(lines, strings.TrimSpace(l))
	}
	if want = strings.Join(lines, "\n"); got != want {
		s.Errorf("%s is not as told.\n--- got\n%s\n--- want\n%s\n--- log\n%s", where, got, want, s.log)
	}
}

// recoveries says how often the patient was really told to recover.
func (s *stage) recoveries(n int) {
	s.Helper()
	if got := len(s.sim.Patient.Recoveries()); got != n {
		s.Errorf("the patient was recovered %d times, not %d", got, n)
	}
}
