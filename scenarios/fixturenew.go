package scenarios

import (
	"fmt"
	"maps"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"
)

// NewFixture is a file of tests of a scenario to start from: an incident that
// fits as far as its conditions tell, a result of each step, and one test per way
// through it that can be foreseen.
func NewFixture(sc *Scenario) []byte {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	in := sc.sample()
	say("# Tests of the scenario %s. amsbot test plays them; nothing is run for real.", oneLine(clean(sc.Name), 100))
	why := sentence(sc.hold(in, alertView(in)).why, inEnglish)
	if why != "" {
		say("# This incident does not fit yet: %s", oneLine(clean(why), 300))
	}
	say("incident:")
	say("  service: %s", asScalar(in.Service.Name))
	say("  title: %s", asScalar(in.Title))
	for _, one := range [][2]string{{"urgency", in.Urgency}, {"priority", in.Priority}} {
		if one[1] != "" && one[1] != "high" {
			say("  %s: %s", one[0], asScalar(one[1]))
		}
	}
	if len(in.Teams) > 0 {
		say("  team: %s", asScalar(in.Teams[0].Name))
	}
	if slices.ContainsFunc(sc.When.Conditions, func(c Condition) bool { return c.Key == "policy" }) {
		say("  policy: %s", asScalar(in.Policy.Name))
	}
	if details := in.Alerts[0].Details; len(details) > 0 {
		say("  details:")
		writeYAML(&b, "    ", details)
	}
	say("\nsteps:")
	for _, st := range slices.Concat(sc.Check, sc.Gather, sc.Recover) {
		if st.Kind == "wait" {
			continue
		}
		if sc.readElsewhere(st) {
			say("  # Other steps read what it found: say {verdict: OK, fields: {…}}, with fields that")
			say("  # its kind gives, here and wherever a test says another result of it.")
		}
		say("  %s: OK", asScalar(st.Name))
	}
	say("\ntests:")
	for _, t := range sc.foreseen() {
		say("  - name: %s", t.name)
		say("    steps: {%s: %s}", asScalar(sc.judging()), t.results)
		if t.click {
			say("    clicks: [{press: recover, by: aiko}]")
		}
		say("    expect: {scenario: %s, %s}", asScalar(sc.Name), t.expect)
	}
	return []byte(b.String())
}

// readElsewhere says whether other steps read the fields of one.
func (s *Scenario) readElsewhere(st *Step) bool {
	name := regexp.QuoteMeta(st.Name)
	reads := regexp.MustCompile(`\bsteps(\.` + name + `\b|\[["']` + name + `["']\])`)
	var in func(n *yaml.Node) bool
	in = func(n *yaml.Node) bool {
		return reads.MatchString(n.Value) || slices.ContainsFunc(n.Content, in)
	}
	return slices.ContainsFunc(slices.Concat(s.Check, s.Gather, s.Recover), func(other *Step) bool {
		return other != st && in(other.at)
	})
}

// foreseen is a way through a scenario that can be told without knowing more.
type foreseen struct {
	name, results, expect string
	click                 bool
}

func (s *Scenario) foreseen() []foreseen {
	out := []foreseen{
		{name: "nothing is wrong", results: "OK", expect: "check: OK, outcome: no fault found"},
		{name: "it cannot be found out", results: "UNKNOWN", expect: "check: UNKNOWN, outcome: escalated"},
	}
	switch {
	case s.Autonomy == Observe:
		return append(out, foreseen{name: "it is broken", results: "NG", expect: "check: NG, outcome: observed"})
	case len(s.Recover) == 0:
		return append(out, foreseen{name: "it is broken", results: "NG", expect: "check: NG, outcome: escalated"})
	case s.Autonomy == Auto:
		return append(out,
			foreseen{name: "the recovery helps", results: "[NG, OK]", expect: "recover: OK, recheck: OK, outcome: recovered by amsbot"},
			foreseen{name: "the recovery does not help", results: "NG", expect: "recover: OK, recheck: NG, outcome: escalated"})
	}
	return append(out,
		foreseen{name: "nobody presses Run Recovery", results: "NG", expect: "check: NG, outcome: expired"},
		foreseen{name: "the recovery helps", results: "[NG, NG, OK]", click: true, expect: "recover: OK, recheck: OK, outcome: recovered at a person's word"},
		foreseen{name: "the recovery does not help", results: "NG", click: true, expect: "recover: OK, recheck: NG, outcome: escalated"})
}

// judging is the first step of the check that finds anything out.
func (s *Scenario) judging() string {
	for _, st := range s.Check {
		if st.Kind != "wait" && st.condition == nil {
			return st.Name
		}
	}
	return s.Check[0].Name
}

// equals finds what an `if` wants a detail to be.
var equals = regexp.MustCompile(`alert\.details\.([\w.]+)\s*==\s*"([^"]*)"`)

// sample is an incident that fits a scenario as far as its conditions tell.
func (s *Scenario) sample() Incident {
	a := Alert{ID: "QALERTA", Status: "triggered", CreatedAt: fixtureBegin, Details: map[string]any{}}
	in := Incident{ID: "QTEST1", Number: 1, Title: s.Name, Status: "triggered", Urgency: "high", CreatedAt: fixtureBegin}
	if len(s.Project.Services) > 0 {
		in.Service = refTo(s.Project.Services[0], "PSERVICE")
	} else {
		in.Service = Ref{ID: "PSERVICE", Name: "service"}
	}
	in.Policy = refTo("default", "PPOLICY")
	for _, path := range s.alerts {
		if path[0] == "details" && len(path) > 1 {
			put(a.Details, path[1:], s.sampleHost(path[len(path)-1]))
		}
	}
	for _, m := range equals.FindAllStringSubmatch(s.When.If, -1) {
		put(a.Details, strings.Split(m[1], "."), m[2])
	}
	for _, c := range s.When.Conditions {
		text := c.patterns[0].sample()
		switch c.Key {
		case "service":
			in.Service = refTo(text, "PSERVICE")
		case "policy":
			in.Policy = refTo(text, "PPOLICY")
		case "team":
			in.Teams = []Ref{refTo(text, "PTEAM")}
		case "title":
			in.Title = text
		case "urgency":
			in.Urgency = text
		case "priority":
			in.Priority = text
		default:
			put(a.Details, c.path[1:], text)
		}
	}
	in.Alerts = []Alert{a}
	return in
}

// sampleHost is a value of a detail: a host that the project lets one name, where
// it may well be one.
func (s *Scenario) sampleHost(name string) string {
	for _, h := range s.Project.Hosts {
		if !strings.Contains(h, "/") {
			return strings.ReplaceAll(h, "*", "x")
		}
	}
	return clip(name, 40) + "-1"
}

// put sets a value below a mapping. What is there already as a value stays.
func put(into map[string]any, path []string, value string) {
	for ; len(path) > 1; path = path[1:] {
		below, ok := into[path[0]].(map[string]any)
		if !ok {
			if into[path[0]] != nil {
				return
			}
			below = map[string]any{}
			into[path[0]] = below
		}
		into = below
	}
	if _, ok := into[path[0]].(map[string]any); !ok {
		into[path[0]] = value
	}
}

// sample is a text that fits a pattern; "" where none is found.
func (p pattern) sample() string {
	if p.re == nil {
		return p.literal
	}
	tree, err := syntax.Parse(p.re.String(), syntax.Perl)
	if err != nil {
		return ""
	}
	text := shortest(tree)
	if !p.re.MatchString(text) {
		return ""
	}
	return text
}

// shortest is a short text that a regular expression fits, if nothing but what it
// says itself is asked.
func shortest(re *syntax.Regexp) string {
	var b strings.Builder
	switch re.Op {
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase != 0 {
			return strings.ToLower(string(re.Rune))
		}
		return string(re.Rune)
	case syntax.OpCharClass:
		return string(oneIn(re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return "x"
	case syntax.OpCapture, syntax.OpPlus:
		return shortest(re.Sub[0])
	case syntax.OpAlternate:
		return shortest(re.Sub[0])
	case syntax.OpRepeat:
		return strings.Repeat(shortest(re.Sub[0]), min(re.Min, maxText))
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			b.WriteString(shortest(sub))
		}
	}
	return b.String()
}

// oneIn is a character of a class, one that people would write where it may be.
func oneIn(ranges []rune) rune {
	has := func(r rune) bool {
		for i := 0; i+1 < len(ranges); i += 2 {
			if ranges[i] <= r && r <= ranges[i+1] {
				return true
			}
		}
		return false
	}
	for _, r := range "x1aA -" {
		if has(r) {
			return r
		}
	}
	for i := 0; i+1 < len(ranges); i += 2 {
		if unicode.IsPrint(ranges[i]) {
			return ranges[i]
		}
	}
	return ' '
}

// asScalar is a text as a YAML scalar on one line.
func asScalar(s string) string {
	out, err := yaml.Marshal(&yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: oneLine(s, maxText)})
	text := strings.TrimSpace(string(out))
	if err != nil || strings.ContainsAny(text, "\n,[]{}") || strings.Contains(text, ": ") {
		return fmt.Sprintf("%q", s)
	}
	return text
}

// writeYAML writes a mapping, sorted.
func writeYAML(b *strings.Builder, indent string, m map[string]any) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if below, ok := m[k].(map[string]any); ok {
			fmt.Fprintf(b, "%s%s:\n", indent, asScalar(k))
			writeYAML(b, indent+"  ", below)
			continue
		}
		fmt.Fprintf(b, "%s%s: %s\n", indent, asScalar(k), asScalar(fmt.Sprint(m[k])))
	}
}
