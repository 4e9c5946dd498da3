package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"amsbot/bot"
	"amsbot/scenarios"
)

// lookAtLines looks at where incidents are handed over to.
func (d *doctor) lookAtLines(ctx context.Context, n *notes) {
	if d.set != nil {
		for _, p := range d.set.Projects {
			for _, l := range []struct {
				name string
				line scenarios.Line
			}{{"first_line", p.FirstLine}, {"second_line", p.SecondLine}} {
				within(ctx, func(ctx context.Context) { d.lookAtLine(ctx, n, l.name+" of project "+p.Name, l.line) })
			}
		}
	}
	if f := d.c.PagerDuty.Fallback; f != nil {
		within(ctx, func(ctx context.Context) {
			d.lookAtLine(ctx, n, "fallback", scenarios.Line{Policy: f.Policy, Level: max(f.Level, 1), Users: f.Users})
		})
	}
}

func (d *doctor) lookAtLine(ctx context.Context, n *notes, what string, l scenarios.Line) {
	switch {
	case len(l.Users) > 0:
		d.lookAtPeople(ctx, n, what, l.Users)
		return
	case l.Policy == "":
		n.ok(what, "none is said: it is the next level")
		return
	}
	what = fmt.Sprintf("%s: level %d of %s", what, l.Level, l.Policy)
	levels, err := d.pager.Levels(ctx, l.Policy)
	switch {
	case errors.Is(err, bot.ErrNotFound):
		n.ng(what, "PagerDuty knows no such escalation policy", "name it letter for letter as PagerDuty does, or by its ID")
		return
	case err != nil:
		n.wrong(what, err)
		return
	case l.Level > len(levels):
		n.ng(what, fmt.Sprintf("the policy has %s", count(len(levels), "level", "levels")), "name a level that there is, or add one to the policy")
		return
	}
	var names []string
	for _, p := range levels[l.Level-1].OnCall {
		if p.ID != d.c.PagerDuty.User {
			names = append(names, p.Name)
		}
	}
	switch {
	case len(names) == 0 && len(levels[l.Level-1].OnCall) > 0:
		n.ng(what, "nobody but amsbot is on call there", "name a level with people")
	case len(names) == 0:
		n.ng(what, "nobody is on call there now", "put somebody on its schedule")
	default:
		n.ok(what, "%s", strings.Join(names, ", "))
	}
}

func (d *doctor) lookAtPeople(ctx context.Context, n *notes, what string, users []string) {
	var names []string
	for _, id := range users {
		p, err := d.pager.User(ctx, id)
		switch {
		case errors.Is(err, bot.ErrNotFound):
			n.ng(what+": user "+id, "PagerDuty knows none", "users takes the IDs of PagerDuty users, as in the address of their page (/users/P…)")
			return
		case err != nil:
			n.wrong(what+": user "+id, err)
			return
		}
		names = append(names, p.Name)
	}
	n.ok(what, "%s", strings.Join(names, ", "))
}
