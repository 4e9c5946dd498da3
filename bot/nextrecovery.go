package bot

import (
	"time"

	"amsbot/scenarios"
)

// nextRecovery runs the recovery's steps, then the check again.
func (in *incident) nextRecovery(t *todo, sc *scenarios.Scenario, now time.Time) {
	p := in.pass
	at := place{Pass: p.id, Phase: scenarios.Recover}
	ph := p.find(at)
	if p.broken == nil && p.held == nil && ph.verdict == nil {
		if stepFailed(ph) {
			t.do, t.place, t.final, t.found = doVerdict, at, true, judge(ph)
			return
		}
		if i, left := ph.left(in.epoch, len(sc.Recover)); left && !idempotent(sc.Recover) {
			t.do, t.place, t.steps = doBreak, at, []int{i}
			return
		}
		if in.nextPhase(t, sc, at, now) == nil {
			return
		}
	}
	if p.held != nil && ph.runs(in.epoch) {
		return // its goroutine reports
	}
	in.nextRecheck(t, sc, now)
}

// left is the step at which an earlier process left a recovery: the one that ran
// then, or the first that was never started. What happened to the target since
// then nobody saw, so the rest is not simply done. false: it was not left.
func (ph *phase) left(epoch uint64, steps int) (int, bool) {
	if ph.epoch == 0 || ph.epoch == epoch {
		return 0, false
	}
	for i := range steps {
		if ph.results[i] == nil {
			return i, true
		}
	}
	return 0, false
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
	over := !in.pass.rounds[round-1].ended.Before(in.recheckOver(sc)) // by when it was seen: a restart may lie between
	t.final = over || good >= max(1, sc.Recheck.Stable)
	if over && t.found == scenarios.OK && good < sc.Recheck.Stable {
		t.found, t.why = scenarios.NG, whyNotStable
	}
}

// recheckOver is when the re-check has taken long enough, counted from the first
// look of the process that looks: while amsbot was away nobody did.
func (in *incident) recheckOver(sc *scenarios.Scenario) time.Time {
	since := in.recoveryEnded().Add(sc.Recheck.Settle)
	var epoch uint64
	for _, r := range in.pass.rounds {
		if r.epoch != epoch {
			epoch, since = r.epoch, r.since
		}
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
