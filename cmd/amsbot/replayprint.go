package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// print says what differs: a table by scenario, examples, and the figure.
func (r *replayed) print(p *printer) {
	if r.Incidents == 0 {
		p.say("No incident to replay.")
		return
	}
	p.say("%s since %s, the newest of %s.", counted(r.Incidents, "incident"), moment(r.Since), moment(r.Until))
	p.say("")
	for _, line := range r.table() {
		p.say("%s", line)
	}
	for _, row := range r.Scenarios {
		row.print(p)
	}
	p.say("")
	p.say("First response without a person: %s then, %s now; %s cannot be told.",
		share(r.Alone.Then, r.Incidents), share(r.Alone.Now, r.Incidents), share(r.Alone.Unknown, r.Incidents))
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }

// share is a part in percent, rounded down: 100 % is all of it.
func share(part, of int) string { return fmt.Sprintf("%d %%", part*100/of) }

// table is the counts by scenario, with a column for each difference that there is.
func (r *replayed) table() []string {
	rows := [][]string{{"scenario", "incidents"}}
	var shown []string
	for _, d := range differences {
		if r.Counts[d] > 0 || d == noDifference {
			shown = append(shown, d)
			rows[0] = append(rows[0], column[d])
		}
	}
	add := func(name string, counts map[string]int) {
		all, row := 0, []string{name, ""}
		for _, d := range shown {
			all += counts[d]
			row = append(row, blank(counts[d]))
		}
		row[1] = fmt.Sprint(all)
		rows = append(rows, row)
	}
	for _, row := range r.Scenarios {
		add(cmp.Or(row.Scenario, "(none)"), row.Counts)
	}
	add("all", r.Counts)
	wide := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			wide[i] = max(wide[i], utf8.RuneCountInString(cell))
		}
	}
	var lines []string
	for _, row := range rows {
		line := fmt.Sprintf("%-*s", wide[0], row[0])
		for i, cell := range row[1:] {
			line += fmt.Sprintf("  %*s", wide[i+1], cell)
		}
		lines = append(lines, line)
	}
	return lines
}

var column = map[string]string{newlyMatched: "newly", noLonger: "no longer", otherScenario: "other scenario", otherTarget: "other target",
	otherPath: "other path", cannotTell: "cannot tell", noDifference: "same"}

func blank(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}

const mostNumbers = 12 // of the incidents with a difference

// print says what differs for one scenario, with examples.
func (row *replayRow) print(p *printer) {
	for _, d := range differences {
		numbers := slices.Sorted(slices.Values(row.Numbers[d]))
		if len(numbers) == 0 {
			continue
		}
		p.say("")
		var list []string
		for _, n := range numbers[:min(len(numbers), mostNumbers)] {
			list = append(list, fmt.Sprintf("#%d", n))
		}
		if more := len(numbers) - mostNumbers; more > 0 {
			list = append(list, fmt.Sprintf("and %d more", more))
		}
		p.say("%s, %s: %s", cmp.Or(row.Scenario, "(none)"), d, strings.Join(list, " "))
		for _, e := range row.Examples[d] {
			e.print(p)
		}
	}
}

func (e example) print(p *printer) {
	p.say("  #%d %s", e.Number, e.Title)
	if e.Why != "" {
		p.tell("    why:  %s", e.Why)
	}
	p.tell("    then: %s", e.Then.words("it had not come to an end"))
	p.tell("    now:  %s", e.Now.words("nobody knows what its steps would find"))
}

// words are a decision in one line: without the words of the path that repeat it,
// and with others where there is no path.
func (s side) words(untold string) string {
	if s.Scenario == "" {
		return "no scenario"
	}
	text := s.Scenario + " for " + s.Target
	if len(s.Path) > 1 {
		return text + ": " + strings.Join(s.Path[1:], ", ")
	}
	return text + ": " + untold
}

// clipped is a text of at most n characters, in one line.
func clipped(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if all := []rune(s); len(all) > n {
		return string(all[:n-1]) + "…"
	}
	return s
}
