package bot

import (
	"strings"
	"time"

	"amsbot/store"
)

// Pasts are the runs of an incident for which a scenario was decided, the first
// first; none where it did not come to that yet.
func Pasts(events []store.Event) []Past {
	p := &pasts{in: fold("", 0, nil), shown: map[place]string{}}
	for _, e := range events {
		p.in.add(e)
		p.add(e)
	}
	for i := range p.all {
		p.all[i].Path = pathTo(events, p.all[i])
	}
	return p.all
}

// pasts reads a history, one event after the other.
type pasts struct {
	in      *incident
	all     []Past
	shown   map[place]string
	passes  []uint64 // of the current run
	clicked time.Time
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
		p.passes, p.clicked = nil, time.Time{}
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
	case kindVerdict:
		p.judged(run, e)
	case kindConcluded:
		if c, ok := into[concluded](e); ok && run.Outcome == "" {
			run.Outcome, run.concluded = c.Outcome, len(p.in.log)
			run.Alone = (c.Outcome == NoFault || c.Outcome == Recovered) && len(run.Clicks) == 0 && !run.called && p.in.person() == ""
		}
	case kindWanted:
		if w, ok := into[wanted](e); ok && w.Kind == ActEscalate && e.By == amsbot {
			run.called, run.Alone = true, false
		}
	default:
		p.others(run, e)
	}
}

// decided begins a Past: what is matched once stays matched for the run.
func (p *pasts) decided(e store.Event) {
	in := p.in
	if in.snap == nil || in.run == nil {
		return
	}
	run := Past{Run: in.run.N, At: e.At, Snapshot: *in.snap, Self: in.run.Self, Lines: in.lines}
	if m := in.match; m != nil {
		run.Project, run.Scenario, run.Version, run.Autonomy = m.Project.Name, m.Scenario, m.Version, m.Autonomy
		run.Target, run.Capped, run.CameBack = m.Target, m.Capped, m.CameBack
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
	run.Steps = append(run.Steps, PastStep{At: e.At, Pass: pass, Phase: s.Phase, Round: s.Round, Name: s.Name,
		Shown: p.shown[s.place], Outcome: s.Outcome})
}

// judged takes the time of a phase's verdict for that of its last step: whether a
// re-check has gone on for long enough was decided then.
func (p *pasts) judged(run *Past, e store.Event) {
	v, ok := into[phaseVerdict](e)
	if n := len(run.Steps); ok && n > 0 && run.Steps[n-1].Phase == v.Phase && run.Steps[n-1].Round == v.Round {
		run.Steps[n-1].At = e.At
	}
}

// others notes what people and PagerDuty did before the first conclusion.
func (p *pasts) others(run *Past, e store.Event) {
	if run.Outcome != "" {
		return
	}
	switch e.Kind {
	case kindClicked:
		if c, ok := into[clicked](e); ok {
			p.pressed(run, e, c)
		}
	case kindRequested:
		if r, ok := into[requested](e); ok {
			p.pressed(run, e, r.clicked)
		}
	case kindRead:
		r, ok := into[readDone](e)
		if ok && r.Snapshot != nil && r.Snapshot.ChangedBy.ID != run.Self.ID {
			run.Meanwhile = append(run.Meanwhile, PastChange{At: e.At, Snapshot: *r.Snapshot})
		}
	}
}

// pressed notes what a person pressed.
func (p *pasts) pressed(run *Past, e store.Event, c clicked) {
	since := run.At
	if o := p.in.offerAt(c.Offer, c.Act); o != nil {
		since = o.at
	}
	if p.clicked.After(since) {
		since = p.clicked
	}
	if c.Glass != "" {
		c.Act = DoBreakGlass
	}
	run.Clicks = append(run.Clicks, PastClick{Act: c.Act, User: c.User, Name: c.Name, As: c.As, Text: c.Text,
		Override: c.Override, After: max(e.At.Sub(since), 0)})
	p.clicked = e.At
}

// pathTo is the way of a run from its decision to its first conclusion, with what
// amsbot then did in PagerDuty. Clicks that were refused did nothing.
func pathTo(events []store.Event, run Past) []string {
	if run.concluded == 0 {
		return nil
	}
	end := run.concluded
	for end < len(events) && events[end].Kind == kindWanted {
		end++
	}
	var did []store.Event
	for _, e := range events[:end] {
		if e.Kind != kindRefused {
			did = append(did, e)
		}
	}
	story := storyOf(did)
	var path []string
	for _, leg := range story.Path {
		if !leg.At.Before(run.At) {
			text := leg.Text
			for _, did := range []string{" pressed ", " asked for ", " broke the glass"} { // whoever it was: names are told in several ways
				if i := strings.LastIndex(text, did); i >= 0 {
					text = "a person" + text[i:]
				}
			}
			path = append(path, text)
		}
	}
	for _, w := range story.Acts {
		if w.At.Before(run.At) || w.By != amsbot || !changesPagerDuty(w.Kind) {
			continue
		}
		act := w.Kind
		if w.Kind == ActEscalate && w.To != "" {
			act += " to " + w.To
		}
		path = append(path, act)
	}
	return path
}
