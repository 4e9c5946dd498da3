package scenarios

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// reader reads one file and notes every problem on the way. What it returns
// after a problem is a zero value that is safe to go on with.
type reader struct {
	file     string
	text     string
	split    []string // the lines, once one was asked for
	problems Problems
}

// lineBreaks are YAML's, which counts more of them than editors do.
var lineBreaks = regexp.MustCompile("\r\n|[\r\n\u0085\u2028\u2029]")

func newReader(file string, data []byte) *reader {
	return &reader{file: file, text: string(data)}
}

// line is one line of the source, counted from 1.
func (r *reader) line(n int) string {
	if lines := r.lines(); n >= 1 && n <= len(lines) {
		return lines[n-1]
	}
	return ""
}

// lines is all of the source. Most files are read without.
func (r *reader) lines() []string {
	if r.split == nil {
		r.split = lineBreaks.Split(r.text, -1)
	}
	return r.split
}

func (r *reader) fail(n *yaml.Node, hint, format string, args ...any) {
	r.note(Problem{File: r.file, Line: n.Line, Col: n.Column, Text: fmt.Sprintf(format, args...), Hint: hint})
}

// failIn notes a problem at a place inside a scalar, by runes, where that
// place can be found in the source, else at the scalar's start.
func (r *reader) failIn(n *yaml.Node, offset int, hint, format string, args ...any) {
	col := n.Column
	if at := r.valueStart(n); at > 0 {
		col = at + offset
	}
	r.note(Problem{File: r.file, Line: n.Line, Col: col, Text: fmt.Sprintf(format, args...), Hint: hint})
}

// valueStart is the column at which a scalar's value stands in its line letter
// by letter, 0 where it does not (escapes, several lines).
func (r *reader) valueStart(n *yaml.Node) int {
	start := n.Column
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		start++
	}
	line := []rune(strings.TrimPrefix(r.line(n.Line), "\ufeff"))
	if start < 1 || start-1 > len(line) || n.Value == "" || !strings.HasPrefix(string(line[start-1:]), n.Value) {
		return 0
	}
	return start
}

func (r *reader) file0(format string, args ...any) {
	r.note(Problem{File: r.file, Text: fmt.Sprintf(format, args...)})
}

// note keeps the first problem of a place: what follows from it there would
// only confuse.
func (r *reader) note(p Problem) {
	if r.full() {
		return
	}
	for _, old := range r.problems {
		if p.Line > 0 && old.Line == p.Line && old.Col == p.Col {
			return
		}
	}
	p.Text, p.Hint = oneLine(clean(p.Text), 500), oneLine(clean(p.Hint), 500)
	if len(r.problems) == maxProblems {
		p = Problem{File: r.file, Text: fmt.Sprintf("it has more problems than these %d", maxProblems), Hint: "mend them first"}
	}
	r.problems = append(r.problems, p)
}

// full reports whether there are more problems than are told at once.
func (r *reader) full() bool { return len(r.problems) > maxProblems }

// entry is one key of a mapping with its value.
type entry struct{ key, value *yaml.Node }

// entries returns the entries of a mapping in order; what is no mapping is a
// problem.
func (r *reader) entries(n *yaml.Node, what string) []entry {
	if n.Kind != yaml.MappingNode {
		r.fail(n, "", "%s is %s, keys with values are needed", what, kindOf(n))
		return nil
	}
	var out []entry
	for i := 0; i+1 < len(n.Content); i += 2 {
		if k := n.Content[i]; k.Kind == yaml.ScalarNode && k.Tag != "!!merge" {
			out = append(out, entry{k, n.Content[i+1]})
		}
	}
	return out
}

// fields returns the values of a mapping by key and notes every key that is
// not known.
func (r *reader) fields(n *yaml.Node, what string, known keys) map[string]*yaml.Node {
	out := map[string]*yaml.Node{}
	if n.Kind != yaml.MappingNode {
		hint := ""
		if len(known) <= 24 {
			hint = "known here: " + strings.Join(slices.Sorted(slices.Values(known.names())), ", ")
		}
		r.fail(n, hint, "%s is %s, keys with values are needed", what, kindOf(n))
		return out
	}
	for _, e := range r.entries(n, what) {
		found := slices.ContainsFunc(known, func(k key) bool { return k.name == e.key.Value })
		switch {
		case !found && r.full():
		case !found && (e.key.Value == "on" || e.key.Value == "true"):
			r.fail(e.key, "YAML reads on as true; did you mean when?", "%s has no key %s", what, e.key.Value)
		case !found:
			r.fail(e.key, known.nearest(e.key.Value), "%s has no key %s", what, clip(e.key.Value, 60))
		case out[e.key.Value] == nil:
			out[e.key.Value] = e.value
		}
	}
	return out
}

// scalar returns a text. Numbers, truth values and dates that YAML made of an
// unquoted text are problems.
func (r *reader) scalar(n *yaml.Node, what string) (string, bool) {
	switch {
	case n.Kind == yaml.AliasNode || n.Style&yaml.TaggedStyle != 0:
		return "", false // noted by tree
	case n.Kind != yaml.ScalarNode:
		r.fail(n, "", "%s is %s, a text is needed", what, kindOf(n))
		return "", false
	case n.Tag == "!!null":
		r.fail(n, "", "%s is empty", what)
		return "", false
	case n.Tag != "!!str":
		r.fail(n, "quote it: '"+clip(n.Value, 40)+"'", "%s is %s, a text is needed", what, kindOf(n))
		return "", false
	case strings.TrimSpace(n.Value) == "":
		r.fail(n, "", "%s is empty", what)
		return "", false
	}
	return n.Value, true
}

// word is a text in which expressions are not filled in.
func (r *reader) word(n *yaml.Node, what string) (string, bool) {
	s, ok := r.scalar(n, what)
	if ok && strings.Contains(s, "${{") {
		r.fail(n, "", "%s is read before any incident: ${{ }} is not filled in here", what)
		return "", false
	}
	return s, ok
}

// oneOf is a word from a list.
func (r *reader) oneOf(n *yaml.Node, what string, known ...string) string {
	s, ok := r.word(n, what)
	if !ok {
		return ""
	}
	for _, k := range known {
		if s == k {
			return s
		}
	}
	r.fail(n, didYouMean(s, known), "%s is %s", what, clip(s, 60))
	return ""
}

// list returns the nodes of a list, or the one node that stands for it.
func (r *reader) list(n *yaml.Node, what string) []*yaml.Node {
	if n.Kind != yaml.SequenceNode {
		return []*yaml.Node{n}
	}
	if len(n.Content) == 0 {
		r.fail(n, "", "%s is an empty list", what)
	}
	return n.Content
}

// words is a list of words, or one.
func (r *reader) words(n *yaml.Node, what string) []string {
	var out []string
	for _, c := range r.list(n, what) {
		if s, ok := r.word(c, what); ok {
			out = append(out, s)
		}
	}
	return out
}

func (r *reader) boolean(n *yaml.Node, what string) bool {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!bool" && (n.Value == "true" || n.Value == "false") {
		return n.Value == "true"
	}
	if n.Kind != yaml.AliasNode {
		r.fail(n, "", "%s is %s, true or false is needed", what, kindOf(n))
	}
	return false
}

// plainNumber is a number that all readers of YAML read alike: others take 010
// for eight, 1_000 for a thousand or a text, and 0x10 for sixteen.
var plainNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)

// integer is a whole number between two bounds.
func (r *reader) integer(n *yaml.Node, what string, least, most int) int {
	v, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || n.Tag != "!!int" || err != nil || !plainNumber.MatchString(n.Value) {
		hint := ""
		if n.Tag == "!!int" {
			hint = "write it in plain decimals"
		}
		r.fail(n, hint, "%s is %s, a whole number is needed", what, kindOf(n))
		return least
	}
	if v < least || v > most {
		r.fail(n, "", "%s is %d, it has to lie between %d and %d", what, v, least, most)
		return least
	}
	return v
}

// kindOf says in words what a node is.
func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	switch n.Tag {
	case "!!int", "!!float":
		return "a number (" + clip(n.Value, 20) + ")"
	case "!!bool":
		return "a truth value (" + clip(n.Value, 20) + ")"
	case "!!null":
		return "empty"
	case "!!timestamp":
		return "a date (" + clip(n.Value, 30) + ")"
	}
	return "a text (" + clip(n.Value, 30) + ")"
}
