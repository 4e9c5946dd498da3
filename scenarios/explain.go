package scenarios

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// ParseSpan reads a duration as scenarios write it, 30s, 5m, 2h or 7d, and for
// the command line also whole weeks: 4w.
func ParseSpan(s string) (time.Duration, error) {
	if weeks, ok := strings.CutSuffix(s, "w"); ok {
		n, err := strconv.Atoi(weeks)
		if err != nil || n > 5200 || n < 0 {
			return 0, fmt.Errorf("scenarios: parse duration %q: no number of weeks", s)
		}
		return time.Duration(n) * 7 * 24 * time.Hour, nil
	}
	return parseSpan(s)
}

// HostList is where a host that an alert names may lie: the scenario's own
// `hosts`, else its project's; names and globs first, then addresses and
// networks. Empty: no alert names a host here.
func (s *Scenario) HostList() []string {
	out := slices.Clone(s.hosts.names)
	for _, a := range s.hosts.addresses {
		out = append(out, a.String())
	}
	for _, p := range s.hosts.networks {
		out = append(out, p.String())
	}
	return out
}

// Definition is a hash of all that decides what the step does: what its author
// wrote, and the variables where it reads some. Steps of one definition do the
// same for the same facts; its place in the file and comments do not count.
func (st *Step) Definition() string { return st.definition }

// defined is the Definition of the step that a node says.
func (c *compiler) defined(n *yaml.Node) string {
	h := sha256.New()
	write := func(s string) { fmt.Fprintf(h, "%d:%s", len(s), s) }
	vars := false
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		fmt.Fprintf(h, "(%d", n.Kind)
		write(n.ShortTag())
		write(n.Value)
		vars = vars || strings.Contains(n.Value, "vars")
		for _, inner := range n.Content {
			walk(inner)
		}
		h.Write([]byte(")"))
	}
	walk(n)
	if vars {
		said, err := json.Marshal(c.s.variables)
		if err != nil {
			said = nil // constants of YAML are always JSON
		}
		write(string(said))
	}
	for _, host := range c.s.HostList() {
		write(host)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

const mostReads = 5 // values that a false `if` names

// reads says what the values were that an expression found in the alert, so
// that nobody has to guess why it is false; none where it reads none.
func (e *expression) reads(view map[string]any) []Reason {
	var out []Reason
	for _, path := range e.alerts {
		one := about("", FoundMissing, pathText(&read{root: "alert", path: path}))
		if v, ok := look(view, path); ok {
			one = whatIs(one.Values[0], v)
		}
		if !slices.ContainsFunc(out, func(r Reason) bool { return r.Error() == one.Error() }) {
			out = append(out, one)
		}
	}
	if len(out) > mostReads {
		out = append(out[:mostReads], about("", FoundMore))
	}
	return out
}

// whatIs says in short what the value of a name is.
func whatIs(name string, v any) Reason {
	s, err := textOf(v)
	if err != nil {
		return about("", FoundIsList, name)
	}
	if _, text := v.(string); text {
		s = strconv.Quote(clip(s, 80))
	}
	return about("", FoundIs, name, s)
}
