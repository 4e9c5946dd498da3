package scenarios

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"amsbot/scenarios/secret"
)

// Skip reports whether the step's `if` is false. An error makes the step
// UNKNOWN.
func (st *Step) Skip(f Facts) (bool, error) {
	if st.condition == nil {
		return false, nil
	}
	ok, err := st.condition.holds(newWorld(st.scenario.variables, f))
	if err != nil {
		return false, fmt.Errorf("scenarios: decide about the step %s: %w", st.Name, err)
	}
	return !ok, nil
}

// Conditional reports whether the step has an `if`.
func (st *Step) Conditional() bool { return st.condition != nil }

// Fields lists what later steps may read of the step.
func (st *Step) Fields() []string {
	k, ok := kindNamed(st.Kind)
	if !ok {
		return nil
	}
	return k.fields.names()
}

// Show describes the step in one line with its values filled in and secrets
// redacted, for confirm dialogs, history and dry runs.
func (st *Step) Show(f Facts) (string, error) {
	line, err := st.action.show(newWorld(st.scenario.variables, f))
	if err != nil {
		return "", fmt.Errorf("scenarios: show the step %s: %w", st.Name, err)
	}
	return oneLine(clean(line), 1000), nil
}

// Do runs the step to its verdict, its `if` and all attempts included. It
// never panics and returns no unmasked secret. A cancelled ctx ends it as
// UNKNOWN, and its child processes with it.
func (st *Step) Do(ctx context.Context, f Facts, t Tools) (out Outcome) {
	began := time.Now()
	own := &secret.Masker{}
	mask := masks{own, t.Mask}
	defer func() {
		if p := recover(); p != nil {
			out = Outcome{Verdict: Unknown, Why: fmt.Sprintf("amsbot's own fault: %v", p), Tries: max(out.Tries, 1), Failed: max(out.Failed, 1)}
		}
		out.Took = time.Since(began)
		out.seal(mask)
	}()
	if out, over := st.Before(f); over {
		return out
	}
	w := newWorld(st.scenario.variables, f)
	w.secret, w.mask = st.scenario.secretReader(mask), mask
	w.reference = func(ref string) (string, error) { return st.scenario.reveal(ref, mask) }
	return st.attempts(ctx, w, t)
}

// Before is what comes of the step without its doing anything: its `if` is false
// or cannot be worked out. false: it has to be done.
func (st *Step) Before(f Facts) (Outcome, bool) {
	skip, err := st.Skip(f)
	switch {
	case err != nil:
		return Outcome{Verdict: Unknown, Why: "if: " + errors.Unwrap(err).Error()}, true
	case skip:
		return Outcome{Skipped: true, Why: "its if is false"}, true
	}
	return Outcome{}, false
}

// Seal makes a made-up outcome fit to be kept and shown, as Do does with one that
// it found.
func (o *Outcome) Seal(m *secret.Masker) { o.seal(masks{m}) }

// attempts tries until the first OK.
func (st *Step) attempts(ctx context.Context, w *world, t Tools) Outcome {
	var out Outcome
	for n := 1; ; n++ {
		failed := out.Failed
		out = st.once(ctx, w, t)
		out.Tries, out.Failed = n, failed
		if out.Verdict == OK {
			return out
		}
		out.Failed++
		if n >= st.Attempts || out.Left || ctx.Err() != nil { // never a second program beside one that runs on
			return out
		}
		timer := time.NewTimer(st.Every)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return out
		}
	}
}

// once makes one try within its timeout.
func (st *Step) once(ctx context.Context, w *world, t Tools) Outcome {
	if ctx.Err() != nil {
		return Outcome{Verdict: Unknown, Why: "stopped before it began"}
	}
	if st.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, st.Timeout, errTimeout)
		defer cancel()
	}
	return st.action.try(ctx, w, t)
}

// errTimeout is the cause of a try's own time being over, to tell it from the
// caller's cancelling.
var errTimeout = errors.New("its time is over")

// seal makes everything in an outcome fit to be kept and shown.
func (o *Outcome) seal(mask masks) {
	o.Line = oneLine(mask.clean(o.Line), maxLine)
	o.Why = oneLine(mask.clean(o.Why), maxWhy)
	if len(o.Output) > 0 {
		o.Output = []byte(clipBytes(mask.clean(string(o.Output)), maxOutput))
	}
	for k, v := range o.Fields {
		o.Fields[k] = mask.value(v)
	}
}

// secretReader resolves secrets anew for every step, since they change while
// scenarios stay pinned. All of the scenario's are made known to the maskers,
// not only those that the step uses: a service may well repeat another's.
func (s *Scenario) secretReader(maskers masks) func(string) (any, error) {
	values := map[string]secret.Text{}
	failed := map[string]error{}
	for name, ref := range s.secrets {
		v, err := s.reveal(ref, maskers)
		if err != nil {
			failed[name] = err
			continue
		}
		values[name] = secret.New(v)
	}
	return func(name string) (any, error) {
		if err := failed[name]; err != nil {
			return nil, fmt.Errorf("the secret %s: %w", name, err)
		}
		return values[name].Reveal(), nil
	}
}

// reveal reads the secret behind a reference and makes it known to maskers.
func (s *Scenario) reveal(ref string, maskers masks) (string, error) {
	resolve := s.resolve
	if resolve == nil {
		resolve = readSecret
	}
	v, err := resolve(ref)
	if err == nil && len(v) < secret.Shortest {
		err = fmt.Errorf("it is shorter than %d bytes, too short to be masked", secret.Shortest)
	}
	if err != nil {
		return "", err
	}
	for _, m := range maskers {
		m.Add(v)
	}
	return v, nil
}

// readSecret resolves env:NAME and file:/path for real. A file's last line
// break is no part of the secret.
func readSecret(ref string) (string, error) {
	if name, ok := strings.CutPrefix(ref, "env:"); ok {
		v, set := os.LookupEnv(name)
		if !set || v == "" {
			return "", fmt.Errorf("the environment has no %s", name)
		}
		return v, nil
	}
	path, ok := strings.CutPrefix(ref, "file:")
	if !ok {
		return "", errors.New("its reference begins neither with env: nor with file: as it has to")
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("read secret: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxOutput {
		return "", fmt.Errorf("read secret: %s is no small file", path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read secret: %w", err)
	}
	return strings.TrimRight(string(data), "\r\n"), nil
}
