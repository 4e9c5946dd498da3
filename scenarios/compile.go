package scenarios

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// What holds where a scenario says nothing.
const (
	defaultDeadline    = 10 * time.Minute
	defaultApproval    = 30 * time.Minute
	defaultStartWithin = 15 * time.Minute
	defaultGather      = 30 * time.Second
	defaultCooldown    = 30 * time.Minute
)

// compiler makes a scenario of its file.
type compiler struct {
	r         *reader
	s         *Scenario
	scope     scope
	phase     Phase
	groupKeys map[string]string // named group to the key of when that has it
	alerts    [][]string        // everything below alert that is read
	outside   int               // expressions so far that read the incident
	compiled  int               // expressions so far
	weight    int               // of all regular expressions so far
	names     map[string]int    // step names, to the line where they are first
}

// scenario reads one scenario of a project. What it returns is usable only
// when no problem was noted.
func (r *reader) scenario(root *yaml.Node, p *Project, o Options) *Scenario {
	s := &Scenario{Project: p, Autonomy: Ask, at: places{file: r.file, name: root, services: root}, resolve: o.Secrets}
	c := &compiler{r: r, s: s, groupKeys: map[string]string{}, names: map[string]int{}}
	f := r.fields(root, "the scenario", scenarioKeys)
	if root.Kind != yaml.MappingNode {
		return s
	}
	c.head(f, root)
	c.surroundings(f)
	c.aim(f, root)
	c.phases(f, root)
	c.plan(f)
	c.ends(f)
	s.alerts = c.alerts
	c.unreachable(f)
	c.worst(f, root)
	return s
}

// head reads what a scenario is.
func (c *compiler) head(f map[string]*yaml.Node, root *yaml.Node) {
	if n := f["name"]; n != nil {
		c.s.Name, _ = c.r.word(n, "name")
		c.s.at.name = n
		if len(c.s.Name) > 100 || strings.ContainsFunc(c.s.Name, unprintable) {
			c.r.fail(n, "", "the name has to be short and printable")
		}
	} else {
		c.r.fail(root, "", "the scenario has no name")
	}
	if n := f["description"]; n != nil {
		c.s.Description, _ = c.r.word(n, "description")
	}
	if n := f["autonomy"]; n != nil {
		if a := c.r.oneOf(n, "autonomy", autonomies...); a != "" {
			c.s.Autonomy = Autonomy(a)
		}
	}
	if n := f["acknowledge"]; n != nil {
		c.s.Acknowledge = c.r.boolean(n, "acknowledge")
	}
}

// surroundings reads what expressions may use.
func (c *compiler) surroundings(f map[string]*yaml.Node) {
	own, secrets := map[string]any{}, map[string]string{}
	if n := f["vars"]; n != nil {
		own = c.r.vars(n)
	}
	if n := f["secrets"]; n != nil {
		secrets = c.r.secrets(n)
	}
	c.s.variables = join(c.s.Project.Vars, own)
	c.s.secrets = join(c.s.Project.secrets, secrets)
	c.s.hosts = c.s.Project.hosts
	if n := f["hosts"]; n != nil {
		c.s.hosts, _ = c.r.hosts(n, "hosts")
	}
	c.scope = scope{vars: c.s.variables}
}

// aim reads when and target.
func (c *compiler) aim(f map[string]*yaml.Node, root *yaml.Node) {
	if n := f["when"]; n != nil {
		c.s.When = c.when(n)
		c.s.at.chosen = n
		c.services(n)
	} else {
		c.r.fail(root, "say which incidents it is for: when: {title: '/…/'}", "the scenario has no when")
	}
	if n := f["target"]; n != nil {
		c.s.target = c.text(n, "target")
	} else {
		c.r.fail(root, "guards and locks are counted by it: target: ${{ alert.details.host }}", "the scenario has no target")
	}
}

// services notes a service that can never lead to this scenario.
func (c *compiler) services(when *yaml.Node) {
	p := c.s.Project
	if p.Default {
		return
	}
	// The project may list IDs and the scenario names.
	listed, ids, names := map[string]bool{}, false, false
	for _, s := range p.Services {
		listed[s] = true
		ids, names = ids || looksLikeID(s), names || !looksLikeID(s)
	}
	for _, cond := range c.s.When.Conditions {
		if cond.Key != "service" {
			continue
		}
		for _, pat := range cond.patterns {
			other := names
			if !looksLikeID(pat.literal) {
				other = ids
			}
			if pat.re == nil && !listed[pat.literal] && !other && !c.r.full() {
				c.r.fail(valueNode(when, "service", pat.literal), didYouMean(pat.literal, p.Services),
					"the service %s is not one of the project's: it never fits", clip(pat.literal, 60))
			}
		}
	}
}

// looksLikeID tells PagerDuty IDs from names.
func looksLikeID(s string) bool {
	return len(s) >= 7 && len(s) <= 14 && (s[0] == 'P' || s[0] == 'Q') && strings.ToUpper(s) == s && !strings.ContainsAny(s, " -_.")
}

// valueNode finds the node of a value below a key, for a message.
func valueNode(n *yaml.Node, key, value string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value != key {
			continue
		}
		v := n.Content[i+1]
		for _, c := range v.Content {
			if c.Value == value {
				return c
			}
		}
		return v
	}
	return n
}

// plan reads recheck, guards and times.
func (c *compiler) plan(f map[string]*yaml.Node) {
	s := c.s
	s.Recheck = RecheckPlan{Settle: 5 * time.Second, Every: 5 * time.Second, Within: 2 * time.Minute, Stable: 2}
	if n := f["recheck"]; n != nil {
		k := c.r.fields(n, "recheck", recheckKeys)
		c.r.setSpan(k["settle"], "settle", true, &s.Recheck.Settle)
		c.r.setSpan(k["every"], "every", false, &s.Recheck.Every)
		c.r.setSpan(k["within"], "within", false, &s.Recheck.Within)
		if v := k["stable"]; v != nil {
			s.Recheck.Stable = c.r.integer(v, "stable", 1, 100)
		}
		if need := time.Duration(s.Recheck.Stable-1) * s.Recheck.Every; need > s.Recheck.Within {
			c.r.fail(n, "", "recheck: %d OKs take %s, within is %s", s.Recheck.Stable, need, s.Recheck.Within)
		}
	}
	c.guards(f["guards"])
	s.Deadline, s.StartWithin = defaultDeadline, defaultStartWithin
	c.r.setSpan(f["deadline"], "deadline", false, &s.Deadline)
	c.r.setSpan(f["start_within"], "start_within", false, &s.StartWithin)
	s.Approval = c.r.approval(f["approval"])
	if n := f["approval"]; n != nil && s.Approval.SecondPerson && f["recover"] == nil {
		c.r.fail(n, "say recover, or leave second_person out", "approval: a second person is wanted, and there is nothing to recover")
	}
}

// approval reads what a person's word takes: a duration, or a mapping.
func (r *reader) approval(n *yaml.Node) Approval {
	a := Approval{Expires: defaultApproval}
	if n == nil || n.Kind != yaml.MappingNode {
		r.setSpan(n, "approval", false, &a.Expires)
		return a
	}
	k := r.fields(n, "approval", approvalKeys)
	r.setSpan(k["expires"], "expires", false, &a.Expires)
	if v := k["second_person"]; v != nil {
		a.SecondPerson = r.boolean(v, "second_person")
	}
	a.BreakGlass = a.SecondPerson
	if v := k["break_glass"]; v != nil {
		a.BreakGlass = r.boolean(v, "break_glass") && a.SecondPerson
		if !a.SecondPerson {
			r.fail(v, "say second_person: true, or leave it out", "break_glass is said, and one person is enough")
		}
	}
	return a
}

// guards reads what holds a recovery back, and fills the defaults in.
func (c *compiler) guards(n *yaml.Node) {
	g := &c.s.Guards
	*g = Guards{Cooldown: defaultCooldown, Runs: Limit{N: 3, Per: 6 * time.Hour}, Lock: true,
		ScenarioRuns: Limit{N: 20, Per: time.Hour}, Breaker: 3, Masking: Limit{N: 3, Per: 7 * 24 * time.Hour},
		Storm: Limit{N: 5, Per: 5 * time.Minute}, Parallel: 3}
	if n == nil {
		return
	}
	k := c.r.fields(n, "guards", guardKeys)
	c.r.setSpan(k["cooldown"], "cooldown", true, &g.Cooldown)
	for key, into := range map[string]*Limit{"runs": &g.Runs, "scenario_runs": &g.ScenarioRuns, "masking": &g.Masking, "storm": &g.Storm} {
		if v := k[key]; v != nil {
			*into = c.r.limit(v, key)
		}
	}
	if v := k["lock"]; v != nil {
		g.Lock = c.r.oneOf(v, "lock", "target", "none") != "none"
	}
	if v := k["breaker"]; isNone(v) {
		g.Breaker = 0
	} else if v != nil {
		g.Breaker = c.r.integer(v, "breaker", 1, 1000)
	}
	if v := k["parallel"]; v != nil {
		g.Parallel = c.r.integer(v, "parallel", 1, 100)
	}
}

// isNone says whether the author turned a guard off.
func isNone(n *yaml.Node) bool { return n != nil && n.Kind == yaml.ScalarNode && n.Value == "none" }

// setSpan reads a duration where it was said.
func (r *reader) setSpan(n *yaml.Node, what string, zero bool, into *time.Duration) {
	if n != nil {
		*into = r.span(n, what, zero)
	}
}

// limit reads "3 per 6h".
func (r *reader) limit(n *yaml.Node, what string) Limit {
	s, ok := r.word(n, what)
	if !ok {
		return Limit{}
	}
	l, err := ParseLimit(s)
	if err != nil {
		r.fail(n, "write it like 3 per 6h", "%s is no limit: %s", what, clip(s, 40))
	}
	return l
}

// ParseLimit reads a limit as the language writes it: "3 per 6h", or "none" for
// the zero Limit.
func ParseLimit(s string) (Limit, error) {
	if s == "none" {
		return Limit{}, nil
	}
	count, per, found := strings.Cut(s, " per ")
	times, err := strconv.Atoi(strings.TrimSpace(count))
	d, err2 := parseSpan(strings.TrimSpace(per))
	if !found || err != nil || err2 != nil || times < 1 || times > maxLimit || d <= 0 || d > maxSpan {
		return Limit{}, fmt.Errorf("%q is no limit; write it like 3 per 6h, or none", clip(s, 40))
	}
	return Limit{N: times, Per: d}, nil
}

// maxLimit bounds what a guard counts: all of it is kept in one record.
const maxLimit = 1000
