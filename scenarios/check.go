package scenarios

import (
	"cmp"
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"
)

// check looks for what only several files together can have wrong.
func (s *Set) check() Problems {
	var out Problems
	out = append(out, s.checkProjects()...)
	out = append(out, s.checkServices()...)
	for i, a := range s.Scenarios {
		if len(out) > maxProblems {
			break // a folder that was copied into itself has them by the million
		}
		for _, b := range s.Scenarios[:i] {
			if a.Project == b.Project {
				out = append(out, between(a, b)...)
			}
		}
	}
	return out
}

func problemAt(at places, n *yaml.Node, hint, format string, args ...any) Problem {
	p := Problem{File: at.file, Text: oneLine(clean(fmt.Sprintf(format, args...)), 500), Hint: hint}
	if n != nil {
		p.Line, p.Col = n.Line, n.Column
	}
	return p
}

func (s *Set) checkProjects() (out Problems) {
	names := map[string]*Project{}
	var chosen *Project
	for _, p := range s.Projects {
		if first := names[p.Name]; first != nil && p.Name != "" {
			out = append(out, problemAt(p.at, p.at.name, "", "two projects are called %s, the other in %s", p.Name, first.at.file))
		}
		names[p.Name] = p
		if !p.Default {
			continue
		}
		if chosen != nil {
			out = append(out, problemAt(p.at, p.at.chosen, "", "two projects are the default, the other is %s in %s", chosen.Name, chosen.at.file))
		}
		chosen = p
	}
	return out
}

func (s *Set) checkServices() (out Problems) {
	owner := map[string]*Project{}
	for _, p := range s.Projects {
		seen := map[string]bool{}
		for _, service := range p.Services {
			first := owner[service]
			switch {
			case seen[service]:
				out = append(out, problemAt(p.at, p.at.services, "", "the service %s is listed twice", clip(service, 60)))
			case first != nil:
				out = append(out, problemAt(p.at, p.at.services, "projects are walls: a service belongs to one",
					"the service %s is also in the project %s (%s)", clip(service, 60), first.Name, first.at.file))
			}
			seen[service] = true
			if first == nil {
				owner[service] = p
			}
		}
	}
	return out
}

// between compares two scenarios of one project.
func between(a, b *Scenario) (out Problems) {
	if a.Name == b.Name && a.Name != "" {
		return Problems{problemAt(a.at, a.at.name, "", "two scenarios are called %s, the other in %s", a.Name, b.at.file)}
	}
	if overlap(a.When, b.When) {
		out = append(out, problemAt(a.at, a.at.chosen, "give one of them a condition more: the more exact one wins",
			"an incident can fit both this and %s (%s), and nothing decides between them", b.Name, b.at.file))
	}
	return out
}

// overlap reports whether it can be seen that one incident fits both: the same
// keys, with values in common. Two different regular expressions, or two
// different expressions, cannot be compared.
func overlap(a, b When) bool {
	if len(a.Conditions) != len(b.Conditions) || a.count() == 0 || a.count() != b.count() || a.If != b.If {
		return false
	}
	for _, ca := range a.Conditions {
		i := slices.IndexFunc(b.Conditions, func(cb Condition) bool { return cb.Key == ca.Key })
		if i < 0 || !meet(ca.patterns, b.Conditions[i].patterns) {
			return false
		}
	}
	return true
}

func meet(a, b []pattern) bool {
	for _, x := range a {
		for _, y := range b {
			switch {
			case x.re != nil && y.re != nil:
				if x.re.String() == y.re.String() {
					return true
				}
			case x.re != nil:
				if x.re.MatchString(y.literal) {
					return true
				}
			case y.re != nil:
				if y.re.MatchString(x.literal) {
					return true
				}
			case x.literal == y.literal:
				return true
			}
		}
	}
	return false
}

// sort puts the set in the order in which it is shown.
func (s *Set) sort() {
	slices.SortFunc(s.Projects, func(a, b *Project) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(s.Scenarios, func(a, b *Scenario) int {
		return cmp.Or(cmp.Compare(a.Project.Name, b.Project.Name), cmp.Compare(a.Name, b.Name))
	})
}

// sort puts problems in the order of files and lines.
func (p Problems) sort() {
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
}
