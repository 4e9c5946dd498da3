package bot

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"amsbot/bot/outbox"
	"amsbot/scenarios"
	"amsbot/store"
)

// errNoResult is why a rehearsal of a history ends: a step would run of which the
// history has no result, because it is new, another command, or stood on a way
// that was not taken.
var errNoResult = errors.New("bot: the history has no result of this step")

// errNotRead is a history that has nothing to rehearse.
var errNotRead = errors.New("bot: retell: the incident was never read")

// retell makes the rehearsal of a recorded story: the incident as it was first read,
// what others did and when, what held or counted as far as the history says it,
// and the results of its steps, by name, phase and command, the last one again
// where more are wanted. What it leaves out is for the caller to fill in:
// Bot.Scenarios above all, and who may do what. Crashes are not rehearsed.
func retell(events []store.Event) (RehearsalOptions, error) {
	if len(events) == 0 {
		return RehearsalOptions{}, errNotRead
	}
	t := &retelling{in: fold(events[0].Incident, 0, nil), events: events, calls: map[call][]scenarios.Outcome{}, began: map[place]store.Event{}}
	t.o.Until = events[len(events)-1].At
	t.o.At, t.o.Guards = events[0].At, map[string]any{}
	for i, e := range events {
		t.in.add(e)
		t.take(i, e)
	}
	if t.o.Snapshot.Incident.ID == "" {
		return RehearsalOptions{}, errNotRead
	}
	t.o.Step, t.o.Act = t.step, t.act
	slices.SortStableFunc(t.o.Turns, func(a, b Turn) int { return a.At.Compare(b.At) })
	return t.o, nil
}

// retelling makes a rehearsal of a history, event by event.
type retelling struct {
	o      RehearsalOptions
	in     *incident
	events []store.Event
	calls  map[call][]scenarios.Outcome
	began  map[place]store.Event
	ends   []ended
}

// call is what makes two runs of a step the same thing.
type call struct {
	step    string
	phase   scenarios.Phase
	command string
}

// ended is what became of an act of a kind.
type ended struct {
	kind   string
	result outbox.Result
}

func (t *retelling) take(i int, e store.Event) {
	switch e.Kind {
	case kindRead:
		if r, ok := into[readDone](e); ok && r.Snapshot != nil && t.o.Snapshot.Incident.ID == "" {
			t.o.Snapshot, t.o.Lines = *r.Snapshot, r.Lines
		}
	case kindRun:
		if r, ok := into[runBegan](e); ok {
			t.o.Bot.Self = r.Self
		}
	case kindMatched:
		t.cameBack(e)
	case kindStarted:
		if s, ok := into[stepStarted](e); ok {
			t.began[s.place] = e
		}
	case kindEnded:
		t.result(e)
	case kindDone, kindFailed, kindUnknown:
		if s, ok := into[settled](e); ok {
			states := map[string]outbox.State{kindDone: outbox.Done, kindFailed: outbox.Refused, kindUnknown: outbox.Unknown}
			t.ends = append(t.ends, ended{s.Kind, outbox.Result{State: states[e.Kind], Why: s.Why, Ref: s.Ref, Data: s.Data}})
		}
	case kindClicked:
		if c, ok := into[clicked](e); ok {
			as := c.As
			as.Name = cmp.Or(c.Name, as.Name)
			t.o.Turns = append(t.o.Turns, Turn{At: e.At, As: as, May: true,
				Click: &Click{Act: c.Act, User: c.User, Name: c.Name, Text: c.Text, Override: c.Override}})
		}
	case kindReceived:
		t.news(i, e)
	case kindUnread:
		if u, ok := into[unread](e); ok && t.in.snap == nil {
			t.o.Away = u.Again.Sub(t.o.At)
		}
	default:
		t.guard(e)
	}
}

// result keeps how a step ended.
func (t *retelling) result(e store.Event) {
	s, ok := into[stepEnded](e)
	if !ok || s.Outcome.Skipped || s.Outcome.Idle {
		return
	}
	start, _ := into[stepStarted](t.began[s.place])
	s.Outcome.Took = e.At.Sub(t.began[s.place].At)
	c := call{s.Name, s.Phase, start.Shown}
	t.calls[c] = append(t.calls[c], s.Outcome)
}

// step is the history's result of a step.
func (t *retelling) step(c StepCall) (scenarios.Outcome, error) {
	key := call{c.Step.Name, c.Phase, c.Shown}
	left := t.calls[key]
	if len(left) == 0 {
		return scenarios.Outcome{}, fmt.Errorf("%s, step %s (%s): %w", c.Phase, c.Step.Name, c.Shown, errNoResult)
	}
	if len(left) > 1 {
		t.calls[key] = left[1:]
	}
	return left[0], nil
}

// act is what became of the next act of a kind, else that it is done.
func (t *retelling) act(a outbox.Act) outbox.Result {
	for i, e := range t.ends {
		if e.kind == a.Kind {
			t.ends = slices.Delete(t.ends, i, i+1)
			return e.result
		}
	}
	return outbox.Result{State: outbox.Done}
}

// news is what PagerDuty told that amsbot had not caused itself, with the incident
// as it was read next.
func (t *retelling) news(i int, e store.Event) {
	r, ok := into[received](e)
	own := t.in.run != nil && r.Hint.Agent.ID == t.in.run.Self.ID
	if !ok || i == 0 || own || r.Hint.Type == "incident.annotated" {
		return
	}
	turn := Turn{At: e.At, As: r.Hint.Agent, News: r.Hint.Type}
	for _, later := range t.events[i:] {
		d, ok := into[readDone](later)
		if later.Kind == kindRead && ok && d.Snapshot != nil {
			turn.Change = func(s *Snapshot) { *s = *d.Snapshot }
			break
		}
	}
	t.o.Turns = append(t.o.Turns, turn)
}

// guard is what a history says of the guards: who held the lock, what was paused,
// when the target was recovered before.
func (t *retelling) guard(e store.Event) {
	switch e.Kind {
	case kindWaiting:
		w, _ := into[waiting](e)
		t.o.Guards[t.in.lockGuard()] = lockHeld{Incident: w.Holder, Since: t.o.At}
	case kindPass:
		switch p, _ := into[passBegan](e); {
		case p.Reason == passLock && t.in.match != nil:
			t.o.Turns = append(t.o.Turns, Turn{At: e.At, Guards: map[string]any{t.in.lockGuard(): nil}})
		case p.Reason == passWindow:
			t.o.Turns = append(t.o.Turns, Turn{At: e.At, Guards: map[string]any{windowGuard(1): nil}})
		}
	case kindHeld:
		switch h, _ := into[held](e); {
		case t.in.match == nil:
		case h.Guard == guardPause:
			key := pauseGuard(t.in.scenarioScope())
			t.before(e.At, key, paused{Scope: key[len(pauseGuards):]})
		case h.Guard == guardMaintenance:
			t.before(e.At, windowGuard(1), window{N: 1, Scope: covered{Kind: coverAll}, Until: h.Until})
		case h.Guard == guardStorm:
			t.before(e.At, t.in.stormGuard(), brake{Storm: h.Storm, Began: &stormBegan{}})
		}
	}
}

// before sets a guard for what it held: just before that.
func (t *retelling) before(at time.Time, key string, value any) {
	if at = at.Add(-time.Nanosecond); !at.After(t.o.At) {
		t.o.Guards[key] = value
	} else {
		t.o.Turns = append(t.o.Turns, Turn{At: at, Guards: map[string]any{key: value}})
	}
}

// cameBack is the earlier incident that a history says this one came back after.
func (t *retelling) cameBack(e store.Event) {
	m, ok := into[matched](e)
	if !ok || m.CameBack == "" {
		return
	}
	for _, a := range t.in.openAlerts() {
		t.o.Guards[resolvedGuard(t.in, a)] = resolvedHere{Incident: m.CameBack, Number: m.CameBackNumber, At: t.o.At}
	}
}
