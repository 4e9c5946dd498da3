package bot

import (
	"fmt"
	"strings"
	"time"

	"amsbot/bot/words"
	"amsbot/scenarios"
	"amsbot/store"
)

// noteWhys is of how many scenarios a note says why they do not fit.
const noteWhys = 10

// Note is the first-response result as one PagerDuty note: plain text.
func Note(events []store.Event, w words.Catalogue) string {
	c := Render(events, w)
	in := fold(c.Incident, 0, events)
	var b strings.Builder
	line := func(s string) {
		if s != "" {
			b.WriteString(oneLine(s) + "\n")
		}
	}
	if in.conclusion != nil {
		line(w.Say("note.head", w.Say("outcome."+outcomeKey(in.conclusion.Outcome))))
		line(in.conclusion.Text)
	}
	if m := in.match; m != nil {
		line(w.Say("note.scenario", m.Scenario, m.Target, m.Version[:min(12, len(m.Version))]))
	}
	if in.pass != nil {
		line(in.pass.by.twoWords(w))
	}
	if u := in.unmatched; u != nil {
		for _, y := range u.Why[:min(len(u.Why), noteWhys)] {
			line(y.Scenario + ": " + y.Text)
		}
	}
	writePhases(&b, c, w)
	return strings.TrimSpace(b.String())
}

func writePhases(b *strings.Builder, c Card, w words.Catalogue) {
	for _, p := range c.Phases {
		head := p.Name
		if p.Verdict != "" {
			head += ": " + w.Say("verdict."+p.Verdict)
		}
		if p.Words != "" {
			head += " (" + p.Words + ")"
		}
		b.WriteString(oneLine(head) + "\n")
		for _, l := range p.Lines {
			b.WriteString("  " + oneLine(lineText(l, w)) + "\n")
		}
	}
}

func lineText(l Line, w words.Catalogue) string {
	var parts []string
	if l.Verdict != "" {
		parts = append(parts, w.Say("verdict."+l.Verdict))
	}
	parts = append(parts, l.Name)
	if l.Words != "" {
		parts = append(parts, "· "+l.Words)
	}
	if l.Output != "" {
		parts = append(parts, "· "+l.Output)
	}
	return strings.Join(parts, " ")
}

// CardText is a card as plain text: for a terminal, where nothing can be pressed.
func CardText(c Card, w words.Catalogue) string {
	var b strings.Builder
	b.WriteString(oneLine(c.Title) + "\n" + oneLine(c.Status) + "\n")
	if c.Detail != "" {
		b.WriteString(oneLine(c.Detail) + "\n")
	}
	for _, n := range c.Need {
		b.WriteString(oneLine(n) + "\n")
	}
	for _, f := range c.Fields {
		fmt.Fprintf(&b, "%s: %s\n", f.Name, oneLine(f.Value))
	}
	writePhases(&b, c, w)
	for _, l := range c.Links {
		fmt.Fprintf(&b, "%s: %s\n", oneLine(l.Label), oneLine(l.URL))
	}
	for _, s := range c.Context {
		b.WriteString(oneLine(s) + "\n")
	}
	if c.Closing != nil {
		fmt.Fprintf(&b, "%s, %s\n", strings.TrimSpace(c.Closing.Text+" "+c.Closing.Who), w.Time(c.Closing.At, time.DateTime+" MST"))
	}
	return strings.TrimSpace(b.String())
}

// cardText is a card as Slack text: every foreign value is harmless.
func cardText(c Card, w words.Catalogue) string {
	var out []string
	for i, l := range strings.Split(CardText(c, w), "\n") {
		text := plain(l, 400)
		if strings.HasPrefix(l, "  ") {
			text = "• " + text
		}
		if i == 0 {
			text = "*" + text + "*"
		}
		out = append(out, text)
	}
	return strings.Join(firstLines(out), "\n")
}

// whyText says why the scenario was chosen, and why the others were not.
func whyText(in *incident, w words.Catalogue) string {
	var why []scenarios.Why
	head := w.Say("why.none")
	switch {
	case in.match != nil:
		why, head = in.match.Why, w.Say("why.head", plain(in.match.Scenario, 80), plain(in.match.Target, 120))
	case in.unmatched != nil:
		why, head = in.unmatched.Why, plain(in.unmatched.words(w), 300)
	}
	lines := []string{head}
	for _, y := range why {
		key := "why.no"
		if y.Fits {
			key = "why.yes"
		}
		lines = append(lines, w.Say(key, plain(y.Scenario, 80), plain(y.Text, 300)))
	}
	return strings.Join(firstLines(lines), "\n")
}

// answerMost is how long an answer in Slack may be.
const answerMost = 3500

// firstLines are the lines that one answer has room for, from the first on;
// none is cut, for each is escaped already.
func firstLines(lines []string) []string {
	n := 0
	for i, l := range lines {
		if n += len([]rune(l)) + 1; n > answerMost {
			return append(lines[:i:i], "…")
		}
	}
	return lines
}

// oneLine keeps a foreign text from making lines of its own.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func orMonitoring(name string, w words.Catalogue) string {
	if name == "" {
		return w.Say("by.monitoring")
	}
	return name
}

// Texts that stand in events by their key.
const (
	whyPinnedGone = "interrupted.pinned"
	whyNotStable  = "recheck.unstable"
	whyNoneRan    = "phase.none"
)
