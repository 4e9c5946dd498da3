package pagerduty

import (
	"context"
	"fmt"
	"time"

	pd "github.com/PagerDuty/go-pagerduty"

	"amsbot/bot"
)

// Read reads the incident with all its alerts, and the people of its policy;
// see bot.Incidents. Only the incident and its alerts have to be readable: with
// no answer about the people it still tells the rest, because a first response
// does not wait for names.
func (c *Client) Read(ctx context.Context, r bot.Reading) (*bot.Snapshot, error) {
	what := call{class: firstRead, of: r.Service}
	if r.Pressed {
		what.class = beforeAct
	}
	i, err := c.fresh(ctx, r.ID, what)
	if err != nil {
		return nil, err
	}
	what.of = i.Service.v.ref().ID
	alerts, err := c.alertsInTurn(ctx, r.ID, what)
	if err != nil {
		return nil, err
	}
	return c.snapshot(ctx, i, alerts)
}

// snapshot is an incident with its alerts and the people of its policy. It stands
// beside Read because a thousand reads may wait there, and none of them needs the
// room on its stack that a Snapshot takes.
func (c *Client) snapshot(ctx context.Context, i *incident, alerts []alert) (s *bot.Snapshot, err error) {
	s = &bot.Snapshot{
		Incident: i.core(), Assignees: i.assignees(), Acknowledged: i.acknowledgers(),
		ChangedBy: i.ChangedBy.v.person(), MergedInto: i.mergedInto(),
	}
	s.Incident.Alerts = snapshot(alerts)
	if s.Levels, err = c.levelsAt(ctx, s.Incident.Policy.ID); err != nil {
		c.log.Warn("pagerduty: incident read without its levels", "incident", s.Incident.ID, "error", err)
	}
	if s.AckTimeout, err = c.ackTimeout(ctx, s.Incident.Service.ID); err != nil {
		c.log.Warn("pagerduty: incident read without its acknowledgement timeout", "incident", s.Incident.ID, "error", err)
	}
	s.Maintenance = c.maintenance(ctx, s.Incident.Service.ID)
	s.Assignees = c.known(ctx, s.Assignees)
	s.Acknowledged = c.known(ctx, s.Acknowledged)
	if i.ChangedBy.v.user() {
		s.ChangedBy = c.known(ctx, []bot.Person{s.ChangedBy})[0]
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s, nil
}

// alertsInTurn reads the alerts of an incident when it is its turn: first in the
// budget, where services take turns, then among those that are read side by side.
func (c *Client) alertsInTurn(ctx context.Context, id string, what call) ([]alert, error) {
	if err := c.spend.wait(ctx, what.class, what.of); err != nil {
		return nil, fmt.Errorf("pagerduty: read alerts of %s: %w", id, err)
	}
	what.paid = true
	if what.class == beforeAct {
		return c.alerts(ctx, id, what)
	}
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return nil, fmt.Errorf("pagerduty: read alerts of %s: %w", id, ctx.Err())
	}
	return c.alerts(ctx, id, what)
}

func (c *Client) levelsAt(ctx context.Context, policy string) ([]bot.Level, error) {
	if policy == "" {
		return nil, nil
	}
	return c.levelsOf(ctx, policy)
}

// incident reads the incident alone, as it is now.
func (c *Client) incident(ctx context.Context, id string, what call) (*incident, error) {
	if !validID(id) {
		return nil, fmt.Errorf("pagerduty: read incident %q: no PagerDuty ID: %w", cut(id, 64), bot.ErrNotFound)
	}
	var answer struct {
		Incident *incident
	}
	what.verb = "read incident " + id
	err := c.exchange(ctx, what,
		request{method: "GET", path: "/incidents/" + id, out: &answer})
	if err != nil {
		return nil, err
	}
	if answer.Incident == nil || string(answer.Incident.ID) != id {
		return nil, (&trip{status: 200}).failed(what, fmt.Errorf("the answer is about another incident"))
	}
	return answer.Incident, nil
}

// ackTimeout is how long an acknowledgement on this service holds; 0: for ever,
// or not known, which is the careful answer: amsbot then does not acknowledge.
func (c *Client) ackTimeout(ctx context.Context, service string) (time.Duration, error) {
	if !validID(service) {
		return 0, nil
	}
	return c.acks.get(ctx, service, func(ctx context.Context) (time.Duration, error) {
		var s *pd.Service
		err := c.ask(ctx, call{verb: "read service " + service, class: lookup}, func(ctx context.Context) (err error) {
			s, err = c.api.GetServiceWithContext(ctx, service, &pd.GetServiceOptions{})
			return err
		})
		if err != nil || s.AcknowledgementTimeout == nil {
			return 0, err
		}
		return time.Duration(min(*s.AcknowledgementTimeout, 1e9)) * time.Second, nil
	})
}
