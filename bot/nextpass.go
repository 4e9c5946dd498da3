package bot

import (
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
			if r.Until.IsZero() {
				t.wait(farAway(now)) // its goroutine reports
			} else if t.wait(r.Until); !now.Before(r.Until) {
				t.do, t.steps = doWaited, []int{i}
				return nil
			}
			if at.Phase != scenarios.Gather {
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

// farAway keeps an incident that has a step running in the due index, so that
// a crash is noticed even when nothing else is due.
func farAway(now time.Time) time.Time { return now.Add(time.Hour) }

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
	case in.strayRuns():
		t.wait(farAway(now))
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
	return m.Autonomy == scenarios.Auto && m.Late == "" && m.CameBack == "" && in.takenBy == "" && in.pass.offered.IsZero()
}

func (in *incident) waitForLock(t *todo, now time.Time) {
	if in.pass.waiting != nil {
		t.wait(now.Add(lockEvery))
	}
}

// nextRecovery runs the recovery's steps, then the check again.
func (in *incident) nextRecovery(t *todo, sc *scenarios.Scenario, now time.Time) {
	p := in.pass
	at := place{Pass: p.id, Phase: scenarios.Recover}
	ph := p.find(at)
	if p.broken == nil && p.held == nil && ph.verdict == nil {
		for i, r := range ph.running {
			if r.epoch != in.epoch && r.Until.IsZero() && !idempotent(sc.Recover) {
				t.do, t.place, t.steps = doBreak, at, []int{i}
				return
			}
		}
		if stepFailed(ph) {
			t.do, t.place, t.final, t.found = doVerdict, at, true, judge(ph)
			return
		}
		if in.nextPhase(t, sc, at, now) == nil {
			return
		}
	}
	if p.held != nil && ph.runs(in.epoch) {
		t.wait(farAway(now))
		return
	}
	in.nextRecheck(t, sc, now)
}

// runs says whether a step of the phase that this process started has not ended.
func (ph *phase) runs(epoch uint64) bool {
	for _, r := range ph.running {
		if r.epoch == epoch && r.Until.IsZero() {
			return true
		}
	}
	return false
}

func stepFailed(ph *phase) bool {
	if len(ph.running) > 0 {
		return false
	}
	for _, r := range ph.results {
		if !r.Outcome.Skipped && !r.Outcome.Idle && r.Outcome.Verdict != scenarios.OK {
			return true
		}
	}
	return false
}

func idempotent(steps []*scenarios.Step) bool {
	for _, s := range steps {
		if !s.Idempotent && s.Kind != "wait" {
			return false
		}
	}
	return true
}

// nextRecheck repeats the check until it was OK often enough in a row, or for
// too long was not.
func (in *incident) nextRecheck(t *todo, sc *scenarios.Scenario, now time.Time) {
	p := in.pass
	begin := in.recoveryEnded().Add(sc.Recheck.Settle)
	if now.Before(begin) {
		t.wait(begin)
		return
	}
	round := len(p.rounds)
	if round > 0 {
		last := p.rounds[round-1]
		if last.verdict == nil {
			in.nextRound(t, sc, round, now)
			return
		}
		if last.verdict.Final {
			in.endRecheck(t, last, now)
			return
		}
		again := last.ended.Add(sc.Recheck.Every)
		if end := in.recheckOver(sc); again.After(end) {
			again = end // the last look is when the time is over, not after it
		}
		if now.Before(again) {
			t.wait(again)
			return
		}
	}
	in.nextRound(t, sc, round+1, now)
}

// nextRound runs one round of the re-check; its verdict says whether it is the
// last. An OK that came too late to be stable is NG: nobody saw it hold.
func (in *incident) nextRound(t *todo, sc *scenarios.Scenario, round int, now time.Time) {
	in.nextPhase(t, sc, place{Pass: in.pass.id, Phase: scenarios.Recheck, Round: round}, now)
	if t.do != doVerdict {
		return
	}
	good := 0
	if t.found == scenarios.OK {
		good = 1
		for i := round - 2; i >= 0 && in.pass.rounds[i].verdict.Verdict == scenarios.OK; i-- {
			good++
		}
	}
	over := !now.Before(in.recheckOver(sc))
	t.final = over || good >= max(1, sc.Recheck.Stable)
	if over && t.found == scenarios.OK && good < sc.Recheck.Stable {
		t.found, t.why = scenarios.NG, whyNotStable
	}
}

// recheckOver is when the re-check has taken long enough, counted from its first
// look: while amsbot was away nobody looked.
func (in *incident) recheckOver(sc *scenarios.Scenario) time.Time {
	since := in.recoveryEnded().Add(sc.Recheck.Settle)
	if len(in.pass.rounds) > 0 {
		since = in.pass.rounds[0].began
	}
	return since.Add(sc.Recheck.Within)
}

// recoveryEnded is when the last thing was done to the target.
func (in *incident) recoveryEnded() time.Time {
	ph := in.pass.phases[scenarios.Recover]
	switch {
	case ph == nil:
		return in.pass.began
	case in.pass.broken != nil || ph.ended.IsZero():
		return in.pass.brokeAt
	default:
		return ph.ended
	}
}

// endRecheck ends the pass by the re-check's verdict, which drives the branch,
// not the exit code of the recovery.
func (in *incident) endRecheck(t *todo, last *phase, now time.Time) {
	p := in.pass
	ok := last.verdict.Verdict == scenarios.OK
	switch {
	case p.broken != nil && ok:
		t.conclude(branchSafe, "")
	case p.broken != nil:
		t.conclude(branchInterrupted, p.broken.Why)
	case p.held != nil && !ok:
		t.conclude(branchHeld, p.held.Text)
	case !ok:
		t.conclude(branchFailed, last.verdict.Why)
	case p.held != nil || p.phases[scenarios.Recover].verdict.Verdict != scenarios.OK:
		t.conclude(branchHealed, "")
	case in.wantRead(t, last.judged, now):
		t.conclude(branchRecovered, "")
	}
}

// judge is the verdict of what has been found in a phase.
func judge(ph *phase) scenarios.Verdict {
	var all []scenarios.Outcome
	for _, r := range ph.results {
		all = append(all, r.Outcome)
	}
	return scenarios.Judge(all)
}
