package scenarios

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// arguments is a program and what is handed to it: a list, never a line of
// text that a shell would have to read.
type arguments []*text

// arguments reads the list and holds what comes from outside to its rules.
// elsewhere says that they go to another machine, where there is no env.
func (c *compiler) arguments(n *yaml.Node, what string, elsewhere bool) arguments {
	if n.Kind != yaml.SequenceNode {
		c.r.fail(n, "write [program, argument, …]", "%s is %s, a list of arguments is needed: there is no shell", what, kindOf(n))
		return nil
	}
	if len(n.Content) == 0 {
		c.r.fail(n, "", "%s has no program", what)
		return nil
	}
	var all arguments
	var nodes []*yaml.Node
	for _, v := range n.Content {
		t := c.argument(v)
		if t == nil {
			continue
		}
		if t.secret() {
			hint := "hand it over in env"
			if elsewhere {
				hint = "keep it on that machine, where the program reads it"
			}
			c.r.fail(v, hint, "a secret in an argument can be read by everyone on the machine")
		}
		all, nodes = append(all, t), append(nodes, v)
	}
	if len(all) == 0 {
		return nil
	}
	if all[0].tainted() || all[0].secret() {
		c.r.fail(nodes[0], "write the program out", "which program runs cannot come from an incident")
		return nil
	}
	for i, t := range all[1:] {
		c.argumentRules(nodes[i+1], t, all)
	}
	return all
}

// argument is a text, which may also be empty, a number or a truth value as
// it is written.
func (c *compiler) argument(n *yaml.Node) *text {
	if n.Kind == yaml.ScalarNode && n.Anchor == "" && n.Style&yaml.TaggedStyle == 0 {
		switch {
		case n.Tag == "!!str" && strings.TrimSpace(n.Value) == "" && n.Style != 0,
			n.Tag == "!!int", n.Tag == "!!float", n.Tag == "!!bool":
			return &text{raw: n.Value, parts: []part{{literal: n.Value}}}
		}
	}
	return c.text(n, "an argument")
}

// argumentRules refuses a value of the incident where it would be read as code,
// or as a program.
func (c *compiler) argumentRules(n *yaml.Node, t *text, all arguments) {
	if !t.tainted() {
		return
	}
	if first := t.parts[0].literal; strings.HasPrefix(first, "-") {
		c.r.fail(n, "make the value an argument of its own", "a value of the incident inside an argument that begins with -")
		return
	}
	var before []string
	for _, earlier := range all[:slices.Index(all, t)] {
		before = append(before, c.constantText(earlier))
	}
	last := before[len(before)-1]
	for i, word := range before {
		name := filepath.Base(word)
		l, runs := launchers[name]
		begun := l.begun(before[i+1:])
		switch {
		case slices.Contains(remotes, name):
			c.r.fail(n, "", "a value of the incident as an argument of %s, which hands it to a shell", name)
			return
		case !runs:
			continue
		case l.reads && (!begun || isOption(last) && !strings.HasPrefix(last, "--")):
			c.r.fail(n, "hand it over behind the code, as [sh, -c, 'ls \"$1\"', sh, VALUE]", "a value of the incident as code for %s", name)
			return
		case !begun:
			c.r.fail(n, "write the program out", "a value of the incident where %s looks for the program", name)
			return
		case l.reads:
			return // what stands behind its script is data: sh -c 'echo "$1"' sh VALUE
		}
	}
}

// constantText is an argument as it will be where only vars are filled in.
func (c *compiler) constantText(t *text) string {
	if s, err := t.fill(newWorld(c.s.variables, Facts{}), nil); err == nil && !t.tainted() && !t.secret() {
		return s
	}
	return t.raw
}

// fill works the arguments out. A value of the incident that stands at the
// beginning of an argument cannot be mistaken for a flag.
func (a arguments) fill(w *world) ([]string, error) {
	args := make([]string, 0, len(a))
	for _, t := range a {
		s, err := t.fill(w, nil)
		if err != nil {
			return nil, err
		}
		if t.tainted() && strings.HasPrefix(s, "-") {
			return nil, fmt.Errorf("the argument %q comes from the incident and begins with -", clip(s, 60))
		}
		if strings.ContainsRune(s, 0) {
			return nil, errors.New("an argument holds a NUL byte")
		}
		args = append(args, s)
	}
	return args, nil
}

// quoteArgs shows where each argument begins and ends.
func quoteArgs(args []string) string {
	quoted := make([]string, len(args))
	for i, arg := range args {
		quoted[i] = quoteArg(arg)
	}
	return strings.Join(quoted, " ")
}

func quoteArg(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@%+,", r)
	}) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
