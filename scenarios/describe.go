package scenarios

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// Describe says in words what a scenario is for and what it would do, one
// sentence per line. What only an incident tells stands as it was written:
// ${{ alert.details.host }}.
func (s *Scenario) Describe() []string {
	out := []string{"When " + s.When.words() + "; the target is " + quoted(s.target.raw) + "."}
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	say("It checks %s.", stepsInWords(s.Check))
	if s.Autonomy == Observe {
		say("It only reports what it finds (observe); what amsbot holds goes to the first line.")
	} else {
		say("OK: %s. UNKNOWN: %s.", endingsInWords(s.Then.OK), endingsInWords(s.Then.Unknown))
	}
	if len(s.Gather) > 0 {
		say("Whatever the check says: it gathers, in at most %s, %s.", spanText(s.GatherWithin), stepsInWords(s.Gather))
	}
	switch {
	case len(s.Recover) > 0:
		out = append(out, s.recovery()...)
	case s.Autonomy != Observe:
		say("NG: there is nothing to recover; %s.", endingsInWords(s.Then.Failed))
	}
	say("A run takes at most %s; an incident that is older than %s recovers nothing by itself.", spanText(s.Deadline), spanText(s.StartWithin))
	for i, line := range out {
		out[i] = oneLine(clean(line), 2000)
	}
	return out
}

// recovery is about what follows an NG.
func (s *Scenario) recovery() []string {
	does := stepsInWords(s.Recover)
	r := s.Recheck
	recheck := fmt.Sprintf("The re-check begins after %s and repeats the check every %s, until %s, for at most %s. Recovered: %s. Failed: %s.",
		spanText(r.Settle), spanText(r.Every), many(r.Stable, "it is OK", "it is OK %d times in a row"), spanText(r.Within),
		endingsInWords(s.Then.Recovered), endingsInWords(s.Then.Failed))
	held := fmt.Sprintf("It is held back by %s. Held: %s.", s.Guards.words(), endingsInWords(s.Then.Held))
	switch s.Autonomy {
	case Observe:
		return []string{"NG: it recovers nothing and offers nothing (observe); the history says that it would have run " + does + "."}
	case Auto:
		first := "NG: it recovers by itself (auto): " + does + "."
		if s.Acknowledge {
			first = "NG: it acknowledges and recovers by itself (auto): " + does + "."
		}
		if s.Approval.SecondPerson {
			first += " Where it asks after all, it recovers when " + s.Approval.words() + "."
		}
		return []string{first, recheck, held}
	}
	return []string{fmt.Sprintf("NG: it recovers when %s (ask), within %s: %s.", s.Approval.words(), spanText(s.Approval.Expires), does), recheck, held}
}

// words is whose word it takes.
func (a Approval) words() string {
	switch {
	case !a.SecondPerson:
		return "a person presses Run Recovery"
	case !a.BreakGlass:
		return "a person presses Run Recovery and another one Approve"
	}
	return "a person presses Run Recovery and another one Approve, or one who may breaks the glass"
}

// words is the conditions of an incident.
func (w When) words() string {
	var all []string
	for _, c := range w.Conditions {
		all = append(all, c.Key+" "+c.words())
	}
	if w.If != "" {
		all = append(all, "("+w.If+")")
	}
	return joinAnd(all)
}

// words is the values of one condition.
func (c Condition) words() string {
	var out []string
	for i, p := range c.patterns {
		verb := "is"
		if p.re != nil {
			verb = "fits"
		}
		before := i > 0 && (c.patterns[i-1].re != nil) == (p.re != nil)
		if before {
			out = append(out, c.Values[i])
			continue
		}
		out = append(out, verb+" "+c.Values[i])
	}
	return joinWords(out)
}

// words is what holds a recovery back.
func (g Guards) words() string {
	var all []string
	add := func(on bool, format string, args ...any) {
		if on {
			all = append(all, fmt.Sprintf(format, args...))
		}
	}
	add(g.Cooldown > 0, "a cooldown of %s", spanText(g.Cooldown))
	add(g.Runs.N > 0, "more than %s of a target", g.Runs.words())
	add(g.ScenarioRuns.N > 0, "more than %s of the scenario", g.ScenarioRuns.words())
	add(g.Lock, "another recovery of the target")
	add(g.Storm.N > 0, "%d different targets in %s", g.Storm.N, spanText(g.Storm.Per))
	add(g.Breaker > 0, "%s", many(g.Breaker, "a failure", "%d failures in a row")+" (then it only asks)")
	if len(all) == 0 {
		all = []string{"no guard of its own"}
	}
	text := joinAnd(all)
	if g.Masking.N > 0 {
		text += fmt.Sprintf("; from the %s success of a target in %s on the second line is told", ordinal(g.Masking.N), spanText(g.Masking.Per))
	}
	return text
}

// words is "3 runs per 6h".
func (l Limit) words() string { return many(l.N, "1 run", "%d runs") + " per " + spanText(l.Per) }

func ordinal(n int) string {
	switch {
	case n%100 >= 11 && n%100 <= 13:
	case n%10 == 1:
		return fmt.Sprintf("%dst", n)
	case n%10 == 2:
		return fmt.Sprintf("%dnd", n)
	case n%10 == 3:
		return fmt.Sprintf("%drd", n)
	}
	return fmt.Sprintf("%dth", n)
}

// many is the one form, or the other with the number in it.
func many(n int, one, more string) string {
	if n == 1 {
		return one
	}
	return fmt.Sprintf(more, n)
}

// joinAnd is "a, b and c".
func joinAnd(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

func quoted(s string) string { return `"` + s + `"` }

// endingsInWords is the acts of one branch.
func endingsInWords(all []Ending) string {
	var out []string
	for _, e := range all {
		text := e.Act
		if e.Act == Escalate {
			text = map[string]string{"first_line": "escalate to the first line", "second_line": "escalate to the second line",
				"next": "escalate to the next level"}[e.To]
		}
		switch {
		case e.Text != "" && e.Act == Notify:
			text += " " + quoted(e.Text)
		case e.Text != "":
			text += ", saying " + quoted(e.Text)
		}
		out = append(out, text)
	}
	return joinAnd(out)
}

// stepsInWords is the steps of one phase.
func stepsInWords(steps []*Step) string {
	var out []string
	for _, st := range steps {
		text := quoted(st.Name) + " (" + st.words
		if st.condition != nil {
			text += "; only if " + st.condition.expr.source
		}
		if st.Attempts > 1 {
			text += fmt.Sprintf("; up to %d tries, %s apart", st.Attempts, spanText(st.Every))
		}
		if st.Idempotent {
			text += "; may run twice"
		}
		out = append(out, text+")")
	}
	return joinAnd(out)
}

// inWords is what a step does, as its author wrote it: the one value, or
// those of the keys that say most.
func (k kind) inWords(n *yaml.Node) string {
	if n.Kind != yaml.MappingNode {
		return k.name + " " + valueInWords(n)
	}
	out := []string{k.name}
	command := "" // last, as in a shell: ssh HOST COMMAND
	for _, known := range k.keys {
		switch v := valueAt(n, known.name); {
		case v == nil || !known.required && !known.telling:
		case v.Kind == yaml.SequenceNode:
			command = " " + valueInWords(v)
		default:
			out = append(out, valueInWords(v))
		}
	}
	return strings.Join(out, " ") + command
}

// valueAt is the value at a key of a mapping, nil where it is not said.
func valueAt(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// valueInWords is one value of a step; of a list its arguments, of a mapping
// where it leads.
func valueInWords(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode {
		return n.Value
	}
	if n.Kind == yaml.MappingNode {
		if host := valueAt(n, "host"); host != nil {
			return valueInWords(host)
		}
		return "…"
	}
	var out []string
	for _, v := range n.Content {
		switch {
		case v.Kind != yaml.ScalarNode:
			return "…"
		case strings.Contains(v.Value, "${{"):
			out = append(out, v.Value)
		default:
			out = append(out, quoteArg(v.Value))
		}
	}
	return strings.Join(out, " ")
}
