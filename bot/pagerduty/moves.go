package pagerduty

import (
	"context"
	"errors"
	"slices"

	pd "github.com/PagerDuty/go-pagerduty"

	"amsbot/bot"
	"amsbot/bot/outbox"
)

var _ outbox.Bulk = (*Client)(nil)

// mostResolves keeps a bulk resolve within its time: the alerts of each incident
// are read first.
const mostResolves = 50

// Together lets changes of one kind go in one call; notes have none for many.
func (c *Client) Together(act outbox.Act) (name string, most int) {
	switch act.Kind {
	case bot.ActAcknowledge, bot.ActEscalate:
		return "change", mostChanges
	case bot.ActResolve:
		return "change", mostResolves
	}
	return "", 1
}

// escalateAll gives incidents to somebody else, see bot.EscalateArgs. Those in
// one person's name are one call; one that PagerDuty does not do as it is asked
// is looked at by itself, with its fallback.
func (c *Client) escalateAll(ctx context.Context, all []*errand) {
	if len(all) == 1 {
		c.escalate(ctx, all[0])
		return
	}
	c.readAll(ctx, all)
	byFrom := map[string][]*errand{}
	for _, e := range pending(all) {
		if why := e.mayEscalate(); why != "" {
			e.keep(why)
			continue
		}
		byFrom[e.from] = append(byFrom[e.from], e)
	}
	for _, same := range byFrom {
		for part := range slices.Chunk(same, mostChanges) {
			c.moveAll(ctx, part)
		}
	}
}

// moveAll moves the incidents of errands with one name, which were just read.
// PagerDuty refuses a call as a whole: then they are read again, and the rest
// is halved until the odd one out stands alone.
func (c *Client) moveAll(ctx context.Context, part []*errand) {
	if len(part) == 1 {
		c.escalate(ctx, part[0])
		return
	}
	var options []pd.ManageIncidentsOptions
	var moves []move
	for _, e := range part {
		option, level, missing, err := c.aim(ctx, e, e.up.To)
		switch {
		case err != nil:
			e.failed(err)
		case missing != "":
			c.escalate(ctx, e)
		default:
			options, moves = append(options, option), append(moves, move{e, level})
		}
	}
	if len(options) == 0 {
		return
	}
	answers, err := c.manage(ctx, part[0].from, options)
	if err == nil {
		for _, m := range moves {
			c.arrived(ctx, m, answers[m.e.id])
		}
		return
	}
	var failed *callError
	if !refusal(err) || errors.As(err, &failed) && failed.stranger() {
		for _, m := range moves {
			m.e.failed(err)
		}
		return
	}
	c.moveHalves(ctx, moves)
}

// move is an escalation on its way, and the level if it is known.
type move struct {
	e     *errand
	level int
}

// arrived settles an escalation by what the call's answer says of its incident.
// Where nobody has it now, the fallback is tried.
func (c *Client) arrived(ctx context.Context, m move, now *incident) {
	switch {
	case now == nil:
		m.e.answered(nil, "")
	case len(now.assignees()) == 0:
		c.fallBack(ctx, m.e, m.e.say("pagerduty.nobody_at", m.e.place(m.e.up.To, m.level)))
	default:
		m.e.moved(c.known(ctx, now.assignees()), m.level, "")
	}
}

// moveHalves goes on after a refusal.
func (c *Client) moveHalves(ctx context.Context, moves []move) {
	all := make([]*errand, len(moves))
	for n, m := range moves {
		all[n] = m.e
	}
	c.readAll(ctx, all)
	for _, e := range pending(all) {
		if why := e.mayEscalate(); why != "" {
			e.keep(why)
		}
	}
	switch rest := pending(all); {
	case len(rest) == 0:
	case len(rest) < len(all):
		c.moveAll(ctx, rest)
	default:
		half := len(rest) / 2
		c.moveAll(ctx, rest[:half])
		c.moveAll(ctx, rest[half:])
	}
}
