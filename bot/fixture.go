package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"amsbot/bot/outbox"
	"amsbot/bot/words"
	"amsbot/scenarios"
)

// FixtureOptions is what fixtures are played with. Scenarios and All are required.
type FixtureOptions struct {
	Scenarios *scenarios.Set
	All       []*scenarios.Fixture // among which earlier ones are found
	Language  string               // where a project says none
	// Read reads the incident of an incident_file, named as in the folder; needed
	// only where a fixture has one.
	Read func(file string) (scenarios.Incident, error)
}

// Played is what came of a fixture.
type Played struct {
	Fixture   *scenarios.Fixture
	Rehearsal Rehearsal
	Story     Story
	Err       error     // why it could not be played to its end, for the author
	Failures  []Failure // what was expected and did not come
}

// OK says whether all came as expected.
func (p Played) OK() bool { return p.Err == nil && len(p.Failures) == 0 }

// Card is the card at the end, as a terminal shows it.
func (p Played) Card() string { return p.card(p.Rehearsal.Events) }

func (p Played) words() words.Catalogue { return words.In(Language(p.Rehearsal.Events)) }

// PlayFixture rehearses a fixture and compares what comes of it.
func PlayFixture(ctx context.Context, x *scenarios.Fixture, o FixtureOptions) Played {
	p := Played{Fixture: x}
	r, err := rehearsalOf(x, o)
	if err == nil {
		r.Guards, err = before(ctx, x, r, o)
	}
	if err == nil {
		p.Rehearsal, err = Rehearse(ctx, r)
	}
	p.Story = storyOf(p.Rehearsal.Events)
	switch {
	case err != nil:
		p.Err = err
	case p.Rehearsal.Ignored:
		p.Err = errors.New("the incident's service belongs to no project: amsbot ignores it; name one of the project's services")
	case len(p.Rehearsal.Left) > 0:
		left := p.Rehearsal.Left[0]
		p.Err = fmt.Errorf("%s could not press %s: it was never offered", left.As.Name, left.Click.Act)
	default:
		p.Failures = p.compare()
	}
	return p
}

// before plays what came earlier, and returns what it left behind.
func before(ctx context.Context, x *scenarios.Fixture, main RehearsalOptions, o FixtureOptions) (map[string]any, error) {
	guards := map[string]any{}
	earlier := slices.Clone(x.Given.Earlier)
	slices.SortStableFunc(earlier, func(a, b scenarios.Earlier) int { return cmp.Compare(b.Ago, a.Ago) })
	for n, e := range earlier {
		at := slices.IndexFunc(o.All, func(one *scenarios.Fixture) bool { return one.File == x.File && one.Name == e.Test })
		if at < 0 {
			return nil, fmt.Errorf("there is no test %s in this file", e.Test)
		}
		r, err := rehearsalOf(o.All[at], o)
		if err != nil {
			return nil, err
		}
		r.asEarlier(n+1, main.At.Add(-e.Ago))
		r.Guards, r.Until = guards, main.At
		done, err := Rehearse(ctx, r)
		if err != nil {
			return nil, fmt.Errorf("earlier, %s: %w", e.Test, err)
		}
		guards = done.Guards
	}
	for key, value := range main.Guards {
		guards[key] = value
	}
	return guards, nil
}

// asEarlier makes an incident of its own, at another time. What was only given
// for the fixture's own sake is not given here.
func (o *RehearsalOptions) asEarlier(n int, at time.Time) {
	moved := at.Sub(o.At)
	in := &o.Snapshot.Incident
	in.ID, in.Number, in.CreatedAt = fmt.Sprintf("QEARLIER%d", n), 900+n, in.CreatedAt.Add(moved)
	in.Alerts = slices.Clone(in.Alerts)
	for i := range in.Alerts {
		in.Alerts[i].ID = fmt.Sprintf("%s-%d", in.Alerts[i].ID, n)
		in.Alerts[i].CreatedAt = in.Alerts[i].CreatedAt.Add(moved)
	}
	o.At = at
}

// rehearsalOf makes the rehearsal of a fixture, without what came earlier.
func rehearsalOf(x *scenarios.Fixture, o FixtureOptions) (RehearsalOptions, error) {
	all := []string{everyone}
	r := RehearsalOptions{Guards: map[string]any{}}
	r.Bot = Options{Scenarios: o.Scenarios, Self: RehearsalSelf, Language: o.Language,
		Ceiling: scenarios.Permissions{View: all, Run: all, BreakGlass: all, Resolve: all, Resume: all, Override: all}}
	r.Snapshot.Incident = x.Incident
	if x.IncidentFile != "" {
		if o.Read == nil {
			return r, fmt.Errorf("incident_file %s cannot be read here", x.IncidentFile)
		}
		in, err := o.Read(x.IncidentFile)
		if err != nil {
			return r, err
		}
		r.Snapshot.Incident = in
	}
	r.At = r.Snapshot.Incident.CreatedAt.Add(x.Age)
	if x.Until > 0 {
		r.Until = r.At.Add(x.Until)
	}
	cast(x, &r)
	given(x, &r)
	for _, c := range x.Clicks {
		r.Turns = append(r.Turns, Turn{After: c.After, As: somebody(c.By), In: c.Groups, May: c.User == "",
			Click: &Click{Act: c.Press, User: c.User, Text: c.Text, Override: c.Override}})
	}
	for _, n := range x.News {
		r.Turns = append(r.Turns, newsOf(n, r.At))
	}
	r.Step = func(c StepCall) (scenarios.Outcome, error) { return resultOf(x, c) }
	r.Act = func(a outbox.Act) outbox.Result {
		if why := x.Refuse[a.Kind]; why != "" {
			return outbox.Result{State: outbox.Refused, Why: why}
		}
		return outbox.Result{State: outbox.Done}
	}
	return r, nil
}

// resultOf is the result of a step that the fixture made up.
func resultOf(x *scenarios.Fixture, c StepCall) (scenarios.Outcome, error) {
	all := x.Results[c.Step.Name]
	if len(all) == 0 {
		return scenarios.Outcome{}, fmt.Errorf("the step %q (%s) has no result; add it under steps: {%s: OK}", c.Step.Name, c.Phase, quoted(c.Step.Name))
	}
	out := all[min(c.Before, len(all)-1)]
	if out.Tries == 0 {
		out.Tries = 1
		if out.Verdict != scenarios.OK {
			out.Tries = c.Step.Attempts
		}
	}
	if out.Why == "" && out.Verdict != scenarios.OK {
		out.Why = "as the test says"
	}
	out.Failed = out.Tries
	if out.Verdict == scenarios.OK {
		out.Failed--
	}
	return out, nil
}

// quoted is a name as a YAML key in braces.
func quoted(name string) string {
	if strings.ContainsAny(name, ":{}[],&*#?|-<>=!%@\\\"'`") {
		return fmt.Sprintf("%q", name)
	}
	return name
}
