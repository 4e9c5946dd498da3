package bot

import (
	"slices"
	"time"

	"amsbot/scenarios"
	"amsbot/store"
)

// pass is one way through check, recover and re-check: the first belongs to the
// run, later ones to a person's click.
type pass struct {
	id      uint64
	began   time.Time
	act     string   // "" for the first; DoRecover, DoCheck, DoAgain, DoMark
	by      *clicked // the person, if any
	click   uint64
	phases  map[scenarios.Phase]*phase
	rounds  []*phase // of the re-check
	intent  *intent
	waiting *waiting
	held    *held
	heldPos uint64 // of the event, in the file
	asks    *asks
	tripped []tripped
	anew    bool   // the first response once more: a maintenance window had held it
	late    string // why this pass recovers nothing by itself
	broken  *interrupted
	brokeAt time.Time
	offered time.Time // when the recovery was offered and people were waited for
	expires time.Time
	ended   *concluded
	endedAt time.Time
}

// phase is what is known of one phase, or of one round of a re-check.
type phase struct {
	began   time.Time
	ended   time.Time
	results map[int]*stepEnded
	running map[int]*runningStep
	epoch   uint64    // of the process that started its newest step
	since   time.Time // when that process started its first one
	verdict *phaseVerdict
	judged  uint64 // the verdict's event
}

type runningStep struct {
	stepStarted
	epoch uint64
	at    time.Time
}

// addPass begins a pass that nobody pressed for. After waiting for a lock it is
// the same response once more, by whoever wanted it: the target may be well by
// what the other incident did to it. After a maintenance window it is the first
// response anew. Else it only looks.
func (in *incident) addPass(e store.Event) {
	old := in.pass
	in.newPass(e)
	if p, ok := into[passBegan](e); ok && p.Reason == passLock && old != nil {
		in.pass.act, in.pass.by, in.pass.click, in.pass.began = old.act, old.by, old.click, old.began
		if g := old.phases[scenarios.Gather]; g != nil {
			in.pass.phases[scenarios.Gather] = g
		}
		return
	}
	in.unacked = 0
	in.shutPassOffers()
	if p, ok := into[passBegan](e); ok && p.Reason == passWindow {
		in.pass.anew, in.pass.late, in.planned = true, p.Late, nil
		return
	}
	in.pass.act = DoCheck
}

// newPass leaves the current pass and begins another. A recovery's step that
// still runs is not forgotten: nothing else may act on its target meanwhile.
func (in *incident) newPass(e store.Event) {
	if in.pass != nil {
		if ph := in.pass.phases[scenarios.Recover]; ph != nil {
			for _, r := range ph.running {
				in.strays = append(in.strays, r)
			}
		}
	}
	in.pass = &pass{id: e.Seq, began: e.At, phases: map[scenarios.Phase]*phase{}}
}

func newPhase(at time.Time) *phase {
	return &phase{began: at, results: map[int]*stepEnded{}, running: map[int]*runningStep{}}
}

// find is the phase (or the round of the re-check) that a place names, an empty
// one where nothing has begun.
func (p *pass) find(where place) *phase {
	switch {
	case where.Phase != scenarios.Recheck:
		if ph := p.phases[where.Phase]; ph != nil {
			return ph
		}
	case where.Round <= len(p.rounds):
		return p.rounds[where.Round-1]
	}
	return newPhase(time.Time{})
}

// at is find for writing: what has not begun begins now.
func (p *pass) at(where place, now time.Time) *phase {
	if where.Phase == scenarios.Recheck {
		for len(p.rounds) < where.Round {
			p.rounds = append(p.rounds, newPhase(now))
		}
		return p.rounds[where.Round-1]
	}
	if p.phases[where.Phase] == nil {
		p.phases[where.Phase] = newPhase(now)
	}
	return p.phases[where.Phase]
}

func (in *incident) addStep(e store.Event) {
	switch e.Kind {
	case kindStarted:
		s, ok := into[stepStarted](e)
		if ok && in.here(s.place) {
			ph := in.pass.at(s.place, e.At)
			if ph.epoch != e.Epoch {
				ph.epoch, ph.since = e.Epoch, e.At
			}
			ph.running[s.Step] = &runningStep{stepStarted: s, epoch: e.Epoch, at: e.At}
		}
	case kindEnded:
		s, ok := into[stepEnded](e)
		in.strays = slices.DeleteFunc(in.strays, func(r *runningStep) bool { return r.place == s.place })
		if s.Outcome.Left && !slices.Contains(in.left, s.Name) {
			in.left = append(slices.Clip(in.left), s.Name)
		}
		if ok && in.here(s.place) {
			ph := in.pass.at(s.place, e.At)
			delete(ph.running, s.Step)
			ph.results[s.Step] = &s
			ph.ended = e.At
		}
	case kindProgramGone:
		g, _ := into[programGone](e)
		in.left = slices.DeleteFunc(slices.Clone(in.left), func(step string) bool { return step == g.Step })
	case kindVerdict:
		v, ok := into[phaseVerdict](e)
		if ok && in.here(v.place) {
			ph := in.pass.at(v.place, e.At)
			ph.verdict, ph.judged = &v, e.Seq
			if v.Phase == scenarios.Check && v.Verdict == scenarios.NG {
				in.sawNG = true
			}
		}
	}
}

// here says whether a place is in the current pass: a step that ended after its
// pass was left reports, and changes nothing.
func (in *incident) here(p place) bool {
	return in.pass != nil && in.pass.id == p.Pass && (p.Phase != scenarios.Recheck || p.Round > 0)
}

func (in *incident) addBrake(e store.Event) {
	if in.pass == nil {
		return
	}
	switch e.Kind {
	case kindIntent:
		if i, ok := into[intent](e); ok {
			in.pass.intent, in.pass.waiting, in.planned, in.intended = &i, nil, nil, e.At
			if in.match != nil && !slices.Contains(in.locks, in.lockGuard()) {
				in.locks = append(in.locks, in.lockGuard())
			}
		}
	case kindWaiting:
		if w, ok := into[waiting](e); ok {
			in.pass.waiting = &w
		}
	case kindHeld:
		if h, ok := into[held](e); ok {
			in.pass.held, in.pass.heldPos = &h, e.Pos
			if h.Guard == guardMaintenance {
				in.planned = &h
			}
			if h.Storm != "" {
				in.storm = h.Storm
			}
		}
	case kindAsks:
		if a, ok := into[asks](e); ok {
			in.pass.asks = &a
		}
	case kindTripped:
		if t, ok := into[tripped](e); ok {
			in.pass.tripped = append(in.pass.tripped, t)
		}
	case kindInterrupted:
		if i, ok := into[interrupted](e); ok {
			in.pass.broken, in.pass.brokeAt = &i, e.At
		}
	}
}
