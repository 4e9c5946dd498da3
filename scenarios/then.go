package scenarios

import (
	"errors"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// ends reads then and links, and fills the defaults in.
func (c *compiler) ends(f map[string]*yaml.Node) {
	c.scope.secrets = nil
	then := map[string][]Ending{
		"ok": {{Act: Report}}, "recovered": {{Act: Resolve}},
		"failed":  {{Act: Escalate, To: "second_line"}},
		"unknown": {{Act: Escalate, To: "first_line"}},
		"held":    {{Act: Escalate, To: "first_line"}},
	}
	if n := f["then"]; n != nil {
		c.s.at.then = n
		k := c.r.fields(n, "then", thenKeys)
		for _, key := range thenKeys.names() {
			if v := k[key]; v != nil {
				then[key] = c.endings(key, v)
			}
		}
		c.s.Then.HeldSaid = k["held"] != nil
	}
	c.s.Then.OK, c.s.Then.Recovered, c.s.Then.Failed = then["ok"], then["recovered"], then["failed"]
	c.s.Then.Unknown, c.s.Then.Held = then["unknown"], then["held"]
	if n := f["links"]; n != nil {
		c.links(n)
	}
}

// endings reads the acts of one branch.
func (c *compiler) endings(branch string, n *yaml.Node) []Ending {
	var out []Ending
	seen := map[string]bool{}
	for _, v := range c.r.list(n, branch) {
		e, ok := c.ending(branch, v)
		if !ok {
			continue
		}
		if e.Act != Notify && seen[e.Act] {
			c.r.fail(v, "", "then.%s says %s twice", branch, e.Act)
		}
		seen[e.Act] = true
		out = append(out, e)
	}
	if seen[Resolve] && seen[Escalate] {
		c.r.fail(n, "", "then.%s both resolves and escalates", branch)
	}
	return out
}

func (c *compiler) ending(branch string, n *yaml.Node) (Ending, bool) {
	if n.Kind != yaml.MappingNode {
		act := c.r.oneOf(n, "then."+branch, acts...)
		if act == Notify {
			c.r.fail(n, "write notify: 'the text'", "notify says nothing")
		}
		return c.allowed(branch, n, Ending{Act: act, To: nextOf(act)})
	}
	f := c.r.fields(n, "then."+branch, actKeys)
	if len(f) != 1 {
		c.r.fail(n, "write a list of acts", "then.%s: one act at a time", branch)
		return Ending{}, false
	}
	var e Ending
	for act, v := range f {
		e = Ending{Act: act, To: nextOf(act)}
		switch {
		case act == Notify:
			e.message = c.text(v, "notify")
			e.Text = v.Value
		case act == Escalate && v.Kind == yaml.MappingNode:
			k := c.r.fields(v, "escalate", escalateKeys)
			if k["to"] != nil {
				e.To = c.r.oneOf(k["to"], "to", destinations...)
			}
			if k["text"] != nil {
				e.message, e.Text = c.text(k["text"], "text"), k["text"].Value
			}
		case act == Escalate:
			e.To = c.r.oneOf(v, "escalate", destinations...)
		case act == Report || act == Resolve:
			k := c.r.fields(v, act, actTextKeys)
			if k["text"] != nil {
				e.message, e.Text = c.text(k["text"], "text"), k["text"].Value
			}
		}
	}
	return c.allowed(branch, n, e)
}

func nextOf(act string) string {
	if act == Escalate {
		return "next"
	}
	return ""
}

// allowed refuses what would resolve an incident without knowing.
func (c *compiler) allowed(branch string, n *yaml.Node, e Ending) (Ending, bool) {
	if e.Act == Resolve && branch != "ok" && branch != "recovered" {
		c.r.fail(n, "", "then.%s cannot resolve: nothing shows that it works again", branch)
		return e, false
	}
	e.vars = c.s.variables
	return e, e.Act != ""
}

// links reads what stands beside the card.
func (c *compiler) links(n *yaml.Node) {
	for _, v := range c.r.list(n, "links") {
		f := c.r.fields(v, "the link", linkKeys)
		l := Link{vars: c.s.variables}
		if f["name"] != nil {
			l.Name, _ = c.r.word(f["name"], "name")
		}
		if f["url"] != nil {
			l.url = c.text(f["url"], "url")
			if l.url != nil {
				c.urlStart(f["url"], l.url)
			}
		}
		if v.Kind == yaml.MappingNode && (f["name"] == nil || f["url"] == nil) {
			c.r.fail(v, "", "a link needs a name and a url")
		}
		c.s.Links = append(c.s.Links, l)
	}
}

// urlStart notes an address that can be none.
func (c *compiler) urlStart(n *yaml.Node, t *text) {
	first := t.parts[0].literal
	if first != "" && !strings.HasPrefix(first, "http://") && !strings.HasPrefix(first, "https://") {
		c.r.fail(n, "begin with http:// or https://", "%s is no address", clip(t.raw, 60))
	}
}

// Message fills the author's text of an ending in, cleaned; "" where there is
// none.
func (e Ending) Message(f Facts) (string, error) {
	if e.message == nil {
		return "", nil
	}
	text, err := e.message.fill(newWorld(e.vars, f), func(_, value string) (string, error) {
		return strings.Join(strings.Fields(value), " "), nil // the lines are the author's
	})
	if err != nil {
		return "", fmt.Errorf("scenarios: fill in the text of %s: %w", e.Act, err)
	}
	return clean(text), nil
}

// URL fills the address of a link in, with every value escaped for its place;
// only http and https come out.
func (l Link) URL(f Facts) (string, error) {
	if l.url == nil {
		return "", errors.New("scenarios: fill in a link: it has no url")
	}
	u, err := fillURL(l.url, newWorld(l.vars, f))
	if err != nil {
		return "", fmt.Errorf("scenarios: fill in the link %s: %w", l.Name, err)
	}
	return u.String(), nil
}
