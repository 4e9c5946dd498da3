package scenarios

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// maxRemoteLine is what a remote shell takes as one argument on Linux.
const maxRemoteLine = 128<<10 - 1

// shellWords are commands that a login shell runs itself and that run or work
// out parts of what they are told: test -v 'a[$(reboot)]' does.
var shellWords = []string{".", "source", "eval", "exec", "command", "builtin", "trap", "test", "[", "let", "declare", "typeset",
	"local", "export", "readonly", "read", "unset", "printf", "alias", "mapfile", "readarray", "getopts", "wait"}

// remoteArguments reads a command that a shell elsewhere will take apart: the
// rules are those of arguments, and some more.
func (c *compiler) remoteArguments(n *yaml.Node, what string) arguments {
	all := c.arguments(n, what, true)
	tainted := slices.ContainsFunc(all, (*text).tainted)
	if len(all) > 0 && tainted && slices.Contains(shellWords, c.constantText(all[0])) {
		name := filepath.Base(all[0].raw)
		c.r.fail(n, "write the program's whole path", "a value of the incident as an argument of %s, which the remote shell runs itself", name)
	}
	return all
}

// remoteLine is the command as the remote shell reads it. A value of the
// incident is one line at most: what records or forces commands there reads
// them line by line, and csh does not quote a line break at all.
func (a arguments) remoteLine(w *world) (string, error) {
	args, err := a.fill(w)
	if err != nil {
		return "", err
	}
	for i, t := range a {
		if t.tainted() && strings.ContainsAny(args[i], "\r\n") {
			return "", fmt.Errorf("the argument %q comes from the incident and has more than one line; write trim(…) around it, or take one line of it", clip(args[i], 60))
		}
	}
	line := quoteForShell(args)
	if len(line) > maxRemoteLine {
		return "", errors.New("the command is longer than 128 KiB, more than a shell takes")
	}
	return line, nil
}

// quoteForShell writes a command so that a POSIX shell takes it apart into the
// very same arguments. They may hold any byte but NUL. Plain words are left as
// they are, for forced commands to compare; ' and \ stand outside of quotes,
// since fish, which some log in with, reads \' inside of them otherwise.
func quoteForShell(args []string) string {
	var b strings.Builder
	for i, arg := range args {
		if i > 0 {
			b.WriteByte(' ')
		}
		quoteInto(&b, arg)
	}
	return b.String()
}

func quoteInto(b *strings.Builder, arg string) {
	if isPlainWord(arg) {
		b.WriteString(arg)
		return
	}
	if arg == "" {
		b.WriteString("''")
	}
	for arg != "" {
		n := strings.IndexAny(arg, `'\`)
		switch {
		case n == 0:
			b.WriteString(`\` + arg[:1])
			arg = arg[1:]
			continue
		case n < 0:
			n = len(arg)
		}
		b.WriteString("'" + arg[:n] + "'")
		arg = arg[n:]
	}
}

// isPlainWord reports whether every shell leaves the word alone.
func isPlainWord(s string) bool {
	for i := range len(s) {
		ch := s[i]
		if (ch < 'a' || ch > 'z') && (ch < 'A' || ch > 'Z') && (ch < '0' || ch > '9') && !strings.ContainsRune("-_./:", rune(ch)) {
			return false
		}
	}
	return s != ""
}
