package pagerduty

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"amsbot/bot"
	"amsbot/bot/outbox"
	"amsbot/bot/words"
)

// Do does acts of one kind: acknowledge, escalate, resolve or note, see the
// arguments in package bot for what each promises. Every incident is read again
// before it is changed. Acknowledges and resolves in one person's name are one
// call for up to 250 incidents.
func (c *Client) Do(ctx context.Context, acts []outbox.Act) []outbox.Result {
	all := make([]*errand, len(acts))
	for n, a := range acts {
		all[n] = c.errand(a)
	}
	if len(all) > 0 {
		c.run(ctx, acts[0].Kind, all)
	}
	results := make([]outbox.Result, len(all))
	for n, e := range all {
		results[n] = outbox.Result{State: outbox.Again, Why: e.say("pagerduty.untried")}
		if e.result != nil {
			results[n] = *e.result
		}
	}
	return results
}

func (c *Client) run(ctx context.Context, kind string, all []*errand) {
	switch kind {
	case bot.ActAcknowledge:
		c.change(ctx, all, acknowledge{c})
	case bot.ActResolve:
		c.change(ctx, all, resolve{c})
	case bot.ActEscalate:
		if left := pending(all); len(left) > 0 {
			c.escalateAll(ctx, left)
		}
	case bot.ActNote:
		for _, e := range pending(all) {
			c.note(ctx, e)
		}
	}
}

// errand is one act on its way through Do.
type errand struct {
	act  outbox.Act
	w    words.Catalogue // of whoever reads what came of it
	id   string          // the incident's PagerDuty ID
	from string
	ack  bot.AckArgs
	end  bot.ResolveArgs
	up   bot.EscalateArgs
	note bot.NoteArgs

	now    *incident      // as it was just read
	since  time.Time      // what the log has from then on can be the act's, by PagerDuty's clock
	result *outbox.Result // nil: not settled yet
}

// errand reads the act's arguments; what cannot be done is settled at once.
// An act without a name is amsbot's own.
func (c *Client) errand(a outbox.Act) *errand {
	e := &errand{act: a, w: c.words}
	if a.Language != "" {
		e.w = words.In(a.Language)
	}
	var err error
	switch a.Kind {
	case bot.ActAcknowledge:
		err = json.Unmarshal(a.Args, &e.ack)
		e.id, e.from = e.ack.ID, e.ack.From
	case bot.ActResolve:
		err = json.Unmarshal(a.Args, &e.end)
		e.id, e.from = e.end.ID, e.end.From
	case bot.ActEscalate:
		err = json.Unmarshal(a.Args, &e.up)
		e.id, e.from = e.up.ID, e.up.From
	case bot.ActNote:
		err = json.Unmarshal(a.Args, &e.note)
		e.id, e.from = e.note.ID, e.note.From
	default:
		err = fmt.Errorf("unknown kind")
	}
	if e.from = strings.TrimSpace(e.from); e.from == "" {
		e.from = c.self.Email
	}
	switch {
	case err != nil:
		e.refuse(e.say("pagerduty.malformed"))
	case !validID(e.id):
		e.refuse(e.say("pagerduty.no_id"))
	case !validFrom(e.from):
		e.refuse(e.say("pagerduty.no_email"))
	}
	return e
}

func (e *errand) say(key string, args ...any) string { return e.w.Say(key, args...) }

func (e *errand) settle(r outbox.Result) { e.result = &r }

func (e *errand) done(why string) { e.settle(outbox.Result{State: outbox.Done, Why: why}) }

func (e *errand) refuse(why string) { e.settle(outbox.Result{State: outbox.Refused, Why: why}) }

// failed settles the errand after any error of this package.
func (e *errand) failed(err error) { e.settle(resultOf(err, e.w)) }

// keep refuses to move the incident. Where a person has it, that is said with it:
// what an escalation was to bring about is so already.
func (e *errand) keep(why string) {
	e.refuse(why)
	people := e.now.acknowledgers()
	if len(people) == 0 {
		people = e.now.assignees()
	}
	people = slices.DeleteFunc(slices.Clone(people), func(p bot.Person) bool { return p.ID == e.up.HeldBy })
	if e.now.resolved() || len(people) == 0 {
		return
	}
	if data, err := json.Marshal(bot.Escalated{Assignees: people}); err == nil {
		e.result.Data = data
	}
}

// pending are those that are not settled.
func pending(all []*errand) []*errand {
	var rest []*errand
	for _, e := range all {
		if e.result == nil {
			rest = append(rest, e)
		}
	}
	return rest
}

// names are people as a sentence has them: "Aiko", "Aiko and Ben", "nobody".
func names(people []bot.Person, w words.Catalogue) string {
	var all []string
	for _, p := range people {
		all = append(all, nameOf(p, w))
	}
	switch n := len(all); n {
	case 0:
		return w.Say("pagerduty.nobody")
	case 1:
		return all[0]
	default:
		return w.Say("pagerduty.and", strings.Join(all[:n-1], ", "), all[n-1])
	}
}

func nameOf(p bot.Person, w words.Catalogue) string {
	switch {
	case p.Name != "":
		return p.Name
	case p.Email != "":
		return p.Email
	case p.ID != "":
		return p.ID
	}
	return w.Say("pagerduty.somebody")
}

// endedBy says how a resolved incident ended.
func (i *incident) endedBy(w words.Catalogue) string {
	if into := i.mergedInto(); into != "" {
		return w.Say("pagerduty.merged", or(i.Resolved.v.Incident.name(), into))
	}
	if by := i.ChangedBy.v; by.name() != "" {
		return w.Say("pagerduty.resolved.by", by.name())
	}
	return w.Say("pagerduty.resolved")
}
