package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"amsbot/bot/outbox"
	"amsbot/scenarios"
	"amsbot/store"
)

// RehearsalOptions is an incident, and the world in which its first response is
// rehearsed. Bot.Scenarios and Snapshot are required.
type RehearsalOptions struct {
	// Bot is as New takes it. The store, the ports and what steps reach the world
	// with are not used; without a Self amsbot has a made-up PagerDuty user.
	Bot Options

	Snapshot Snapshot           // the incident when it is first read
	Lines    map[string][]Level // who is on call in other policies, by policy
	At       time.Time          // when amsbot hears of it; zero: when it was created
	Away     time.Duration      // for how long from then on PagerDuty answers no read
	Guards   map[string]any     // what is counted, locked and paused at that time, by key

	// Step gives the result of a step. An error ends the rehearsal; it is asked
	// for no step whose `if` is false, nor for a wait. Nil: every step is UNKNOWN.
	Step func(StepCall) (scenarios.Outcome, error)
	// Act says what becomes of an act; nil: everything is done that can be.
	Act func(outbox.Act) outbox.Result

	Turns []Turn    // what others do, in this order where it is due at the same time
	Until time.Time // what would happen later is left out; zero: nothing is
}

// StepCall is a step of a rehearsal that needs a result.
type StepCall struct {
	Scenario *scenarios.Scenario
	Step     *scenarios.Step
	Phase    scenarios.Phase
	Round    int    // of a re-check, from 1
	Before   int    // how often the step ran before
	Shown    string // its command with values filled in
	Facts    scenarios.Facts
	At       time.Time
}

// Turn is something that others do in a rehearsal: a person clicks, PagerDuty has
// news, another incident's recovery takes a lock, amsbot is killed.
type Turn struct {
	// At is when. Zero: After from the beginning on; a click After from the moment
	// on at which its act is on offer and nothing else is left to do, the clicks one
	// after the other.
	At    time.Time
	After time.Duration

	Click *Click   // Act, Text, User, Override; the rest is filled in
	As    Person   // who clicks, as PagerDuty knows them; zero: it does not
	In    []string // the Slack user groups of who clicks
	May   bool     // who clicks may do everything, whatever the project says

	Change func(*Snapshot) // how the incident is from then on
	News   string          // what PagerDuty tells, "incident.resolved"; "" nothing
	Guards map[string]any  // by key; nil deletes

	Restart bool // amsbot is killed, and starts again at once: nobody saw how what ran then ended
}

// Rehearsal is what a first response would have been.
type Rehearsal struct {
	Events []store.Event // as amsbot would have written them
	Ended  time.Time     // when nothing was left to happen
	Left   []Turn        // the clicks whose act was never on offer
	// Guards are what is counted, locked and paused when it ends: what the next
	// incident begins with.
	Guards map[string]any
	// Ignored: the incident's service belongs to no project, nothing was done.
	Ignored bool
}

var errAway = errors.New("bot: rehearse: PagerDuty is away")

// rehearsalMost bounds the commits of one rehearsal.
const rehearsalMost = 20_000

// errCircle ends a rehearsal that would not.
var errCircle = errors.New("bot: rehearse: the first response goes round in a circle")

// Rehearse plays an incident through the same decisions that a running amsbot
// takes, in a made-up time, with made-up results of its steps. It writes nothing,
// reaches nobody and is deterministic. With an error it returns what had happened
// until then: Step's own, the context's, or that scenarios or options are missing.
func Rehearse(ctx context.Context, o RehearsalOptions) (Rehearsal, error) {
	r, err := newRehearsal(o)
	if err != nil {
		return Rehearsal{}, err
	}
	err = r.play(ctx)
	out := Rehearsal{Events: r.memory.Events(), Ended: r.now, Left: r.left(), Guards: map[string]any{}, Ignored: r.ignored}
	for key, value := range r.guards {
		out.Guards[key] = value
	}
	return out, err
}

// rehearsal is one being played.
type rehearsal struct {
	RehearsalOptions
	*memory
	bot     *Bot
	in      *incident // as the memory's events tell it
	world   *pretended
	running []*runningCall
	ran     map[string]int // how often a step ran
	began   time.Time
	hints   int
	done    []bool      // which turns were taken
	ready   []time.Time // since when a click can be made
	ignored bool
}

// runningCall is a step whose end lies ahead.
type runningCall struct {
	launch
	out scenarios.Outcome
	end time.Time
}

func newRehearsal(o RehearsalOptions) (*rehearsal, error) {
	if o.Bot.Scenarios == nil || o.Snapshot.Incident.ID == "" {
		return nil, errors.New("bot: rehearse: the scenarios or the incident's ID are missing")
	}
	if o.Bot.Account == "" {
		o.Bot.Account = "rehearsal"
	}
	if o.Bot.Self.ID == "" {
		o.Bot.Self = RehearsalSelf
	}
	if o.At.IsZero() {
		o.At = o.Snapshot.Incident.CreatedAt
	}
	world := newPretended(o)
	o.Bot.DB, o.Bot.Incidents, o.Bot.OnCalls = nil, world, world
	r := &rehearsal{
		RehearsalOptions: o, bot: made(o.Bot), world: world, began: o.At.Round(0).UTC(), ran: map[string]int{},
		done: make([]bool, len(o.Turns)), ready: make([]time.Time, len(o.Turns)),
	}
	var err error
	r.memory, err = newMemory(r.bot.Key(o.Snapshot.Incident.ID), r.began, o.Guards)
	r.in = fold(r.key, r.Epoch(), nil)
	return r, err
}

// RehearsalSelf is amsbot's own PagerDuty user where a rehearsal names none.
var RehearsalSelf = Person{ID: "PAMSBOT", Name: "amsbot", Email: "amsbot@example.com"}

// play goes on until nothing is left to happen.
func (r *rehearsal) play(ctx context.Context) error {
	if err := r.hear("incident.triggered", Person{}); err != nil || r.ignored {
		return err
	}
	for range rehearsalMost {
		if err := ctx.Err(); err != nil {
			return err
		}
		if again, err := r.turn(ctx); err != nil || !again {
			return err
		}
	}
	return errCircle
}

// turn does one thing: what next says, else the acts that are wanted, else what
// time brings.
func (r *rehearsal) turn(ctx context.Context) (bool, error) {
	in := r.in
	t := next(in, r.bot.known(in), r.now)
	if t.read {
		return true, r.read(ctx, in)
	}
	if t.do != doNothing {
		d := r.bot.decision(in, t)
		wrote, err := r.commit(func(c *change) error { return c.do(next(c.in, c.sc, c.now), d) })
		if err != nil || wrote {
			return true, err
		}
	}
	if delivered, err := r.deliver(); err != nil || delivered {
		return true, err
	}
	return r.pass(t)
}

// commit decides and keeps what was decided; the steps that it starts get their
// results. It returns whether anything was written.
func (r *rehearsal) commit(decide func(*change) error) (bool, error) {
	c, _, err := r.bot.decide(r.in, r.memory, decide)
	if err != nil {
		return false, err
	}
	if err := r.take(c.out); err != nil {
		return false, err
	}
	for _, l := range c.run {
		if err := r.launch(l); err != nil {
			return true, err
		}
	}
	return len(c.out.Events) > 0, nil
}

// launch asks for a step's result and notes when it ends.
func (r *rehearsal) launch(l launch) error {
	out, over := l.step.Before(l.facts)
	if !over {
		shown, err := l.step.Show(l.facts)
		if err != nil {
			shown = l.step.Name
		}
		out = scenarios.Outcome{Verdict: scenarios.Unknown, Why: "no result was made up"}
		if r.Step != nil {
			out, err = r.Step(StepCall{Scenario: r.bot.known(r.in), Step: l.step, Phase: l.place.Phase, Round: l.place.Round,
				Before: r.ran[l.step.Name], Shown: shown, Facts: l.facts, At: r.now})
			if err != nil {
				return err
			}
		}
		r.ran[l.step.Name]++
	}
	end := r.now.Add(max(out.Took, 0))
	if !l.until.IsZero() && end.After(l.until) {
		end = l.until
		out = scenarios.Outcome{Verdict: scenarios.Unknown, Why: errGathered.Error(), Took: end.Sub(r.now), Tries: 1, Failed: 1}
	}
	out.Seal(r.bot.Tools.Mask)
	r.running = append(r.running, &runningCall{launch: l, out: out, end: end})
	return nil
}

// read reads the incident as it is now.
func (r *rehearsal) read(ctx context.Context, in *incident) error {
	what := &readResult{from: in.seq}
	what.snap, what.lines, what.err = r.bot.read(ctx, Reading{ID: in.id()}, in.project)
	if r.now.Before(r.began.Add(r.Away)) {
		what.err = errAway
	}
	_, err := r.commit(func(c *change) error { c.read(what); return nil })
	return err
}

// hear takes in that PagerDuty has news.
func (r *rehearsal) hear(kind string, by Person) error {
	r.hints++
	in := r.world.snap.Incident
	h := Hint{Source: "webhook", Event: fmt.Sprintf("rehearsal-%d", r.hints), Type: kind, ID: in.ID, At: r.now, Number: in.Number,
		Title: r.bot.Tools.Mask.Mask(in.Title), Status: in.Status, Urgency: in.Urgency, URL: in.URL, Service: in.Service, Agent: by}
	project, mine := r.bot.Scenarios().Project(h.Service)
	_, err := r.commit(func(c *change) error { r.ignored = c.receive(h, project, mine) || r.ignored; return nil })
	return err
}
