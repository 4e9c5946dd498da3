package bot

import (
	"time"

	"amsbot/scenarios"
	"amsbot/store"
)

// Past is one run of an incident as its history tells it: what was known when a
// scenario was decided, what was decided, and what each step found. Nothing in
// it depends on how far the incident has gone since.
type Past struct {
	Run      int                `json:"run"` // from 1; a reopened incident has more than one
	At       time.Time          `json:"at"`  // of the decision
	Snapshot Snapshot           `json:"snapshot"`
	Project  string             `json:"project,omitempty"`
	Scenario string             `json:"scenario,omitempty"` // "": none fitted
	Version  string             `json:"version,omitempty"`
	Autonomy scenarios.Autonomy `json:"autonomy,omitempty"` // what held for this run
	Late     bool               `json:"late,omitempty"`     // nothing recovers by itself: it was old, or a person had it
	Target   string             `json:"target,omitempty"`
	Reason   string             `json:"reason,omitempty"` // why none fitted: a key of the catalogue
	CameBack string             `json:"came_back,omitempty"`
	Outcome  Outcome            `json:"outcome,omitempty"` // of its first conclusion; "" where there is none yet
	// Alone says that it came to its first conclusion without a person: no fault
	// found, or recovered by amsbot, with nobody called, nothing pressed and
	// nobody who had acknowledged it.
	Alone bool       `json:"alone,omitempty"`
	Steps []PastStep `json:"steps,omitempty"` // as they ended

	// Sources are the files of the scenario's version, by name and hash of the
	// blob. They are for whoever has the store at hand.
	Sources map[string]string `json:"-"`

	called, pressed bool
}

// PastStep is what a step found.
type PastStep struct {
	Pass    int               `json:"pass"` // 0 is the run's own, later ones are those of clicks
	Phase   scenarios.Phase   `json:"phase"`
	Round   int               `json:"round,omitempty"` // of a re-check, from 1
	Name    string            `json:"name"`
	Shown   string            `json:"shown,omitempty"` // the command with values filled in
	Outcome scenarios.Outcome `json:"outcome"`
	// Definition is that of scenarios.Step; "" where nobody has looked.
	Definition string `json:"definition,omitempty"`
}

// Pasts are the runs of an incident for which a scenario was decided, the first
// first; none where it did not come to that yet.
func Pasts(events []store.Event) []Past {
	p := &pasts{in: &incident{acts: map[uint64]*act{}}, shown: map[place]string{}}
	for _, e := range events {
		p.in.add(e)
		p.add(e)
	}
	return p.all
}

// pasts reads a history, one event after the other.
type pasts struct {
	in     *incident
	all    []Past
	shown  map[place]string
	passes []uint64 // of the current run
}

// last is the run that goes on; nil before its decision.
func (p *pasts) last() *Past {
	if n := len(p.all); n > 0 && p.in.run != nil && p.all[n-1].Run == p.in.run.N {
		return &p.all[n-1]
	}
	return nil
}

func (p *pasts) add(e store.Event) {
	switch e.Kind {
	case kindMatched, kindUnmatched:
		p.decided(e)
		return
	case kindRun:
		p.passes = nil
	}
	run := p.last()
	if run == nil {
		return
	}
	switch e.Kind {
	case kindStarted:
		if s, ok := into[stepStarted](e); ok && s.Shown != "" {
			p.shown[s.place] = s.Shown
		}
	case kindEnded:
		p.ended(run, e)
	case kindClicked:
		run.pressed = true
	case kindConcluded:
		if c, ok := into[concluded](e); ok && run.Outcome == "" {
			run.Outcome = c.Outcome
			run.Alone = (c.Outcome == NoFault || c.Outcome == Recovered) && !run.pressed && !run.called && p.in.person() == ""
		}
	case kindWanted:
		if w, ok := into[wanted](e); ok && w.Kind == ActEscalate && e.By == amsbot {
			run.called, run.Alone = true, false
		}
	}
}

// decided begins a Past: what is matched once stays matched for the run.
func (p *pasts) decided(e store.Event) {
	in := p.in
	if in.snap == nil || in.run == nil {
		return
	}
	run := Past{Run: in.run.N, At: e.At, Snapshot: *in.snap}
	if m := in.match; m != nil {
		run.Project, run.Scenario, run.Version, run.Autonomy = m.Project.Name, m.Scenario, m.Version, m.Autonomy
		run.Target, run.Late, run.CameBack = m.Target, m.Late != "", m.CameBack
		run.Sources = map[string]string{}
		for _, s := range m.Sources {
			run.Sources[s.Name] = s.Hash
		}
	}
	if u := in.unmatched; u != nil {
		run.Project, run.Reason = u.Project.Name, u.Reason
	}
	p.all = append(p.all, run)
}

func (p *pasts) ended(run *Past, e store.Event) {
	s, ok := into[stepEnded](e)
	if !ok {
		return
	}
	pass := 0
	for ; pass < len(p.passes) && p.passes[pass] != s.Pass; pass++ {
	}
	if pass == len(p.passes) {
		p.passes = append(p.passes, s.Pass)
	}
	run.Steps = append(run.Steps, PastStep{Pass: pass, Phase: s.Phase, Round: s.Round, Name: s.Name,
		Shown: p.shown[s.place], Outcome: s.Outcome})
}

// LastRead is the incident as a history has read it last; false where it never
// was.
func LastRead(events []store.Event) (Snapshot, bool) {
	in := &incident{acts: map[uint64]*act{}}
	for _, e := range events {
		in.add(e)
	}
	if in.snap == nil {
		return Snapshot{}, false
	}
	return *in.snap, true
}
