package scenarios

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

var execKind = kind{name: "exec", timeout: 30 * time.Second, keys: execKeys, short: []shape{aCommand},
	fields: fields{
		{"exit", ofNumber, "The exit code; missing where it was ended by a signal."},
		{"stdout", ofText, "What it printed, capped in the middle."},
		{"stderr", ofText, "What it complained about, capped in the middle."},
		{"ms", ofNumber, "How long it took, in milliseconds."},
	},
	doc:     "Starts a program on amsbot's own machine: a list of arguments, never a shell. OK for exit code 0, NG for others; UNKNOWN for 126, 127, a signal, or where its time was over.",
	example: "exec: [systemctl, is-active, shop-web]",
	compile: compileExec}

// aCommand is a program and its arguments.
var aCommand = aList(shape{form: templateForm, also: map[string]any{"type": []any{"string", "number", "boolean"}}})

// execKeys is every key of `exec`.
var execKeys = keys{
	{name: "command", shape: aCommand, required: true, example: "command: [/usr/local/bin/restart-web, --host, \"${{ target }}\"]",
		doc: "The program and its arguments. A value of the incident is always a whole argument and never one that begins with `-`. The list alone may stand for the whole mapping."},
	{name: "env", shape: someNames(plainName, aText).orEmpty(), example: "env: {TOKEN: \"${{ secrets.token }}\", LANG: C}",
		doc: "The environment. Nothing of amsbot's own is inherited but a plain `PATH`."},
	{name: "dir", shape: aWordLike(regexp.MustCompile(`^/`)), example: "dir: /srv/shop",
		doc: "Where it runs, an absolute path."},
}

// execution starts a local program with a list of arguments. There is never a
// shell between.
type execution struct {
	command []*text
	env     []variable
	dir     string
}

type variable struct {
	name  string
	value *text
}

// childPath is the PATH of every child, and where its program is looked for,
// unless `env` says another: amsbot's own is not inherited.
const childPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// compileExec reads `exec: [program, argument, …]` or its long form.
func compileExec(c *compiler, n *yaml.Node, st *Step) action {
	a := &execution{}
	if n.Kind == yaml.SequenceNode {
		a.arguments(c, n)
		return a
	}
	if n.Kind == yaml.ScalarNode {
		c.r.fail(n, "write [program, argument, …]", "exec is %s, a list of arguments is needed: there is no shell", kindOf(n))
		return a
	}
	f := c.r.fields(n, "exec", execKeys)
	if v := f["command"]; v == nil {
		c.r.fail(n, "say command: [program, argument, …]", "exec has no command")
	} else if v.Kind != yaml.SequenceNode {
		c.r.fail(v, "write [program, argument, …]", "command is %s, a list of arguments is needed: there is no shell", kindOf(v))
	} else {
		a.arguments(c, v)
	}
	if v := f["dir"]; v != nil {
		if dir, ok := c.r.word(v, "dir"); ok {
			a.dir = dir
			if !filepath.IsAbs(dir) {
				c.r.fail(v, "", "dir has to be an absolute path, not %s", clip(dir, 60))
			}
		}
	}
	if v := f["env"]; v != nil {
		for _, e := range c.r.entries(v, "env") {
			if !isName(e.key.Value) {
				c.r.fail(e.key, "", "env: %s is no name", clip(e.key.Value, 40))
				continue
			}
			if t := c.text(e.value, "env."+e.key.Value); t != nil {
				a.env = append(a.env, variable{e.key.Value, t})
				if t.tainted() && (e.key.Value == "PATH" || strings.HasPrefix(e.key.Value, "LD_") || strings.HasPrefix(e.key.Value, "DYLD_")) {
					c.r.fail(e.value, "", "env: %s says which code runs: it cannot come from an incident", e.key.Value)
				}
			}
		}
	}
	return a
}

// arguments reads the list and holds what comes from outside to its rules.
func (a *execution) arguments(c *compiler, n *yaml.Node) {
	if len(n.Content) == 0 {
		c.r.fail(n, "", "exec has no program")
		return
	}
	var nodes []*yaml.Node
	for _, v := range n.Content {
		t := c.argument(v)
		if t == nil {
			continue
		}
		if t.secret() {
			c.r.fail(v, "hand it over in env", "a secret in an argument can be read by everyone on the machine")
		}
		a.command, nodes = append(a.command, t), append(nodes, v)
	}
	if len(a.command) == 0 {
		return
	}
	if a.command[0].tainted() || a.command[0].secret() {
		c.r.fail(nodes[0], "write the program out", "which program runs cannot come from an incident")
		return
	}
	for i, t := range a.command[1:] {
		c.argumentRules(nodes[i+1], t, a.command)
	}
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

// shells run text as code; remotes hand their arguments to a shell elsewhere.
var (
	shells = []string{"sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "fish", "csh", "tcsh", "busybox", "pwsh",
		"python", "python3", "perl", "ruby", "node", "lua", "php", "awk", "gawk", "mawk", "env", "xargs", "expect"}
	remotes = []string{"ssh", "rsh", "mosh", "pdsh", "su", "watch"}
)

func (c *compiler) argumentRules(n *yaml.Node, t *text, command []*text) {
	if !t.tainted() {
		return
	}
	if first := t.parts[0].literal; strings.HasPrefix(first, "-") {
		c.r.fail(n, "make the value an argument of its own", "a value of the incident inside an argument that begins with -")
		return
	}
	before := command[:slices.Index(command, t)]
	for i, earlier := range before {
		name := filepath.Base(earlier.raw)
		if slices.Contains(remotes, name) {
			c.r.fail(n, "", "a value of the incident as an argument of %s, which hands it to a shell", name)
			return
		}
		if !slices.Contains(shells, name) {
			continue
		}
		last := before[len(before)-1].raw
		if i == len(before)-1 || strings.HasPrefix(last, "-") && !strings.HasPrefix(last, "--") {
			c.r.fail(n, "hand it over in env", "a value of the incident as code for %s", name)
		}
		return // what stands behind its script is data: sh -c 'echo "$1"' sh VALUE
	}
}

// filled is a command with its values.
type filled struct {
	args []string
	env  []string
}

// fill works the arguments out. A value of the incident that stands at the
// beginning of an argument cannot be mistaken for a flag.
func (a *execution) fill(w *world) (filled, error) {
	var f filled
	for _, t := range a.command {
		s, err := t.fill(w, nil)
		if err != nil {
			return filled{}, err
		}
		if t.tainted() && strings.HasPrefix(s, "-") {
			return filled{}, fmt.Errorf("the argument %q comes from the incident and begins with -", clip(s, 60))
		}
		if strings.ContainsRune(s, 0) {
			return filled{}, errors.New("an argument holds a NUL byte")
		}
		f.args = append(f.args, s)
	}
	path := "PATH=" + childPath
	for _, v := range a.env {
		s, err := v.value.fill(w, nil)
		if err != nil {
			return filled{}, err
		}
		if strings.ContainsRune(s, 0) {
			return filled{}, fmt.Errorf("env.%s holds a NUL byte", v.name)
		}
		if v.name == "PATH" {
			path = "PATH=" + s
			continue
		}
		f.env = append(f.env, v.name+"="+s)
	}
	f.env = append(f.env, path)
	return f, nil
}

func (a *execution) show(w *world) (string, error) {
	f, err := a.fill(w)
	if err != nil {
		return "", err
	}
	quoted := make([]string, len(f.args))
	for i, arg := range f.args {
		quoted[i] = quoteArg(arg)
	}
	return strings.Join(quoted, " "), nil
}

// quoteArg shows where an argument begins and ends.
func quoteArg(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@%+,", r)
	}) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func (a *execution) try(ctx context.Context, w *world, _ Tools) Outcome {
	f, err := a.fill(w)
	if err != nil {
		return Outcome{Verdict: Unknown, Why: err.Error()}
	}
	return runProcess(ctx, f, a.dir, w.mask)
}
