package bot

import (
	"fmt"
	"maps"
	"strings"
	"time"
	"unicode"

	"amsbot/scenarios"
)

// somebody is a person of a fixture, known by name alone.
func somebody(name string) Person {
	id := strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return unicode.ToUpper(r)
		}
		return -1
	}, name)
	return Person{ID: "P" + id, Name: name, Email: strings.ToLower(id) + "@example.com"}
}

// cast puts people on call: amsbot on level 1, the project's lines where it says,
// and gives the incident to whom the fixture says.
func cast(x *scenarios.Fixture, r *RehearsalOptions) {
	s, first, second := &r.Snapshot, x.Project.FirstLine, x.Project.SecondLine
	own := func(policy string) bool {
		return policy == "" || policy == s.Incident.Policy.ID || policy == s.Incident.Policy.Name
	}
	levels := func(policy string) []Level {
		var out []Level
		here := func(l scenarios.Line) bool { return l.Policy == policy || own(l.Policy) && own(policy) }
		for n := 1; n <= max(3, first.Level, second.Level); n++ {
			who := somebody(fmt.Sprintf("level %d", n))
			switch {
			case n == 1 && own(policy):
				who = RehearsalSelf
			case here(first) && n == max(first.Level, 2), here(first) && n == first.Level:
				who = somebody("first line")
			case here(second) && n == max(second.Level, 3), here(second) && n == second.Level:
				who = somebody("second line")
			}
			out = append(out, Level{Level: n, OnCall: []Person{who}})
		}
		return out
	}
	s.Levels, r.Lines = levels(""), map[string][]Level{}
	for _, l := range []scenarios.Line{first, second} {
		if !own(l.Policy) {
			r.Lines[l.Policy] = levels(l.Policy)
		}
	}
	s.AckTimeout = x.Given.AckTimeout
	switch x.Given.Assigned {
	case "amsbot":
		s.Assignees = []Person{RehearsalSelf}
	case "first_line":
		s.Assignees = lineOf(first, "first line")
	case "second_line":
		s.Assignees = lineOf(second, "second line")
	default:
		s.Assignees = []Person{somebody(x.Given.Assigned)}
	}
	if who := x.Given.Acknowledged; who != "" {
		s.take(somebody(who))
	}
}

// lineOf is who a line pages.
func lineOf(l scenarios.Line, name string) []Person {
	if len(l.Users) > 0 {
		return people(l.Users)
	}
	return []Person{somebody(name)}
}

// given sets what is paused and locked when the incident comes.
func given(x *scenarios.Fixture, r *RehearsalOptions) {
	d := r.Bot.Scenarios.Match(r.Snapshot.Incident)
	if x.Given.Paused != "" {
		scope := coverAll
		switch {
		case x.Given.Paused == "project":
			scope = projectScope(x.Project.Name)
		case x.Given.Paused == "scenario" && d.Scenario != nil:
			scope = scenarioScope(x.Project.Name, d.Scenario.Name)
		}
		r.Guards[pauseGuard(scope)] = paused{Scope: scope, Name: "somebody"}
	}
	if d := x.Given.Maintenance; d > 0 {
		r.Guards[windowGuard(1)] = window{N: 1, Scope: covered{Kind: coverAll}, From: r.At, Until: r.At.Add(d), Name: "somebody"}
	}
	if x.Given.Locked > 0 && d.Scenario != nil {
		in := &incident{match: &matched{Project: projectView{Name: x.Project.Name}, Target: d.Target}}
		r.Guards[in.lockGuard()] = lockHeld{Incident: "pd:rehearsal:QOTHER", Number: 900, Since: r.At}
		r.Turns = append(r.Turns, Turn{After: x.Given.Locked, Guards: map[string]any{in.lockGuard(): nil}})
	}
}

// newsOf is what happens meanwhile, as a rehearsal's turn.
func newsOf(n scenarios.FixtureNews, begin time.Time) Turn {
	t := Turn{After: n.After, News: "incident." + n.Is}
	if n.By != "monitoring" {
		t.As = somebody(n.By)
	} else {
		t.As = Person{ID: "PMONITOR", Name: n.By}
	}
	switch n.Is {
	case "acknowledged":
		t.Change = func(s *Snapshot) { s.take(t.As) }
	case "reassigned":
		t.Change = func(s *Snapshot) { s.Assignees, s.Acknowledged = []Person{t.As}, nil }
	case "resolved":
		t.Change = func(s *Snapshot) { s.resolve(t.As) }
	case "unacknowledged":
		t.Change = func(s *Snapshot) { s.Incident.Status, s.Acknowledged = "triggered", nil }
	case "reopened":
		t.Change = func(s *Snapshot) { s.Incident.Status, s.Assignees = "triggered", []Person{RehearsalSelf} }
	case "alert":
		t.News = "" // grouped alerts that come later send no webhook
		t.Change = func(s *Snapshot) {
			a := scenarios.Alert{ID: fmt.Sprintf("QALERT%d", len(s.Incident.Alerts)+1), Status: "triggered", Summary: s.Incident.Title, CreatedAt: begin.Add(n.After), Details: map[string]any{}}
			if len(s.Incident.Alerts) > 0 {
				maps.Copy(a.Details, s.Incident.Alerts[0].Details)
			}
			maps.Copy(a.Details, n.Alert.Details)
			s.Incident.Alerts = append(s.Incident.Alerts[:len(s.Incident.Alerts):len(s.Incident.Alerts)], a)
		}
	case "paused", "resumed":
		t.News, t.Guards = "", map[string]any{pauseGuard(coverAll): nil}
		if n.Is == "paused" {
			t.Guards[pauseGuard(coverAll)] = paused{Scope: coverAll, Name: n.By}
		}
	}
	return t
}
