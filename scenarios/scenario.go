// Package scenarios reads YAML into scenarios, says which one fits an
// incident, and runs one step of it when told.
//
// It does not know PagerDuty, Slack, the store, the clock of a run, or where
// a run stands: it holds no position. Whoever calls it decides which step is
// next, records what came of it, and hands the facts of earlier steps back.
package scenarios

import (
	"time"

	"gopkg.in/yaml.v3"
)

// Verdict is what a step or a phase found out.
type Verdict string

// The three verdicts. Unknown means that it could not be found out; nothing
// may be resolved because of it.
const (
	OK      Verdict = "OK"
	NG      Verdict = "NG"
	Unknown Verdict = "UNKNOWN"
)

// Phase is a part of a scenario.
type Phase string

// The phases, in the order in which an incident passes through them. Recheck
// has no steps of its own: it is the check again.
const (
	Check   Phase = "check"
	Gather  Phase = "gather"
	Recover Phase = "recover"
	Recheck Phase = "recheck"
)

// Autonomy says who starts a recovery.
type Autonomy string

// Observe never recovers and never offers to; Ask waits for a person's
// button and is the default; Auto recovers by itself within its guards.
const (
	Observe Autonomy = "observe"
	Ask     Autonomy = "ask"
	Auto    Autonomy = "auto"
)

// Set is everything that one folder of scenarios holds. It is immutable and
// may be read from any goroutine.
type Set struct {
	Projects  []*Project  // by name
	Scenarios []*Scenario // by project, then name
}

// Project is one customer or system. Projects are walls: a scenario serves
// only the services of its own project.
type Project struct {
	Name        string
	Services    []string // PagerDuty services by name or ID
	Hosts       []string // names, globs, addresses and networks that an alert may name
	Channel     string   // Slack channel by ID or #name
	Shared      bool     // the channel may be shared with other organisations
	Permissions Permissions
	FirstLine   Line
	SecondLine  Line
	Contacts    []Contact // whom people may have to call
	Vars        map[string]any
	Language    string // "" means amsbot's own
	TimeZone    string // IANA name, "" means amsbot's own
	Default     bool   // takes the services that no project names

	hosts   hostList
	secrets map[string]string // name to reference
	ssh     access
	at      places
}

// Permissions lists who may do what: Slack user IDs, user group IDs, channel IDs
// or "everyone". A nil list was not said; an empty one is nobody.
type Permissions struct {
	View, Run, Approve, BreakGlass, Resolve, Resume, Override []string
}

// Contact is somebody outside PagerDuty whom people may have to call: a customer,
// a vendor.
type Contact struct {
	Name, Phone, Email, Note string
}

// String is a contact on one line, as a card shows it.
func (c Contact) String() string {
	text := c.Name
	for _, s := range []string{c.Phone, c.Email} {
		if s != "" {
			text += " " + s
		}
	}
	if c.Note != "" {
		text += " (" + c.Note + ")"
	}
	return text
}

// Line is where an incident goes: a level of a PagerDuty escalation policy,
// or users. The zero Line was not said.
type Line struct {
	Policy string
	Level  int // from 1
	Users  []string
}

// Scenario is one first response, compiled and checked. It is immutable and
// may be used from any goroutine.
type Scenario struct {
	Name        string
	Description string
	Autonomy    Autonomy
	Project     *Project
	When        When
	Check       []*Step
	Gather      []*Step
	Recover     []*Step
	Recheck     RecheckPlan
	Then        Then
	Guards      Guards
	Links       []Link

	Deadline     time.Duration // of a run, without the time that it waits for a person
	Approval     Approval
	StartWithin  time.Duration // an older incident recovers nothing by itself
	GatherWithin time.Duration // of all gather steps together
	Acknowledge  bool

	// Version is the SHA-256, in hex, over the name and all sources: what an
	// incident is pinned to.
	Version string

	target    *text
	hosts     hostList
	alerts    [][]string // paths below alert that it reads anywhere
	variables map[string]any
	sources   []Source
	secrets   map[string]string // name to reference, the project's included
	resolve   func(ref string) (string, error)
	at        places
}

// Approval is what a person's word takes before it recovers.
type Approval struct {
	Expires      time.Duration // how long the offer of a recovery stands
	SecondPerson bool          // somebody else has to approve it
	BreakGlass   bool          // with SecondPerson: whoever is permitted to may go alone
}

// RecheckPlan says how the check is repeated after a recovery: after Settle,
// each Every, until Stable consecutive OKs or until Within is over.
type RecheckPlan struct {
	Settle, Every, Within time.Duration
	Stable                int
}

// Then says how a run ends, per branch. RESPONSE.md's defaults are filled in.
// Held during a maintenance window is a plain report, unless HeldSaid.
type Then struct {
	OK, Recovered, Failed, Unknown, Held []Ending
	HeldSaid                             bool // the author wrote `held` himself
}

// The acts of an Ending.
const (
	Report   = "report"
	Resolve  = "resolve"
	Escalate = "escalate"
	Notify   = "notify"
)

// Ending is one act at the end of a run.
type Ending struct {
	Act string // report, resolve, escalate, notify
	To  string // of an escalation: first_line, second_line, next
	// Text is what the author adds, as written; Message fills it in.
	Text string

	message *text
	vars    map[string]any
}

// Guards hold a recovery back. A zero Limit, span or number holds nothing.
type Guards struct {
	Cooldown     time.Duration // since the last recovery of this scenario and target
	Runs         Limit         // recoveries of this scenario and target
	ScenarioRuns Limit         // recoveries of this scenario, whatever the target
	Lock         bool          // one recovery per target at a time
	Breaker      int           // failed recoveries of this scenario in a row, after which it only asks
	Masking      Limit         // so many successful recoveries of one target hide a fault: the second line is told
	Storm        Limit         // so many different targets of this scenario are no longer its business alone
	Parallel     int           // recoveries at once when a person lets a storm's all go on; at least 1
}

// Limit is at most N per Per.
type Limit struct {
	N   int
	Per time.Duration
}

// places is where a file says what is compared between files.
type places struct {
	file                   string
	name, services, chosen *yaml.Node
	then                   *yaml.Node
}

// Link is something to open beside the card.
type Link struct {
	Name string
	url  *text
	vars map[string]any
}

// Source is one file of which a scenario was made.
type Source struct {
	Name string // slash-separated, relative to the folder that was loaded
	Data []byte
}

// Sources returns the files of which the scenario was made, the project's
// included; Pin makes the same scenario of them. The bytes are the caller's.
func (s *Scenario) Sources() []Source {
	out := make([]Source, len(s.sources))
	for i, src := range s.sources {
		out[i] = Source{Name: src.Name, Data: append([]byte(nil), src.Data...)}
	}
	return out
}

// Steps returns the steps of a phase; those of Recheck are the check's.
func (s *Scenario) Steps(p Phase) []*Step {
	switch p {
	case Check, Recheck:
		return s.Check
	case Gather:
		return s.Gather
	case Recover:
		return s.Recover
	}
	return nil
}
