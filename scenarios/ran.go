package scenarios

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// place is where a command runs: on this machine or on another.
type place interface {
	show(w *world) (string, error)
	// run runs the command to its end, or until ctx ends.
	run(ctx context.Context, w *world, t Tools) ran
}

// ran is what came of a command before anybody judges it. Its texts are clean
// and masked.
type ran struct {
	exit       int
	why        string // why there is no exit; "" when there is one
	out        string // standard output
	complaints string // standard error
	note       string // amsbot's own words for the output
	took       time.Duration
	left       bool // it could not be ended, and may still run here
	tried      bool // something was done: what is above counts, not only why
}

// outcome judges an exit and makes the outcome of it; without one the verdict
// is UNKNOWN.
func (r ran) outcome(judge func(exit int) (Verdict, string)) Outcome {
	if !r.tried {
		return Outcome{Verdict: Unknown, Why: r.why}
	}
	o := Outcome{Verdict: Unknown, Why: r.why, Line: lastLine(r.out), Left: r.left}
	o.Output = []byte(joinLines(joinLines(r.out, r.complaints), r.note))
	o.Fields = map[string]any{"stdout": r.out, "stderr": r.complaints, "ms": int(r.took.Milliseconds())}
	if r.why == "" {
		o.Verdict, o.Why = judge(r.exit)
		o.Fields["exit"] = r.exit
	}
	if said := lastLine(r.complaints); said != "" && (o.Verdict != OK || o.Line == "") {
		o.Line = said
	}
	return o
}

// judgeExit is RESPONSE.md's table for exec.
func judgeExit(exit int) (Verdict, string) {
	switch exit {
	case 0:
		return OK, "exit 0"
	case 126:
		return Unknown, "exit 126: cannot be executed"
	case 127:
		return Unknown, "exit 127: command not found"
	}
	return NG, fmt.Sprintf("exit %d", exit)
}

// joinLines puts what a program said after its result, on lines of its own.
func joinLines(a, b string) string {
	if a != "" && b != "" && !strings.HasSuffix(a, "\n") {
		a += "\n"
	}
	return a + b
}
