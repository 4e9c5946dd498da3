package scenarios

import (
	"fmt"
	"strings"
)

// Problem is one mistake in a file. Line and Col count from 1; 0 means that
// the place is not known.
type Problem struct {
	File string
	Line int
	Col  int
	Text string
	Hint string // what to do about it, "" when Text says it all
}

// String is "file:line:col: problem; hint".
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
		if p.Col > 0 {
			fmt.Fprintf(&b, ":%d", p.Col)
		}
	}
	b.WriteString(": " + p.Text)
	if p.Hint != "" {
		b.WriteString("; " + p.Hint)
	}
	return b.String()
}

// Problems is every mistake of a folder at once, in the order of files and
// lines. It is the error that Load returns for what an author has to mend.
type Problems []Problem

// Error has one line per problem.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}
