package bot

import (
	"encoding/json"
	"time"

	"amsbot/scenarios"
)

// The kinds of events. Kinds and fields are only ever added: a history written
// today must be readable by every later amsbot.
const (
	kindReceived    = "received"     // received: a hint came in
	kindRead        = "read"         // readDone: the incident as read by REST
	kindUnread      = "unread"       // unread: it could not be read; tried again
	kindRun         = "run"          // runBegan: a first response begins
	kindPass        = "pass"         // passBegan: amsbot checks again by itself
	kindMatched     = "matched"      // matched: a scenario was decided, and pinned
	kindUnmatched   = "unmatched"    // unmatched: none fits, and why
	kindStarted     = "started"      // stepStarted: written before a step's first command
	kindEnded       = "ended"        // stepEnded
	kindVerdict     = "verdict"      // phaseVerdict
	kindProgramGone = "program_gone" // programGone: what could not be ended runs no more
	kindOffered     = "offered"      // offered: what people can press
	kindExpired     = "expired"      // expired: offers that nobody took in time
	kindClicked     = "clicked"      // clicked: an accepted click; it spends its offer
	kindRequested   = "requested"    // requested: a person asks for a recovery that a second one has to approve
	kindWithdrawn   = "withdrawn"    // withdrawn: nobody can approve it any more
	kindGlass       = "glass"        // glassBroken: a person recovers alone what takes two
	kindRefused     = "refused"      // refused: a click that did not act, and why
	kindCardAsked   = "card_asked"   // cardAsked: a person wants its card, though its channel is crowded
	kindIntent      = "intent"       // intent: a recovery is about to begin; guards were asked
	kindWaiting     = "waiting"      // waiting: for the lock of another incident's recovery
	kindHeld        = "held"         // held: a guard holds the recovery
	kindAsks        = "asks"         // asks: a guard leaves the recovery to a person
	kindTripped     = "tripped"      // tripped: what came of a recovery made a guard act
	kindInterrupted = "interrupted"  // interrupted: a recovery whose end nobody saw
	kindConcluded   = "concluded"    // concluded: the result of the first response
	kindClosed      = "closed"       // closed: the incident is over
	kindWanted      = "wanted"       // wanted: an act, to be delivered by the outbox
	kindDone        = "done"         // settled
	kindFailed      = "failed"       // settled: it will never be done
	kindUnknown     = "unknown"      // settled: no answer came; being looked for

	// In the stream "bot".
	kindPaused  = "paused"  // paused
	kindResumed = "resumed" // paused
	kindIgnored = "ignored" // received: of a service in no project
	kindNews    = "news"    // received: what belongs to no incident, such as a ping

	kindBegun      = "begun"           // wasRestored: the first event of a new database
	kindRestored   = "restored"        // wasRestored: a backup took the database's place
	kindSilent     = "webhooks_silent" // Silence: the poll finds what no webhook told of
	kindHeardAgain = "webhooks_again"  // Silence: they come again

	kindReloaded      = "reloaded"       // reloaded: other scenarios are in force
	kindReloadRefused = "reload_refused" // refusal: changed scenarios are not taken
	kindNeighbours    = "neighbours"     // downNow: who does not answer from then on
)

type programGone struct {
	Step string `json:"step"`
}

// botStream holds what belongs to no incident.
const botStream = "bot"

// amsbot is who acts when no person does.
const amsbot = "amsbot"

// projectView is what of a project the history needs to be drawn and handed
// over by, as it was when the incident came. Permissions are not in it: they
// are never pinned.
type projectView struct {
	Name       string         `json:"name"`
	Channel    string         `json:"channel,omitempty"`
	Language   string         `json:"language,omitempty"`
	FirstLine  scenarios.Line `json:"first_line,omitzero"`
	SecondLine scenarios.Line `json:"second_line,omitzero"`
	Contacts   []string       `json:"contacts,omitempty"`
}

type received struct {
	Hint    Hint         `json:"hint"`
	Project *projectView `json:"project,omitempty"`
}

type readDone struct {
	From     uint64             `json:"from"`           // the last event when the read began
	Same     bool               `json:"same,omitempty"` // nothing has changed; the snapshot is left out
	Snapshot *Snapshot          `json:"snapshot,omitempty"`
	Lines    map[string][]Level `json:"lines,omitempty"` // of the project's lines in other policies, by policy
}

type unread struct {
	Why   string    `json:"why"`
	Tries int       `json:"tries"`
	Again time.Time `json:"again"`
}

type runBegan struct {
	N      int       `json:"n"`
	Reason string    `json:"reason"` // triggered, reopened
	Since  time.Time `json:"since"`  // the deadline counts from here
	Self   Person    `json:"self"`   // amsbot's own PagerDuty user
}

type passBegan struct {
	Reason string `json:"reason"`         // passUnacked, passLock, passWindow
	Late   string `json:"late,omitempty"` // why nothing recovers by itself
}

// Why amsbot checks again by itself.
const (
	passUnacked = "unacknowledged"
	passLock    = "lock"
	passWindow  = "maintenance" // the window that held it is over
)

type matched struct {
	Project        projectView        `json:"project"`
	Scenario       string             `json:"scenario"`
	Version        string             `json:"version"`
	Sources        []sourceRef        `json:"sources"`
	Autonomy       scenarios.Autonomy `json:"autonomy"`            // what holds for this run
	Capped         string             `json:"capped,omitempty"`    // why it is less than the scenario says
	Late           string             `json:"late,omitempty"`      // why nothing recovers by itself
	CameBack       string             `json:"came_back,omitempty"` // the incident that amsbot had resolved
	CameBackNumber int                `json:"came_back_number,omitempty"`
	Seen           *seenBefore        `json:"seen,omitempty"` // earlier incidents of this target
	Target         string             `json:"target"`
	Groups         map[string]string  `json:"groups,omitempty"`
	Why            []scenarios.Why    `json:"why,omitempty"`
	Check          []string           `json:"check,omitempty"` // the names of the steps
	Gather         []string           `json:"gather,omitempty"`
	Recover        []string           `json:"recover,omitempty"`
	Shown          []string           `json:"shown,omitempty"` // the recovery's commands with values filled in
	Deadline       time.Duration      `json:"deadline"`
	Approval       time.Duration      `json:"approval"`
	Second         bool               `json:"second,omitempty"`      // a recovery at a person's word takes another one's approval
	BreakGlass     bool               `json:"break_glass,omitempty"` // with Second: whoever is permitted to goes alone
	Links          []link             `json:"links,omitempty"`
	Alerts         int                `json:"alerts"`
	Described      string             `json:"described,omitempty"`
}

type link struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

type sourceRef struct {
	Name string `json:"name"`
	Hash string `json:"hash"`
}

type unmatched struct {
	Project projectView     `json:"project"`
	Reason  string          `json:"reason"`
	Names   []string        `json:"names,omitempty"` // the scenarios that tie, or the values that differ
	Why     []scenarios.Why `json:"why,omitempty"`
}

// place is where in a run a step stands.
type place struct {
	Pass  uint64          `json:"pass"` // the event that began the pass
	Phase scenarios.Phase `json:"phase"`
	Round int             `json:"round,omitempty"` // of a re-check, from 1
	Step  int             `json:"step"`
}

type stepStarted struct {
	place
	Name  string    `json:"name"`
	Shown string    `json:"shown,omitempty"` // the command with values filled in, secrets redacted
	Until time.Time `json:"until,omitzero"`  // a wait: it ends then, without a goroutine
}

type stepEnded struct {
	place
	Name    string            `json:"name"`
	Outcome scenarios.Outcome `json:"outcome"`
	Output  string            `json:"output,omitempty"` // the blob's hash
	More    bool              `json:"more,omitempty"`   // the output says more than the outcome's line
}

type phaseVerdict struct {
	place
	Verdict scenarios.Verdict `json:"verdict"`
	Good    int               `json:"good"`
	Of      int               `json:"of"`
	Final   bool              `json:"final"` // false: a round of a re-check that goes on
	Why     string            `json:"why,omitempty"`
}

type intent struct {
	Pass   uint64   `json:"pass"`
	Rule   string   `json:"rule"` // "auto", or "click" with the person in By
	Target string   `json:"target"`
	Shown  []string `json:"shown,omitempty"` // the commands
	Over   []string `json:"over,omitempty"`  // guards that the person overrode
	Guards []string `json:"guards,omitempty"`
}

type waiting struct {
	Pass   uint64 `json:"pass"`
	Holder string `json:"holder"` // the incident that has the lock
	Text   string `json:"text"`
}

type held struct {
	Pass  uint64    `json:"pass"`
	Guard string    `json:"guard"` // the guard's name
	Text  string    `json:"text"`  // with what would lift it
	Until time.Time `json:"until,omitzero"`
	Storm string    `json:"storm,omitempty"` // whose card decides for all
}

type asks struct {
	Pass  uint64 `json:"pass"`
	Guard string `json:"guard"` // breaker
	Text  string `json:"text"`  // with what would lift it
}

type tripped struct {
	Guard string `json:"guard"` // breaker, masking
	Text  string `json:"text"`
}

type interrupted struct {
	Pass uint64 `json:"pass"`
	Step string `json:"step,omitempty"`
	Why  string `json:"why"`
}

type concluded struct {
	Pass    uint64  `json:"pass"`
	Outcome Outcome `json:"outcome"`
	Branch  branch  `json:"branch"`
	Text    string  `json:"text"` // one sentence, in the project's language
}

type closed struct {
	How string `json:"how"` // resolved, merged
	By  Person `json:"by,omitzero"`
}

type wanted struct {
	Kind  string          `json:"kind"`
	Args  json.RawMessage `json:"args"`
	Calls bool            `json:"calls,omitempty"`    // it calls people: it leaves before what only tells
	Name  string          `json:"name,omitempty"`     // what it calls them about, in a word
	Lang  string          `json:"language,omitempty"` // of whoever reads what came of it
}

type settled struct {
	Wanted uint64          `json:"wanted"` // the event that wanted it
	Kind   string          `json:"kind"`
	Why    string          `json:"why,omitempty"`
	Ref    string          `json:"ref,omitempty"`
	Data   json.RawMessage `json:"data,omitempty"`
}

type paused struct {
	N     uint64 `json:"n,omitempty"` // the number of the event that began it; 0 where an older amsbot wrote it
	Scope string `json:"scope"`
	Why   string `json:"why,omitempty"`
	User  string `json:"user"`
	Name  string `json:"name"`

	At time.Time `json:"at,omitzero"` // zero where an older amsbot wrote it
}
