package pagerduty

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"amsbot/bot"
	"amsbot/bot/outbox"
)

// logSlack is how far PagerDuty's log may lie before the act: it keeps whole
// seconds, and clocks differ.
const logSlack = 2 * time.Second

// Find says whether an act whose answer was lost was done: a note by its
// marker, the others by the incident as it is now and by its log since the act
// was wanted.
func (c *Client) Find(ctx context.Context, act outbox.Act) (outbox.Result, bool, error) {
	e := c.errand(act)
	if e.result != nil {
		return *e.result, false, nil // it can never have been sent
	}
	var err error
	if act.Kind == bot.ActNote {
		err = c.findNote(ctx, e)
	} else {
		err = c.findChange(ctx, e)
	}
	if errors.Is(err, bot.ErrNotFound) {
		return outbox.Result{}, false, nil
	}
	var failed *callError
	if errors.As(err, &failed) && failed.silent() {
		return outbox.Result{}, false, fmt.Errorf("%w: %w", outbox.ErrDown, err)
	}
	if err != nil || e.result == nil {
		return outbox.Result{}, false, err
	}
	return *e.result, true, nil
}

func (c *Client) findNote(ctx context.Context, e *errand) error {
	var answer struct{ Notes list[note] }
	err := c.exchange(ctx, call{verb: "read notes of " + e.id, class: noting}, request{
		method: "GET", path: "/incidents/" + e.id + "/notes", out: &answer,
	})
	if err != nil {
		return err
	}
	if n := slices.IndexFunc(answer.Notes, func(n note) bool { return n.marked(e.act.Marker()) }); n >= 0 {
		e.settle(outbox.Result{State: outbox.Done, Ref: named{ID: answer.Notes[n].ID}.id()})
	}
	return nil
}

func (c *Client) findChange(ctx context.Context, e *errand) error {
	i, err := c.incident(ctx, e.id, call{class: beforeAct})
	if err != nil {
		return err
	}
	e.now = i
	if e.act.Kind == bot.ActResolve && i.resolved() {
		e.done(c.resolvedWhy(ctx, e))
		return nil
	}
	user, err := c.userOf(ctx, e.from)
	if err != nil || user == "" {
		return err // PagerDuty refuses a name that it does not know
	}
	if e.act.Kind == bot.ActAcknowledge && has(i.acknowledgers(), user) {
		e.done("")
		return nil
	}
	e.since = c.ahead.Theirs(e.act.At).Add(-logSlack)
	entries, err := c.entries(ctx, e.id, e.since)
	if err != nil {
		return err
	}
	people, err := c.wantedPeople(ctx, e)
	if err != nil {
		return err
	}
	for _, n := range entries {
		named := slices.ContainsFunc(people, func(ids []string) bool { return e.assigned(n, user, ids) })
		if named || e.wrote(n, user) {
			c.found(ctx, e)
			break
		}
	}
	return nil
}

// resolvedWhy is empty for our own resolve.
func (c *Client) resolvedWhy(ctx context.Context, e *errand) string {
	if user, err := c.userOf(ctx, e.from); err == nil && user != "" && e.now.ChangedBy.v.id() == user {
		return ""
	}
	return e.now.endedBy(e.w)
}

// wrote says whether the log entry is the act's trace.
func (e *errand) wrote(n entry, user string) bool {
	if n.Agent.v.id() != user || n.CreatedAt.time().Before(e.since) {
		return false
	}
	switch e.act.Kind {
	case bot.ActAcknowledge:
		return n.Type == "acknowledge_log_entry"
	case bot.ActResolve:
		return n.Type == "resolve_log_entry"
	}
	return n.Type == "escalate_log_entry" || n.Type == "delegate_log_entry"
}

// assigned says whether the log entry is the trace of an escalation to these
// people by name. An acknowledgement is logged as an assignment too, so that
// only the very people count.
func (e *errand) assigned(n entry, user string, ids []string) bool {
	if n.Agent.v.id() != user || n.CreatedAt.time().Before(e.since) || len(n.Assignees) != len(ids) || len(ids) == 0 {
		return false
	}
	return !slices.ContainsFunc(n.Assignees, func(a named) bool { return !slices.Contains(ids, a.id()) })
}

// wantedPeople are the IDs of those whom the escalation names, if it names
// people: those of the target and those of the fallback.
func (c *Client) wantedPeople(ctx context.Context, e *errand) (all [][]string, err error) {
	if e.act.Kind != bot.ActEscalate {
		return nil, nil
	}
	targets := []bot.Target{e.up.To}
	if e.up.Fallback != nil {
		targets = append(targets, *e.up.Fallback)
	}
	for _, t := range targets {
		people, _, err := c.assignees(ctx, e, t.Users)
		if err != nil {
			return nil, err
		}
		var ids []string
		for _, p := range people {
			ids = append(ids, p.Assignee.ID)
		}
		all = append(all, ids)
	}
	return all, nil
}

// found settles an act whose trace is in the log.
func (c *Client) found(ctx context.Context, e *errand) {
	if e.act.Kind != bot.ActEscalate {
		e.done("")
		return
	}
	now := bot.Escalated{Assignees: c.known(ctx, e.now.assignees())}
	if levels, _ := c.levelsAt(ctx, e.now.Policy.v.id()); len(levels) > 0 {
		if at := matching(now.Assignees, levels); len(at) == 1 {
			now.Level = at[0]
		}
	}
	data, err := json.Marshal(now)
	if err != nil {
		data = nil
	}
	e.settle(outbox.Result{State: outbox.Done, Data: data})
}
