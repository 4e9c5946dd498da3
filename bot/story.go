package bot

import (
	"time"

	"amsbot/scenarios"
	"amsbot/store"
)

// Story is what a first response did and came to, drawn from an incident's events
// alone: so a rehearsal and a history can be held against each other. What is said
// here is for authors, in English; people in Slack see the card.
type Story struct {
	Project   string             `json:"project,omitempty"`
	Scenario  string             `json:"scenario,omitempty"` // "": none was chosen (yet)
	Version   string             `json:"version,omitempty"`
	Target    string             `json:"target,omitempty"`
	Autonomy  scenarios.Autonomy `json:"autonomy,omitempty"`  // what held for the run
	Limits    []string           `json:"limits,omitempty"`    // why it did less than the scenario says, by key: capped, late, came back
	Unmatched string             `json:"unmatched,omitempty"` // none, tie or ambiguous, where no scenario was chosen
	Names     []string           `json:"names,omitempty"`     // the scenarios that tie, or the values that differ
	Why       []scenarios.Why    `json:"why,omitempty"`
	Links     []string           `json:"links,omitempty"` // the URLs
	Path      []Leg              `json:"path,omitempty"`
	Asked     []string           `json:"asked,omitempty"` // guards that were asked and let a recovery begin
	Held      []HeldBy           `json:"held,omitempty"`
	Acts      []Wish             `json:"acts,omitempty"`
	Outcome   Outcome            `json:"outcome,omitempty"` // of the newest run; "" while there is none
	Text      string             `json:"text,omitempty"`    // its sentence for people
	Over      bool               `json:"over"`
	Branches  []string           `json:"branches,omitempty"` // of its scenario that it took
}

// Leg is one thing that happened on the way.
type Leg struct {
	At    time.Time       `json:"at"`
	Text  string          `json:"text"` // "check NG", "held by cooldown", "aiko pressed recover"
	Phase scenarios.Phase `json:"phase,omitempty"`
	Round int             `json:"round,omitempty"` // the last one of a re-check
	Steps []Stride        `json:"steps,omitempty"`
}

// Stride is a step that was run.
type Stride struct {
	Name    string        `json:"name"`
	Verdict string        `json:"verdict"` // OK, NG, UNKNOWN, skipped, waited
	Shown   string        `json:"shown,omitempty"`
	Why     string        `json:"why,omitempty"`
	Line    string        `json:"line,omitempty"`
	Took    time.Duration `json:"took,omitempty"`
}

// HeldBy is a guard that held a recovery.
type HeldBy struct {
	Guard string `json:"guard"`
	Text  string `json:"text"`
}

// Wish is an act that was wanted of PagerDuty or Slack.
type Wish struct {
	Kind    string    `json:"kind"`         // one of the Act… names
	To      string    `json:"to,omitempty"` // of an escalation: first_line, second_line, next
	By      string    `json:"by"`
	Text    string    `json:"text,omitempty"`
	Mention []string  `json:"mention,omitempty"` // who is called in Slack
	Loud    bool      `json:"loud,omitempty"`    // a message in the channel that needs a person
	State   string    `json:"state,omitempty"`   // done, failed, unknown; "" while nobody knows
	Why     string    `json:"why,omitempty"`     // what the receiver said
	At      time.Time `json:"at"`
}

// storyOf draws the story of an incident's events.
func storyOf(events []store.Event) Story {
	t := &teller{shown: map[place]string{}, took: map[string]bool{}}
	if len(events) > 0 {
		t.in = fold(events[0].Incident, 0, nil)
	}
	for _, e := range events {
		t.in.add(e)
		t.tell(e)
	}
	return t.story()
}

// teller makes a story event by event.
type teller struct {
	Story
	in    *incident
	shown map[place]string
	took  map[string]bool // branches
}

func (t *teller) leg(e store.Event, text string) {
	t.Path = append(t.Path, Leg{At: e.At, Text: text})
}

func (t *teller) tell(e store.Event) {
	switch e.Kind {
	case kindRun:
		if r, ok := into[runBegan](e); ok && r.N > 1 {
			t.leg(e, r.Reason)
		}
	case kindPass:
		if p, ok := into[passBegan](e); ok {
			t.leg(e, "looks again: "+p.Reason)
		}
	case kindMatched:
		if m, ok := into[matched](e); ok {
			t.leg(e, "matched "+m.Scenario)
		}
	case kindUnmatched:
		t.leg(e, "no scenario fits")
	case kindStarted, kindEnded, kindVerdict:
		t.work(e)
	case kindOffered, kindClicked, kindRequested, kindWithdrawn, kindGlass, kindRefused, kindExpired:
		t.people(e)
	case kindIntent, kindWaiting, kindHeld, kindInterrupted:
		t.brake(e)
	case kindConcluded:
		if c, ok := into[concluded](e); ok {
			t.leg(e, "ended: "+string(c.Outcome))
			t.ended(c)
		}
	case kindClosed:
		if c, ok := into[closed](e); ok {
			t.leg(e, "closed: "+c.How)
		}
	}
}

// work is what steps did.
func (t *teller) work(e store.Event) {
	switch e.Kind {
	case kindStarted:
		if s, ok := into[stepStarted](e); ok {
			t.shown[s.place] = s.Shown
		}
	case kindEnded:
		if s, ok := into[stepEnded](e); ok && t.in.here(s.place) {
			t.took[ifBranch(s.Name, !s.Outcome.Skipped)] = true
		}
	case kindVerdict:
		v, ok := into[phaseVerdict](e)
		if !ok || !v.Final || !t.in.here(v.place) {
			return
		}
		leg := Leg{At: e.At, Text: string(v.Phase) + " " + string(v.Verdict), Phase: v.Phase, Round: v.Round}
		if v.Phase == scenarios.Gather {
			leg.Text = string(v.Phase) // whose verdict decides nothing
		}
		ph := t.in.pass.find(v.place)
		for i := range len(t.in.pass.steps(v.place, t.in.match)) {
			if r := ph.results[i]; r != nil {
				leg.Steps = append(leg.Steps, t.stride(r))
			}
		}
		t.Path = append(t.Path, leg)
	}
}

func (t *teller) stride(r *stepEnded) Stride {
	return Stride{Name: r.Name, Verdict: verdictOf(r), Shown: t.shown[r.place], Why: r.Outcome.Why, Line: r.Outcome.Line, Took: r.Outcome.Took}
}

// steps are the names of the steps at a place.
func (p *pass) steps(at place, m *matched) []string {
	switch {
	case m == nil:
		return nil
	case at.Phase == scenarios.Gather:
		return m.Gather
	case at.Phase == scenarios.Recover:
		return m.Recover
	}
	return m.Check
}
