package doctor

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"amsbot/bot"
	"amsbot/scenarios"
)

// mostWarnings is how many of the folder's warnings are said.
const mostWarnings = 10

// lookAtScenarios looks at the folder as it was read, or at why it was not.
func (d *doctor) lookAtScenarios(err error) []Finding {
	n := &notes{group: inScenarios}
	what := "folder " + d.c.Scenarios
	var problems scenarios.Problems
	switch {
	case errors.As(err, &problems) && len(problems) == 1:
		n.ng(what, problems[0].String(), "mend it, and see with amsbot lint "+d.c.Scenarios+"; amsbot loads none of the folder until then")
	case errors.As(err, &problems):
		n.ng(what, fmt.Sprintf("%s, the first: %s", count(len(problems), "problem", "problems"), problems[0].String()),
			"amsbot lint "+d.c.Scenarios+" names all; amsbot loads none of the folder until they are mended")
	case err != nil:
		n.ng(what, err.Error(), "name the folder under scenarios in amsbot.yaml, and let amsbot's user read it")
	default:
		n.ok(what, "%s in %s%s", count(len(d.set.Scenarios), "scenario", "scenarios"),
			count(len(d.set.Projects), "project", "projects"), d.observing())
		d.lookAtWarnings(n)
	}
	d.lookAtRun(n)
	return n.all
}

func (d *doctor) observing() string {
	if d.c.Observe {
		return "; all only observe, as amsbot.yaml says"
	}
	return ""
}

// lookAtWarnings tells what is most likely not meant: a service that no scenario
// covers, for one.
func (d *doctor) lookAtWarnings(n *notes) {
	all := d.set.Warnings()
	for i, w := range all {
		if i == mostWarnings {
			n.advise("warnings", fmt.Sprintf("%d more", len(all)-i), "amsbot lint "+d.c.Scenarios+" names all")
			return
		}
		n.advise(fmt.Sprintf("%s:%d", w.File, w.Line), w.Text, w.Hint)
	}
}

// lookAtRun says who may recover.
func (d *doctor) lookAtRun(n *notes) {
	const what = "who may press Run Recovery"
	if !bot.MayRun(d.c.Ceiling()) {
		n.ng(what, "nobody, and amsbot does not start", "name Slack users or groups under permissions.run in amsbot.yaml; everyone has to be said")
		return
	}
	ceiling := d.c.Ceiling().Run
	n.ok(what, "%s", strings.Join(ceiling, ", "))
	if d.set == nil {
		return
	}
	for _, p := range d.set.Projects {
		own := p.Permissions.Run
		switch {
		case own == nil:
		case len(own) == 0:
			n.advise(what+" in project "+p.Name, "nobody, as "+fileOf(p)+" says", "name users or groups under permissions.run there, if its recoveries are to run")
		case disjoint(ceiling, own):
			n.ng(what+" in project "+p.Name, "nobody: "+fileOf(p)+" names none of those whom amsbot.yaml names, and it can only narrow",
				"name them in both")
		}
	}
}

// disjoint says that nobody stands in both lists, as far as names tell: who is in a
// group or in a channel only Slack knows.
func disjoint(a, b []string) bool {
	vague := func(who string) bool { return !strings.HasPrefix(who, "U") && !strings.HasPrefix(who, "W") }
	if slices.ContainsFunc(a, vague) || slices.ContainsFunc(b, vague) {
		return false
	}
	return !slices.ContainsFunc(a, func(who string) bool { return slices.Contains(b, who) })
}
