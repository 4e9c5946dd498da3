package bot

import (
	"slices"
	"strings"
	"time"

	"amsbot/scenarios"
)

// recoveries is when something was recovered, oldest first: of one target by one
// scenario, of one scenario, or of all; or, with success, of one target by any.
type recoveries struct {
	Times []time.Time `json:"times"`
}

// kept is how long a recovery stays on record, whatever its guards look back.
const kept = 30 * 24 * time.Hour

// lately are the recoveries within a time before now, without one that does not
// count. One that lies so far in the future was written by a clock that was set
// back since: when it was, nobody knows.
func (r recoveries) lately(now time.Time, within time.Duration, but time.Time) []time.Time {
	return slices.DeleteFunc(slices.Clone(r.Times), func(t time.Time) bool {
		return !t.After(now.Add(-within)) || t.After(now.Add(within)) || t.Equal(but)
	})
}

// add puts one more on record, and drops what no guard looks at any more.
func (r *recoveries) add(now time.Time, keep time.Duration, most int) {
	r.Times = append(r.lately(now, keep, time.Time{}), now)
	if len(r.Times) > most {
		r.Times = r.Times[len(r.Times)-most:]
	}
}

// counted is one guard that counts recoveries in a window.
type counted struct {
	guard string // its name
	key   string // where its recoveries are
	limit scenarios.Limit
}

// counters are the guards that count recoveries, the narrowest first.
func (c *change) counters() []counted {
	return []counted{
		{guardRuns, c.in.runsGuard(), c.sc.Guards.Runs},
		{guardScenarioRuns, c.in.scenarioGuard(), c.sc.Guards.ScenarioRuns},
		{guardAllRuns, allRunsGuard, c.bot.AllRuns},
	}
}

// spent are the guards that hold because too much was recovered lately, or is in
// trouble at once: the cooldown of this target, the limits of it, of its scenario
// and of all, and before them the storm brake: one decision for all comes first.
// A person may override them. Run Again takes up a recovery that was interrupted,
// so that one does not count against it.
func (c *change) spent(act string) []held {
	var but time.Time
	if act == DoAgain {
		but = c.in.intended
	}
	var out []held
	if h := c.raging(); h != nil {
		out = append(out, *h)
	}
	for _, n := range c.counters() {
		var past recoveries
		if _, err := c.view.Guard(n.key, &past); err != nil {
			continue // the commit fails by itself
		}
		if h := c.cooling(n, past, but); h != nil {
			out = append(out, *h)
		}
		if h := c.full(n, past, but); h != nil {
			out = append(out, *h)
		}
	}
	return out
}

// overrideHolds say what holds that taking an offer overrides, and until when: who
// may not override it can wait for that.
func (c *change) overrideHolds(o *offer) string {
	if c.sc == nil {
		return guardNames(o.override, c.w)
	}
	var out []string
	for _, h := range c.spent(o.act) {
		out = append(out, plain(h.Text, 300))
	}
	return strings.Join(out, "; ")
}

// cooling is the cooldown, which looks at the recoveries of this target alone.
func (c *change) cooling(n counted, past recoveries, but time.Time) *held {
	cooldown := c.sc.Guards.Cooldown
	recent := past.lately(c.now, cooldown, but)
	if n.guard != guardRuns || len(recent) == 0 {
		return nil
	}
	last := recent[len(recent)-1]
	until := last.Add(cooldown)
	return c.holdsUntil(guardCooldown, until, c.in.match.Target, c.w.Took(c.now.Sub(last)), c.w.Took(until.Sub(c.now)))
}

// full is a limit that has been reached.
func (c *change) full(n counted, past recoveries, but time.Time) *held {
	recent := past.lately(c.now, n.limit.Per, but)
	if n.limit.N == 0 || len(recent) < n.limit.N {
		return nil
	}
	until := recent[len(recent)-n.limit.N].Add(n.limit.Per)
	whose := map[string]string{guardRuns: c.in.match.Target, guardScenarioRuns: c.in.match.Scenario, guardAllRuns: amsbot}[n.guard]
	return c.holdsUntil(n.guard, until, whose, len(recent), c.w.Took(n.limit.Per), c.w.Took(until.Sub(c.now)))
}

func (c *change) holdsUntil(guard string, until time.Time, args ...any) *held {
	return &held{Pass: c.in.pass.id, Guard: guard, Until: until, Text: c.w.Say("held."+guard, args...)}
}

// count writes the counters and the lock of a recovery that begins.
func (c *change) count() {
	for _, n := range c.counters() {
		var past recoveries
		if _, err := c.view.Guard(n.key, &past); err != nil {
			past = recoveries{}
		}
		keep := n.limit.Per // nobody looks further back, and these lists are long
		if n.guard == guardRuns {
			keep = max(keep, kept, c.sc.Guards.Cooldown)
		}
		past.add(c.now, keep, n.limit.N+100)
		c.guard(n.key, past)
	}
	if c.sc.Guards.Lock {
		c.guard(c.in.lockGuard(), lockHeld{Incident: c.in.key, Number: c.in.number(), Since: c.now})
	}
}
