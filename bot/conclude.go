package bot

import (
	"slices"
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
	}
	by := amsbot
	if p.by != nil {
		by = p.by.Name
	}
	c.report()
	c.write(kindConcluded, by, concluded{Pass: p.id, Outcome: out, Branch: t.end, Text: text})
	e := &ending{change: c, branch: t.end, by: c.person()}
	for _, end := range c.endings(t.end) {
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
		if c.in.pass.by == nil {
			return c.sc.Then.Held
		}
		return nil
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

// escalate hands the incident to a line. By itself amsbot changes the
// assignment only while it is the sole assignee; else it tells who has it.
func (e *ending) escalate(to string) {
	e.tell, e.moved = true, true
	target := e.line(to)
	if e.by == nil && !e.in.holds() {
		e.mention = append(e.mention, e.in.snap.Assignees...)
		return
	}
	args := EscalateArgs{ID: e.in.id(), From: e.bot.Self.Email, HeldBy: e.bot.Self.ID, To: target, Fallback: e.bot.Fallback}
	by := amsbot
	if e.by != nil {
		args.From, args.HeldBy, by = e.by.As.Email, "", e.by.Name
	}
	e.mention = append(e.mention, e.in.onCall(target)...)
	e.want(ToPagerDuty, ActEscalate, by, args)
}

// line is where "first_line", "second_line" or "next" is.
func (c *change) line(to string) Target {
	var l scenarios.Line
	if c.in.project != nil {
		switch to {
		case "first_line":
			l = c.in.project.FirstLine
		case "second_line":
			l = c.in.project.SecondLine
		}
	}
	switch {
	case len(l.Users) > 0:
		return Target{Users: l.Users}
	case l.Policy != "" || l.Level > 0:
		t := Target{Policy: l.Policy, Level: l.Level}
		if t.Policy == "" {
			t.Policy = c.in.snap.Incident.Policy.ID
		}
		return t
	}
	return Target{Next: true}
}

// onCall is who a target pages, as last read; nil where that is not known.
func (in *incident) onCall(t Target) []Person {
	if in.snap == nil || len(t.Users) > 0 {
		return people(t.Users)
	}
	levels := in.snap.Levels
	if p := in.snap.Incident.Policy; t.Policy != "" && t.Policy != p.ID && t.Policy != p.Name {
		levels = in.lines[t.Policy]
	}
	level := max(t.Level, 1)
	if t.Next {
		level = in.level() + 1
	}
	for _, l := range levels {
		if l.Level == level {
			return l.OnCall
		}
	}
	return nil
}

// level is the policy's level that has the incident, by its assignees; 0 if not known.
func (in *incident) level() int {
	for i := len(in.snap.Levels) - 1; i >= 0; i-- {
		for _, p := range in.snap.Levels[i].OnCall {
			if slices.ContainsFunc(in.snap.Assignees, func(a Person) bool { return a.ID == p.ID }) {
				return in.snap.Levels[i].Level
			}
		}
	}
	return 0
}

func people(users []string) []Person {
	var out []Person
	for _, u := range users {
		if strings.Contains(u, "@") {
			out = append(out, Person{Name: u, Email: u})
		} else {
			out = append(out, Person{ID: u, Name: u})
		}
	}
	return out
}

// wait puts a recovery before people. Holding an incident and waiting for a
// person is a contradiction: it is handed over first.
func (c *change) wait() {
	acts := []string{DoRecover, DoCheck}
	c.write(kindOffered, amsbot, offered{Acts: acts, Expires: c.now.Add(c.in.match.Approval), Override: c.toOverride(acts)})
	e := &ending{change: c}
	if c.in.takenBy == "" || c.in.holds() {
		e.escalate("first_line")
	} else {
		e.mention = c.in.snap.Assignees
	}
	e.tell = true
	key := "wait.ask"
	switch {
	case c.in.match.CameBack != "":
		key = "wait.came_back"
	case c.in.match.Late != "":
		e.announce(c.w.Say(c.in.match.Late) + " " + c.w.Say(key))
		return
	case c.in.takenBy != "":
		key = "wait.taken"
	}
	e.announce(c.w.Say(key))
}
