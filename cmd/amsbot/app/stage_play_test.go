package app_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing/synctest"
	"time"

	"amsbot/bot/sim"
	"amsbot/bot/sim/pagerduty"
	"amsbot/bot/sim/slack"
)

// raise has the monitoring tool raise an alert about the patient.
func (s *stage) raise(title string, details map[string]any) string {
	s.Helper()
	return s.raiseOn("shop-web", title, "", details)
}

func (s *stage) raiseOn(service, title, key string, details map[string]any) string {
	s.Helper()
	all := map[string]any{"host": host, "address": sim.PatientAddress, "control": sim.PatientControl, "environment": "production"}
	for k, v := range details {
		all[k] = v
	}
	if key == "" {
		key = host + "/health"
	}
	id, err := s.sim.PagerDuty.Raise(pagerduty.Alert{Service: service, Title: title, DedupKey: key, Details: all})
	if err != nil {
		s.Fatalf("raise: %v", err)
	}
	s.incident = id
	return id
}

func (s *stage) ail(name string) {
	s.Helper()
	if err := s.sim.Patient.Ail(name); err != nil {
		s.Fatal(err)
	}
}

// down makes the patient ill, and the monitoring tool raise the incident.
func (s *stage) down() {
	s.Helper()
	s.ail("errors")
	s.raise("Health check of web-1 failed", nil)
}

// until waits, in fake time, until something is so.
func (s *stage) until(what string, so func() bool) {
	s.Helper()
	for range 6000 {
		synctest.Wait()
		if so() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.Fatalf("never: %s\n%s\n%s\n%s", what, s.slackLines(), s.pagerLines(), s.log)
}

// settle waits until nothing has happened for a while.
func (s *stage) settle() {
	s.Helper()
	count := func() int { return len(s.sim.Slack.Calls()) + len(s.writes()) }
	for last, calm := -1, 0; calm < 4; time.Sleep(time.Second) {
		synctest.Wait()
		if n := count(); n == last {
			calm++
		} else {
			last, calm = n, 0
		}
	}
}

// card is the newest card (of the channel) and its buttons' labels.
func (s *stage) card() (slack.Message, []string) { return s.newest(isCard) }

// cardFor is the card on which a button is looked for: that of the storm, if it has
// the button or the button is about all of one, else the newest. Cards of a storm and of what is in it
// may come in any order.
func (s *stage) cardFor(label string) (slack.Message, []string) {
	if m, have := s.newest(isStorm); strings.HasPrefix(label, "Run Recovery on All") || slices.Contains(have, label) {
		return m, have
	}
	return s.card()
}

// newest is the newest message that is one of these, and what can be pressed on it.
func (s *stage) newest(is func(slack.Message) bool) (slack.Message, []string) {
	all := s.sim.Slack.Messages(room)
	for i := len(all) - 1; i >= 0; i-- {
		if is(all[i]) {
			return all[i], labels(elements(all[i]))
		}
	}
	return slack.Message{}, nil
}

func isStorm(m slack.Message) bool { return isCard(m) && strings.HasPrefix(m.Text, "Storm of ") }

func isCard(m slack.Message) bool { return strings.Contains(string(m.Metadata), "amsbot_card") }

func (s *stage) offered(label string) func() bool {
	return func() bool { _, have := s.cardFor(label); return slices.Contains(have, label) }
}

// says waits until the newest card's headline contains a text.
func (s *stage) says(text string) {
	s.Helper()
	s.until("the card says "+text, func() bool { m, _ := s.card(); return strings.Contains(m.Text, text) })
}

type element struct {
	Block  string
	Type   string `json:"type"`
	Action string `json:"action_id"`
	Value  string `json:"value"`
	Text   struct {
		Text string `json:"text"`
	} `json:"text"`
	Options []struct {
		Text struct {
			Text string `json:"text"`
		} `json:"text"`
		Value string `json:"value"`
	} `json:"options"`
}

func elements(m slack.Message) []element {
	var attachments []struct {
		Blocks []struct {
			ID       string            `json:"block_id"`
			Type     string            `json:"type"`
			Elements []json.RawMessage `json:"elements"`
		} `json:"blocks"`
	}
	if json.Unmarshal(m.Attachments, &attachments) != nil {
		return nil
	}
	var out []element
	for _, a := range attachments {
		for _, b := range a.Blocks {
			for _, raw := range b.Elements {
				var e element
				if b.Type == "actions" && json.Unmarshal(raw, &e) == nil {
					e.Block = b.ID
					out = append(out, e)
				}
			}
		}
	}
	return out
}

func labels(all []element) []string {
	var out []string
	for _, e := range all {
		if e.Type == "button" {
			out = append(out, e.Text.Text)
		}
		for _, o := range e.Options {
			out = append(out, o.Text.Text)
		}
	}
	return out
}

// press presses a button of the newest card, as somebody, once it is there.
func (s *stage) press(who, label string) {
	s.Helper()
	s.until(label+" is on the card", s.offered(label))
	m, _ := s.cardFor(label)
	if r := s.click(who, label, m); !r.Acked {
		s.Fatalf("press %s: not acknowledged: %s", label, r.Problem)
	}
}

// opens presses a button and leaves alone the dialogue that it opens.
func (s *stage) opens(who, label string) {
	s.Helper()
	s.until(label+" is on the card", s.offered(label))
	m, _ := s.cardFor(label)
	if r := s.tap(who, label, m); !r.Acked {
		s.Fatalf("press %s: not acknowledged: %s", label, r.Problem)
	}
}

// click presses a button on a message as somebody has it on their screen. The
// dialogue of Escalate or Resolve, where one opens, is sent as it stands.
func (s *stage) click(who, label string, m slack.Message) slack.Result {
	s.Helper()
	r := s.tap(who, label, m)
	if act := strings.ToLower(label); act == "escalate" || act == "resolve" {
		if len(s.sim.Slack.State(who).Modals) > 0 {
			s.send(who, act, nil)
		}
	}
	return r
}

// tap presses a button on a message and does no more.
func (s *stage) tap(who, label string, m slack.Message) slack.Result {
	s.Helper()
	for _, e := range elements(m) {
		c := slack.Click{User: who, Channel: m.Channel, MessageTS: m.TS, BlockID: e.Block, ActionID: e.Action, Value: e.Value, Version: m.Version}
		if e.Type == "button" && e.Text.Text == label {
			return s.did(s.sim.Slack.Click(s.ctx, c))
		}
		for _, o := range e.Options {
			if o.Text.Text == label {
				c.Value, c.SelectedOption = "", o.Value
				return s.did(s.sim.Slack.Click(s.ctx, c))
			}
		}
	}
	s.Fatalf("no button %q on %s: %v", label, m.Text, labels(elements(m)))
	return slack.Result{}
}

func (s *stage) did(r slack.Result, err error) slack.Result {
	s.Helper()
	if err != nil {
		s.Fatalf("slack: %v", err)
	}
	return r
}

// ams types /ams in the channel.
func (s *stage) ams(who, text string) {
	s.Helper()
	s.did(s.sim.Slack.Command(s.ctx, slack.Command{User: who, Channel: room, Command: "/ams", Text: text}))
}
