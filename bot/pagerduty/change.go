package pagerduty

import (
	"context"
	"fmt"
	"slices"
	"sync"

	pd "github.com/PagerDuty/go-pagerduty"

	"amsbot/bot"
	"amsbot/bot/outbox"
	"amsbot/bot/words"
)

const (
	mostChanges = 250 // incidents in one PUT; more is 413
	looksAtOnce = 8   // errands that are looked at side by side: alerts may be large
	fewReads    = 5   // up to here each incident is read by itself; beyond, a list page reads a hundred
)

// change is an act that sets a status, of many incidents in one call.
type change interface {
	// look settles the errand where the incident as it is now leaves nothing to
	// do, or forbids it.
	look(ctx context.Context, e *errand)
	// want is what the errand asks of PagerDuty.
	want(e *errand) pd.ManageIncidentsOptions
	// status is what the incident has afterwards.
	status() text
}

// change reads the incidents and changes those that may be.
func (c *Client) change(ctx context.Context, all []*errand, what change) {
	c.readAll(ctx, pending(all))
	byFrom := map[string][]*errand{}
	var order []string
	lookAll(ctx, pending(all), what)
	for _, e := range pending(all) {
		if byFrom[e.from] == nil {
			order = append(order, e.from)
		}
		byFrom[e.from] = append(byFrom[e.from], e)
	}
	for _, from := range order {
		for part := range slices.Chunk(byFrom[from], mostChanges) {
			c.put(ctx, part, what)
		}
	}
}

// lookAll looks at the errands, some side by side: what was read of the first is
// still to be true when all are changed. A person may take it meanwhile.
func lookAll(ctx context.Context, all []*errand, what change) {
	for part := range slices.Chunk(all, looksAtOnce) {
		var looks sync.WaitGroup
		for _, e := range part {
			looks.Go(func() { what.look(ctx, e) })
		}
		looks.Wait()
	}
}

// put changes the incidents of errands with one name. PagerDuty refuses a call
// as a whole: what it refuses is read again, what has become impossible is
// settled, and the rest is halved until the odd one out stands alone.
func (c *Client) put(ctx context.Context, part []*errand, what change) {
	options := make([]pd.ManageIncidentsOptions, len(part))
	for n, e := range part {
		options[n] = what.want(e)
	}
	answers, err := c.manage(ctx, part[0].from, options)
	if err == nil {
		for _, e := range part {
			e.answered(answers[e.id], what.status())
		}
		return
	}
	if !refusal(err) {
		for _, e := range part {
			e.failed(err)
		}
		return
	}
	c.readAll(ctx, part)
	lookAll(ctx, pending(part), what)
	rest := pending(part)
	switch {
	case len(rest) == 0:
	case len(part) == 1:
		rest[0].failed(err)
	case len(rest) == 1:
		c.put(ctx, rest, what)
	default:
		c.put(ctx, rest[:len(rest)/2], what)
		c.put(ctx, rest[len(rest)/2:], what)
	}
}

// answered settles by what the call's answer says of the incident.
func (e *errand) answered(i *incident, want text) {
	if i != nil && i.Status == want {
		e.done("")
		return
	}
	e.settle(outbox.Result{State: outbox.Unknown, Why: e.say("pagerduty.unsaid")})
}

// manage changes incidents and answers them by ID. We decode the answer: a
// change that was made must not look like a failure.
func (c *Client) manage(ctx context.Context, from string, options []pd.ManageIncidentsOptions) (map[string]*incident, error) {
	for n := range options {
		//lint:ignore SA1019 the library's own call sets it, and ours is sent without that call
		options[n].Type = "incident"
	}
	verb := fmt.Sprintf("change %d incidents", len(options))
	if len(options) == 1 {
		verb = "change incident " + options[0].ID
	}
	var answer struct{ Incidents list[*incident] }
	err := c.exchange(ctx, call{verb: verb, class: urgent, write: true, change: true}, request{
		method: "PUT", path: "/incidents", from: from,
		in: map[string]any{"incidents": options}, out: &answer,
	})
	if err != nil {
		return nil, err
	}
	return byID(answer.Incidents), nil
}

func byID(all []*incident) map[string]*incident {
	found := map[string]*incident{}
	for _, i := range all {
		if i != nil {
			found[string(i.ID)] = i
		}
	}
	return found
}

// readAll reads the errands' incidents as they are now. What cannot be read is
// settled: nothing was done to it.
func (c *Client) readAll(ctx context.Context, all []*errand) {
	var found map[string]*incident
	if len(all) > fewReads {
		ids := map[string]bool{}
		for _, e := range all {
			ids[e.id] = true
		}
		var err error
		if found, err = c.among(ctx, ids, call{class: beforeAct}); err != nil {
			for _, e := range all {
				e.failed(err)
			}
			return
		}
	}
	for _, e := range all {
		if e.now = found[e.id]; e.now != nil {
			continue
		}
		c.reread(ctx, e)
	}
}

// reread reads the errand's incident as it is now, and settles it where that is
// impossible.
func (c *Client) reread(ctx context.Context, e *errand) {
	i, err := c.incident(ctx, e.id, call{class: beforeAct})
	if err != nil {
		e.failed(err)
		return
	}
	e.now = i
}

// acknowledge takes incidents, see bot.AckArgs.
type acknowledge struct{ c *Client }

func (acknowledge) status() text { return "acknowledged" }

func (acknowledge) want(e *errand) pd.ManageIncidentsOptions {
	return pd.ManageIncidentsOptions{ID: e.id, Status: "acknowledged"}
}

func (a acknowledge) look(ctx context.Context, e *errand) {
	if e.now.resolved() {
		// Acknowledging would open it again.
		e.refuse(e.now.endedBy(e.w))
		return
	}
	acked := e.now.acknowledgers()
	if len(acked) == 0 {
		return
	}
	user, err := a.c.userOf(ctx, e.from)
	switch {
	case err != nil:
		e.failed(err)
	case user != "" && has(acked, user):
		e.done("")
	}
}

// resolve ends incidents, see bot.ResolveArgs.
type resolve struct{ c *Client }

func (resolve) status() text { return "resolved" }

func (resolve) want(e *errand) pd.ManageIncidentsOptions {
	return pd.ManageIncidentsOptions{ID: e.id, Status: "resolved", Resolution: runes(cut(e.end.Note, mostText), mostTitle)}
}

func (r resolve) look(ctx context.Context, e *errand) {
	if e.now.resolved() {
		e.done(e.now.endedBy(e.w))
		return
	}
	if e.end.HeldBy == "" {
		return
	}
	others := slices.DeleteFunc(e.now.acknowledgers(), func(p bot.Person) bool { return p.ID == e.end.HeldBy })
	if len(others) > 0 {
		e.refuse(hasAcknowledged(others, e.w))
		return
	}
	alerts, err := r.c.alerts(ctx, e.id, call{class: beforeAct})
	if err != nil {
		e.failed(err)
		return
	}
	for _, a := range alerts {
		if a.open() && !slices.Contains(e.end.Covered, string(a.ID)) {
			e.refuse(e.say("pagerduty.uncovered", unended(or(a.Summary.line(200), string(a.ID)))))
			return
		}
	}
}

func hasAcknowledged(people []bot.Person, w words.Catalogue) string {
	return w.Plural("pagerduty.acknowledged", len(people), names(people, w))
}

func has(people []bot.Person, id string) bool {
	return slices.ContainsFunc(people, func(p bot.Person) bool { return p.ID == id })
}
