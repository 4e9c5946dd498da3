package scenarios

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxTarget bounds a target in runes: it is a key, and it is shown.
const maxTarget = 200

// Decision is which scenario an incident gets, and why.
type Decision struct {
	Project   *Project  // nil: the service is in no project
	Scenario  *Scenario // nil: handed over
	Target    string
	Groups    map[string]string
	Why       []Why    // every candidate of the project, by name
	Tie       []string // scenarios between which nothing decides
	Ambiguous []string // values that differ between open alerts and were needed
}

// candidate is one scenario held against an incident.
type candidate struct {
	scenario  *Scenario
	target    string
	groups    map[string]string
	why       []Reason // what failed, none when it fits
	ambiguous []string // what differs and was needed
}

func (c candidate) fits() bool { return len(c.why) == 0 }

// Project returns the project of a PagerDuty service, found by ID or name,
// else the default project if there is one.
func (s *Set) Project(service Ref) (*Project, bool) {
	var fallback *Project
	for _, p := range s.Projects {
		for _, name := range p.Services {
			if name != "" && (name == service.ID || name == service.Name) {
				return p, true
			}
		}
		if p.Default {
			fallback = p
		}
	}
	return fallback, fallback != nil
}

// Match decides which scenario an incident gets: of those of its project that
// fit the one with the most conditions. Where two are equal, or where a value
// that differs between the open alerts decides, the incident is handed over.
func (s *Set) Match(in Incident) Decision {
	var d Decision
	project, ok := s.Project(in.Service)
	if !ok {
		return d
	}
	d.Project = project
	var all []candidate
	view := alertView(in)
	for _, sc := range s.Scenarios {
		if sc.Project == project {
			all = append(all, sc.hold(in, view))
		}
	}
	slices.SortFunc(all, func(a, b candidate) int { return cmp.Compare(a.scenario.Name, b.scenario.Name) })
	d.choose(all)
	for _, c := range all {
		d.Why = append(d.Why, c.explain(d))
	}
	return d
}

// choose picks among the candidates.
func (d *Decision) choose(all []candidate) {
	var best []candidate
	for _, c := range all {
		if !c.fits() {
			continue
		}
		if len(best) > 0 && c.scenario.When.count() < best[0].scenario.When.count() {
			continue
		}
		if len(best) > 0 && c.scenario.When.count() > best[0].scenario.When.count() {
			best = best[:0]
		}
		best = append(best, c)
	}
	// A scenario that only an ambiguous value keeps from fitting might be
	// the right one.
	for _, c := range all {
		if !c.fits() && len(c.ambiguous) > 0 && (len(best) == 0 || c.scenario.When.count() >= best[0].scenario.When.count()) {
			d.Ambiguous = append(d.Ambiguous, c.ambiguous...)
		}
	}
	switch {
	case len(best) == 1:
		d.Ambiguous = append(d.Ambiguous, best[0].ambiguous...)
		if len(d.Ambiguous) == 0 {
			d.Scenario, d.Target, d.Groups = best[0].scenario, best[0].target, best[0].groups
		}
	case len(best) > 1:
		for _, c := range best {
			d.Tie = append(d.Tie, c.scenario.Name)
		}
	}
	slices.Sort(d.Ambiguous)
	d.Ambiguous = slices.Compact(d.Ambiguous)
}

// explain says what became of a candidate.
func (c candidate) explain(d Decision) Why {
	w := Why{Scenario: c.scenario.Name, Fits: c.fits(), Reasons: c.why}
	if w.Fits {
		w.Reasons = c.holds(d)
	}
	w.Text = w.Words(inEnglish)
	return w
}

// holds says of a candidate that fits how many conditions hold, and what speaks
// against it all the same.
func (c candidate) holds(d Decision) []Reason {
	yes := about("", FoundHolds, strconv.Itoa(c.scenario.When.count()))
	if c.scenario.When.count() == 1 {
		yes = about("", FoundHoldsOne)
	}
	switch {
	case d.Scenario == c.scenario:
		return []Reason{yes}
	case slices.Contains(d.Tie, c.scenario.Name):
		return []Reason{yes, about("", FoundTie, strings.Join(others(d.Tie, c.scenario.Name), ", "))}
	case len(c.ambiguous) > 0:
		return []Reason{yes, differ(c.ambiguous, FoundButDiffers, FoundButDiffer)}
	case d.Scenario != nil:
		return []Reason{yes, about("", FoundExact, d.Scenario.Name, strconv.Itoa(d.Scenario.When.count()))}
	case len(d.Tie) > 0:
		return []Reason{yes, about("", FoundExacts, strings.Join(d.Tie, ", "))}
	}
	return []Reason{yes, about("", FoundOpen)}
}

func others(names []string, but string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == but })
}

// hold holds a scenario against an incident. Conditions are taken in the
// order of the file's keys; the first that fails is the reason.
func (s *Scenario) hold(in Incident, view map[string]any) candidate {
	c := candidate{scenario: s, groups: map[string]string{}}
	for _, cond := range s.When.Conditions {
		groups, why, err := cond.fits(in, view)
		if c.postpone(err) {
			continue
		}
		if why != nil {
			return candidate{scenario: s, why: []Reason{*why}}
		}
		for k, v := range groups {
			c.groups[k] = v
		}
	}
	w := worldWith(s.variables, Facts{Incident: in, Groups: c.groups}, view)
	if s.When.condition != nil && len(c.ambiguous) == 0 {
		ok, err := s.When.condition.holds(w)
		switch {
		case c.postpone(err):
		case err != nil:
			return candidate{scenario: s, why: []Reason{reasonOf("if", err)}}
		case !ok:
			return candidate{scenario: s, why: append([]Reason{about("if", FoundFalse, s.When.If)}, s.When.condition.expr.reads(view)...)}
		}
	}
	if len(c.ambiguous) == 0 {
		target, err := s.aim(w)
		if !c.postpone(err) && err != nil {
			return candidate{scenario: s, why: []Reason{reasonOf("target", err)}}
		}
		c.target = target
	}
	if len(c.ambiguous) > 0 {
		c.why = []Reason{differ(c.ambiguous, FoundDiffers, FoundDiffer)}
		return c
	}
	c.ambiguous = s.ambiguousIn(view)
	return c
}

// postpone keeps an ambiguous value for the end, since another condition may
// well rule the scenario out.
func (c *candidate) postpone(err error) bool {
	var r *readError
	if !errors.As(err, &r) || !r.differs {
		return false
	}
	if !slices.Contains(c.ambiguous, r.path) {
		c.ambiguous = append(c.ambiguous, r.path)
	}
	return true
}

// fits holds one condition against an incident; why is nil when it fits, and err
// what kept a value from being read.
func (c Condition) fits(in Incident, view map[string]any) (groups map[string]string, why *Reason, err error) {
	because := func(r Reason) *Reason { return &r }
	subjects, err := c.subjects(in, view)
	if err != nil {
		return nil, because(reasonOf(c.Key, err)), err
	}
	if len(subjects) == 0 {
		return nil, because(about(c.Key, FoundNone)), nil
	}
	for _, p := range c.patterns {
		for _, s := range subjects {
			if g, ok := p.match(s); ok {
				return g, nil, nil
			}
		}
	}
	found := FoundOther
	if len(c.Values) > 1 {
		found = FoundOthers
	}
	is := strconv.Quote(clip(subjects[len(subjects)-1], 80))
	return nil, because(about(c.Key, found, is, strings.Join(c.Values, ", "))), nil
}

// aim works the target out.
func (s *Scenario) aim(w *world) (string, error) {
	if s.target == nil {
		return "", about("target", FoundNoTarget)
	}
	v, err := s.target.value(w)
	if err != nil {
		return "", fmt.Errorf("target: %w", err)
	}
	target, ok := v.(string)
	target = strings.TrimSpace(target) // nobody sees it, and guards would count another target
	switch {
	case !ok:
		return "", about("target", FoundTargetOdd)
	case target == "":
		return "", about("target", FoundEmpty)
	case utf8.RuneCountInString(target) > maxTarget:
		return "", about("target", FoundLong, strconv.Itoa(maxTarget))
	case !utf8.ValidString(target) || strings.ContainsFunc(target, unprintable):
		return "", about("target", FoundUnseen)
	}
	return target, nil
}

// unprintable says whether a character cannot be seen: two targets that look the
// same are the same, or guards that count them count two.
func unprintable(r rune) bool {
	return !unicode.IsPrint(r) || r >= 0xFE00 && r <= 0xFE0F || r >= 0xE0100 && r <= 0xE01EF ||
		r == 0x034F || r == 0x115F || r == 0x1160 || r == 0x3164 || r == 0xFFA0 || r == 0x2800
}

// Aim works out the target for an incident as it is now; an error says in
// words why there is none. groups are those of the Decision.
func (s *Scenario) Aim(in Incident, groups map[string]string) (string, error) {
	return s.aim(newWorld(s.variables, Facts{Incident: in, Groups: groups}))
}

// Ambiguous lists the values that this scenario reads and that differ between
// the open alerts of the incident. While there is one, nothing may be
// recovered or resolved.
func (s *Scenario) Ambiguous(in Incident) []string { return s.ambiguousIn(alertView(in)) }

func (s *Scenario) ambiguousIn(view map[string]any) []string {
	var out []string
	for _, path := range s.alerts {
		if v, ok := look(view, path); ok {
			if p := findAmbiguous(v); p != "" && !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	slices.Sort(out)
	return out
}
