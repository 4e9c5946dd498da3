package bot

import (
	"time"

	"amsbot/scenarios"
	"amsbot/store"
)

// Past is one run of an incident as its history tells it: what was known when a
// scenario was decided, what was decided, and what each step found. Nothing in
// it depends on how far the incident has gone since.
type Past struct {
	Run      int                `json:"run"` // from 1; a reopened incident has more than one
	At       time.Time          `json:"at"`  // of the decision
	Snapshot Snapshot           `json:"snapshot"`
	Project  string             `json:"project,omitempty"`
	Scenario string             `json:"scenario,omitempty"` // "": none fitted
	Version  string             `json:"version,omitempty"`
	Autonomy scenarios.Autonomy `json:"autonomy,omitempty"` // what held for this run
	Capped   string             `json:"capped,omitempty"`   // why that is less than the scenario says: a key of the catalogue
	Self     Person             `json:"self"`               // amsbot's own PagerDuty user
	Lines    map[string][]Level `json:"lines,omitempty"`    // who was on call in other policies
	Target   string             `json:"target,omitempty"`
	Reason   string             `json:"reason,omitempty"` // why none fitted: a key of the catalogue
	CameBack string             `json:"came_back,omitempty"`
	Outcome  Outcome            `json:"outcome,omitempty"` // of its first conclusion; "" where there is none yet
	Path     []string           `json:"path,omitempty"`    // from the decision to that conclusion, in the words of Story, without names
	// Alone says that it came to its first conclusion without a person: no fault
	// found, or recovered by amsbot, with nobody called, nothing pressed and
	// nobody who had acknowledged it.
	Alone bool       `json:"alone,omitempty"`
	Steps []PastStep `json:"steps,omitempty"` // as they ended

	// What others did between the decision and the first conclusion.
	Clicks    []PastClick  `json:"clicks,omitempty"`
	Meanwhile []PastChange `json:"meanwhile,omitempty"`

	// Sources are the files of the scenario's version, by name and hash of the
	// blob. They are for whoever has the store at hand.
	Sources map[string]string `json:"-"`

	called    bool
	concluded int // how many events there were then; 0: it has not
}

// PastClick is an act that a person pressed.
type PastClick struct {
	Act      string        `json:"act"`
	User     string        `json:"user"` // Slack user
	Name     string        `json:"name"`
	As       Person        `json:"as,omitzero"` // their PagerDuty user
	Text     string        `json:"text,omitempty"`
	Override bool          `json:"override,omitempty"`
	After    time.Duration `json:"after"` // since it was on offer, or since the click before it
}

// PastChange is how an incident was from some time on, by somebody else's doing.
type PastChange struct {
	At       time.Time `json:"at"`
	Snapshot Snapshot  `json:"snapshot"`
}

// PastStep is what a step found.
type PastStep struct {
	At      time.Time         `json:"at"`   // when it had ended, the phase's verdict included
	Pass    int               `json:"pass"` // 0 is the run's own, later ones are those of clicks
	Phase   scenarios.Phase   `json:"phase"`
	Round   int               `json:"round,omitempty"` // of a re-check, from 1
	Name    string            `json:"name"`
	Shown   string            `json:"shown,omitempty"` // the command with values filled in
	Outcome scenarios.Outcome `json:"outcome"`
	// Definition is that of scenarios.Step; "" where nobody has looked.
	Definition string `json:"definition,omitempty"`
}

// LastRead is the incident as a history has read it last; false where it never
// was.
func LastRead(events []store.Event) (Snapshot, bool) {
	in := fold("", 0, events)
	if in.snap == nil {
		return Snapshot{}, false
	}
	return *in.snap, true
}
