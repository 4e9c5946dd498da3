package scenarios

import (
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

const maxSteps = 50 // of one phase

// phases reads the steps of check, gather and recover.
func (c *compiler) phases(f map[string]*yaml.Node, root *yaml.Node) {
	c.scope.target = true
	c.scope.secrets = c.s.secrets
	c.scope.steps = map[string][]string{}
	c.scope.later = map[string]string{}
	for _, p := range []Phase{Check, Gather, Recover} {
		if n := f[string(p)]; n != nil {
			c.announce(n)
		}
	}
	if f["check"] == nil {
		c.r.fail(root, "without a check nothing is known", "the scenario has no check")
	}
	for _, p := range []Phase{Check, Gather, Recover} {
		n := f[string(p)]
		if n == nil {
			continue
		}
		steps := c.steps(n, p)
		switch p {
		case Check:
			c.s.Check = steps
		case Gather:
			c.s.Gather = steps
		case Recover:
			c.s.Recover = steps
		}
	}
}

// announce notes the names of steps, so that reading one too early can be
// told from reading one that does not exist.
func (c *compiler) announce(n *yaml.Node) {
	if n.Kind != yaml.SequenceNode {
		return
	}
	for _, s := range n.Content {
		if s.Kind != yaml.MappingNode {
			continue
		}
		if v := valueNode(s, "name", ""); v != s && v.Kind == yaml.ScalarNode {
			c.scope.later[v.Value] = "it comes later"
		}
	}
}

// steps reads one phase.
func (c *compiler) steps(n *yaml.Node, p Phase) []*Step {
	if n.Kind != yaml.SequenceNode {
		c.r.fail(n, "write a list: each step begins with - name:", "%s is %s, a list of steps is needed", p, kindOf(n))
		return nil
	}
	if len(n.Content) == 0 {
		c.r.fail(n, "", "%s has no steps", p)
	}
	if len(n.Content) > maxSteps {
		c.r.fail(n, "", "%s has %d steps, at most %d are run", p, len(n.Content), maxSteps)
		return nil
	}
	c.phase = p
	var out, gathered []*Step
	judged := 0
	for _, node := range n.Content {
		st := c.step(node)
		if st.Kind != "wait" {
			judged++
		}
		out = append(out, st)
		if p == Gather {
			// They may run side by side: none may read another.
			c.scope.later[st.Name] = "the steps of gather run side by side"
			gathered = append(gathered, st)
			continue
		}
		c.known(st)
	}
	for _, st := range gathered {
		c.known(st)
	}
	if p == Check && len(n.Content) > 0 && judged == 0 {
		c.r.fail(n, "", "check only waits: it can find nothing out")
	}
	return out
}

// known lets later expressions read a step.
func (c *compiler) known(st *Step) {
	if k, ok := kindNamed(st.Kind); ok && st.Name != "" {
		c.scope.steps[st.Name] = k.fields.names()
	}
}

// step reads one step.
func (c *compiler) step(n *yaml.Node) *Step {
	st := &Step{Phase: c.phase, Attempts: 1, Every: 2 * time.Second, scenario: c.s, at: n}
	known := stepKeys()
	odd := c.oddKey(n, known.names())
	f := c.r.fields(n, "the step", known)
	if n.Kind != yaml.MappingNode {
		return st
	}
	c.stepName(n, f["name"], st)
	if v := f["if"]; v != nil {
		st.condition = c.condition(v, "if")
	}
	if v := f["attempts"]; v != nil {
		st.Attempts = c.r.integer(v, "attempts", 1, 100)
	}
	if v := f["every"]; v != nil {
		st.Every = c.r.span(v, "every", false)
		if a := f["attempts"]; a == nil || a.Value == "1" {
			c.r.fail(v, "say attempts too", "every without attempts: there is only one")
		}
	}
	if v := f["idempotent"]; v != nil {
		st.Idempotent = c.r.boolean(v, "idempotent")
		if c.phase != Recover {
			c.r.fail(v, "", "idempotent is said of steps in recover: those of %s may always run again", c.phase)
		}
	}
	if !c.stepKind(f, st) && !odd {
		c.r.fail(n, "say one of "+joinWords(Kinds()), "the step does nothing")
	}
	st.definition = c.defined(n)
	return st
}

// oddKey notes the keys that no step has. They are most often a kind of step
// that is not known here.
func (c *compiler) oddKey(n *yaml.Node, known []string) bool {
	odd := false
	if n.Kind != yaml.MappingNode {
		return false
	}
	kind := false
	for _, e := range c.r.entries(n, "the step") {
		kind = kind || slices.Contains(Kinds(), e.key.Value)
	}
	for _, e := range c.r.entries(n, "the step") {
		if c.r.full() || slices.Contains(known, e.key.Value) {
			continue
		}
		odd = true
		hint := didYouMean(e.key.Value, known)
		switch {
		case strings.HasPrefix(hint, "did you mean"):
		case kind: // what it does is said
			hint = "known here: " + strings.Join(slices.Sorted(slices.Values(commonKeys.names())), ", ")
		default:
			hint = "a step is one of " + joinWords(Kinds())
		}
		c.r.fail(e.key, hint, "the step has no key %s", clip(e.key.Value, 60))
	}
	return odd
}

func (c *compiler) stepName(n, name *yaml.Node, st *Step) {
	if name == nil {
		c.r.fail(n, "", "the step has no name")
		return
	}
	var ok bool
	if st.Name, ok = c.r.word(name, "name"); !ok {
		return
	}
	if strings.ContainsFunc(st.Name, unprintable) {
		c.r.fail(name, "", "the name of a step has to be one printable line")
		return
	}
	if first := c.names[st.Name]; first > 0 {
		c.r.fail(name, "", "two steps are called %s, the first in line %d", clip(st.Name, 60), first)
		return
	}
	c.names[st.Name] = name.Line
}

// stepKind reads the one key that says what the step does. It reports false
// where there is none.
func (c *compiler) stepKind(f map[string]*yaml.Node, st *Step) bool {
	var said []string
	for _, k := range kinds {
		if f[k.name] == nil {
			continue
		}
		said = append(said, k.name)
		if len(said) > 1 {
			c.r.fail(f[k.name], "", "the step is both %s and %s", said[0], said[1])
			return true
		}
		st.Kind, st.Timeout = k.name, k.timeout
		if v := f["timeout"]; v != nil {
			st.Timeout = c.r.span(v, "timeout", false)
			if k.timeout == 0 {
				c.r.fail(v, "", "a step of kind %s has no timeout", k.name)
			}
		}
		if v := f["attempts"]; v != nil && k.timeout == 0 {
			c.r.fail(v, "", "a step of kind %s has no attempts", k.name)
		}
		before := c.outside
		st.action = k.compile(c, f[k.name], st)
		st.outside, st.words = c.outside > before, k.inWords(f[k.name])
	}
	return len(said) > 0
}

// worst is the longest that the step can take, all tries included.
func (st *Step) worst() time.Duration {
	one := st.Timeout + st.Wait
	if k, ok := kindNamed(st.Kind); ok {
		one += k.grace
	}
	return time.Duration(st.Attempts)*one + time.Duration(st.Attempts-1)*st.Every
}
