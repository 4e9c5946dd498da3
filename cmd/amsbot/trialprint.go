package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"amsbot/scenarios"
)

// print says what was decided and what would be done.
func (t *trial) print(p *printer) {
	t.printIncident(p)
	if len(t.Missing) > 0 {
		p.say("")
		p.say("It does not say everything:")
		for _, m := range t.Missing {
			p.tell("  %s", m)
		}
	}
	p.say("")
	switch {
	case t.Fits:
		p.say("%s fits (%s, %s, version %.12s).", t.Scenario, t.Project, t.Autonomy, t.Version)
		if t.Description != "" {
			p.tell("  %s", t.Description)
		}
	case t.Project == "":
		p.say("amsbot would leave it alone: %s.", t.Reason)
	default:
		p.say("It would be handed over to the first line: %s.", t.Reason)
	}
	t.printWhy(p)
	if t.Fits {
		t.printPlan(p)
	}
}

func (t *trial) printIncident(p *printer) {
	in := t.Incident
	name := "Incident"
	if in.Number > 0 {
		name += fmt.Sprintf(" #%d", in.Number)
	}
	if in.ID != "" {
		name += " " + in.ID
	}
	p.say("%s: %s", name, cmp.Or(in.Title, "(no title)"))
	p.say("  service %s, urgency %s, priority %s, %s", cmp.Or(in.Service, "unknown"), cmp.Or(in.Urgency, "unknown"), cmp.Or(in.Priority, "none"), cmp.Or(in.Status, "status unknown"))
	alerts := fmt.Sprintf("open alerts: %d of %d", in.Open, in.Alerts)
	if !in.Created.IsZero() {
		alerts += ", created " + in.Created.UTC().Format(time.DateTime+" MST")
	}
	p.say("  %s", alerts)
	if then := t.Then; then != nil {
		what := "no scenario fitted"
		if then.Scenario != "" {
			what = fmt.Sprintf("%s for %s (version %.12s)", then.Scenario, then.Target, then.Version)
		}
		if then.Outcome != "" {
			what += ", " + then.Outcome
		}
		p.say("  on %s: %s", then.At.UTC().Format(time.DateTime+" MST"), what)
	}
}

func (t *trial) printWhy(p *printer) {
	if len(t.Why) == 0 {
		return
	}
	p.say("")
	p.say("The scenarios of the project %s:", t.Project)
	for _, w := range t.Why {
		sign := "-"
		if w.Fits {
			sign = "+"
		}
		p.say("  %s %s: %s", sign, w.Scenario, w.Text)
	}
}

func (t *trial) printPlan(p *printer) {
	p.say("")
	p.say("target  %s", t.Target)
	for _, k := range slices.Sorted(maps.Keys(t.Groups)) {
		p.say("match.%s  %s", k, t.Groups[k])
	}
	if len(t.Hosts) > 0 {
		p.say("hosts   %s", strings.Join(t.Hosts, ", "))
	}
	printList(p, "What would be done:", t.Path)
	printList(p, "Guards that a recovery is held against:", t.Guards)
	var phase scenarios.Phase
	for _, st := range t.Steps {
		if st.Phase != phase {
			p.say("")
			p.say("%s", phaseHead[st.Phase])
			phase = st.Phase
		}
		st.print(p)
	}
}

var phaseHead = map[scenarios.Phase]string{
	scenarios.Check: "check (read-only)", scenarios.Gather: "gather (read-only, side by side)", scenarios.Recover: "recover",
}

func printList(p *printer, head string, lines []string) {
	if len(lines) == 0 {
		return
	}
	p.say("")
	p.say("%s", head)
	for _, l := range lines {
		p.tell("  %s", l)
	}
}

func (st plannedStep) print(p *printer) {
	name := st.Name
	if st.Tries != "" {
		name += " (" + st.Tries + ")"
	}
	switch {
	case st.Skipped:
		p.say("  %s: skipped, its if is false", name)
	case st.Shown != "":
		p.say("  %s: %s", name, st.Shown)
	default:
		p.say("  %s: %s", name, st.Kind)
	}
	if st.Open != "" {
		p.say("    known only when it runs: %s", st.Open)
	}
}
