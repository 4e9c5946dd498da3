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
	left := effort(maxEffort)
	for i, a := range s.Scenarios {
		if len(out) > maxProblems {
			break // a folder that was copied into itself has them by the million
		}
		for _, b := range s.Scenarios[:i] {
			if a.Project == b.Project {
				out = append(out, between(a, b, &left)...)
			}
		}
		if left.spent() {
			return append(out, problemAt(a.at, a.at.chosen, "write a regular expression in place of a long list",
				"the scenarios of this folder have too many values in when to be held against each other"))
		}
	}
	return out
}

// maxEffort is how much is compared between the scenarios of a folder: some
// seconds of it.
const maxEffort = 100_000_000

// effort is how much may still be compared.
type effort int

// spent reports whether there is nothing left of it.
func (e *effort) spent() bool { return *e <= 0 }

// meets is match, at the expense of an effort: false where none is left.
func (p pattern) meets(s string, left *effort) bool {
	if left.spent() {
		return false
	}
	*left--
	if p.re == nil {
		return s == p.literal
	}
	*left -= effort(p.weight * len(s) / 2)
	return p.re.MatchString(s)
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
			case len(out) > maxProblems:
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
func between(a, b *Scenario, left *effort) (out Problems) {
	if a.Name == b.Name && a.Name != "" {
		return Problems{problemAt(a.at, a.at.name, "", "two scenarios are called %s, the other in %s", a.Name, b.at.file)}
	}
	if overlap(a.When, b.When, left) {
		out = append(out, problemAt(a.at, a.at.chosen, "give one of them a condition more: the more exact one wins",
			"an incident can fit both this and %s (%s), and nothing decides between them", b.Name, b.at.file))
	}
	return out
}

// overlap reports whether it can be seen that one incident fits both: the same
// keys, with values in common. Two different regular expressions, or two
// different expressions, cannot be compared.
func overlap(a, b When, left *effort) bool {
	if len(a.Conditions) != len(b.Conditions) || a.count() == 0 || a.count() != b.count() || a.If != b.If {
		return false
	}
	for _, ca := range a.Conditions {
		i := slices.IndexFunc(b.Conditions, func(cb Condition) bool { return cb.Key == ca.Key })
		if i < 0 || !meet(ca.patterns, b.Conditions[i].patterns, left) {
			return false
		}
	}
	return true
}

func meet(a, b []pattern, left *effort) bool {
	for _, x := range a {
		for _, y := range b {
			switch {
			case left.spent():
				return false
			case x.re != nil && y.re != nil:
				*left--
				if x.re.String() == y.re.String() {
					return true
				}
			case x.re != nil && x.meets(y.literal, left), x.re == nil && y.meets(x.literal, left):
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
