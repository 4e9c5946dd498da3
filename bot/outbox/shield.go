package outbox

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"time"
)

// Everything that is called of others is called here: with a time limit, and
// so that a panic in one of them is an answer that did not come.

// late: the time was over before the call was. Of many acts that was ours, who
// asked for too much at once, and says nothing of the neighbour.
// What calls nobody any more has no result: see [engine.inTime].
func (e *engine) do(ctx context.Context, tries []*actTry) (results []Result, late bool) {
	ctx, cancel := context.WithTimeout(ctx, e.Limits.Call)
	defer cancel()
	results = make([]Result, len(tries))
	acts := e.inTime(ctx, tries)
	if len(acts) == 0 {
		return results, false
	}
	var all []Result
	err := e.shield(acts[0].Marker(), func() error {
		all = e.Receivers[acts[0].To].Do(ctx, acts)
		if len(all) != len(acts) {
			return fmt.Errorf("%d results for %d acts", len(all), len(acts))
		}
		return nil
	})
	if err != nil {
		all = slices.Repeat([]Result{{State: Unknown, Why: "outbox.inside"}}, len(acts))
	}
	if late = ctx.Err() != nil; !late || len(acts) == 1 {
		e.heard(tries[0].breaker, all[len(all)-1]) // the latest
	}
	for i, t := range tries {
		if !t.over {
			results[i], all = all[0], all[1:]
		}
	}
	return results, late
}

// lateAfter is how old a call to people is when the conductor is asked whether
// they are still needed.
const lateAfter = time.Minute

// inTime are the acts as they are to be done now. One that was to be said with others
// and calls nobody any more is not among them: it is said where it belongs, as what
// never called anybody is.
func (e *engine) inTime(ctx context.Context, tries []*actTry) (acts []Act) {
	for _, t := range tries {
		act := e.asOfNow(ctx, t.act)
		if t.over = t.thread != "" && !act.Calls; !t.over {
			acts = append(acts, act)
		}
	}
	return acts
}

// asOfNow asks whether the people that an act calls are still needed.
func (e *engine) asOfNow(ctx context.Context, act Act) Act {
	if !act.Calls || time.Since(act.At) < lateAfter {
		return act
	}
	now := act
	err := e.shield(act.Marker(), func() (err error) {
		now, err = e.Conductor.Late(ctx, act)
		return err
	})
	if err != nil {
		e.Log.Warn("a late call is made as it was wanted", "act", act.Marker(), "err", err)
		return act
	}
	return now
}

func (e *engine) findAct(ctx context.Context, b *breaker, act Act) (r Result, found bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, e.Limits.Call)
	defer cancel()
	err = e.shield(act.Marker(), func() (err error) {
		r, found, err = e.Receivers[act.To].Find(ctx, act)
		return err
	})
	e.heardLook(b, found, err)
	return r, found, err
}

func (e *engine) laneOfAct(paced Paced, act Act) (lane string) {
	_ = e.shield(act.Marker(), func() error {
		lane = paced.Lane(act)
		return nil
	})
	return lane
}

// record tells the conductor. It may outlive ctx: what happened has to be
// written down.
func (e *engine) record(ctx context.Context, act Act, r Result) error {
	return e.shield(act.Marker(), func() error {
		return e.Conductor.Record(context.WithoutCancel(ctx), act, r)
	})
}

func (e *engine) draw(ctx context.Context, key string) (v View, err error) {
	ctx, cancel := context.WithTimeout(ctx, e.Limits.Call)
	defer cancel()
	err = e.shield(key, func() (err error) {
		v, err = e.Conductor.Draw(ctx, key)
		return err
	})
	return v, err
}

func (e *engine) together(bulk Bulk, act Act) (name string, most int) {
	_ = e.shield(act.Marker(), func() error {
		name, most = bulk.Together(act)
		return nil
	})
	return name, most
}

func (e *engine) laneOfView(screen Screen, v View) (lane string) {
	_ = e.shield(v.Key, func() error {
		lane = screen.Lane(v)
		return nil
	})
	return lane
}

func (e *engine) showView(ctx context.Context, b *breaker, screen Screen, v View) (r Result) {
	ctx, cancel := context.WithTimeout(ctx, e.Limits.Call)
	defer cancel()
	err := e.shield(v.Key, func() error {
		r = screen.Show(ctx, v)
		return nil
	})
	if err != nil {
		return Result{State: Unknown, Why: "outbox.inside"}
	}
	e.heard(b, r)
	return r
}

func (e *engine) findView(ctx context.Context, b *breaker, screen Screen, v View) (refs []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, e.Limits.Call)
	defer cancel()
	err = e.shield(v.Key, func() (err error) {
		refs, err = screen.Find(ctx, v)
		return err
	})
	e.heardLook(b, len(refs) > 0, err)
	return refs, err
}

func (t *showing) remove(ctx context.Context, ref string) error {
	ctx, cancel := context.WithTimeout(ctx, t.Limits.Call)
	defer cancel()
	err := t.shield(t.view.Key, func() error { return t.screen.Remove(ctx, t.view, ref) })
	t.heardError(t.breaker, err)
	return err
}

// shield turns a panic into an error and leaves its trace in the log.
func (e *engine) shield(what string, work func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			e.Log.Error("panic while delivering", "what", what, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return work()
}
