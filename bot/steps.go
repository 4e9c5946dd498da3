package bot

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"amsbot/scenarios"
	"amsbot/store"
)

// fieldsMost is how much of a step's fields is kept: later steps read them, the
// full output is kept beside them.
const fieldsMost = 32 << 10

// start records that steps begin, and only then lets them run: a recovery is on
// disk before its first command.
func (c *change) start(t todo) {
	if t.place.Phase == scenarios.Recover && c.paused() != nil {
		c.hold(*c.paused())
		return
	}
	facts := c.facts()
	steps := c.sc.Steps(t.place.Phase)
	until := c.gatherUntil(t.place)
	for _, i := range t.steps {
		st := steps[i]
		at := t.place
		at.Step = i
		s := stepStarted{place: at, Name: st.Name}
		if shown, err := st.Show(facts); err == nil {
			s.Shown = shown
		}
		if skip, err := st.Skip(facts); err == nil && skip {
			c.write(kindStarted, amsbot, s)
			c.write(kindEnded, amsbot, stepEnded{place: at, Name: st.Name, Outcome: scenarios.Outcome{Skipped: true}})
			continue
		}
		if st.Kind == "wait" {
			if s.Until = c.now.Add(st.Wait); !until.IsZero() && s.Until.After(until) {
				s.Until = until
			}
			c.write(kindStarted, amsbot, s)
			continue
		}
		c.write(kindStarted, amsbot, s)
		c.run = append(c.run, launch{place: at, step: st, facts: facts, until: until, service: c.in.service(), target: c.in.targetKey()})
	}
}

// gatherUntil is when gathering has taken long enough, all its steps together
// and a restart included; zero for other phases.
func (c *change) gatherUntil(at place) time.Time {
	if at.Phase != scenarios.Gather {
		return time.Time{}
	}
	began := c.in.pass.find(at).began
	if began.IsZero() {
		began = c.now
	}
	return began.Add(c.sc.GatherWithin)
}

// waited ends a wait step whose time is up.
func (c *change) waited(t todo) {
	at := t.place
	at.Step = t.steps[0]
	r := c.in.pass.find(at).running[at.Step]
	c.write(kindEnded, amsbot, stepEnded{place: at, Name: r.Name,
		Outcome: scenarios.Outcome{Verdict: scenarios.OK, Idle: true, Took: c.now.Sub(r.at)}})
}

// facts are what steps may read: the incident, and the fields of what ran before.
func (c *change) facts() scenarios.Facts {
	f := scenarios.Facts{Incident: c.in.snap.Incident, Target: c.in.match.Target, Groups: c.in.match.Groups, Steps: map[string]map[string]any{}}
	take := func(ph *phase) {
		if ph == nil {
			return
		}
		for _, r := range ph.results {
			if r.Outcome.Fields != nil {
				f.Steps[r.Name] = r.Outcome.Fields
			}
		}
	}
	for _, p := range []scenarios.Phase{scenarios.Check, scenarios.Gather, scenarios.Recover} {
		take(c.in.pass.phases[p])
	}
	for _, r := range c.in.pass.rounds {
		take(r)
	}
	return f
}

// launch runs a step that is on record as started, when it is its turn. Where Run
// ends before the step does, nothing is recorded: the next start finds it
// interrupted. One that only looks does not begin any more when Run has to end; a
// recovery's does, if it can: it would be taken for one that nobody saw the end of.
func (b *Bot) launch(key string, l launch) {
	b.goOn(func(ctx context.Context) {
		turn := b.until
		if l.place.Phase == scenarios.Recover {
			turn = ctx
		}
		if b.steps.take(turn, l.service, l.target) != nil {
			return
		}
		out := b.do(ctx, key, l)
		b.steps.give(l.target)
		if ctx.Err() != nil {
			return
		}
		for err := b.recordStep(ctx, key, l, out); err != nil && ctx.Err() == nil; err = b.recordStep(ctx, key, l, out) {
			b.Log.Error("bot: record a step", "incident", key, "step", l.step.Name, "err", err)
			if errors.Is(err, store.ErrInDoubt) { // it is on record, or this process is over
				break
			}
			if errors.Is(err, store.ErrChange) {
				out = scenarios.Outcome{Verdict: scenarios.Unknown, Why: "its result could not be kept", Took: out.Took}
			}
			rest(ctx)
		}
		b.kick(key)
	})
}

// errGathered is why a step of gathering was stopped.
var errGathered = errors.New("the time for gathering is over")

// rest waits before something is tried again: nobody else knows what came of a
// step, so its goroutine stays until it is on record.
func rest(ctx context.Context) {
	select {
	case <-time.After(restFor):
	case <-ctx.Done():
	}
}

func (b *Bot) do(ctx context.Context, key string, l launch) scenarios.Outcome {
	if l.doubted {
		return scenarios.Outcome{Verdict: scenarios.Unknown, Why: "not run: the disk did not say that its start was written down"}
	}
	if !l.until.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadlineCause(ctx, l.until, errGathered)
		defer cancel()
	}
	tools := b.Tools
	tools.Started = func(p scenarios.Program) { b.noteProgram(ctx, key, l, p) }
	out := l.step.Do(ctx, l.facts, tools)
	if out.Left {
		b.Log.Warn("bot: a step's program could not be ended and may still run", "incident", key, "step", l.step.Name, "hint", leftHint)
	}
	return out
}

func (b *Bot) recordStep(ctx context.Context, key string, l launch, out scenarios.Outcome) error {
	_, err := b.commit(ctx, key, func(c *change) error {
		c.ended(l, out)
		return nil
	})
	return err
}

// ended records a step that has ended.
func (c *change) ended(l launch, out scenarios.Outcome) {
	output := out.Output
	out.Output = nil
	if raw, err := json.Marshal(out.Fields); err != nil || len(raw) > fieldsMost {
		out.Fields = small(out.Fields)
	}
	e := stepEnded{place: l.place, Name: l.step.Name, Outcome: out}
	if len(output) > 0 {
		e.Output, e.More = c.blob(output), strings.TrimSpace(string(output)) != out.Line
	}
	c.write(kindEnded, amsbot, e)
	c.unlist(l.place, out.Left)
	if c.in.pass != nil && c.in.pass.ended != nil { // the deadline was faster
		c.report()
	}
}

// small keeps the fields that are numbers, truths and short texts.
func small(fields map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range fields {
		switch v := v.(type) {
		case string:
			if len(v) <= 1024 {
				out[k] = v
			}
		case bool, int, int64, float64:
			out[k] = v
		}
	}
	return out
}

func decode(raw json.RawMessage, v any) bool { return len(raw) > 0 && json.Unmarshal(raw, v) == nil }

func sameJSON(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

// span is a duration as authors write it: "30m", "7d".
func span(d time.Duration) string {
	if day := 24 * time.Hour; d > 0 && d%day == 0 {
		return strconv.Itoa(int(d/day)) + "d"
	}
	text := d.String() // 1h0m0s says no more than 1h
	if d > 0 && d%time.Minute == 0 {
		text = strings.TrimSuffix(text, "0s")
	}
	if d > 0 && d%time.Hour == 0 {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
