package bot

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"amsbot/bot/words"
	"amsbot/store"
)

// What /ams stats counts: a week where nothing is said, and no more than this. The
// newest incidents are read, from the line that each has in its record: so many
// are read in well under a second, however many are stored.
const (
	statsSpan = 7 * 24 * time.Hour
	statsLong = 31 * 24 * time.Hour
	statsMost = 20_000
	statsRows = 12 // scenarios that are named one by one
)

// tally is what came of many incidents.
type tally struct {
	all, open, alone int
	noise            int // marked as noise by a person
	outcomes         map[Outcome]int
	scenarios        map[string]*scenarioTally // by project and name; "" for what none fitted
	took             []time.Duration           // to the first result or offer, where that is known
}

type scenarioTally struct {
	name       string
	all, alone int
}

// count tallies incidents. What came back was no success: the earlier one is not
// among those that were answered without a person.
func count(lines []ListLine, keys []string) tally {
	t := tally{outcomes: map[Outcome]int{}, scenarios: map[string]*scenarioTally{}}
	undone := map[string]bool{}
	for _, l := range lines {
		undone[l.CameBack] = true
	}
	for i, l := range lines {
		name := l.Project + "/" + l.Scenario
		if l.Scenario == "" {
			name = ""
		}
		s := t.scenarios[name]
		if s == nil {
			s = &scenarioTally{name: l.Scenario}
			t.scenarios[name] = s
		}
		t.all++
		s.all++
		if !l.Over {
			t.open++
		}
		if l.Alone && !undone[keys[i]] {
			t.alone++
			s.alone++
		}
		if l.Noise {
			t.noise++
		}
		if l.Took > 0 {
			t.took = append(t.took, l.Took)
		}
		t.outcomes[l.Outcome]++
	}
	slices.Sort(t.took)
	return t
}

// within is how long at least so many percent of the first responses took at most.
func (t tally) within(percent int) time.Duration {
	n := len(t.took)
	return t.took[max(0, (n*percent+99)/100-1)]
}

// stats are figures of the incidents that came within a span of time.
func (b *Bot) stats(ctx context.Context, q Question, w words.Catalogue) (Answer, error) {
	span, ok := spanOf(q.Text)
	if !ok {
		return Answer{Text: w.Say("stats.span", plain(q.Text, 40), w.Took(statsLong))}, nil
	}
	names := b.projectsHere(ctx, q)
	if len(names) == 0 {
		return Answer{Text: w.Say("scenarios.nowhere")}, nil
	}
	since := time.Now().Add(-span)
	lines, keys, err := b.summaries(ctx, store.Filter{Since: since, Limit: statsMost})
	if err != nil {
		return Answer{}, fmt.Errorf("bot: count incidents: %w", err)
	}
	head := w.Say("stats.head", plain(strings.Join(names, ", "), 300), w.Took(span))
	if len(lines) == statsMost {
		head += "\n" + w.Say("stats.most", statsMost, moment(lines[len(lines)-1].At, w))
	}
	lines, keys = b.seen(ctx, q, lines, keys)
	if len(lines) == 0 {
		return Answer{Done: true, Text: head + "\n" + w.Say("stats.none")}, nil
	}
	return Answer{Done: true, Text: head + "\n" + strings.Join(count(lines, keys).words(w), "\n")}, nil
}

// spanOf is the span of time that somebody typed: 7d, 2 weeks, 24h.
func spanOf(text string) (time.Duration, bool) {
	p := &windowParser{words: typedWords(text)}
	p.word("last", "the")
	p.word("last")
	if p.at == len(p.words) {
		return statsSpan, true
	}
	d := p.span()
	return d, d >= time.Hour && d <= statsLong && p.at == len(p.words)
}

// words are the figures, a line each.
func (t tally) words(w words.Catalogue) []string {
	out := []string{
		w.Plural("stats.count", t.all, t.all, t.open),
		w.Say("stats.alone", t.alone, t.all, t.alone*100/t.all),
	}
	if n := len(t.took); n > 0 {
		out = append(out, w.Say("stats.took", w.Took(t.within(50)), w.Took(t.within(90)), n))
	}
	var by []string
	for _, o := range slices.SortedFunc(maps.Keys(t.outcomes), func(a, b Outcome) int {
		return cmp.Or(cmp.Compare(t.outcomes[b], t.outcomes[a]), cmp.Compare(a, b))
	}) {
		name := w.Say("stats.pending")
		if o != "" {
			name = w.Say("outcome." + outcomeKey(o))
		}
		by = append(by, fmt.Sprintf("%s %d", name, t.outcomes[o]))
	}
	out = append(out, w.Say("stats.outcomes", strings.Join(by, " · ")), w.Say("stats.scenarios", t.byScenario(w)))
	if t.noise > 0 {
		out = append(out, w.Say("stats.noise", t.noise))
	}
	return append(out, w.Say("stats.meaning"))
}

// byScenario are the scenarios with their counts, the busiest first.
func (t tally) byScenario(w words.Catalogue) string {
	all := slices.SortedFunc(maps.Values(t.scenarios), func(a, b *scenarioTally) int {
		return cmp.Or(cmp.Compare(b.all, a.all), strings.Compare(a.name, b.name))
	})
	var out []string
	for i, s := range all {
		name := plain(s.name, 60)
		if s.name == "" {
			name = w.Say("stats.unmatched")
		}
		if i == statsRows-1 && len(all) > statsRows {
			return strings.Join(out, " · ") + w.Say("find.more", len(all)-i)
		}
		out = append(out, w.Say("stats.scenario", name, s.all, s.alone))
	}
	return strings.Join(out, " · ")
}
