package outbox

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"amsbot/store"
)

// persistAfter is how long an ordered wait has to be to survive a restart.
const persistAfter = 10 * time.Second

// attempt begins one try of acts that go together.
func (e *engine) attempt(all []*actState) call {
	tries := make([]*actTry, len(all))
	for i, s := range all {
		s.busy = true
		tries[i] = &actTry{engine: e, breaker: s.breaker, act: s.act, look: s.look, bad: s.bad, answer: s.answer, tries: s.tries + 1, halved: s.halved}
		tries[i].act.Tries, tries[i].thread, s.thread = s.tries, s.thread, ""
	}
	return func(ctx context.Context) func() {
		e.tryAll(ctx, tries)
		return func() {
			for i, s := range all {
				e.applyAct(s, tries[i])
			}
		}
	}
}

// actTry is one try, in a goroutine of its own.
type actTry struct {
	*engine
	breaker *breaker
	act     Act
	look    bool
	bad     string
	answer  *Result // in: what only has to be recorded; out: what still has to be
	tries   int
	halved  int
	thread  string // the index that speaks for it; "" for its own card
	over    bool   // it calls nobody any more, and so the index does not speak for it

	settled bool
	told    time.Duration // the lane was told to rest so long
	wait    time.Duration
}

// tryAll finds or does the acts and records what came of them. Several go in
// one call; what came of each is recorded side by side, so that the store can
// write it all at once.
func (e *engine) tryAll(ctx context.Context, tries []*actTry) {
	if err := e.findCards(ctx, tries); err != nil {
		for _, t := range tries {
			t.putOff(err.Error())
		}
		return
	}
	if len(tries) == 1 {
		tries[0].run(ctx)
		return
	}
	results, late := e.do(ctx, tries)
	var recorded sync.WaitGroup
	for i, r := range results {
		if late {
			tries[i].halved++
		}
		recorded.Go(func() { tries[i].took(ctx, r) })
	}
	recorded.Wait()
}

// findCards tells the acts where their cards stand.
func (e *engine) findCards(ctx context.Context, tries []*actTry) error {
	keys := make([]string, len(tries))
	for i, t := range tries {
		keys[i] = "card:" + t.act.Incident
	}
	views, err := e.DB.ViewsOf(ctx, keys)
	if err != nil {
		return err
	}
	refs := make(map[string]string, len(views))
	for _, v := range views {
		refs[v.Key] = v.Ref
	}
	for i, t := range tries {
		t.act.Card = cmp.Or(t.thread, refs[keys[i]])
	}
	return nil
}

// run finds or does one act.
func (t *actTry) run(ctx context.Context) {
	if t.bad != "" {
		t.answer = &Result{State: Refused, Why: t.bad}
	}
	if t.answer != nil {
		t.settle(ctx)
		return
	}
	r, err := t.deliver(ctx)
	if err != nil {
		t.putOff(err.Error())
		return
	}
	t.took(ctx, r)
}

// deliver does the act, unless it is found to be done. An error means that it
// could not be looked for.
func (t *actTry) deliver(ctx context.Context) (Result, error) {
	if t.look {
		r, found, err := t.findAct(ctx, t.breaker, t.act)
		if err != nil {
			return Result{}, err
		}
		if found {
			if r.State != Refused {
				r.State = Done
			}
			return r, nil
		}
		if t.look = false; t.thread != "" {
			return Result{}, nil // with the others, then
		}
	}
	results, _ := t.do(ctx, []*actTry{t})
	return results[0], nil
}

// took takes what the receiver says.
func (t *actTry) took(ctx context.Context, r Result) {
	switch r.State {
	case Done, Refused:
		t.answer = &r
		t.settle(ctx)
	case Again:
		t.again(ctx, r)
	case "":
	default:
		t.lost(ctx, r)
	}
}

// settle records the answer; where that fails, the answer is kept.
func (t *actTry) settle(ctx context.Context) {
	if err := t.record(ctx, t.act, *t.answer); err != nil {
		t.putOff("record: " + err.Error())
		return
	}
	t.settled = true
}

// again: it certainly was not done.
func (t *actTry) again(ctx context.Context, r Result) {
	t.putOff(r.Why)
	if after := told(r.After); after > 0 {
		t.wait = after
		if !r.Down && !r.Alone { // else it is not our speed in the lane
			t.told = after
		}
	}
	if t.wait > persistAfter {
		t.later(ctx, false)
	}
}

// lost: nobody knows whether it was done.
func (t *actTry) lost(ctx context.Context, r Result) {
	r.State, t.look = Unknown, true
	t.putOff(r.Why)
	if err := t.record(ctx, t.act, r); err != nil {
		t.Log.Error("outbox: an act without an answer is not in the history", "act", t.act.Marker(), "err", err)
	}
	t.later(ctx, true)
}

func (t *actTry) putOff(why string) {
	t.wait = backoff(t.tries)
	if loud(t.tries) {
		t.Log.Warn("an act could not be delivered yet", "act", t.act.Marker(), "to", t.act.To,
			"kind", t.act.Kind, "tries", t.tries, "why", why)
	}
}

// later remembers over a restart when to try again.
func (t *actTry) later(ctx context.Context, unknown bool) {
	ctx = context.WithoutCancel(ctx) // what happened has to be written down
	_, err := t.DB.Commit(ctx, t.act.Incident, func(*store.View) (store.Change, error) {
		return store.Change{Later: map[uint64]store.Later{
			t.act.Seq: {NotBefore: time.Now().Add(t.wait), Tries: t.tries, Unknown: unknown},
		}}, nil
	})
	if err != nil && !errors.Is(err, store.ErrChange) { // ErrChange: it is no longer pending
		t.Log.Error("outbox: the state of an act is not in the store", "act", t.act.Marker(), "err", err)
	}
}

// applyAct takes over what came of a try.
func (e *engine) applyAct(s *actState, t *actTry) {
	s.busy, s.settled, s.answer = false, t.settled, t.answer
	s.look, s.tries, s.halved, s.blind, s.over = t.look, t.tries, t.halved, t.act.Card == "", t.over
	now := time.Now()
	s.after = now.Add(t.wait)
	if s.blind && s.stands { // it looked for it a moment too early
		s.after = now
	}
	s.stands = false
	if s.left != nil && s.blind && !s.look && !s.settled && s.answer == nil { // nor will it ever know one
		s.answer, s.after = s.left, now
	}
	if t.told > 0 {
		s.way.rest(now, now.Add(t.told))
	}
	if e.stir(s.line); s.gone {
		e.dropAct(s)
	} else if s.settled { // and the store knows it, or the conductor did not say so
		e.unseen.act(s.pos)
		e.stale = true
	}
}
