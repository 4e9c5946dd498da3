package scenarios

import (
	"context"
	"time"

	"gopkg.in/yaml.v3"
)

var waitKind = kind{name: "wait", short: []shape{aSpan},
	doc:     "Waits. It has no timeout, no attempts and no verdict.",
	example: "wait: 30s",
	compile: compileWait}

type waiting struct{ long time.Duration }

func compileWait(c *compiler, n *yaml.Node, st *Step) action {
	st.Wait = c.r.span(n, "wait", false)
	return &waiting{st.Wait}
}

func (a *waiting) show(*world) (string, error) { return "wait " + a.long.String(), nil }

func (a *waiting) try(ctx context.Context, _ *world, _ Tools) Outcome {
	timer := time.NewTimer(a.long)
	defer timer.Stop()
	select {
	case <-timer.C:
		return Outcome{Verdict: OK, Idle: true}
	case <-ctx.Done():
		return Outcome{Verdict: Unknown, Why: "stopped while waiting"}
	}
}
