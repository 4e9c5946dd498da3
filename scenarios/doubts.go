package scenarios

import (
	"regexp/syntax"
	"slices"

	"gopkg.in/yaml.v3"
)

// Warnings lists what loads, and yet is most likely not meant: scenarios that
// can never be chosen, services that no scenario covers, recoveries that
// amsbot cannot go on with or judge. Files are named as in the Set's sources,
// in the order of files and lines.
func (s *Set) Warnings() Problems {
	var out Problems
	left := effort(maxEffort) // where none is left, nothing more is seen
	for _, p := range s.Projects {
		own := s.of(p)
		out = append(out, uncovered(p, own, &left)...)
		for _, a := range own {
			for _, b := range own {
				if a != b {
					out = append(out, shadowed(a, b, &left)...)
				}
			}
			out = append(out, a.doubts()...)
		}
	}
	out.sort()
	return out
}

// of is the scenarios of a project.
func (s *Set) of(p *Project) []*Scenario {
	return slices.DeleteFunc(slices.Clone(s.Scenarios), func(sc *Scenario) bool { return sc.Project != p })
}

// uncovered notes the services of a project that no scenario can be for.
func uncovered(p *Project, own []*Scenario, left *effort) (out Problems) {
	for _, service := range p.Services {
		covered := slices.ContainsFunc(own, func(s *Scenario) bool {
			i := slices.IndexFunc(s.When.Conditions, func(c Condition) bool { return c.Key == "service" })
			return i < 0 || s.When.Conditions[i].mayFit(service, left)
		})
		if !covered && !left.spent() {
			out = append(out, problemAt(p.at, p.at.services, "every incident of it is handed over; write a scenario for it, or take it out",
				"no scenario covers the service %s", clip(service, 60)))
		}
	}
	return out
}

// mayFit says whether a condition can fit a service that the project lists.
// One may list it by its ID and the other by its name.
func (c Condition) mayFit(service string, left *effort) bool {
	return slices.ContainsFunc(c.patterns, func(p pattern) bool {
		if looksLikeID(service) && (p.re != nil || !looksLikeID(p.literal)) {
			return true
		}
		return p.meets(service, left) || p.re == nil && looksLikeID(p.literal) && !looksLikeID(service)
	})
}

// shadowed notes that b takes every incident that a fits, or ties with it.
func shadowed(a, b *Scenario, left *effort) Problems {
	if !b.always(a, left) {
		return nil
	}
	switch {
	case b.When.count() > a.When.count():
		return Problems{problemAt(a.at, a.at.chosen, "give it a condition that sets it apart",
			"it is never chosen: whatever fits it fits %s too, which has more conditions (%s)", b.Name, b.at.file)}
	case b.When.count() == a.When.count():
		return Problems{problemAt(a.at, a.at.chosen, "give one of them a condition more: the more exact one wins",
			"it is never chosen: whatever fits it fits %s too, and nothing decides between them (%s)", b.Name, b.at.file)}
	}
	return nil
}

// always says whether it can be seen that b fits whenever a does.
func (b *Scenario) always(a *Scenario, left *effort) bool {
	if b.When.If != "" && b.When.If != a.When.If || b.target.tainted() && b.target.raw != a.target.raw {
		return false
	}
	for _, c := range b.When.Conditions {
		i := slices.IndexFunc(a.When.Conditions, func(other Condition) bool { return other.Key == c.Key })
		implied := i >= 0 && within(a.When.Conditions[i].patterns, c.patterns, left)
		if !implied && !c.trivial(b.Project, left) {
			return false
		}
	}
	return true
}

// within says whether whatever fits one of a fits one of b.
func within(a, b []pattern, left *effort) bool {
	for _, x := range a {
		if !slices.ContainsFunc(b, func(y pattern) bool {
			if x.re != nil {
				*left--
				return !left.spent() && y.re != nil && x.re.String() == y.re.String()
			}
			return y.meets(x.literal, left)
		}) {
			return false
		}
	}
	return true
}

// trivial says whether a condition holds for every incident of a project.
func (c Condition) trivial(p *Project, left *effort) bool {
	all := func(values []string) bool {
		return !slices.ContainsFunc(values, func(v string) bool {
			return !slices.ContainsFunc(c.patterns, func(p pattern) bool { return p.meets(v, left) })
		})
	}
	switch c.Key {
	case "service":
		return !p.Default && all(p.Services)
	case "urgency":
		return all([]string{"high", "low"})
	case "title":
		return slices.ContainsFunc(c.patterns, func(p pattern) bool { return p.re != nil && matchesAll(p.re.String()) })
	}
	return false // an incident may well have none
}

// matchesAll recognises the regular expressions that any text fits.
func matchesAll(source string) bool {
	re, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return false
	}
	for re.Op == syntax.OpCapture {
		re = re.Sub[0]
	}
	return re.Op == syntax.OpEmptyMatch || re.Op == syntax.OpStar
}

// doubts is about one scenario alone.
func (s *Scenario) doubts() (out Problems) {
	warn := func(n *yaml.Node, hint, format string, args ...any) {
		out = append(out, problemAt(s.at, n, hint, format, args...))
	}
	if len(s.Recover) == 0 {
		if s.Autonomy == Observe && s.at.then != nil {
			warn(s.at.then, "leave autonomy out: without recover it changes nothing either way",
				"what then says is never done: autonomy: observe only reports")
		}
		return out
	}
	if s.Autonomy != Observe && !slices.ContainsFunc(s.Recover, func(st *Step) bool { return st.Idempotent }) {
		warn(s.Recover[0].at, "say idempotent: true of steps that may run twice",
			"no step of recover may run twice: if amsbot stops while it recovers, the incident is interrupted and a person is called")
	}
	for _, st := range s.Recover {
		if st.Attempts > 1 && !st.Idempotent {
			warn(st.at, "say idempotent: true if that does no harm, or leave attempts out",
				"%s is tried up to %d times, and does not say that it may run twice", clip(st.Name, 60), st.Attempts)
		}
	}
	if p := s.Project.Permissions.Run; s.Autonomy == Ask && p != nil && len(p) == 0 {
		warn(s.at.name, "name somebody in permissions.run of project.yaml", "nobody may press Run Recovery")
	}
	if s.Autonomy == Auto {
		s.blind(warn)
	}
	return out
}

// blind notes a re-check that cannot see whether an automatic recovery helped.
func (s *Scenario) blind(warn func(n *yaml.Node, hint, format string, args ...any)) {
	var worst, at = s.Check[0].worst(), s.Check[0].at
	for _, st := range s.Check[1:] {
		worst += st.worst()
	}
	judged := slices.DeleteFunc(slices.Clone(s.Check), func(st *Step) bool { return st.Kind == "wait" })
	sees := func(st *Step) bool { return st.outside }
	switch {
	case !slices.ContainsFunc(judged, func(st *Step) bool { return st.condition == nil }):
		warn(at, "leave if out of one of them", "every step of check may be skipped: the re-check would be UNKNOWN, and nothing recovered")
	case slices.ContainsFunc(s.Recover, sees) && !slices.ContainsFunc(judged, sees):
		warn(at, "check the target too, or let it ask", "it recovers by itself what the incident names, and check looks at nothing that the incident names")
	case worst > s.Recheck.Within:
		warn(at, "lower attempts and timeouts, or raise within", "one check may take %s, and the re-check has %s in all", spanText(worst), spanText(s.Recheck.Within))
	}
}
