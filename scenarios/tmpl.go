package scenarios

import (
	"slices"

	"gopkg.in/yaml.v3"
)

// tmpl is a YAML value in which texts are filled in.
type tmpl struct {
	text  *text
	value any
	list  []*tmpl
	keys  []string
}

func (c *compiler) tmpl(n *yaml.Node) *tmpl {
	t := &tmpl{}
	switch n.Kind {
	case yaml.MappingNode:
		t.keys = []string{}
		for _, e := range c.r.entries(n, "body") {
			t.keys = append(t.keys, e.key.Value)
			t.list = append(t.list, c.tmpl(e.value))
		}
	case yaml.SequenceNode:
		for _, v := range n.Content {
			t.list = append(t.list, c.tmpl(v))
		}
		t.value = []any{}
	case yaml.ScalarNode:
		switch {
		case n.Tag == "!!null":
		case n.Tag != "!!str":
			t.value = c.r.constant(n, "body")
		case n.Value == "":
			t.value = ""
		default:
			t.text = c.text(n, "body")
		}
	}
	return t
}

func (t *tmpl) secret() bool {
	return t != nil && (t.text != nil && t.text.secret() || slices.ContainsFunc(t.list, (*tmpl).secret))
}

func (t *tmpl) fill(w *world) (any, error) {
	switch {
	case t.text != nil:
		return t.text.value(w)
	case t.keys != nil:
		out := map[string]any{}
		for i, k := range t.keys {
			v, err := t.list[i].fill(w)
			if err != nil {
				return nil, err
			}
			out[k] = v
		}
		return out, nil
	case t.list != nil:
		out := make([]any, len(t.list))
		for i, e := range t.list {
			v, err := e.fill(w)
			if err != nil {
				return nil, err
			}
			out[i] = v
		}
		return out, nil
	}
	return t.value, nil
}
