package bot

import (
	"fmt"
	"slices"
	"strings"

	"amsbot/scenarios"
	"amsbot/store"
)

// Failure is something that was expected of a fixture and did not come.
type Failure struct {
	Key  string   `json:"key"`
	Of   string   `json:"of,omitempty"` // the step, of commands
	Line int      `json:"line"`         // where it is expected
	Text string   `json:"text"`         // what is wrong, in words
	Want []string `json:"want,omitempty"`
	Got  []string `json:"got"`
}

// compare holds what came against what was expected.
func (p Played) compare() []Failure {
	var out []Failure
	for _, e := range p.Fixture.Expect {
		got := p.came(e)
		fail := func(text string) {
			out = append(out, Failure{Key: e.Key, Of: e.Of, Line: e.Line, Text: text, Want: e.Want, Got: got})
		}
		if e.Want != nil {
			if !slices.Equal(e.Want, got) {
				fail("not as expected")
			}
			continue
		}
		all := strings.Join(got, "\n")
		for _, part := range e.Contains {
			if !strings.Contains(all, strings.TrimSpace(part)) {
				fail(fmt.Sprintf("%q is missing", part))
			}
		}
		for _, part := range e.Lacks {
			if strings.Contains(all, strings.TrimSpace(part)) {
				fail(fmt.Sprintf("%q is in it", part))
			}
		}
	}
	return out
}

// came is what came of what an expectation is about; never nil.
func (p Played) came(e scenarios.Expectation) []string {
	s, out := p.Story, []string{}
	switch e.Key {
	case "scenario":
		return []string{orNone(s.Scenario)}
	case "target":
		return []string{orNone(s.Target)}
	case "outcome":
		return []string{orNone(string(s.Outcome))}
	case "check", "recover", "recheck":
		return []string{orNone(s.verdict(scenarios.Phase(e.Key)))}
	case "path":
		for _, l := range s.Path {
			out = append(out, l.Text)
		}
	case "held":
		for _, h := range s.Held {
			out = append(out, h.Guard)
		}
	case "acts":
		for _, a := range s.Acts {
			if changesPagerDuty(a.Kind) {
				out = append(out, a.words())
			}
		}
	case "commands":
		return []string{orNone(s.command(e.Of))}
	default:
		return lines(p.text(e.Key))
	}
	return out
}

// text is a text that people see.
func (p Played) text(key string) string {
	var all []string
	switch key {
	case "card":
		return p.Card()
	case "waiting":
		if stood := whileWaiting(p.Rehearsal.Events); len(stood) > 0 {
			return p.card(stood[len(stood)-1])
		}
	case "note":
		for _, a := range p.Story.Acts {
			if a.Kind == ActNote {
				all = []string{a.Text}
			}
		}
	case "messages":
		for _, a := range p.Story.Acts {
			if a.Kind == ActReply || a.Kind == ActPost {
				all = append(all, a.Text)
			}
		}
	case "refused":
		for _, l := range p.Story.Path {
			if strings.Contains(l.Text, " was refused ") {
				all = append(all, l.Text)
			}
		}
	}
	return strings.Join(all, "\n")
}

func (p Played) card(events []store.Event) string {
	if len(events) == 0 {
		return ""
	}
	w := p.words()
	c := Render(events, w)
	text := CardText(c, w)
	var labels []string
	for _, b := range c.Buttons {
		labels = append(labels, "["+b.Label+"]")
	}
	if len(labels) > 0 {
		text += "\n" + strings.Join(labels, " ")
	}
	return text
}

// verdict is that of the first check, or of the last recovery or re-check.
func (s Story) verdict(p scenarios.Phase) string {
	found := ""
	for _, l := range s.Path {
		if l.Phase == p && (found == "" || p != scenarios.Check) {
			found = strings.TrimPrefix(l.Text, string(p)+" ")
		}
	}
	return found
}

// command is what a step did, with values filled in, the first time.
func (s Story) command(step string) string {
	for _, l := range s.Path {
		for _, st := range l.Steps {
			if st.Name == step && st.Shown != "" {
				return st.Shown
			}
		}
	}
	return ""
}

// words are an act in a few words: "escalate first_line", "resolve (failed)".
func (w Wish) words() string {
	text := strings.TrimSpace(w.Kind + " " + w.To)
	if w.State != kindDone {
		text += " (" + orNone(w.State) + ")"
	}
	return text
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// lines are a text's, without what cannot be seen at their ends.
func lines(s string) []string {
	s = strings.TrimSpace(s)
	if s == "" {
		return []string{}
	}
	out := strings.Split(s, "\n")
	for i := range out {
		out[i] = strings.TrimRight(out[i], " \t")
	}
	return out
}

// Coverage is which ways through a scenario its fixtures take.
type Coverage struct {
	Project  string   `json:"project"`
	Scenario string   `json:"scenario"`
	Taken    []string `json:"taken"`
	Missing  []string `json:"missing,omitempty"`
}

// Cover says for every scenario which of its branches the fixtures took.
func Cover(set *scenarios.Set, all []Played) []Coverage {
	took := map[string]bool{}
	key := func(project, scenario, branch string) string { return project + "\x00" + scenario + "\x00" + branch }
	for _, p := range all {
		if p.Err != nil {
			continue
		}
		for _, b := range p.Story.Branches {
			took[key(p.Story.Project, p.Story.Scenario, b)] = true
		}
		for _, y := range p.Story.Why {
			if !y.Fits {
				took[key(p.Story.Project, y.Scenario, tookNoMatch)] = true
			}
		}
	}
	var out []Coverage
	for _, sc := range set.Scenarios {
		c := Coverage{Project: sc.Project.Name, Scenario: sc.Name}
		for _, b := range branchesOf(sc) {
			if took[key(sc.Project.Name, sc.Name, b)] {
				c.Taken = append(c.Taken, b)
			} else {
				c.Missing = append(c.Missing, b)
			}
		}
		out = append(out, c)
	}
	return out
}
