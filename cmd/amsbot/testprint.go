package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/diff"

	"amsbot/bot"
)

// print prints a line per test, what went wrong, what no test tries, and the sum.
func (t *tested) print(p *printer, verbose bool) {
	for _, one := range t.played {
		if one.OK() {
			p.say("ok    %s", one.Fixture.ID())
		} else {
			p.say("FAIL  %s", one.Fixture.ID())
		}
		t.printFailures(p, one)
		switch {
		case verbose:
			printStory(p, one)
		case !one.OK():
			printRefused(p, one)
		}
		if card := one.Card(); card != "" && (!one.OK() || verbose) {
			indented(p, "the card at the end", card)
		}
	}
	for _, c := range t.coverage {
		p.say("%s", covered(c))
	}
	n, failed := len(t.played), t.failed()
	p.say("%s: %d ok, %d failed", counted(n, "test"), n-failed, failed)
}

// printFailures prints what came beside what was expected.
func (t *tested) printFailures(p *printer, one bot.Played) {
	if one.Err != nil {
		p.say("      %s: %s", t.place(one.Fixture, one.Fixture.Line), one.Err)
	}
	for _, f := range one.Failures {
		what := f.Key
		if f.Of != "" {
			what += " of " + f.Of
		}
		p.say("      %s: %s: %s", t.place(one.Fixture, f.Line), what, f.Text)
		switch {
		case f.Want == nil && f.Key == "card": // it follows
		case f.Want == nil:
			for _, line := range f.Got {
				p.say("        | %s", line)
			}
		case len(f.Want) == 1 && len(f.Got) == 1:
			p.say("        expected: %s", f.Want[0])
			p.say("        came:     %s", f.Got[0])
		default:
			for line := range strings.Lines(string(diff.Diff("expected", []byte(joined(f.Want)), "came", []byte(joined(f.Got))))) {
				if line = strings.TrimSuffix(line, "\n"); !strings.HasPrefix(line, "diff ") {
					p.say("        %s", line)
				}
			}
		}
	}
}

// printRefused prints the clicks that were refused, unless a failure has said so:
// the card does not show them.
func printRefused(p *printer, one bot.Played) {
	for _, f := range one.Failures {
		if f.Key == "refused" || f.Key == "path" {
			return
		}
	}
	for _, l := range one.Story.Path {
		if strings.Contains(l.Text, " was refused ") {
			p.say("      %s", l.Text)
		}
	}
}

// joined is a text of lines, each with its end.
func joined(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return strings.Join(lines, "\n") + "\n"
}

// printStory prints all that happened in a test.
func printStory(p *printer, one bot.Played) {
	s := one.Story
	if s.Scenario != "" {
		p.say("      scenario %s for %s", s.Scenario, s.Target)
	}
	for _, y := range s.Why {
		p.say("      %s: %s", y.Scenario, y.Text)
	}
	var begin time.Time
	for _, l := range s.Path {
		if begin.IsZero() {
			begin = l.At
		}
		p.say("      +%-7s %s", l.At.Sub(begin).Round(time.Millisecond), l.Text)
		for _, st := range l.Steps {
			p.say("               %s %s", st.Verdict, strings.Join(nonEmpty(st.Name, st.Shown, st.Why, st.Line), " · "))
		}
	}
	for _, a := range s.Acts {
		switch {
		case a.Kind == bot.ActNote:
			indented(p, "note", a.Text)
		case a.Text != "" && (a.Kind == bot.ActReply || a.Kind == bot.ActPost):
			indented(p, "message "+strings.Join(a.Mention, ", "), a.Text)
		default:
			p.say("      %s %s by %s: %s %s", a.Kind, a.To, a.By, a.State, a.Why)
		}
	}
	if s.Outcome != "" {
		p.say("      outcome: %s. %s", s.Outcome, s.Text)
	}
}

func nonEmpty(all ...string) []string {
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

// indented prints a text of several lines under its name.
func indented(p *printer, name, text string) {
	p.say("      %s:", strings.TrimSpace(name))
	for _, line := range strings.Split(text, "\n") {
		p.say("        | %s", line)
	}
}

// covered says which ways through a scenario no test takes.
func covered(c bot.Coverage) string {
	all := len(c.Taken) + len(c.Missing)
	text := fmt.Sprintf("%s/%s: %d of %d branches", c.Project, c.Scenario, len(c.Taken), all)
	if len(c.Missing) > 0 {
		text += "; not tried: " + strings.Join(c.Missing, ", ")
	}
	return text
}

// testJSON is one test, as JSON has it.
type testJSON struct {
	ID       string        `json:"id"`
	File     string        `json:"file"`
	Line     int           `json:"line"`
	OK       bool          `json:"ok"`
	Error    string        `json:"error,omitempty"`
	Failures []bot.Failure `json:"failures,omitempty"`
	Story    bot.Story     `json:"story"`
	Card     string        `json:"card"`
}

func (t *tested) printJSON(p *printer) {
	out := struct {
		Tests    []testJSON     `json:"tests"`
		Coverage []bot.Coverage `json:"coverage,omitempty"`
		Failed   int            `json:"failed"`
	}{Coverage: t.coverage, Failed: t.failed()}
	for _, one := range t.played {
		j := testJSON{ID: one.Fixture.ID(), File: one.Fixture.File, Line: one.Fixture.Line, OK: one.OK(), Failures: one.Failures, Story: one.Story, Card: one.Card()}
		if one.Err != nil {
			j.Error = one.Err.Error()
		}
		out.Tests = append(out.Tests, j)
	}
	p.json(out)
}
