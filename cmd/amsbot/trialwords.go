package main

import (
	"fmt"
	"strings"
	"time"

	"amsbot/scenarios"
)

// guardsOf are the guards that a recovery of this scenario is held against, in
// words.
func guardsOf(sc *scenarios.Scenario) []string {
	if len(sc.Recover) == 0 || sc.Autonomy == scenarios.Observe {
		return nil
	}
	g := sc.Guards
	out := []string{"pause and maintenance of everything, the project or the scenario", "the open alerts agree on the target"}
	if g.Lock {
		out = append(out, "lock: one recovery of this target at a time")
	}
	if g.Cooldown > 0 {
		out = append(out, "cooldown: "+span(g.Cooldown)+" since the last recovery of this target")
	}
	limit := func(l scenarios.Limit, format string) {
		if l.N > 0 {
			out = append(out, fmt.Sprintf(format, l.N, span(l.Per)))
		}
	}
	limit(g.Runs, "runs: at most %d recoveries of this target per %s")
	limit(g.ScenarioRuns, "scenario_runs: at most %d recoveries by this scenario per %s")
	if g.Breaker > 0 {
		out = append(out, fmt.Sprintf("breaker: after %d failed recoveries in a row it only asks", g.Breaker))
	}
	limit(g.Masking, "masking: from %d recoveries of this target per %s on, the second line is told")
	limit(g.Storm, "storm: %d different targets within %s become one decision")
	if sc.Autonomy == scenarios.Auto && sc.StartWithin > 0 {
		out = append(out, "start_within: nothing by itself when the incident is older than "+span(sc.StartWithin)+", or a person has acknowledged it")
	}
	return out
}

// pathOf is the way of an incident through a scenario, branch by branch.
func pathOf(sc *scenarios.Scenario, f scenarios.Facts) []string {
	out := []string{"check: " + stepNames(sc.Check)}
	if len(sc.Gather) > 0 {
		out = append(out, "gather, whatever the check says: "+stepNames(sc.Gather)+" ("+span(sc.GatherWithin)+" in all)")
	}
	for _, v := range []scenarios.Verdict{scenarios.OK, scenarios.NG, scenarios.Unknown} {
		next := nextOf(sc, v, f)
		out = append(out, string(v)+": "+next[0])
		for _, more := range next[1:] {
			out = append(out, "  "+more)
		}
	}
	return append(out, "all of it within "+span(sc.Deadline)+", the waiting for a person not counted")
}

// nextOf says what follows a check with this verdict.
func nextOf(sc *scenarios.Scenario, v scenarios.Verdict, f scenarios.Facts) []string {
	switch v {
	case scenarios.OK:
		if sc.Autonomy == scenarios.Observe {
			return []string{observes}
		}
		return []string{endingWords(sc.Then.OK, f)}
	case scenarios.NG:
		return afterNG(sc, f)
	}
	if sc.Autonomy == scenarios.Observe {
		return []string{observes}
	}
	return []string{endingWords(sc.Then.Unknown, f)}
}

const observes = "report, for it only observes"

func afterNG(sc *scenarios.Scenario, f scenarios.Facts) []string {
	var out []string
	switch {
	case sc.Autonomy == scenarios.Observe && len(sc.Recover) > 0:
		return []string{observes + ": it neither runs nor offers " + stepNames(sc.Recover)}
	case sc.Autonomy == scenarios.Observe:
		return []string{observes}
	case len(sc.Recover) == 0:
		return []string{endingWords(sc.Then.Failed, f) + ", for there is nothing to recover with"}
	case sc.Autonomy == scenarios.Auto:
		out = append(out, "recover by itself within the guards: "+stepNames(sc.Recover))
	default:
		out = append(out, "call the first line if amsbot has the incident, and offer Run Recovery for "+span(sc.Approval.Expires)+approved(sc)+": "+stepNames(sc.Recover))
	}
	r := sc.Recheck
	out = append(out, fmt.Sprintf("then check again from %s on, every %s, until %d OK in a row or for %s", span(r.Settle), span(r.Every), r.Stable, span(r.Within)))
	out = append(out, "recovered: "+endingWords(sc.Then.Recovered, f), "failed: "+endingWords(sc.Then.Failed, f))
	return append(out, "held by a guard: "+endingWords(sc.Then.Held, f))
}

// approved says that one person's word is not enough.
func approved(sc *scenarios.Scenario) string {
	if !sc.Approval.SecondPerson {
		return ""
	}
	return ", which somebody else has to Approve"
}

// endingWords are the acts of a branch, with what their author adds: filled in as
// far as it can be known by now, else as it is written.
func endingWords(endings []scenarios.Ending, f scenarios.Facts) string {
	var out []string
	for _, e := range endings {
		text := e.Act
		switch {
		case e.Act == scenarios.Escalate && e.To == "next":
			text += " to the next level"
		case e.Act == scenarios.Escalate:
			text += " to the " + strings.ReplaceAll(e.To, "_", " ")
		}
		if said, err := e.Message(f); err == nil && said != "" {
			text += fmt.Sprintf(" saying %q", said)
		} else if e.Text != "" {
			text += fmt.Sprintf(" saying %q", e.Text)
		}
		out = append(out, text)
	}
	return few(out)
}

func stepNames(steps []*scenarios.Step) string {
	var names []string
	for _, st := range steps {
		names = append(names, st.Name)
	}
	return few(names)
}

// span is a duration as scenarios write it: 30m, not 30m0s.
func span(d time.Duration) string {
	const day = 24 * time.Hour
	if d >= day && d%day == 0 {
		return fmt.Sprintf("%dd", d/day)
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}
