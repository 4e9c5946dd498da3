package bot

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"amsbot/scenarios"
)

// The guards, by the names that people read.
const (
	guardPause        = "pause"
	guardCooldown     = "cooldown"
	guardRuns         = "runs"
	guardScenarioRuns = "scenario_runs"
	guardAllRuns      = "all_runs"
	guardLock         = "lock"
	guardBreaker      = "breaker"
	guardMasking      = "masking"
	guardStorm        = "storm"
	guardAmbiguous    = "ambiguous"  // open alerts name different targets
	guardPermission   = "permission" // of whoever pressed, taken away since
	guardApproval     = "approval"   // a storm's decision of one person, where this scenario takes two
)

const (
	homeGuard      = "home:"
	homeFresh      = time.Hour
	cameBackWithin = 30 * time.Minute
)

// lockHeld is the value of a target's lock.
type lockHeld struct {
	Incident string    `json:"incident"`
	Number   int       `json:"number"`
	Since    time.Time `json:"since"`
}

// resolvedHere says which incident's resolve by amsbot an alert last belonged to.
type resolvedHere struct {
	Incident string    `json:"incident"`
	Number   int       `json:"number"`
	At       time.Time `json:"at"`
}

// paused is the pause that holds this incident's scenario, as a hold; nil if none does.
func (c *change) paused() *held {
	p := pausedBy(c.view, c.in.match.Project.Name, c.in.match.Scenario)
	if p == nil {
		return nil
	}
	return &held{Pass: c.in.pass.id, Guard: guardPause, Text: p.held(c.w)}
}

// pausedBy is the pause that holds a scenario; nil if none does.
func pausedBy(v ledger, project, scenario string) *paused {
	for _, scope := range pauseScopes(project, scenario) {
		var p paused
		if ok, err := v.Guard(pauseGuard(scope), &p); err != nil || ok {
			p.Scope = scope
			return &p
		}
	}
	return nil
}

// intend asks the guards and, where none holds, begins the recovery: intent,
// guard counters and the first step's start are one commit.
func (c *change) intend(t todo) {
	p := c.in.pass
	if p.waiting != nil && c.locked() == nil { // the other recovery may have helped: look first
		c.write(kindPass, amsbot, passBegan{Reason: passLock})
		return
	}
	if h := cmp.Or(c.lonely(), c.forbidden(), c.stopped()); h != nil {
		c.hold(*h)
		return
	}
	if holder := c.locked(); holder != nil {
		if p.waiting == nil {
			c.write(kindWaiting, amsbot, waiting{Pass: p.id, Holder: holder.Incident, Text: c.w.Say("held.lock", c.in.match.Target, holder.Number)})
		}
		return
	}
	if h := c.braked(); h != nil {
		c.hold(*h)
		return
	}
	if a := c.tripped(); a != nil && p.by == nil {
		c.write(kindAsks, amsbot, *a)
		c.wait()
		return
	}
	if a := c.restored(); a != nil && p.by == nil {
		c.write(kindAsks, amsbot, *a)
		c.wait()
		return
	}
	i := intent{Pass: p.id, Rule: "auto", Target: c.in.match.Target, Shown: c.shown(), Guards: c.asked()}
	by := amsbot
	if p.by != nil {
		i.Rule, by, i.Over = "click", p.by.Name, c.overridden()
	}
	c.write(kindIntent, by, i)
	c.count()
	c.acknowledge()
	if again := next(c.in, c.sc, c.now); again.do == doSteps {
		c.start(again)
	}
}

// stopped is what nobody may override and what nothing waits for: a pause, a
// maintenance window, or several targets; nil if there is none of them.
func (c *change) stopped() *held {
	if h := c.paused(); h != nil {
		return h
	}
	if h := c.maintained(); h != nil {
		return h
	}
	return c.ambiguous()
}

// toOverride are the guards that pressing one of these acts would have to
// override now: the button says so before it is pressed. Masking holds nothing:
// who may override it only spares the second line.
func (c *change) toOverride(acts []string) []string {
	if c.sc == nil || c.in.match == nil {
		return nil
	}
	for _, act := range []string{DoRecover, DoAgain} {
		if !slices.Contains(acts, act) {
			continue
		}
		var out []string
		for _, h := range c.spent(act) {
			out = append(out, h.Guard)
		}
		if c.masks() {
			out = append(out, guardMasking)
		}
		return out
	}
	return nil
}

// ambiguous holds where an open alert is about another target than the one that
// was checked: grouped alerts may have come since.
func (c *change) ambiguous() *held {
	for _, a := range c.in.openAlerts() {
		if !c.covers(a) {
			return &held{Pass: c.in.pass.id, Guard: guardAmbiguous, Text: c.w.Say("held.ambiguous", c.in.match.Target)}
		}
	}
	return nil
}

// covers says whether the check looked at what an alert is about: its target is
// the one that was checked.
func (c *change) covers(a scenarios.Alert) bool {
	alone := c.in.snap.Incident
	alone.Alerts = []scenarios.Alert{a}
	target, err := c.sc.Aim(alone, c.in.match.Groups)
	return err == nil && target == c.in.match.Target
}

// locked is who else recovers this target now; nil if nobody does.
func (c *change) locked() *lockHeld {
	if !c.sc.Guards.Lock {
		return nil
	}
	var l lockHeld
	ok, err := c.view.Guard(c.in.lockGuard(), &l)
	if err != nil || !ok || l.Incident == c.in.key {
		return nil
	}
	return &l
}

// acknowledge takes the incident together with the intent, where the scenario
// lets it and PagerDuty will take it back by itself if amsbot dies.
func (c *change) acknowledge() {
	s := c.in.snap
	if !c.sc.Acknowledge || c.in.pass.by != nil || !c.in.holds() || s.AckTimeout <= 0 || s.AckTimeout > c.sc.Deadline {
		return
	}
	c.want(ToPagerDuty, ActAcknowledge, amsbot, AckArgs{ID: c.in.id(), From: c.bot.Self.Email})
}

// freeLock gives the target's lock back once nothing of this incident's
// recovery runs any more. An incident that is reopened may be about another
// target, fit no scenario, or wait for a person: so the locks are those that its
// intents took, and only a pass that has recovered keeps them until it ends.
func (c *change) freeLock() {
	p := c.in.pass
	if p == nil || p.intent != nil && p.ended == nil && !c.in.over() || c.in.stepRuns() {
		return
	}
	for _, key := range c.in.locks {
		var l lockHeld
		if ok, err := c.view.Guard(key, &l); err == nil && ok && l.Incident == c.in.key {
			c.guard(key, nil)
		}
	}
}

// hold writes that a guard holds the recovery; next ends the pass.
func (c *change) hold(h held) {
	c.write(kindHeld, amsbot, h)
	if h.Guard == guardStorm {
		c.join(h)
	}
	c.report()
}

// asked names the guards that were asked and did not hold.
func (c *change) asked() []string {
	out := []string{guardPause, guardMaintenance, guardAmbiguous}
	g := c.sc.Guards
	if g.Cooldown > 0 {
		out = append(out, guardCooldown+" "+span(g.Cooldown))
	}
	for _, n := range c.counters() {
		if n.limit.N > 0 {
			out = append(out, fmt.Sprintf("%s %d per %s", n.guard, n.limit.N, span(n.limit.Per)))
		}
	}
	if g.Lock {
		out = append(out, guardLock)
	}
	if g.Storm.N > 0 {
		out = append(out, fmt.Sprintf("%s %d per %s", guardStorm, g.Storm.N, span(g.Storm.Per)))
	}
	if g.Breaker > 0 {
		out = append(out, fmt.Sprintf("%s %d", guardBreaker, g.Breaker))
	}
	return out
}

// overridden are the guards that whoever pressed overrides: those that the
// button's confirm had named, and no other that came since.
func (c *change) overridden() []string {
	by := c.in.pass.by
	switch {
	case by == nil || !by.Override:
		return nil
	case by.Over != nil:
		return by.Over
	}
	if o := c.in.offerAt(by.Offer, by.Act); o != nil {
		return o.override
	}
	return nil
}

// braked is the first guard that holds and that nobody overrides; nil if none does.
func (c *change) braked() *held {
	over := c.overridden()
	for _, h := range c.spent(c.in.pass.act) {
		if !slices.Contains(over, h.Guard) {
			return &h
		}
	}
	return nil
}

// shown are the recovery's commands with values filled in.
func (c *change) shown() []string {
	facts := c.facts()
	var out []string
	for _, st := range c.sc.Recover {
		s, err := st.Show(facts)
		if err != nil {
			s = st.Name
		}
		out = append(out, s)
	}
	return out
}

func (in *incident) number() int {
	if in.snap != nil && in.snap.Incident.Number != 0 {
		return in.snap.Incident.Number
	}
	return in.hint.Number
}
