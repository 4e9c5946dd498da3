package app_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing/synctest"

	"amsbot/bot/sim"
	"amsbot/bot/sim/pagerduty"
	"amsbot/bot/sim/slack"
	"amsbot/cmd/amsbot/app"
)

// Eri is in Slack, may do everything there, and PagerDuty does not know her.
const eri = "U0ERI00001"

func withEri(o *sim.Options, _ *app.Config) {
	o.Slack.Users = append(o.Slack.Users, slack.User{ID: eri, Name: "eri", RealName: "Eri Else", Email: "eri@elsewhere.example"})
	o.Slack.Groups[0].Users = append(o.Slack.Groups[0].Users, eri)
	o.Slack.Channels[0].Members = append(o.Slack.Channels[0].Members, eri)
}

// calm is a scenario's incident that waits for a person, with nobody in a hurry.
func (s *stage) waits() slack.Message {
	s.Helper()
	s.down()
	s.until("the recovery is offered", s.offered("Run Recovery"))
	s.settle()
	m, _ := s.card()
	return m
}

// atOnce has several people press the same button of the same card at the same
// moment, and says who was first.
func (s *stage) atOnce(label string, m slack.Message, who ...string) (first string) {
	s.Helper()
	c := s.clickOn(label, m)
	var all sync.WaitGroup
	for _, one := range who {
		all.Go(func() {
			c := c
			c.User = one
			if r, err := s.sim.Slack.Click(s.ctx, c); err != nil || !r.Acked {
				s.Errorf("%s presses %s: %+v, %v", nameOf(one), label, r, err)
			}
		})
	}
	all.Wait()
	synctest.Wait()
	for _, one := range who {
		if strings.Contains(s.slackLines(), "reply: "+fullName[nameOf(one)]+" ") {
			first = nameOf(one)
		}
	}
	return first
}

// fullName is what people are called in PagerDuty, by their name in Slack.
var fullName = map[string]string{"aiko": "Aiko Tanaka", "ben": "Ben Brook", "chie": "Chie Mori", "dan": "Dan Weber"}

// clickOn is a click on a button of a message, by nobody yet.
func (s *stage) clickOn(label string, m slack.Message) slack.Click {
	s.Helper()
	for _, e := range elements(m) {
		if e.Type == "button" && e.Text.Text == label {
			return slack.Click{Channel: m.Channel, MessageTS: m.TS, BlockID: e.Block, ActionID: e.Action, Value: e.Value, Version: m.Version}
		}
	}
	s.Fatalf("no button %q on %s", label, m.Text)
	return slack.Click{}
}

// confirm is the dialogue of a button on the newest card, as a person reads it.
func (s *stage) confirm(label string) string {
	s.Helper()
	m, _ := s.cardFor(label)
	var found string
	var look func(any)
	text := func(v any) string {
		o, _ := v.(map[string]any)
		t, _ := o["text"].(string)
		return t
	}
	look = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				look(e)
			}
		case map[string]any:
			if c, ok := v["confirm"].(map[string]any); ok && v["type"] == "button" && text(v["text"]) == label {
				found = text(c["title"]) + "\n" + text(c["text"]) + "\n[" + text(c["confirm"]) + "] [" + text(c["deny"]) + "]"
			}
			for _, e := range v {
				look(e)
			}
		}
	}
	var all any
	s.must(json.Unmarshal(m.Attachments, &all))
	look(all)
	return found
}

// amsIn types /ams somewhere else than in the shop's channel.
func (s *stage) amsIn(channel, who, text string) {
	s.Helper()
	s.did(s.sim.Slack.Command(s.ctx, slack.Command{User: who, Channel: channel, Command: "/ams", Text: text}))
}

// modal is what is open before a person.
func (s *stage) modal(who string) slack.View {
	s.Helper()
	all := s.sim.Slack.State(who).Modals
	if len(all) == 0 {
		s.Fatalf("no dialogue is open before %s:\n%s", nameOf(who), s.slackLines())
	}
	return all[len(all)-1]
}

// submit sends the dialogue of a note with a text.
func (s *stage) submit(who, text string) slack.Result {
	s.Helper()
	return s.send(who, "note", map[string]string{"text": text})
}

// send sends the dialogue of an act that a person has open, with some of its fields
// filled in; the others stay as they are.
func (s *stage) send(who, act string, fields map[string]string) slack.Result {
	s.Helper()
	return s.did(s.sim.Slack.Submit(s.ctx, slack.Submit{User: who, ViewID: s.modal(who).ID, Values: filled(act, fields)}))
}

// filled are fields of the dialogue of an act, as they are sent.
func filled(act string, fields map[string]string) slack.Values {
	values := slack.Values{}
	for name, value := range fields {
		v := slack.Value{Value: value}
		if name == "noise" {
			v = slack.Value{Values: []string{value}}
		}
		values[act+"."+name] = map[string]slack.Value{name: v}
	}
	return values
}

// closed fails the story where a person still has a dialogue open.
func (s *stage) closed(who string) {
	s.Helper()
	if open := s.sim.Slack.State(who).Modals; len(open) != 0 {
		s.Errorf("%s still has open: %s", nameOf(who), s.dialogue(who))
	}
}

// dialogue is what a person reads in the dialogue before them, a line each: its
// texts, the labels of its fields with what stands there, and what is wrong.
func (s *stage) dialogue(who string) string {
	s.Helper()
	v := s.modal(who)
	var view struct {
		Title, Submit map[string]any
		Blocks        []map[string]any
	}
	s.must(json.Unmarshal(v.View, &view))
	text := func(v any) string {
		o, _ := v.(map[string]any)
		t, _ := o["text"].(string)
		return strings.ReplaceAll(t, "\n", " / ")
	}
	out := []string{text(view.Title)}
	for _, b := range view.Blocks {
		if b["type"] == "section" {
			out = append(out, text(b["text"]))
			continue
		}
		line := text(b["label"]) + ":"
		e, _ := b["element"].(map[string]any)
		first, _ := e["initial_option"].(map[string]any)
		options, _ := e["options"].([]any)
		for _, o := range options {
			o, _ := o.(map[string]any)
			mark := " | "
			if first["value"] == o["value"] {
				mark = " |*"
			}
			line += mark + strings.TrimSpace(text(o["text"])+" "+text(o["description"]))
		}
		id, _ := b["block_id"].(string)
		if wrong := v.Errors[id]; wrong != "" {
			line += " !! " + wrong
		}
		out = append(out, line)
	}
	if v.Problem != "" {
		out = append(out, "!! "+v.Problem)
	}
	return strings.Join(append(out, "["+text(view.Submit)+"]"), "\n")
}

// shown says all that a person reads in the dialogue before them.
func (s *stage) shown(who, want string) { s.Helper(); s.same("The dialogue", s.dialogue(who), want) }

// refused are the clicks on the story's incident that were refused, as they are
// on record: who, what, why. amsbot is stopped for it.
func (s *stage) refused() string {
	s.Helper()
	var out []string
	for _, e := range s.history("pd:shop:" + s.incident) {
		var r struct{ Act, Name, Why string }
		if e.Kind == "refused" {
			s.must(json.Unmarshal(e.Data, &r))
			out = append(out, r.Name+": "+r.Act+": "+r.Why)
		}
	}
	return strings.Join(out, "\n")
}

// records says which clicks were refused, on record; nothing else was.
func (s *stage) records(want string) { s.Helper(); s.same("The record of refusals", s.refused(), want) }

// heard says what was said in another channel, or to a person directly.
func (s *stage) heard(channel, want string) {
	s.Helper()
	s.same(channel, s.linesIn(channel), want)
}

func (s *stage) linesIn(channel string) string {
	var out []string
	for _, m := range s.sim.Slack.Messages(channel) {
		kind := "message"
		switch {
		case isCard(m):
			kind = "card"
		case m.Ephemeral:
			kind = "only " + nameOf(m.To)
		case m.ReplyBroadcast:
			kind = "broadcast"
		case m.ThreadTS != "" && m.ThreadTS != m.TS:
			kind = "reply"
		}
		out = append(out, kind+": "+strings.NewReplacer("\n", " / ", "\u2060", "").Replace(m.Text))
	}
	return incidentID.ReplaceAllString(strings.Join(out, "\n"), "Q…")
}

// down503 takes PagerDuty's REST API away until it is healed.
func (s *stage) pagerAway() (back func()) {
	id := s.sim.PagerDuty.Fault(pagerduty.Fault{Kind: pagerduty.FaultStatus, Status: 503})
	return func() { s.sim.PagerDuty.Heal(id) }
}

// ever is what of a note changes with every story: marks and versions.
var ever = regexp.MustCompile(`pd:shop:Q\w+#\d+|version \w+|版 \w+`)

// notes are those on the story's incident, each by whom.
func (s *stage) notes() string {
	var out []string
	for _, i := range s.sim.PagerDuty.State().Incidents {
		if i.ID == s.incident {
			for _, n := range i.Notes {
				out = append(out, n.By+": "+ever.ReplaceAllString(strings.ReplaceAll(strings.ReplaceAll(n.Content, "amsbot's reference: ", ""), "\n", " / "), "…"))
			}
		}
	}
	return strings.Join(out, "\n")
}

// anyOrder says all that was posted in the channel, where answers and what goes
// through the outbox overtake each other; nothing else may have been.
func (s *stage) anyOrder(want string) { s.Helper(); s.sameLines("Slack", s.slackLines(), want) }

// sameLines is same for lines whose order is not told.
func (s *stage) sameLines(where, got, want string) {
	s.Helper()
	sorted := func(text string) string {
		lines := strings.Split(text, "\n")
		for i := range lines {
			lines[i] = strings.TrimSpace(lines[i])
		}
		slices.Sort(lines)
		return strings.TrimSpace(strings.Join(lines, "\n"))
	}
	if sorted(got) != sorted(want) {
		s.same(where, got, want)
	}
}

// has fails the story where buttons are not on the newest card.
func (s *stage) has(labels ...string) {
	s.Helper()
	_, have := s.card()
	for _, l := range labels {
		if !slices.Contains(have, l) {
			s.Errorf("%q is not on the card: %v", l, have)
		}
	}
}

// givesResume lets the operators resume everything.
func givesResume(c *app.Config) { c.Permissions.Resume = []string{"S0SHOPOPS1"} }

// home is a person's Home tab as lines of text.
func (s *stage) home(who string) string {
	s.Helper()
	h := s.sim.Slack.State(who).Home
	if h == nil {
		s.Fatalf("%s has no Home", nameOf(who))
	}
	var view struct{ Blocks []any }
	s.must(json.Unmarshal(h.View, &view))
	var out []string
	var look func(any)
	look = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				look(e)
			}
		case map[string]any:
			if t, ok := v["text"].(string); ok {
				out = append(out, moments.ReplaceAllString(strings.ReplaceAll(t, "\n", " / "), "TIME"))
			}
			for _, k := range []string{"text", "fields", "elements", "accessory"} {
				look(v[k])
			}
			if u, ok := v["url"].(string); ok {
				out = append(out, "-> "+archived.ReplaceAllString(u, "/…"))
			}
		}
	}
	look(view.Blocks)
	return strings.Join(out, "\n")
}

var (
	moments  = regexp.MustCompile(`<!date\^[^>]*>`)
	archived = regexp.MustCompile(`/p\d+$`)
)
