package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"amsbot/bot"
	"amsbot/bot/pagerduty"
	"amsbot/scenarios"
)

func (d *doctor) lookAtPagerDuty(ctx context.Context) []Finding {
	n := &notes{group: atPagerDuty}
	if d.pager == nil {
		n.unknown("token, rights and levels", "there is no token to ask with", "put the configuration right first")
		return n.all
	}
	refused := errors.New("not asked")
	within(ctx, func(ctx context.Context) {
		if refused = d.pager.CheckToken(ctx); refused != nil {
			n.wrong("token", refused)
			return
		}
		n.ok("token", "PagerDuty takes it")
	})
	if refused != nil {
		n.unknown("rights, services and levels", "they are asked for with that token", "put the token right first")
		return n.all
	}
	within(ctx, func(ctx context.Context) { d.lookAtSelf(ctx, n) })
	within(ctx, func(ctx context.Context) { d.lookAtRights(ctx, n) })
	if d.set == nil {
		n.unknown("services and lines", unread, "mend the scenarios first")
	}
	var services []pagerduty.Service
	var err error
	within(ctx, func(ctx context.Context) {
		if services, err = d.pager.Services(ctx); err != nil {
			n.wrong("services", err)
		}
	})
	ours := d.lookAtServices(n, services, err == nil)
	d.lookAtHolding(ctx, n, ours)
	d.lookAtLines(ctx, n)
	d.lookAtHooks(ctx, n, ours)
	return n.all
}

// lookAtSelf looks at amsbot's own user.
func (d *doctor) lookAtSelf(ctx context.Context, n *notes) {
	what := "user " + d.c.PagerDuty.User + " with From " + d.c.PagerDuty.From
	me, err := d.pager.CheckSelf(ctx)
	switch {
	case err != nil:
		n.wrong(what, err)
	case me.Called:
		n.advise(what, "it exists; it has notification rules: PagerDuty notifies a user that nobody reads",
			"remove the notification rules of that user")
	default:
		n.ok(what, "it exists, and is notified of nothing")
	}
}

// lookAtRights says whether incidents can be read and changed.
func (d *doctor) lookAtRights(ctx context.Context, n *notes) {
	if err := d.pager.CheckReads(ctx); err != nil {
		n.wrong("reading incidents", err)
	} else {
		n.ok("reading incidents", "incidents and their log can be read")
	}
	if err := d.pager.CheckWrites(ctx); err != nil {
		n.wrong("changing incidents", err)
	} else {
		n.ok("changing incidents", "PagerDuty lets amsbot's user change them")
	}
}

// lookAtServices finds the services that projects name, and answers those that
// there are, once each.
func (d *doctor) lookAtServices(n *notes, all []pagerduty.Service, read bool) []pagerduty.Service {
	if d.set == nil || !read {
		return nil
	}
	var ours []pagerduty.Service
	for _, p := range d.set.Projects {
		missing := 0
		for _, name := range p.Services {
			i := slices.IndexFunc(all, func(s pagerduty.Service) bool { return s.ID == name || s.Name == name })
			if i < 0 {
				missing++
				n.ng(fmt.Sprintf("service %s of project %s", name, p.Name), "PagerDuty knows none",
					"services: in "+fileOf(p)+" takes a service's name, letter for letter, or its ID")
				continue
			}
			if !slices.Contains(ours, all[i]) {
				ours = append(ours, all[i])
			}
		}
		if missing == 0 && len(p.Services) > 0 {
			n.ok("services of project "+p.Name, "%s", there(len(p.Services)))
		}
	}
	return ours
}

// lookAtHolding looks at level 1 of the services' policies: there amsbot's user
// stands alone where it is to hold incidents until it has made its first response.
func (d *doctor) lookAtHolding(ctx context.Context, n *notes, ours []pagerduty.Service) {
	var seen []string
	for _, s := range ours {
		if s.Policy.ID == "" || slices.Contains(seen, s.Policy.ID) {
			continue
		}
		seen = append(seen, s.Policy.ID)
		what := "level 1 of escalation policy " + nameOf(s.Policy)
		var levels []bot.Level
		var err error
		within(ctx, func(ctx context.Context) { levels, err = d.pager.Levels(ctx, s.Policy.ID) })
		if err != nil {
			n.wrong(what, err)
			continue
		}
		first := bot.Level{}
		if len(levels) > 0 {
			first = levels[0]
		}
		held := slices.ContainsFunc(first.OnCall, func(p bot.Person) bool { return p.ID == d.c.PagerDuty.User })
		switch {
		case held && len(first.OnCall) == 1 && len(levels) == 1:
			n.ng(what, "amsbot is alone on it, and no level follows: what it hands over reaches nobody", "add a level with people to the policy")
		case held && len(first.OnCall) == 1 && first.Timeout == 0:
			n.ng(what, "amsbot is alone on it, and it does not time out: nobody is paged if amsbot dies", "give level 1 a short timeout")
		case held && len(first.OnCall) == 1:
			n.ok(what, "amsbot is alone on it, for %s", first.Timeout)
		case held:
			n.advise(what, "amsbot is on it beside others, who are paged at once", "put amsbot's user alone on level 1, and people from level 2 on, if it is to hold incidents first")
		default:
			n.advise(what, "amsbot is not on it: people are paged at once, and it works beside them", "put amsbot's user alone on level 1, and people from level 2 on, if it is to hold incidents first")
		}
	}
}

func nameOf(r scenarios.Ref) string {
	if r.Name != "" {
		return r.Name
	}
	return r.ID
}

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

func there(n int) string {
	if n == 1 {
		return "it is there"
	}
	return fmt.Sprintf("all %d are there", n)
}
