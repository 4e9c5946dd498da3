package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"amsbot/scenarios"
)

// found is what the steps of a trial found.
type found struct {
	Steps   []foundStep       `json:"steps"`
	Verdict scenarios.Verdict `json:"verdict"` // of the check
	Why     string            `json:"why,omitempty"`
	Next    []string          `json:"next"` // what would follow
}

// foundStep is what a step found. Everything in it is masked and fit to be shown.
type foundStep struct {
	Phase   scenarios.Phase   `json:"phase"`
	Name    string            `json:"name"`
	Verdict scenarios.Verdict `json:"verdict,omitempty"` // "": skipped, or only waited
	Skipped bool              `json:"skipped,omitempty"`
	Waited  bool              `json:"waited,omitempty"`
	Why     string            `json:"why,omitempty"`
	Line    string            `json:"line,omitempty"`
	Fields  map[string]any    `json:"fields,omitempty"`
	Tries   int               `json:"tries,omitempty"`
	Failed  int               `json:"failed,omitempty"`
	MS      int64             `json:"ms"`
}

// run runs the check and then, as the bot does whatever the check says, gathers.
// tell hears of each step as it ends. A cancelled ctx ends what runs.
func (t *trial) run(ctx context.Context, tools scenarios.Tools, tell func(foundStep)) {
	sc := t.decision.Scenario
	t.Found = &found{}
	var all []scenarios.Outcome
	for _, st := range sc.Check {
		if ctx.Err() != nil {
			return
		}
		all = append(all, t.do(ctx, st, tools, tell))
	}
	t.Found.Verdict = scenarios.Judge(all)
	for _, o := range all { // the first of those that decide
		if t.Found.Why == "" && !o.Skipped && !o.Idle && o.Verdict == t.Found.Verdict {
			t.Found.Why = o.Why
		}
	}
	t.gather(ctx, tools, tell)
	t.Found.Next = nextOf(sc, t.Found.Verdict, t.facts)
}

// gather runs its steps side by side, within the time that they have together; a
// wait holds back what comes after it.
func (t *trial) gather(ctx context.Context, tools scenarios.Tools, tell func(foundStep)) {
	sc := t.decision.Scenario
	ctx, cancel := context.WithTimeout(ctx, sc.GatherWithin)
	defer cancel()
	outcomes := make([]scenarios.Outcome, len(sc.Gather))
	var group sync.WaitGroup
	for i, st := range sc.Gather {
		if st.Kind == "wait" {
			outcomes[i] = st.Do(ctx, t.facts, tools)
			continue
		}
		group.Go(func() { outcomes[i] = st.Do(ctx, t.facts, tools) })
	}
	group.Wait()
	for i, st := range sc.Gather {
		t.record(st, outcomes[i], tell)
	}
}

func (t *trial) do(ctx context.Context, st *scenarios.Step, tools scenarios.Tools, tell func(foundStep)) scenarios.Outcome {
	out := st.Do(ctx, t.facts, tools)
	t.record(st, out, tell)
	return out
}

// record keeps what a step found, for later steps and for people.
func (t *trial) record(st *scenarios.Step, out scenarios.Outcome, tell func(foundStep)) {
	if out.Fields != nil {
		t.facts.Steps[st.Name] = out.Fields
	}
	f := foundStep{Phase: st.Phase, Name: st.Name, Verdict: out.Verdict, Skipped: out.Skipped, Waited: out.Idle, Why: out.Why,
		Line: out.Line, Fields: out.Fields, Tries: out.Tries, Failed: out.Failed, MS: out.Took.Milliseconds()}
	if f.Skipped || f.Waited {
		f.Verdict = ""
	}
	t.Found.Steps = append(t.Found.Steps, f)
	tell(f)
}

// print says what a step found.
func (f foundStep) print(p *printer) {
	name := fmt.Sprintf("%s %s", f.Phase, f.Name)
	switch {
	case f.Skipped:
		p.say("  skipped  %s: %s", name, f.Why)
		return
	case f.Waited:
		p.say("  waited   %s", name)
		return
	}
	text := fmt.Sprintf("  %-8s %s", f.Verdict, name)
	if f.Tries > 1 {
		text += fmt.Sprintf(", %d of %d tries failed", f.Failed, f.Tries)
	}
	p.say("%s (%s)", text, (time.Duration(f.MS) * time.Millisecond).String())
	if f.Why != "" {
		p.say("           %s", f.Why)
	}
	if f.Line != "" {
		p.say("           | %s", f.Line)
	}
	for _, field := range fieldLines(f.Fields) {
		p.say("           %s", field)
	}
}

// fieldLines are what later steps may read, one a line, long texts cut.
func fieldLines(fields map[string]any) []string {
	var out []string
	for name, v := range fields {
		text := []rune(strings.Join(strings.Fields(fmt.Sprintf("%v", v)), " "))
		if len(text) == 0 {
			continue
		}
		if len(text) > 120 {
			text = append(text[:119:119], '…')
		}
		out = append(out, name+" = "+string(text))
	}
	slices.Sort(out)
	return out
}

// printNext says what the verdict would lead to.
func (t *trial) printNext(p *printer) {
	p.say("")
	why := ""
	if t.Found.Why != "" {
		why = " (" + t.Found.Why + ")"
	}
	p.say("The check is %s%s. The bot would now:", t.Found.Verdict, why)
	for _, n := range t.Found.Next {
		p.say("  %s", n)
	}
}
