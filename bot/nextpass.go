package bot

import (
	"cmp"
	"slices"
	"time"

	"amsbot/scenarios"
)

// nextInPass is what a pass does next: check, gather, then by the verdict.
func (in *incident) nextInPass(t *todo, sc *scenarios.Scenario, now time.Time) {
	p := in.pass
	switch {
	case in.unmatched != nil:
		t.conclude(branchUnmatched, "")
		return
	case sc == nil:
		t.conclude(branchInterrupted, whyPinnedGone)
		return
	}
	if p.offered.IsZero() {
		dead := in.deadline(sc)
		if !now.Before(dead) {
			in.endByDeadline(t)
			return
		}
		t.wait(dead)
	}
	if t.acts = in.missingOffers(now); len(t.acts) > 0 {
		t.do = doOffer
		return
	}
	if p.click != 0 && !in.wantRead(t, p.click, now) {
		return
	}
	check := in.nextPhase(t, sc, place{Pass: p.id, Phase: scenarios.Check}, now)
	if check == nil {
		return
	}
	if p.act == "" && len(sc.Gather) > 0 && in.nextPhase(t, sc, place{Pass: p.id, Phase: scenarios.Gather}, now) == nil {
		return
	}
	switch check.Verdict {
	case scenarios.OK:
		if resolves(sc.Then.OK) && !in.wantRead(t, p.phases[scenarios.Check].judged, now) {
			return
		}
		in.endOK(t)
	case scenarios.NG:
		in.nextAfterNG(t, sc, now)
	default:
		t.conclude(branchUnknown, check.Why)
	}
}

func (t *todo) conclude(end branch, why string) {
	t.do, t.end, t.why = doConclude, end, why
}

func (in *incident) endByDeadline(t *todo) {
	if w := in.pass.waiting; w != nil && in.pass.intent == nil {
		t.conclude(branchHeld, w.Text)
		return
	}
	t.conclude(branchDeadline, "")
}

// endOK ends a pass whose first check is OK: nothing needs to be recovered.
func (in *incident) endOK(t *todo) {
	switch {
	case in.pass.act == DoMark:
		t.conclude(branchSafe, "")
	case in.sawNG:
		t.conclude(branchHealed, "")
	default:
		t.conclude(branchOK, "")
	}
}

// resolves says whether the author lets a branch resolve: the alerts are read
// again before that, since grouped ones that come later send no webhook.
func resolves(endings []scenarios.Ending) bool {
	return slices.ContainsFunc(endings, func(e scenarios.Ending) bool { return e.Act == scenarios.Resolve })
}

// nextPhase starts what is left of a phase. It returns the verdict when there
// is one, and nil while the phase has something to do or to wait for.
func (in *incident) nextPhase(t *todo, sc *scenarios.Scenario, at place, now time.Time) *phaseVerdict {
	ph := in.pass.find(at)
	if ph.verdict != nil {
		return ph.verdict
	}
	steps := sc.Steps(at.Phase)
	t.place = at
	for i, st := range steps {
		if ph.results[i] != nil {
			continue
		}
		if r := ph.running[i]; r != nil && (r.epoch == in.epoch || !r.Until.IsZero()) {
			if t.wait(r.Until); !r.Until.IsZero() && !now.Before(r.Until) { // any other step's goroutine reports
				t.do, t.steps = doWaited, []int{i}
				return nil
			}
			if at.Phase != scenarios.Gather || !r.Until.IsZero() { // a wait holds back what comes after it
				return nil
			}
			continue
		}
		t.do, t.steps = doSteps, append(t.steps, i)
		if at.Phase != scenarios.Gather || st.Kind == "wait" {
			return nil
		}
	}
	if len(t.steps) == 0 && len(ph.running) == 0 {
		t.do, t.final, t.found = doVerdict, true, judge(ph)
	}
	return nil
}

func (in *incident) nextAfterNG(t *todo, sc *scenarios.Scenario, now time.Time) {
	p := in.pass
	switch {
	case p.intent != nil:
		in.nextRecovery(t, sc, now)
	case p.held != nil:
		t.conclude(branchHeld, p.held.Text)
	case in.match.Autonomy == scenarios.Observe:
		t.conclude(branchObserved, "")
	case p.act == DoMark:
		t.conclude(branchInterrupted, p.phases[scenarios.Check].verdict.Why)
	case len(sc.Recover) == 0 || p.act == DoCheck:
		t.conclude(branchFailed, p.phases[scenarios.Check].verdict.Why)
	case in.strayRuns(): // its goroutine reports
	case p.act == DoRecover || p.act == DoAgain:
		t.do = doIntent
		in.waitForLock(t, now)
	case in.byItself():
		if in.wantRead(t, p.phases[scenarios.Check].judged, now) {
			t.do = doIntent
			in.waitForLock(t, now)
		}
	case p.offered.IsZero():
		t.do = doWait
	case now.Before(p.expires):
		t.wait(p.expires)
	default:
		t.conclude(branchExpired, "")
	}
}

// byItself says whether this run may recover without a person's word.
func (in *incident) byItself() bool {
	m := in.match
	return m.Autonomy == scenarios.Auto && in.late() == "" && m.CameBack == "" && in.pass.asks == nil && in.takenBy == "" && in.pass.offered.IsZero()
}

// late is why nothing recovers by itself; "" if something may.
func (in *incident) late() string {
	if in.pass == nil { // a history with a hole in it can still be drawn
		return in.match.Late
	}
	return cmp.Or(in.match.Late, in.pass.late)
}

func (in *incident) waitForLock(t *todo, now time.Time) {
	if in.pass.waiting != nil {
		t.wait(now.Add(lockEvery))
	}
}
