package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"amsbot/bot"
	"amsbot/bot/admin"
	"amsbot/scenarios"
)

// rehearse finds out what would now come of an incident. What cannot be told
// leaves its reason in e.Why.
func (r *replay) rehearse(ctx context.Context, p admin.Pasts, d scenarios.Decision, e *example) error {
	past := p.Runs[0]
	if past.Scenario != "" {
		r.observe = past.Capped == "capped.observe"
	}
	if d.Scenario == nil { // handed over, or left alone: a person has it
		e.Now.told = true
		return nil
	}
	same := d.Scenario.Version == past.Version && d.Target == past.Target
	if same && past.Outcome != "" && !leavesTraces(past.Path) {
		e.Now.Outcome, e.Now.Path, e.Now.alone, e.Now.told = e.Then.Outcome, e.Then.Path, e.Then.alone, true
		return nil
	}
	played, err := bot.Rehearse(ctx, r.options(p, recordsOf(past)))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	now := bot.Past{}
	if all := bot.Pasts(played.Events); len(all) > 0 {
		now = all[0]
	}
	switch e.Why = r.untold(now, err, past); {
	case same: // nothing has changed about it, so nothing goes otherwise
		e.Why = ""
		e.Now.Outcome, e.Now.Path, e.Now.alone, e.Now.told = e.Then.Outcome, e.Then.Path, e.Then.alone, true
	case e.Why == "":
		e.Now.Outcome, e.Now.Path, e.Now.alone, e.Now.told = now.Outcome, now.Path, now.Alone, true
	}
	if err == nil {
		r.guards = played.Guards
		r.remember(now.Path, d)
	}
	return nil
}

// untold says why it cannot be told what would have come of a rehearsed
// incident; "" when it can.
func (r *replay) untold(now bot.Past, err error, past bot.Past) string {
	switch { // what comes after the first conclusion decides nothing
	case now.Outcome == "" && err != nil:
		return unprefixed(err)
	case now.Outcome == "":
		return "its first response would not come to an end"
	case past.Outcome == "":
		return "its first response had not come to an end"
	}
	return r.beyond(past, now.Path)
}

// leavesTraces says whether a first response leaves something behind by which
// guards judge later ones: a recovery, or a resolve.
func leavesTraces(path []string) bool {
	return slices.ContainsFunc(path, func(leg string) bool { return strings.HasPrefix(leg, "recover ") || leg == bot.ActResolve })
}

// options are those of the rehearsal of an incident as it was.
func (r *replay) options(p admin.Pasts, records *records) bot.RehearsalOptions {
	past := p.Runs[0]
	o := bot.RehearsalOptions{Snapshot: past.Snapshot, Lines: past.Lines, At: p.First, Guards: r.guards, Step: records.answer}
	o.Bot.Scenarios, o.Bot.Observe, o.Bot.Self = r.set, r.observe, past.Self
	if parts := strings.SplitN(p.Key, ":", 3); len(parts) == 3 {
		o.Bot.Account = parts[1]
	}
	for _, c := range past.Clicks {
		o.Turns = append(o.Turns, bot.Turn{After: c.After, As: c.As, May: true,
			Click: &bot.Click{Act: c.Act, User: c.User, Name: c.Name, Text: c.Text, Override: c.Override}})
	}
	for _, m := range past.Meanwhile {
		o.Turns = append(o.Turns, bot.Turn{At: m.At, News: newsOf(m.Snapshot), As: m.Snapshot.ChangedBy, Change: func(s *bot.Snapshot) {
			s.Incident.Status, s.Incident.Alerts = m.Snapshot.Incident.Status, m.Snapshot.Incident.Alerts
			s.Acknowledged, s.MergedInto, s.ChangedBy = m.Snapshot.Acknowledged, m.Snapshot.MergedInto, m.Snapshot.ChangedBy
			if len(m.Snapshot.Acknowledged) > 0 {
				s.Assignees = m.Snapshot.Assignees
			}
		}})
	}
	return o
}

// newsOf is what PagerDuty tells of an incident that is so.
func newsOf(s bot.Snapshot) string {
	switch s.Incident.Status {
	case "resolved", "acknowledged":
		return "incident." + s.Incident.Status
	}
	return "incident.priority_updated"
}

// beyond names what stood in the way then and is not on record with an incident;
// "" when nothing did.
func (r *replay) beyond(past bot.Past, now []string) string {
	for _, leg := range past.Path {
		guard, held := strings.CutPrefix(leg, "held by ")
		switch {
		case leg == "waits for the lock":
			return "it waited for another recovery then"
		case strings.HasPrefix(leg, "interrupted"):
			return "amsbot was interrupted then"
		case held && !slices.Contains(now, leg) && !r.knows(guard, past):
			return "it was " + leg + " then"
		}
	}
	return ""
}

// knows says whether the rehearsals so far could have made a guard hold as it did
// then: what was before them, and pauses, they know nothing of.
func (r *replay) knows(guard string, past bot.Past) bool {
	switch guard {
	case "pause", "maintenance":
		return false
	case "ambiguous": // the alerts themselves
		return true
	case "cooldown", "runs":
		return r.recovered[past.Scenario+" "+past.Target]
	}
	return r.recovered[past.Scenario]
}

// remember notes that a scenario has recovered a target: from here on its guards
// know of it.
func (r *replay) remember(path []string, d scenarios.Decision) {
	if leavesTraces(path) {
		r.recovered[d.Scenario.Name], r.recovered[d.Scenario.Name+" "+d.Target] = true, true
	}
}

// unprefixed is what an error says to people.
func unprefixed(err error) string {
	var missing *notOnRecord
	if errors.As(err, &missing) {
		return missing.Error()
	}
	return err.Error()
}

// notOnRecord is a step whose result nobody knows.
type notOnRecord struct{ step, why string }

func (n *notOnRecord) Error() string { return fmt.Sprintf("the step %q %s", n.step, n.why) }

// records are the results of a run's steps, each to be given once, in order.
type records struct {
	steps map[recordKey][]bot.PastStep
	used  map[recordKey]int
}

// recordKey is where a step stands.
type recordKey struct {
	phase scenarios.Phase
	round int
	name  string
}

func recordsOf(past bot.Past) *records {
	r := &records{steps: map[recordKey][]bot.PastStep{}, used: map[recordKey]int{}}
	for _, s := range past.Steps {
		k := recordKey{s.Phase, s.Round, s.Name}
		r.steps[k] = append(r.steps[k], s)
	}
	return r
}

// answer is what a step of a rehearsal found then, if it is the same step.
func (r *records) answer(c bot.StepCall) (scenarios.Outcome, error) {
	k := recordKey{c.Phase, c.Round, c.Step.Name}
	n := r.used[k]
	r.used[k]++
	why := ""
	switch all := r.steps[k]; {
	case n >= len(all):
		why = "did not run at this point then"
	case all[n].Definition == "":
		why = "is not known as it was then"
	case all[n].Definition != c.Step.Definition():
		why = "has changed"
	case all[n].Outcome.Skipped:
		why = "was skipped then"
	case all[n].Shown != "" && all[n].Shown != c.Shown:
		why = "would run with other values"
	default:
		out := all[n].Outcome
		out.Took = took(all[n], c.At)
		return out, nil
	}
	if c.Phase == scenarios.Gather {
		return scenarios.Outcome{Verdict: scenarios.Unknown, Why: "not on record"}, nil
	}
	return scenarios.Outcome{}, &notOnRecord{c.Step.Name, why}
}

// slack is by how much a step may seem to take longer than it did, so that a
// rehearsal keeps to the times of then: amsbot itself takes some between steps.
const slack = 5 * time.Second

// took is how long a step that now begins takes to end when it ended then, if
// that is about as long as it took.
func took(s bot.PastStep, began time.Time) time.Duration {
	if d := s.At.Sub(began); d >= 0 && d <= s.Outcome.Took+slack {
		return d
	}
	return s.Outcome.Took
}
