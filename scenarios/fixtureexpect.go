package scenarios

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// expect reads what has to come of a test.
func (f *fixtureFile) expect(n *yaml.Node, x *Fixture) {
	k := f.fields(n, "expect", comeKeys)
	if n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		f.fail(n, "say what has to come of it: expect: {outcome: escalated}", "the test expects nothing")
	}
	add := func(e Expectation) { x.Expect = append(x.Expect, e) }
	for _, key := range comeKeys.names() {
		v := k[key]
		switch {
		case v == nil:
		case slices.Contains(wordsExpected, key):
			add(Expectation{Key: key, Line: v.Line, Want: []string{f.expectedWord(v, key)}})
		case slices.Contains(listsExpected, key):
			add(Expectation{Key: key, Line: v.Line, Want: f.expectedList(v, key)})
		case key == "commands":
			for _, e := range f.entries(v, key) {
				if f.steps[e.key.Value] == nil {
					f.unknownStep(e.key)
				}
				s, _ := f.word(e.value, e.key.Value)
				add(Expectation{Key: key, Of: e.key.Value, Line: e.key.Line, Want: []string{s}})
			}
		default:
			add(f.expectedText(v, key))
		}
	}
}

func (f *fixtureFile) unknownStep(n *yaml.Node) {
	var names []string
	for name := range f.steps {
		names = append(names, name)
	}
	f.fail(n, didYouMean(n.Value, names), "no scenario of the project has a step %s", clip(n.Value, 60))
}

// expectedWord is one word of those that there are.
func (f *fixtureFile) expectedWord(n *yaml.Node, key string) string {
	switch key {
	case "outcome":
		return f.oneOf(n, key, append([]string{"none"}, outcomes...)...)
	case "check", "recheck", "recover":
		return f.oneOf(n, key, string(OK), string(NG), string(Unknown), "none")
	case "scenario":
		known := []string{"none"}
		for _, s := range f.scenarios() {
			known = append(known, s.Name)
		}
		return f.oneOf(n, key, known...)
	}
	s, _ := f.word(n, key)
	return s
}

// expectedList is a list of texts, or one; never nil.
func (f *fixtureFile) expectedList(n *yaml.Node, key string) []string {
	out := []string{}
	if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		return out
	}
	for _, c := range f.list(n, key) {
		if s, ok := f.word(c, key); ok {
			out = append(out, s)
		}
	}
	return out
}

// expectedText is the whole text, or what it contains and lacks.
func (f *fixtureFile) expectedText(n *yaml.Node, key string) Expectation {
	e := Expectation{Key: key, Line: n.Line}
	if n.Kind != yaml.MappingNode {
		s, _ := f.word(n, key)
		e.Want = strings.Split(strings.TrimSpace(s), "\n")
		return e
	}
	k := f.fields(n, key, lookedThroughKeys)
	if v := k["contains"]; v != nil {
		e.Contains = f.expectedList(v, "contains")
	}
	if v := k["lacks"]; v != nil {
		e.Lacks = f.expectedList(v, "lacks")
	}
	return e
}
