package main

import (
	"cmp"
	"context"
	"slices"
	"time"

	"amsbot/bot"
	"amsbot/bot/admin"
	"amsbot/scenarios"
)

// What can differ, in the order in which it is shown. An incident has the first
// that holds.
const (
	newlyMatched  = "newly matched"
	noLonger      = "no longer matched"
	otherScenario = "other scenario"
	otherTarget   = "other target"
	otherPath     = "other path or outcome"
	cannotTell    = "cannot be told"
	noDifference  = "no difference"
)

var differences = []string{newlyMatched, noLonger, otherScenario, otherTarget, otherPath, cannotTell, noDifference}

// replayed is what a replay came to. Its fields are what --format json prints:
// they are only ever added to.
type replayed struct {
	Since     time.Time      `json:"since"` // of the oldest incident that could be in it
	Until     time.Time      `json:"until"` // the newest incident
	Incidents int            `json:"incidents"`
	Counts    map[string]int `json:"counts"` // by difference
	Scenarios []*replayRow   `json:"scenarios"`
	Alone     alone          `json:"without_a_person"`
}

// alone is how many first responses needed no person.
type alone struct {
	Then    int `json:"then"`
	Now     int `json:"now"`
	Unknown int `json:"cannot_be_told"` // about now
}

// replayRow is what differs by scenario: the one that would now be chosen, else
// the one that was.
type replayRow struct {
	Scenario string               `json:"scenario"` // PROJECT/NAME; "": none, then and now
	Counts   map[string]int       `json:"counts"`
	Numbers  map[string][]int     `json:"numbers"` // of the incidents with a difference, by difference
	Examples map[string][]example `json:"examples"`
}

const mostExamples = 3 // by scenario and difference

// example is one incident of a difference.
type example struct {
	Number int       `json:"number"`
	Key    string    `json:"key"`
	Title  string    `json:"title"`
	First  time.Time `json:"first"`
	Why    string    `json:"why,omitempty"` // why it differs, or cannot be told
	Then   side      `json:"then"`
	Now    side      `json:"now"`
}

// side is one of the two decisions about an incident.
type side struct {
	Scenario string      `json:"scenario,omitempty"` // PROJECT/NAME; "": none
	Target   string      `json:"target,omitempty"`
	Outcome  bot.Outcome `json:"outcome,omitempty"` // "": not known
	Path     []string    `json:"path,omitempty"`

	alone, told bool
}

// replay holds one incident after the other against a set of scenarios.
type replay struct {
	set       *scenarios.Set
	only      string // a scenario's name; "": all
	out       replayed
	rows      map[string]*replayRow
	guards    map[string]any  // as the rehearsals so far leave them
	observe   bool            // whether amsbot only observed, as last seen
	recovered map[string]bool // scenarios, and their targets, that the rehearsals recovered
	then      map[string]bool // keys of the incidents that needed no person
	now       map[string]bool
	seen      bool // some incident was in it
}

func newReplay(set *scenarios.Set, only string) *replay {
	r := &replay{set: set, only: only, rows: map[string]*replayRow{}, recovered: map[string]bool{}, guards: map[string]any{}, then: map[string]bool{}, now: map[string]bool{}}
	r.out.Counts = map[string]int{}
	return r
}

// take compares one incident. The error is that ctx has ended.
func (r *replay) take(ctx context.Context, p admin.Pasts) error {
	kind, e := cannotTell, example{Number: p.Number, Key: p.Key, Title: clipped(p.Title, 80), First: p.First}
	if len(p.Runs) == 0 {
		e.Why = "no scenario was decided yet"
		if p.Forgotten {
			e.Why = "its events were removed: they are kept for a time only"
		}
		r.add(kind, e)
		return nil
	}
	past := p.Runs[0]
	e.Title = cmp.Or(e.Title, clipped(past.Snapshot.Incident.Title, 80))
	if n := past.Snapshot.Incident.Number; n != 0 {
		e.Number = n
	}
	e.Then = side{Scenario: named(past.Project, past.Scenario), Target: past.Target, Outcome: past.Outcome, Path: past.Path,
		alone: past.Alone, told: past.Outcome != ""}
	d := r.set.Match(past.Snapshot.Incident)
	if d.Scenario != nil {
		e.Now.Scenario, e.Now.Target = named(d.Project.Name, d.Scenario.Name), d.Target
	}
	if err := r.rehearse(ctx, p, d, &e); err != nil {
		return err
	}
	kind = differs(&e, d, past)
	r.cameBack(past)
	r.add(kind, e)
	return nil
}

// named is PROJECT/NAME; "" for no scenario.
func named(project, scenario string) string {
	if scenario == "" {
		return ""
	}
	return project + "/" + scenario
}

// differs says what differs between then and now, and why.
func differs(e *example, d scenarios.Decision, past bot.Past) string {
	why := e.Why // of what cannot be told
	e.Why = ""
	switch {
	case e.Then.Scenario == "" && e.Now.Scenario != "":
		return newlyMatched
	case e.Then.Scenario != "" && e.Now.Scenario == "":
		e.Why = whyGone(d, past)
		return noLonger
	case e.Then.Scenario != e.Now.Scenario:
		e.Why = whyGone(d, past)
		return otherScenario
	case e.Then.Target != e.Now.Target:
		return otherTarget
	case e.Now.Scenario == "":
		return noDifference
	case why != "":
		e.Why = why
		return cannotTell
	case !slices.Equal(e.Then.Path, e.Now.Path):
		return otherPath
	}
	return noDifference
}

// whyGone is why the scenario of then does not get the incident now.
func whyGone(d scenarios.Decision, past bot.Past) string {
	if d.Project == nil {
		return "its service is in no project"
	}
	for _, w := range d.Why {
		if w.Scenario == past.Scenario && d.Project.Name == past.Project {
			return w.Text
		}
	}
	return past.Scenario + " is not there any more"
}

// cameBack takes the success of an incident that came back out of the figures.
func (r *replay) cameBack(past bot.Past) {
	delete(r.then, past.CameBack)
	delete(r.now, past.CameBack)
}

// add counts one incident.
func (r *replay) add(kind string, e example) {
	name := cmp.Or(e.Now.Scenario, e.Then.Scenario)
	if r.only != "" && !calls(e.Now.Scenario, r.only) && !calls(e.Then.Scenario, r.only) {
		return
	}
	r.seen = true
	row := r.rows[name]
	if row == nil {
		row = &replayRow{Scenario: name, Counts: map[string]int{}, Numbers: map[string][]int{}, Examples: map[string][]example{}}
		r.rows[name] = row
	}
	r.out.Incidents++
	r.out.Counts[kind]++
	row.Counts[kind]++
	if kind != noDifference {
		row.Numbers[kind] = append(row.Numbers[kind], e.Number)
		if len(row.Examples[kind]) < mostExamples {
			row.Examples[kind] = append(row.Examples[kind], e)
		}
	}
	if e.Then.alone {
		r.then[e.Key] = true
	}
	switch {
	case !e.Now.told:
		r.out.Alone.Unknown++
	case e.Now.alone:
		r.now[e.Key] = true
	}
}

// calls says whether a scenario is meant by NAME or PROJECT/NAME.
func calls(scenario, name string) bool {
	return scenario == name || len(scenario) > len(name) && scenario[len(scenario)-len(name)-1:] == "/"+name
}

// known says whether there is, or was, the scenario that was asked for.
func (r *replay) known() bool {
	return r.seen || slices.ContainsFunc(r.set.Scenarios, func(s *scenarios.Scenario) bool { return calls(named(s.Project.Name, s.Name), r.only) })
}

func (r *replay) result() *replayed {
	out := r.out
	out.Alone.Then, out.Alone.Now = len(r.then), len(r.now)
	for _, row := range r.rows {
		out.Scenarios = append(out.Scenarios, row)
	}
	slices.SortFunc(out.Scenarios, func(a, b *replayRow) int { return cmp.Compare(a.Scenario, b.Scenario) })
	return &out
}
