package bot

import (
	"strings"

	"amsbot/bot/words"
)

// stuck says whether nobody was told by PagerDuty who should have been: the newest
// escalation of this run did not work, and amsbot still has the incident.
func (in *incident) stuck() bool {
	a := in.lastAct(ActEscalate, in.runSeq)
	return a != nil && a.state == kindFailed && !a.needless() && in.holds() && !in.tookOver()
}

// needs is what is left to a person, a sentence each: an act of ours that did not
// work, a program that could not be ended, that it is paused, then what to do.
func (in *incident) needs(w words.Catalogue) []string {
	if in.over() {
		return nil
	}
	var out []string
	for _, a := range in.failures() {
		out = append(out, w.Say("failed."+a.Kind, a.result.Why))
	}
	if len(in.left) > 0 {
		out = append(out, w.Say("need.end", plain(strings.Join(in.left, ", "), 200)))
	}
	if paused := in.pauseNeed(w); paused != "" {
		out = append(out, paused)
	}
	if need := in.need(); need != "" {
		out = append(out, w.Say(need))
	}
	return out
}

// need is what somebody has to do about a response that has ended, where the result
// does not say it and nobody has the incident yet; "" where nothing is left.
func (in *incident) need() string {
	if in.pass == nil || in.pass.ended == nil || in.over() || in.person() != "" || in.tookOver() {
		return ""
	}
	switch in.pass.ended.Branch {
	case branchHeld:
		if in.planned != nil {
			return "need.planned"
		}
		return "need.take"
	case branchOK, branchHealed:
		return "need.look"
	case branchRecovered:
		if in.pass.ended.Outcome == EscalatedOutcome { // too often: somebody has to find out why
			return "need.take"
		}
		if in.stuck() { // it could neither be resolved nor handed over
			return "need.look"
		}
	case branchFailed:
		if in.standing(DoRecover, in.last) != nil {
			return "wait.ask"
		}
		return "need.take"
	case branchUnmatched, branchUnknown, branchDeadline, branchObserved, branchInterrupted, branchExpired:
		return "need.take"
	}
	return ""
}

// heldBack says whether a guard holds the recovery: whoever may, presses on all the
// same, and nobody is asked to. What was held for want of a permission or of a second
// person does wait for somebody to press, and so does what a pause held that is lifted.
func (in *incident) heldBack() bool {
	p := in.pass
	_, over := in.heldByPause()
	return p != nil && p.ended != nil && p.ended.Branch == branchHeld && p.held != nil && !over &&
		p.held.Guard != guardPermission && p.held.Guard != guardApproval
}
