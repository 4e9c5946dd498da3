package store

import "strings"

// what names a transaction for Options.Around: what each change in it writes, in
// their order.
func (t *tables) what() string {
	if len(t.plans) == 0 {
		return "upkeep"
	}
	all := make([]string, len(t.plans))
	for i, p := range t.plans {
		all[i] = p.what()
	}
	return strings.Join(all, " & ")
}

// what is the kinds of a change's events or, without any, what else it is about.
func (p *plan) what() string {
	var kinds []string
	for _, e := range p.events {
		kinds = append(kinds, e.event.Kind)
	}
	c := p.change
	switch {
	case len(kinds) > 0:
		return strings.Join(kinds, "+")
	case len(c.Shown) > 0:
		return "shown"
	case len(c.Later) > 0:
		return "later"
	case len(c.Settled) > 0:
		return "settled"
	case c.Due != nil:
		return "due"
	}
	return "state"
}
