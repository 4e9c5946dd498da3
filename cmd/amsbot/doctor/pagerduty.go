package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

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
	d.lookAtTimeouts(n, all)
	return ours
}

// lookAtTimeouts looks at what keeps scenarios from acknowledging, as they say they
// would: only where PagerDuty takes an acknowledgement back by itself does amsbot.
func (d *doctor) lookAtTimeouts(n *notes, all []pagerduty.Service) {
	for _, sc := range d.set.Scenarios {
		if !sc.Acknowledge {
			continue
		}
		for _, s := range all {
			ours := slices.Contains(sc.Project.Services, s.ID) || slices.Contains(sc.Project.Services, s.Name)
			if !ours || !names(sc, s.Ref) || s.AckTimeout > 0 && s.AckTimeout <= sc.Deadline {
				continue
			}
			n.advise(fmt.Sprintf("scenario %s on service %s", sc.Name, nameOf(s.Ref)),
				"it says acknowledge: true, and does without: the service's acknowledgement timeout is "+timeout(s.AckTimeout),
				fmt.Sprintf("set it in PagerDuty, to %s at most", sc.Deadline))
		}
	}
}

// names says whether a scenario is for a service, as far as its text tells.
func names(sc *scenarios.Scenario, s scenarios.Ref) bool {
	for _, c := range sc.When.Conditions {
		if c.Key == "service" {
			return slices.ContainsFunc(c.Values, func(v string) bool { return v == s.ID || v == s.Name || strings.HasPrefix(v, "/") })
		}
	}
	return true
}

func timeout(d time.Duration) string {
	if d == 0 {
		return "not set"
	}
	return d.String() + ", longer than its deadline"
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

func there(n int) string {
	if n == 1 {
		return "it is there"
	}
	return fmt.Sprintf("all %d are there", n)
}
