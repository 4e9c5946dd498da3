package bot

import (
	"fmt"
	"slices"
	"time"

	"amsbot/scenarios"
)

// The guards, by the names that people read.
const (
	guardCooldown  = "cooldown"
	guardRuns      = "runs"
	guardLock      = "lock"
	guardPause     = "pause"
	guardAmbiguous = "ambiguous" // open alerts name different targets
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

// recoveries is when a scenario's recoveries of a target began, oldest first.
type recoveries struct {
	Times []time.Time `json:"times"`
}

// resolvedHere says which incident's resolve by amsbot an alert last belonged to.
type resolvedHere struct {
	Incident string    `json:"incident"`
	Number   int       `json:"number"`
	At       time.Time `json:"at"`
}

// paused is the pause that holds this incident's scenario, as a hold; nil if none does.
func (c *change) paused() *held {
	for _, scope := range pauseScopes(c.in.match.Project.Name, c.in.match.Scenario) {
		var p paused
		if ok, err := c.view.Guard(pauseGuard(scope), &p); err != nil || ok {
			return &held{Pass: c.in.pass.id, Guard: guardPause, Text: c.w.Say("held.pause", scope, p.Name)}
		}
	}
	return nil
}

// intend asks the guards and, where none holds, begins the recovery: intent,
// guard counters and the first step's start are one commit.
func (c *change) intend(t todo) {
	p := c.in.pass
	over := p.by != nil && p.by.Override
	if p.waiting != nil && c.locked() == nil { // the other recovery may have helped: look first
		c.write(kindPass, amsbot, passBegan{Reason: passLock})
		return
	}
	if h := c.stopped(); h != nil {
		c.hold(*h)
		return
	}
	if holder := c.locked(); holder != nil {
		if p.waiting == nil {
			c.write(kindWaiting, amsbot, waiting{Pass: p.id, Holder: holder.Incident, Text: c.w.Say("held.lock", c.in.match.Target, holder.Number)})
		}
		return
	}
	if h := c.spent(p.act); h != nil && !over {
		c.hold(*h)
		return
	}
	i := intent{Pass: p.id, Rule: "auto", Target: c.in.match.Target, Shown: c.shown(), Guards: c.asked()}
	by := amsbot
	if p.by != nil {
		i.Rule, by = "click", p.by.Name
		if over {
			i.Over = c.overridden(p.by)
		}
	}
	c.write(kindIntent, by, i)
	c.count()
	c.acknowledge()
	if again := next(c.in, c.sc, c.now); again.do == doSteps {
		c.start(again)
	}
}

// stopped is what nobody may override and what nothing waits for: a pause, or
// several targets; nil if there is neither.
func (c *change) stopped() *held {
	if h := c.paused(); h != nil {
		return h
	}
	return c.ambiguous()
}

// spent is the guard that holds because this target was recovered lately: the
// cooldown, or the limit of runs; nil if neither does. A person may override it.
// Run Again takes up a recovery that was interrupted, so that one does not count
// against it.
func (c *change) spent(act string) *held {
	var past recoveries
	if _, err := c.view.Guard(c.in.runsGuard(), &past); err != nil {
		return nil
	}
	if act == DoAgain && len(past.Times) > 0 {
		past.Times = past.Times[:len(past.Times)-1]
	}
	if len(past.Times) == 0 {
		return nil
	}
	g := c.sc.Guards
	last := past.Times[len(past.Times)-1]
	if until := last.Add(g.Cooldown); g.Cooldown > 0 && c.now.Before(until) {
		return &held{Pass: c.in.pass.id, Guard: guardCooldown, Until: until,
			Text: c.w.Say("held.cooldown", c.in.match.Target, ago(c.now.Sub(last)), ago(until.Sub(c.now)))}
	}
	if g.Runs.N == 0 {
		return nil
	}
	since := c.now.Add(-g.Runs.Per)
	recent := slices.DeleteFunc(slices.Clone(past.Times), func(t time.Time) bool { return !t.After(since) })
	if len(recent) < g.Runs.N {
		return nil
	}
	until := recent[len(recent)-g.Runs.N].Add(g.Runs.Per)
	return &held{Pass: c.in.pass.id, Guard: guardRuns, Until: until,
		Text: c.w.Say("held.runs", c.in.match.Target, len(recent), ago(g.Runs.Per), ago(until.Sub(c.now)))}
}

// toOverride are the guards that pressing one of these acts would have to
// override now: the button says so before it is pressed.
func (c *change) toOverride(acts []string) []string {
	if c.sc == nil || c.in.match == nil {
		return nil
	}
	for _, act := range []string{DoRecover, DoAgain} {
		if h := c.spent(act); h != nil && slices.Contains(acts, act) {
			return []string{h.Guard}
		}
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

// count writes the counters and the lock of a recovery that begins.
func (c *change) count() {
	var past recoveries
	if _, err := c.view.Guard(c.in.runsGuard(), &past); err != nil {
		past = recoveries{}
	}
	keep := max(c.sc.Guards.Runs.Per, c.sc.Guards.Cooldown, 30*24*time.Hour)
	past.Times = slices.DeleteFunc(past.Times, func(t time.Time) bool { return c.now.Sub(t) > keep })
	past.Times = append(past.Times, c.now)
	if most := max(c.sc.Guards.Runs.N, 1) + 100; len(past.Times) > most {
		past.Times = past.Times[len(past.Times)-most:]
	}
	c.guard(c.in.runsGuard(), past)
	if c.sc.Guards.Lock {
		c.guard(c.in.lockGuard(), lockHeld{Incident: c.in.key, Number: c.in.number(), Since: c.now})
	}
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
	c.report()
}

// asked names the guards that were asked and did not hold.
func (c *change) asked() []string {
	out := []string{guardPause, guardAmbiguous}
	g := c.sc.Guards
	if g.Cooldown > 0 {
		out = append(out, guardCooldown+" "+g.Cooldown.String())
	}
	if g.Runs.N > 0 {
		out = append(out, fmt.Sprintf("%s %d per %s", guardRuns, g.Runs.N, g.Runs.Per))
	}
	if g.Lock {
		out = append(out, guardLock)
	}
	return out
}

// overridden are the guards that the click's offer named.
func (c *change) overridden(by *clicked) []string {
	if o := c.in.offerAt(by.Offer, by.Act); o != nil {
		return o.override
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
