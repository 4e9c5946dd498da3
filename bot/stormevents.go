package bot

import "time"

// The kinds of events in the stream of a storm.
const (
	kindStorm   = "storm"   // stormBegan: too many targets of a scenario are in trouble at once
	kindJoined  = "joined"  // joining: incidents that it holds
	kindTold    = "told"    // people were told of it
	kindSent    = "sent"    // sent: a person let these go on
	kindCame    = "came"    // came: what came of one of them
	kindStopped = "stopped" // stopped: a person's decision is carried out, or ends early
	kindCalm    = "calm"    // nothing has joined for long: the brake lets go, what waits still waits
)

// stormBegan is what a storm's card needs to know, as it was when it began.
type stormBegan struct {
	Project  projectView   `json:"project"`
	Scenario string        `json:"scenario"`
	Shown    []string      `json:"shown,omitempty"`   // the commands, of one target
	Version  string        `json:"version,omitempty"` // of the scenario that the commands are of
	Parallel int           `json:"parallel"`
	Per      time.Duration `json:"per"`                // the brake's window: so long it has to be calm
	Approval time.Duration `json:"approval,omitempty"` // so long a decision is waited for before the brake lets go

	Second     bool `json:"second,omitempty"`      // a decision takes another one's approval
	BreakGlass bool `json:"break_glass,omitempty"` // with Second: whoever is permitted to decides alone
}

type joining struct {
	Members []member `json:"members"`
}

// sent is a batch that a person let go on; written before its first incident is
// told, so that a crash does not begin another.
type sent struct {
	Click     uint64   `json:"click"`
	Incidents []string `json:"incidents"`
	Canary    bool     `json:"canary,omitempty"`
}

// stopped ends a decision: it is carried out, or Why says what came between.
type stopped struct {
	Why string `json:"why,omitempty"`
}

// came is what came of one incident of a storm.
type came struct {
	Incident string `json:"incident"`
	Number   int    `json:"number,omitempty"` // 0 where an older amsbot wrote it
	State    string `json:"state"`            // one of the states below
	Words    string `json:"words"`
	Proved   bool   `json:"proved,omitempty"` // it was recovered, and its re-check was OK
}

// The states of a storm's incidents.
const (
	stormWaits   = "waits" // for somebody's decision
	stormRuns    = "runs"
	stormGood    = "good"    // it works again
	stormBad     = "bad"     // it does not
	stormGuarded = "guarded" // a guard of its own holds it: its own card asks
	stormLeft    = "left"    // it is over, or somebody has it
)
