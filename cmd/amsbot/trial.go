package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"amsbot/scenarios"
)

// trial is an incident held against scenarios. Its fields are what --format json
// prints: they are only ever added to.
type trial struct {
	Incident    about              `json:"incident"`
	Missing     []string           `json:"missing,omitempty"`      // what it does not say, and what cannot hold because of it
	Then        *decidedThen       `json:"decided_then,omitempty"` // when it happened
	Fits        bool               `json:"fits"`
	Project     string             `json:"project,omitempty"`
	Scenario    string             `json:"scenario,omitempty"`
	Version     string             `json:"version,omitempty"`
	Description string             `json:"description,omitempty"`
	Autonomy    scenarios.Autonomy `json:"autonomy,omitempty"`
	Target      string             `json:"target,omitempty"`
	Groups      map[string]string  `json:"match,omitempty"`
	Reason      string             `json:"reason,omitempty"` // why none fits
	Why         []scenarios.Why    `json:"why,omitempty"`    // of each scenario of the project
	Hosts       []string           `json:"hosts,omitempty"`
	Guards      []string           `json:"guards,omitempty"`
	Path        []string           `json:"path,omitempty"`
	Steps       []plannedStep      `json:"steps,omitempty"`
	Found       *found             `json:"found,omitempty"` // with --run

	decision scenarios.Decision
	facts    scenarios.Facts
}

// about is what is tried.
type about struct {
	ID       string    `json:"id,omitempty"`
	Number   int       `json:"number,omitempty"`
	Title    string    `json:"title,omitempty"`
	Status   string    `json:"status,omitempty"`
	Urgency  string    `json:"urgency,omitempty"`
	Priority string    `json:"priority,omitempty"`
	Service  string    `json:"service,omitempty"`
	Created  time.Time `json:"created_at,omitzero"`
	Alerts   int       `json:"alerts"`
	Open     int       `json:"open_alerts"`
}

// decidedThen is what amsbot decided when the incident happened.
type decidedThen struct {
	At       time.Time `json:"at"`
	Scenario string    `json:"scenario,omitempty"` // "": none
	Version  string    `json:"version,omitempty"`
	Target   string    `json:"target,omitempty"`
	Outcome  string    `json:"outcome,omitempty"`
}

// plannedStep is a step with its values filled in.
type plannedStep struct {
	Phase   scenarios.Phase `json:"phase"`
	Name    string          `json:"name"`
	Kind    string          `json:"kind"`
	Tries   string          `json:"tries,omitempty"`
	Shown   string          `json:"shown,omitempty"`
	Skipped bool            `json:"skipped,omitempty"` // its `if` is false
	Open    string          `json:"open,omitempty"`    // why it is only known when it runs
}

// newTrial decides, and says what would be done.
func newTrial(set *scenarios.Set, a asked) *trial {
	in := a.incident
	t := &trial{Incident: aboutOf(in), decision: set.Match(in)}
	d := t.decision
	if a.then != nil {
		t.Then = &decidedThen{At: a.then.At, Scenario: a.then.Scenario, Version: a.then.Version, Target: a.then.Target, Outcome: string(a.then.Outcome)}
	}
	t.Missing = missing(set, d, in)
	t.Why = d.Why
	if d.Project != nil {
		t.Project = d.Project.Name
	}
	sc := d.Scenario
	if sc == nil {
		t.Reason = whyNone(set, d, in)
		return t
	}
	t.Fits, t.Scenario, t.Version, t.Description, t.Autonomy = true, sc.Name, sc.Version, sc.Description, sc.Autonomy
	t.Target, t.Groups, t.Hosts = d.Target, d.Groups, sc.HostList()
	t.facts = scenarios.Facts{Incident: in, Target: d.Target, Groups: d.Groups, Steps: map[string]map[string]any{}}
	t.Guards, t.Path = guardsOf(sc), pathOf(sc, t.facts)
	for _, p := range []scenarios.Phase{scenarios.Check, scenarios.Gather, scenarios.Recover} {
		for _, st := range sc.Steps(p) {
			t.Steps = append(t.Steps, planned(st, t.facts))
		}
	}
	return t
}

func aboutOf(in scenarios.Incident) about {
	a := about{ID: in.ID, Number: in.Number, Title: in.Title, Status: in.Status, Urgency: in.Urgency, Priority: in.Priority,
		Service: refText(in.Service), Created: in.CreatedAt, Alerts: len(in.Alerts)}
	for _, alert := range in.Alerts {
		if !strings.EqualFold(alert.Status, "resolved") {
			a.Open++
		}
	}
	return a
}

// refText names something in PagerDuty by name and ID, as far as they are known.
func refText(r scenarios.Ref) string {
	if r.Name == "" || r.ID == "" {
		return r.Name + r.ID
	}
	return r.Name + " (" + r.ID + ")"
}

// missing says what an incident does not say and which conditions cannot hold
// because of it.
func missing(set *scenarios.Set, d scenarios.Decision, in scenarios.Incident) []string {
	var out []string
	if in.Service == (scenarios.Ref{}) {
		out = append(out, "no service: which project it belongs to is decided by it")
	}
	switch a := aboutOf(in); {
	case a.Alerts == 0:
		out = append(out, `no alerts: no condition on details and nothing that reads alert.… can hold; put the answer of GET /incidents/ID/alerts beside the incident, as "alerts"`)
	case !slices.ContainsFunc(in.Alerts, func(a scenarios.Alert) bool { return len(a.Details) > 0 }):
		out = append(out, "no alert has details: no condition on details can hold")
	case a.Open == 0:
		out = append(out, "no alert is open: the resolved ones are read in their place")
	}
	has := map[string]bool{"title": in.Title != "", "urgency": in.Urgency != "", "priority": in.Priority != "",
		"team": len(in.Teams) > 0, "policy": in.Policy != (scenarios.Ref{})}
	for _, key := range []string{"title", "urgency", "priority", "team", "policy"} {
		if names := askFor(set, d.Project, key); !has[key] && len(names) > 0 {
			out = append(out, fmt.Sprintf("no %s, and %s cannot fit without", key, few(names)))
		}
	}
	return out
}

// askFor names the scenarios of a project with a condition on this key.
func askFor(set *scenarios.Set, p *scenarios.Project, key string) (names []string) {
	for _, sc := range set.Scenarios {
		if sc.Project == p && slices.ContainsFunc(sc.When.Conditions, func(c scenarios.Condition) bool { return c.Key == key }) {
			names = append(names, sc.Name)
		}
	}
	return names
}

// few names at most five.
func few(names []string) string {
	if len(names) > 5 {
		names = append(slices.Clone(names[:5]), fmt.Sprintf("%d more", len(names)-5))
	}
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}

// whyNone says in one sentence why no scenario was decided.
func whyNone(set *scenarios.Set, d scenarios.Decision, in scenarios.Incident) string {
	switch {
	case d.Project == nil && in.Service == (scenarios.Ref{}):
		return "the incident names no service, and no project takes those"
	case d.Project == nil:
		var known []string
		for _, p := range set.Projects {
			known = append(known, p.Services...)
		}
		return fmt.Sprintf("the service %s is in no project; the projects have %s", refText(in.Service), few(known))
	case len(d.Tie) > 0:
		return "nothing decides between " + few(d.Tie) + ": give one of them a condition more"
	case len(d.Ambiguous) > 0:
		return "the open alerts say different things, and these values were needed: " + few(d.Ambiguous)
	case len(d.Why) == 0:
		return "the project has no scenario"
	}
	return "no scenario of the project " + d.Project.Name + " fits"
}

// planned is a step as it would run; what only an earlier step can tell stays
// open.
func planned(st *scenarios.Step, f scenarios.Facts) plannedStep {
	p := plannedStep{Phase: st.Phase, Name: st.Name, Kind: st.Kind}
	if st.Attempts > 1 {
		p.Tries = fmt.Sprintf("up to %d tries, %s apart", st.Attempts, span(st.Every))
	}
	skip, err := st.Skip(f)
	if err != nil {
		p.Open = "its if: " + cause(err)
	}
	p.Skipped = err == nil && skip
	shown, err := st.Show(f)
	if err != nil && p.Open == "" {
		p.Open = cause(err)
	}
	p.Shown = shown
	return p
}

// cause is what an error of scenarios says behind the names of package, verb and
// step, which stand beside it here.
func cause(err error) string {
	if inner := errors.Unwrap(err); inner != nil {
		return inner.Error()
	}
	return err.Error()
}
