package pagerduty

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	pd "github.com/PagerDuty/go-pagerduty"

	"amsbot/bot"
	"amsbot/bot/outbox"
)

// escalate gives the incident to somebody else, see bot.EscalateArgs.
func (c *Client) escalate(ctx context.Context, e *errand) {
	if c.reread(ctx, e); e.result != nil {
		return
	}
	if why := e.mayEscalate(); why != "" {
		e.keep(why)
		return
	}
	if missing := c.moveTo(ctx, e, e.up.To, ""); e.result == nil {
		c.fallBack(ctx, e, missing)
	}
}

// fallBack tries the fallback where something was missing for the target.
func (c *Client) fallBack(ctx context.Context, e *errand, missing string) {
	if e.up.Fallback == nil {
		e.refuse(missing)
		return
	}
	also := c.moveTo(ctx, e, *e.up.Fallback, missing)
	if e.result == nil {
		e.refuse(e.say("pagerduty.neither", missing, also))
	}
}

// mayEscalate says why the incident as it is now must not be moved; "" if it may.
func (e *errand) mayEscalate() string {
	if e.now.resolved() {
		return e.now.endedBy(e.w)
	}
	if e.up.HeldBy == "" {
		return ""
	}
	assigned := e.now.assignees()
	if len(assigned) == 1 && assigned[0].ID == e.up.HeldBy {
		return ""
	}
	if acked := e.now.acknowledgers(); len(acked) > 0 && !has(acked, e.up.HeldBy) {
		return hasAcknowledged(acked, e.w)
	}
	if len(assigned) == 0 {
		return e.say("pagerduty.unassigned")
	}
	return e.say("pagerduty.assigned", names(assigned, e.w))
}

// moveTo tries one target. It settles the errand, unless the target does not
// exist or nobody is there: then it says what is missing. instead is what was
// missing before, when this is the fallback.
func (c *Client) moveTo(ctx context.Context, e *errand, to bot.Target, instead string) (missing string) {
	option, level, missing, err := c.aim(ctx, e, to)
	switch {
	case err != nil:
		e.failed(err)
		return ""
	case missing != "":
		return missing
	}
	answers, err := c.manage(ctx, e.from, []pd.ManageIncidentsOptions{option})
	if err != nil {
		return c.notMoved(ctx, e, to, err)
	}
	now := answers[e.id]
	if now == nil {
		e.answered(nil, "")
		return ""
	}
	if len(now.assignees()) == 0 {
		return e.say("pagerduty.nobody_at", e.place(to, level))
	}
	e.moved(c.known(ctx, now.assignees()), level, instead)
	return ""
}

// notMoved settles a call that failed, or says what is missing where PagerDuty
// refused the target: no refusal may end with nobody paged while there is a
// fallback.
func (c *Client) notMoved(ctx context.Context, e *errand, to bot.Target, err error) (missing string) {
	var failed *callError
	if !errors.As(err, &failed) || !refusal(err) {
		e.failed(err)
		return ""
	}
	switch failed.code {
	case codeNoEscalation:
		return e.say("pagerduty.no_escalation", unended(or(failed.message, e.say("pagerduty.no_level"))))
	case codeNoAssignee:
		return e.say("pagerduty.no_assignee")
	case codeNoPolicy:
		if to.Policy == "" {
			return e.say("pagerduty.no_policy_of_it")
		}
		return e.say("pagerduty.no_policy", to.Policy)
	case codeNobodyOnCall:
		return e.say("pagerduty.nobody_there")
	}
	if failed.stranger() {
		e.settle(failed.result(e.w))
		return ""
	}
	if c.reread(ctx, e); e.result != nil {
		return ""
	}
	if why := e.mayEscalate(); why != "" {
		e.keep(why)
		return ""
	}
	return failed.words(e.w)
}

func (e *errand) moved(people []bot.Person, level int, instead string) {
	data, err := json.Marshal(bot.Escalated{Assignees: people, Level: level, Fallback: instead != ""})
	if err != nil {
		data = nil
	}
	e.settle(outbox.Result{State: outbox.Done, Why: instead, Data: data})
}

// aim turns a target into what PagerDuty is asked for, and the level if it is
// known. missing says what does not exist.
func (c *Client) aim(ctx context.Context, e *errand, to bot.Target) (option pd.ManageIncidentsOptions, level int, missing string, err error) {
	option.ID = e.id
	switch {
	case len(to.Users) > 0:
		option.Assignments, missing, err = c.assignees(ctx, e, to.Users)
		return option, 0, missing, err
	case to.Policy != "":
		id, err := c.policy(ctx, to.Policy)
		if errors.Is(err, bot.ErrNotFound) {
			return option, 0, e.say("pagerduty.no_policy", to.Policy), nil
		}
		level = max(to.Level, 1)
		other := id != e.now.Policy.v.id()
		if other {
			option.EscalationPolicy = &pd.APIReference{ID: id, Type: "escalation_policy_reference"}
		}
		if !other || level > 1 {
			option.EscalationLevel = uint(level)
		}
		return option, level, "", err
	case to.Next:
		level, missing, err = c.next(ctx, e)
		option.EscalationLevel = uint(max(level, 0))
		return option, level, missing, err
	}
	return option, 0, e.say("pagerduty.no_target"), nil
}

// assignees are the users, by ID or address, that exist.
func (c *Client) assignees(ctx context.Context, e *errand, users []string) (all []pd.Assignee, missing string, err error) {
	var unknown []string
	for _, u := range users {
		id := strings.TrimSpace(u)
		if strings.Contains(id, "@") {
			p, err := c.ByEmail(ctx, id)
			if err != nil && !errors.Is(err, bot.ErrNotFound) {
				return nil, "", err
			}
			id = p.ID
		}
		if !validID(id) {
			unknown = append(unknown, u)
			continue
		}
		all = append(all, pd.Assignee{Assignee: pd.APIObject{ID: id, Type: "user_reference"}})
	}
	if len(all) == 0 {
		return nil, e.say("pagerduty.no_user", strings.Join(unknown, ", ")), nil
	}
	return all, "", nil
}

// place names the target for people.
func (e *errand) place(to bot.Target, level int) string {
	switch {
	case to.Policy != "":
		return e.say("pagerduty.level_of", level, to.Policy)
	case level > 0:
		return e.say("pagerduty.level", level)
	}
	return e.say("pagerduty.target")
}
