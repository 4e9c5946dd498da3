package scenarios

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// When is what an incident has to be like. Every condition is required.
type When struct {
	Conditions []Condition
	If         string // the expression, "" for none

	condition *condition
	groups    []string // all named groups of the regular expressions
}

// Condition is one key of `when`: any one of its values will do.
type Condition struct {
	Key    string // service, title, urgency, priority, team, policy, details.host
	Values []string

	path     []string // below alert, for details
	patterns []pattern
}

// count is the number of conditions, by which the more exact scenario wins.
func (w When) count() int {
	n := len(w.Conditions)
	if w.condition != nil {
		n++
	}
	return n
}

// pattern is one value of a condition: a whole text, or a regular expression.
type pattern struct {
	literal string
	re      *regexp.Regexp
	weight  int // of re
}

// match reports whether a text fits, and the named groups of the regular
// expression.
func (p pattern) match(s string) (map[string]string, bool) {
	if p.re == nil {
		return nil, s == p.literal
	}
	m := p.re.FindStringSubmatchIndex(s)
	if m == nil {
		return nil, false
	}
	groups := map[string]string{}
	for i, name := range p.re.SubexpNames() {
		if name != "" && m[2*i] >= 0 {
			groups[name] = s[m[2*i]:m[2*i+1]]
		}
	}
	return groups, true
}

// when reads the conditions of a scenario.
func (c *compiler) when(n *yaml.Node) When {
	var w When
	f := c.r.fields(n, "when", whenKeys)
	if n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		c.r.fail(n, "", "an empty when would fit every incident")
	}
	for _, key := range whenKeys.names()[:6] {
		if v := f[key]; v != nil {
			w.add(c, key, nil, v)
		}
	}
	if d := f["details"]; d != nil {
		if count := len(d.Content) / 2; count > maxDetails {
			c.r.fail(d, "", "details has %d keys, at most %d are read", count, maxDetails)
			return w
		}
		for _, e := range c.r.entries(d, "details") {
			path := append([]string{"details"}, strings.Split(e.key.Value, ".")...)
			if slices.Contains(path, "") {
				c.r.fail(e.key, "", "details has no key %q", e.key.Value)
				continue
			}
			w.add(c, "details."+e.key.Value, path, e.value)
			c.alerts = append(c.alerts, path)
		}
		if d.Kind == yaml.MappingNode && len(d.Content) == 0 {
			c.r.fail(d, "", "details is empty")
		}
	}
	c.scope.groups = w.groups
	if v := f["if"]; v != nil {
		if w.condition = c.condition(v, "if"); w.condition != nil {
			w.If = strings.TrimSpace(v.Value)
		}
	}
	return w
}

func (w *When) add(c *compiler, key string, path []string, n *yaml.Node) {
	cond := Condition{Key: key, path: path}
	for _, v := range c.r.list(n, key) {
		s, ok := c.value(v, key)
		if !ok {
			continue
		}
		if key == "urgency" && !strings.HasPrefix(s, "/") && s != "high" && s != "low" {
			c.r.fail(v, didYouMean(s, []string{"high", "low"}), "PagerDuty has no urgency %s", clip(s, 40))
			continue
		}
		if len(s) > maxExpression {
			c.r.fail(v, "write a regular expression for a part of it", "%s is a text of %d bytes, at most %d are compared", key, len(s), maxExpression)
			continue
		}
		p, ok := c.pattern(v, s)
		if !ok {
			for _, g := range namedGroup.FindAllStringSubmatch(s, -1) {
				w.groups = append(w.groups, g[1]) // its readers are not wrong
			}
			continue
		}
		cond.Values = append(cond.Values, s)
		cond.patterns = append(cond.patterns, p)
		if p.re != nil {
			w.addGroups(c, v, key, p)
		}
	}
	if len(cond.patterns) > 0 {
		w.Conditions = append(w.Conditions, cond)
	}
}

// namedGroup finds the names of groups in a text that is no regular expression.
var namedGroup = regexp.MustCompile(`\(\?P?<(\w+)>`)

// addGroups notes the named groups of a regular expression. Values of one list
// may share a name, since one of them fits; two keys may not.
func (w *When) addGroups(c *compiler, n *yaml.Node, key string, p pattern) {
	for _, g := range p.re.SubexpNames() {
		if g == "" {
			continue
		}
		if before, ok := c.groupKeys[g]; ok && before != key {
			c.r.fail(n, "", "the named group %s is in %s and in %s", g, before, key)
			continue
		}
		c.groupKeys[g] = key
		if !slices.Contains(w.groups, g) {
			w.groups = append(w.groups, g)
		}
	}
}

// value is a word, or, since alerts carry them, a whole number or a truth
// value as YAML and the alert both write it.
func (c *compiler) value(n *yaml.Node, key string) (string, bool) {
	if strings.HasPrefix(key, "details.") && n.Kind == yaml.ScalarNode {
		if i, err := strconv.Atoi(n.Value); n.Tag == "!!int" && err == nil && strconv.Itoa(i) == n.Value {
			return n.Value, true
		}
		if n.Tag == "!!bool" && (n.Value == "true" || n.Value == "false") {
			return n.Value, true
		}
	}
	return c.r.word(n, key)
}

// pattern makes a condition's value of a text: /…/ and /…/i are regular
// expressions.
func (c *compiler) pattern(n *yaml.Node, s string) (pattern, bool) {
	body, slash := strings.CutPrefix(s, "/")
	if !slash {
		return pattern{literal: s}, true
	}
	body, fold := strings.CutSuffix(body, "/i")
	if !fold {
		var closed bool
		if body, closed = strings.CutSuffix(body, "/"); !closed {
			c.r.fail(n, "quote it: '"+clip(s, 30)+" …/'; YAML ends an unquoted text at ' #'", "a regular expression without its closing /")
			return pattern{}, false
		}
	}
	if body == "" {
		c.r.fail(n, "", "an empty regular expression fits everything")
		return pattern{}, false
	}
	source := body
	if fold {
		source = "(?i:" + body + ")"
	}
	if len(body) > maxExpression {
		c.r.fail(n, "", "a regular expression of %d bytes, at most %d are read", len(body), maxExpression)
		return pattern{}, false
	}
	heavy := weigh(source)
	if !c.bears(n, heavy) {
		return pattern{}, false
	}
	re, err := regexp.Compile(source)
	if err != nil {
		c.r.fail(n, "", "regular expression: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		return pattern{}, false
	}
	return pattern{re: re, weight: heavy}, true
}

// subjects lists the texts that a condition compares; an error says in words
// why there is none.
func (c Condition) subjects(in Incident, view map[string]any) ([]string, error) {
	switch c.Key {
	case "service":
		return refNames(in.Service), nil
	case "policy":
		return refNames(in.Policy), nil
	case "team":
		var all []string
		for _, t := range in.Teams {
			all = append(all, refNames(t)...)
		}
		return all, nil
	case "title":
		return present(in.Title), nil
	case "urgency":
		return present(in.Urgency), nil
	case "priority":
		return present(in.Priority), nil
	}
	v, ok := look(view, c.path)
	if a, differs := v.(ambiguous); differs {
		return nil, &readError{path: a.path, differs: true}
	}
	if !ok {
		return nil, nil
	}
	s, err := textOf(v)
	if err != nil {
		found := FoundList
		if v == nil {
			found = FoundNothing
		}
		return nil, about("", found, "alert."+c.Key)
	}
	return []string{s}, nil
}

func refNames(r Ref) []string { return append(present(r.ID), present(r.Name)...) }

func present(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}
