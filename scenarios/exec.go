package scenarios

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

var execKind = kind{name: "exec", timeout: 30 * time.Second, grace: killGrace + pipeGrace, keys: execKeys, short: []shape{aCommand},
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

// wholePath is a path that does not depend on where amsbot was started.
var wholePath = regexp.MustCompile(`^/`)

// execKeys is every key of `exec`.
var execKeys = keys{
	{name: "command", shape: aCommand, required: true, example: "command: [/usr/local/bin/restart-web, --host, \"${{ target }}\"]",
		doc: "The program and its arguments. A value of the incident is always a whole argument and never one that begins with `-`. The list alone may stand for the whole mapping."},
	{name: "env", shape: someNames(plainName, aText).orEmpty(), example: "env: {TOKEN: \"${{ secrets.token }}\", LANG: C}",
		doc: "The environment. Nothing of amsbot's own is inherited but a plain `PATH`."},
	{name: "dir", shape: aWordLike(wholePath), fallback: "/", example: "dir: /srv/shop",
		doc: "Where it runs, an absolute path."},
}

// execution starts a program on the machine where amsbot runs.
//
// Its contract: the program gets exactly the listed arguments, there is never
// a shell between; its environment is PATH and what `env` lists, nothing is
// inherited; it runs in `dir`, else in /, with an empty standard input and in
// a process group of its own. When its time is over the whole group gets TERM
// and, killGrace later, KILL; what has left the group (setsid) lives on, and
// so does what a program that ended in time has left behind. A program that KILL
// does not end, since it runs as another user (sudo) or hangs in the kernel, is
// left after leaveAfter more, and not tried again: see Outcome.Left. Where amsbot itself
// is killed the program is, too (Linux), and the rest of its group when amsbot
// starts again: see Tools.Started. Output is read
// until pipeGrace after the exit, whoever still holds the pipe, and kept at
// both ends up to maxOutput, however much it is. Exit 0 is OK, any other NG,
// and what tells nothing about the target (126, 127, a signal, no such
// program, its time over) UNKNOWN.
type execution struct {
	command arguments
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
func compileExec(c *compiler, n *yaml.Node, _ *Step) action {
	if n.Kind != yaml.MappingNode {
		return c.execution("exec", map[string]*yaml.Node{"command": n})
	}
	f := c.r.fields(n, "exec", execKeys)
	if f["command"] == nil {
		c.r.fail(n, "say command: [program, argument, …]", "exec has no command")
	}
	return c.execution("exec", f)
}

// execution reads the keys of a program that runs here, for the kind what.
func (c *compiler) execution(what string, f map[string]*yaml.Node) *execution {
	a := &execution{dir: "/"}
	if v := f["command"]; v != nil {
		a.command = c.arguments(v, what, false)
		if len(a.command) > 0 {
			if name := a.command[0].raw; strings.Contains(name, "/") && !filepath.IsAbs(name) && !strings.HasPrefix(name, "${{") {
				c.r.fail(v.Content[0], "write its whole path, or its bare name", "the program %s: a relative path depends on where amsbot was started", clip(name, 60))
			}
		}
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
		a.env = c.variables(v)
	}
	return a
}

// variables reads `env`.
func (c *compiler) variables(n *yaml.Node) []variable {
	var all []variable
	for _, e := range c.r.entries(n, "env") {
		name := e.key.Value
		if !isName(name) {
			c.r.fail(e.key, "", "env: %s is no name", clip(name, 40))
			continue
		}
		t := c.text(e.value, "env."+name)
		if t == nil {
			continue
		}
		all = append(all, variable{name, t})
		if t.tainted() && steering.MatchString(name) {
			c.r.fail(e.value, "hand it over by a name of your own, or as an argument", "env: programs let %s say what they run, load or ask: it cannot come from an incident", name)
		}
	}
	return all
}

// steering are the variables by which loaders, shells, languages and libraries
// are told what to run, to load or to connect to. No list of them is whole: it
// goes by what their names have in common.
var steering = regexp.MustCompile(`^(LD|DYLD|GIT|SSH|SSL|OPENSSL|NPM|_?JAVA|JDK|GLIBC|GCONV|MALLOC|CURL|XDG|DOCKER|ANSIBLE|HELM|TF|AWS|MYSQL|SYSTEMD|DBUS|SUDO|LUA|PHP|GEM)_` +
	`|^(BASH|PYTHON|PERL|RUBY|LESS|PG[A-Z]|GNUPG)` +
	`|^(PATH|ENV|IFS|HOME|SHELL|SHELLOPTS|PS[0-4]|EDITOR|VISUAL|PAGER|MANPAGER|BROWSER|TERM|TERMCAP|TERMINFO|TMPDIR|TZDIR|LOCPATH|NLSPATH|CDPATH|CLASSPATH|GOPATH|MANPATH|NODE_PATH|KUBECONFIG|INPUTRC|WGETRC|HOSTALIASES|LOCALDOMAIN)$` +
	`|(?i:_proxy|_library_path|_home|_opts?|_options|_command|_editor|_askpass|_rsh|_config|_shell)$`)

// filled is a command with its values.
type filled struct {
	args []string
	env  []string
	dir  string
}

// fill works the arguments and the environment out.
func (a *execution) fill(w *world) (filled, error) {
	args, err := a.command.fill(w)
	if err != nil {
		return filled{}, err
	}
	f := filled{args: args, dir: a.dir}
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
	return quoteArgs(f.args), nil
}

// run implements place.
func (a *execution) run(ctx context.Context, w *world, t Tools) ran {
	f, err := a.fill(w)
	if err != nil {
		return ran{why: err.Error()}
	}
	return runProcess(ctx, f, w.mask, t)
}

func (a *execution) try(ctx context.Context, w *world, t Tools) Outcome {
	return a.run(ctx, w, t).outcome(judgeExit)
}
