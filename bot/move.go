package bot

import (
	"context"
	"errors"
	"slices"

	"amsbot/bot/words"
	"amsbot/scenarios"
)

// errMoved says that something else came first: look again.
var errMoved = errors.New("bot: the incident has moved on")

// move does what next said, in one commit, if it is still what next says there.
// It returns whether the incident went on.
func (b *Bot) move(ctx context.Context, in *incident, t todo) (bool, error) {
	decision := b.decision(in, t) // regular expressions and expressions take their time outside the commit
	var may *decider
	if t.do == doIntent && in.pass.by != nil {
		d := b.decider(ctx, in.project, in.pass.by, in.pass.click)
		may = &d
	}
	wrote, err := b.commit(ctx, in.key, func(c *change) error {
		now := next(c.in, c.sc, c.now)
		c.may = may
		if now.do != t.do || now.place != t.place || t.do == doMatch && c.in.read != in.read || t.do == doIntent && !c.decided() {
			return errMoved
		}
		return c.do(now, decision)
	})
	if errors.Is(err, errMoved) {
		return true, nil
	}
	return wrote && t.do != doNothing, err
}

// decision is which scenario an incident gets, where that is what to do; else nil.
func (b *Bot) decision(in *incident, t todo) *scenarios.Decision {
	if t.do != doMatch {
		return nil
	}
	d := b.Scenarios().Match(in.snap.Incident)
	if d.Scenario != nil {
		b.pinNow(d.Scenario.Version, d.Scenario)
	}
	return &d
}

func (c *change) do(t todo, d *scenarios.Decision) error {
	switch t.do {
	case doBegin:
		c.begin()
	case doMatch:
		c.match(*d)
	case doOffer:
		c.offer(t.acts)
	case doExpire:
		c.write(kindExpired, amsbot, expired{Acts: t.acts})
	case doSteps:
		c.start(t)
	case doWaited:
		c.waited(t)
	case doVerdict:
		c.verdict(t)
	case doIntent:
		c.intend(t)
	case doWait:
		c.ask()
	case doBreak:
		c.interrupt(t)
	case doPass:
		c.withdraw("withdrawn.checks")
		c.write(kindPass, amsbot, passBegan{Reason: passUnacked})
	case doLift:
		c.lift()
	case doConclude:
		c.conclude(t)
	case doClose:
		c.close()
	}
	return nil
}

func (c *change) begin() {
	reason, since, n := "triggered", c.in.first, 1
	if c.in.run != nil {
		reason, since, n = "reopened", c.now, c.in.run.N+1
	}
	c.write(kindRun, amsbot, runBegan{N: n, Reason: reason, Since: since, Self: c.bot.Self})
}

// offer puts acts before people that need no further thought.
func (c *change) offer(acts []string) {
	o := offered{Acts: acts, Override: c.toOverride(acts)}
	for _, a := range acts {
		if a == DoRecover && c.in.match != nil {
			o.Expires = c.now.Add(c.in.match.Approval)
		}
	}
	c.write(kindOffered, amsbot, o)
}

func (c *change) match(d scenarios.Decision) {
	project := c.in.project
	if d.Project != nil {
		project = viewOf(d.Project)
	}
	if project == nil {
		project = &projectView{}
	}
	why := worded(d.Why, c.bot.wordsIn(project.Language))
	if d.Scenario == nil {
		c.write(kindUnmatched, amsbot, unmatched{Project: *project, Reason: whyUnmatched(d), Names: append(d.Tie, d.Ambiguous...), Why: why})
		return
	}
	sc := d.Scenario
	m := matched{
		Project: *project, Scenario: sc.Name, Version: sc.Version, Autonomy: sc.Autonomy,
		Target: d.Target, Groups: d.Groups, Why: why, Described: sc.Description,
		Check: names(sc.Check), Gather: names(sc.Gather), Recover: names(sc.Recover),
		Deadline: sc.Deadline, Approval: sc.Approval.Expires, Second: sc.Approval.SecondPerson, BreakGlass: sc.Approval.BreakGlass, Alerts: len(c.in.openAlerts()),
	}
	for _, s := range sc.Sources() {
		m.Sources = append(m.Sources, sourceRef{Name: s.Name, Hash: c.blob(s.Data)})
	}
	facts := scenarios.Facts{Incident: c.in.snap.Incident, Target: d.Target, Groups: d.Groups}
	for _, st := range sc.Recover {
		shown, err := st.Show(facts)
		if err != nil {
			shown = st.Name
		}
		m.Shown = append(m.Shown, shown)
	}
	for _, l := range sc.Links {
		if url, err := l.URL(facts); err == nil {
			m.Links = append(m.Links, link{Name: l.Name, URL: url})
		}
	}
	c.limit(&m, sc)
	c.sc = sc
	c.sight(&m)
	c.write(kindMatched, amsbot, m)
	c.sighted()
}

// limit lowers the autonomy of a run, and says why nothing recovers by itself.
func (c *change) limit(m *matched, sc *scenarios.Scenario) {
	if c.bot.Observe && m.Autonomy != scenarios.Observe {
		m.Autonomy, m.Capped = scenarios.Observe, "capped.observe"
	}
	if c.in.run.N > 1 && m.Autonomy == scenarios.Auto {
		m.Autonomy, m.Capped = scenarios.Ask, "capped.reopened"
	}
	m.Late = c.late(sc)
	for _, a := range c.in.openAlerts() {
		var r resolvedHere
		if ok, err := c.view.Guard(resolvedGuard(c.in, a), &r); err == nil && ok && r.Incident != c.in.key && c.now.Sub(r.At).Abs() < cameBackWithin {
			m.CameBack, m.CameBackNumber = r.Incident, r.Number
		}
	}
}

func names(steps []*scenarios.Step) []string {
	var out []string
	for _, s := range steps {
		out = append(out, s.Name)
	}
	return out
}

// worded are the reasons for and against each scenario, in a language.
func worded(all []scenarios.Why, w words.Catalogue) []scenarios.Why {
	out := slices.Clone(all) // a decision may be written twice
	for i, y := range out {
		out[i].Text = y.Words(func(f scenarios.Found, values []any) string { return w.Say("fits."+string(f), values...) })
	}
	return out
}

// whyUnmatched is the reason in one word of the catalogue, with what differs.
func whyUnmatched(d scenarios.Decision) string {
	switch {
	case len(d.Tie) > 0:
		return "unmatched.tie"
	case len(d.Ambiguous) > 0:
		return "unmatched.ambiguous"
	}
	return "unmatched.none"
}

// verdict ends a phase, or a round of a re-check.
func (c *change) verdict(t todo) {
	ph := c.in.pass.find(t.place)
	v := phaseVerdict{place: t.place, Verdict: t.found, Final: t.final, Why: t.why}
	for i := range len(ph.results) {
		r := ph.results[i]
		if r == nil || r.Outcome.Skipped || r.Outcome.Idle {
			continue
		}
		v.Of++
		if r.Outcome.Verdict == scenarios.OK {
			v.Good++
		}
		if r.Outcome.Verdict == t.found && v.Why == "" { // the first of those that decide
			v.Why = r.Outcome.Why
		}
	}
	if v.Of == 0 {
		v.Why = whyNoneRan
	}
	c.write(kindVerdict, amsbot, v)
	if t.final {
		c.tellPhase(t.place)
	}
}

// interrupt ends a recovery whose end nobody saw: it is not started again.
func (c *change) interrupt(t todo) {
	at := t.place
	at.Step = t.steps[0]
	why := "interrupted.crash"
	if c.in.pass.find(at).running[at.Step] != nil { // else it had not begun
		why = c.unseen(at)
	}
	c.write(kindInterrupted, amsbot, interrupted{Pass: c.in.pass.id, Step: c.sc.Steps(at.Phase)[at.Step].Name, Why: why})
}

// close ends the incident: PagerDuty says that it is over, or our own act did.
func (c *change) close() {
	c.withdraw("withdrawn.over")
	how := "resolved"
	by := c.in.snap.ChangedBy
	if c.in.snap.MergedInto != "" {
		how = "merged"
	}
	if c.in.snap.Unknown {
		how, by = "unknown", Person{Name: "PagerDuty"}
	}
	if c.in.resolved > c.in.readFrom {
		by = Person{ID: c.in.run.Self.ID, Name: c.in.fullName(c.in.resolvedBy)}
	}
	if how != "unknown" && by.Name != "" && by.Email == "" && (c.in.run == nil || by.ID != c.in.run.Self.ID) { // a service: its monitoring tool
		by.Name = c.w.Say("by.service", by.Name)
	}
	if c.in.run != nil && c.in.pass != nil && c.in.pass.ended == nil {
		why := c.w.Say("closed."+how, orMonitoring(by.Name, c.w))
		if c.in.snap.MergedInto != "" {
			why += " (" + c.in.snap.MergedInto + ")"
		}
		c.conclude(todo{end: branchOver, why: why})
	}
	c.write(kindClosed, amsbot, closed{How: how, By: by})
	c.told()
}

// report tells of a recovery that was left in the middle, once what had begun
// has ended: whoever took over meanwhile wants to know how.
func (c *change) report() {
	at := place{Pass: c.in.pass.id, Phase: scenarios.Recover}
	if ph := c.in.pass.find(at); ph.verdict == nil && len(ph.results) > 0 && len(ph.running) == 0 {
		c.verdict(todo{place: at, final: true, found: judge(ph)})
	}
}
