package bot

import (
	"strings"
	"time"

	"amsbot/scenarios"
)

// conclude ends a pass: its outcome, and the acts that `then` says for the
// branch, are one commit.
func (c *change) conclude(t todo) {
	p := c.in.pass
	out := c.outcome(t)
	text := c.w.Say("end."+string(t.end), c.w.Say(t.why))
	switch t.end {
	case branchOver:
		text = t.why
	case branchUnmatched:
		text = c.in.unmatched.words(c.w)
	case branchExpired:
		if r := c.in.unapproved(); r != nil {
			text = c.w.Say("end.unapproved", r.Name)
		}
	}
	by := amsbot
	if p.by != nil {
		by = p.by.Name
	}
	c.report()
	told := c.tally(t)
	endings := c.endings(t.end)
	hides := t.end == branchRecovered && told != ""
	if hides {
		out, endings = EscalatedOutcome, unmasked(endings)
	}
	if told != "" {
		text = strings.TrimRight(text, ".") + ". " + told
	}
	c.write(kindConcluded, by, concluded{Pass: p.id, Outcome: out, Branch: t.end, Text: text})
	c.remember(out)
	c.told()
	if t.end == branchOK && p.act == "" {
		c.unsighted()
	}
	e := &ending{change: c, branch: t.end, by: c.person()}
	for _, end := range endings {
		e.add(end)
	}
	if p.by == nil && t.end != branchOver && !e.moved && c.in.holds() { // nothing may end with nobody paged
		e.escalate("first_line")
	}
	e.finish(text)
}

// outcome is what the first response came to.
func (c *change) outcome(t todo) Outcome {
	if c.in.pass.looks() && c.in.conclusion != nil && t.end != branchHealed && t.end != branchSafe {
		return c.in.conclusion.Outcome // looking once more changes nothing of what came of it
	}
	switch t.end {
	case branchOK:
		return NoFault
	case branchRecovered:
		return c.recoveredBy()
	case branchHealed:
		return Healed
	case branchHeld:
		return HeldOutcome
	case branchUnmatched:
		return HandedOver
	case branchObserved:
		return Observed
	case branchInterrupted, branchSafe:
		return Interrupted
	case branchExpired:
		return Expired
	case branchOver:
		switch {
		case c.in.snap.MergedInto != "":
			return Merged
		case c.in.resolved > c.in.readFrom || isPerson(c.in.snap.ChangedBy):
			return ResolvedByPerson
		case c.in.pass.worked():
			return c.recoveredBy()
		}
		return ResolvedByMonitoring
	}
	return EscalatedOutcome
}

func (c *change) recoveredBy() Outcome {
	if c.in.pass.by != nil {
		return RecoveredByWord
	}
	return Recovered
}

// worked says whether a recovery went well and the check after it was OK, if
// not yet often enough: monitoring that resolves now agrees with it.
func (p *pass) worked() bool {
	ph := p.phases[scenarios.Recover]
	if ph == nil || ph.verdict == nil || ph.verdict.Verdict != scenarios.OK {
		return false
	}
	for i := len(p.rounds) - 1; i >= 0; i-- {
		if v := p.rounds[i].verdict; v != nil {
			return v.Verdict == scenarios.OK
		}
	}
	return false
}

// looks says whether a pass only checks: after the run has come to a result, at
// a person's word or because PagerDuty took an acknowledgement back.
func (p *pass) looks() bool { return p.act == DoCheck || p.act == DoMark }

// isPerson tells a user of PagerDuty from a service or an integration.
func isPerson(p Person) bool { return p.Email != "" }

func outcomeKey(o Outcome) string { return strings.ReplaceAll(string(o), " ", "_") }

// endings are the acts of a branch. Observing never does more than report.
func (c *change) endings(b branch) []scenarios.Ending {
	if c.in.pass.looks() && c.in.pass.by != nil || b == branchOver {
		return nil // whoever looked has the result, and the buttons
	}
	report := []scenarios.Ending{{Act: scenarios.Report}}
	first := []scenarios.Ending{{Act: scenarios.Escalate, To: "first_line"}}
	if c.in.pass.looks() && b != branchOK && b != branchHealed { // nobody looked, and somebody has to
		return first
	}
	if b == branchUnmatched || b == branchInterrupted {
		return first
	}
	if c.sc == nil || c.in.match == nil || c.in.match.Autonomy == scenarios.Observe {
		return report
	}
	switch b {
	case branchOK:
		return c.sc.Then.OK
	case branchRecovered:
		return c.sc.Then.Recovered
	case branchFailed, branchDeadline:
		return c.sc.Then.Failed
	case branchUnknown:
		if c.in.pass.by == nil {
			return c.sc.Then.Unknown
		}
		return nil
	case branchHeld:
		switch {
		case c.in.pass.by != nil:
			return nil
		case c.in.pass.held != nil && c.in.pass.held.Guard == guardMaintenance && !c.sc.Then.HeldSaid:
			return report
		}
		return c.sc.Then.Held
	}
	return report
}

// person is who pressed for this pass, where what follows is their act.
func (c *change) person() *clicked {
	p := c.in.pass
	if p.by != nil && (p.act == DoRecover || p.act == DoAgain) && p.by.As.ID != "" {
		return p.by
	}
	return nil
}

// ending collects what a branch's acts want, so that people are told once.
type ending struct {
	*change
	branch  branch
	by      *clicked
	mention []Person
	tell    bool   // a person is needed
	moved   bool   // it is resolved, or somebody gets it
	extra   string // said in addition
}

func (e *ending) add(end scenarios.Ending) {
	switch end.Act {
	case scenarios.Report:
		if e.by == nil && e.in.holds() {
			e.escalate("first_line")
		}
	case scenarios.Resolve:
		e.resolve()
	case scenarios.Escalate:
		e.tell = true
		e.escalate(end.To)
	case scenarios.Notify:
		e.tell = true
	}
	if text, err := end.Message(e.factsOrNone()); err == nil && text != "" {
		e.extra = strings.TrimSpace(e.extra + "\n" + plainLines(text, 600))
	}
}

func (c *change) factsOrNone() scenarios.Facts {
	if c.in.match == nil {
		return scenarios.Facts{Incident: c.in.snap.Incident}
	}
	return c.facts()
}

// resolve wants the incident resolved, unless a person has acknowledged it: then
// they are told, and have the button.
func (e *ending) resolve() {
	args := ResolveArgs{ID: e.in.id(), From: e.bot.Self.Email, Note: e.w.Say("note.resolution", e.in.match.Scenario)}
	by := amsbot
	switch {
	case e.by != nil:
		args.From, by = e.by.As.Email, e.by.Name
	case e.in.person() != "":
		e.tell, e.extra = true, e.w.Say("end.theirs", plain(e.in.person(), 80))
		e.mention = e.in.snap.Acknowledged
		return
	default:
		args.HeldBy = e.bot.Self.ID
		for _, a := range e.in.openAlerts() {
			if !e.covers(a) || a.CreatedAt.After(e.in.pass.lastCheck()) {
				e.extra = e.w.Say("end.uncovered")
				e.escalate("first_line")
				return
			}
			args.Covered = append(args.Covered, a.ID)
		}
	}
	e.moved = true
	e.want(ToPagerDuty, ActResolve, by, args)
}

// lastCheck is when the check whose verdict counts began.
func (p *pass) lastCheck() time.Time {
	if n := len(p.rounds); n > 0 {
		return p.rounds[n-1].began
	}
	return p.find(place{Phase: scenarios.Check}).began
}
