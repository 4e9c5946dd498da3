package bot

import (
	"context"
	"errors"
	"time"

	"amsbot/scenarios"
)

// Errors of the ports. Adapters wrap them, so that the conductor can tell what
// to do next without knowing the service behind a port.
var (
	// ErrNotFound: what was asked for does not exist (any more).
	ErrNotFound = errors.New("not found")
	// ErrRefused: the service will not answer this question from us (permission,
	// token); asking again does not help until somebody changes something.
	ErrRefused = errors.New("refused")
	// ErrPartly: of a poll that could be read, and not all of which was taken in.
	ErrPartly = errors.New("not all was taken in")
)

// Person is somebody as PagerDuty knows them.
type Person struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email,omitempty"`
}

// Level is one level of an escalation policy and who is on call there now.
type Level struct {
	Level   int           `json:"level"` // from 1
	Timeout time.Duration `json:"timeout,omitempty"`
	OnCall  []Person      `json:"on_call,omitempty"`
}

// Snapshot is an incident as read from PagerDuty: what a scenario may know of
// it and, beside that, who has it.
type Snapshot struct {
	Incident     scenarios.Incident `json:"incident"`
	Assignees    []Person           `json:"assignees,omitempty"`
	Acknowledged []Person           `json:"acknowledged,omitempty"` // who acknowledged and still has it
	ChangedBy    Person             `json:"changed_by,omitzero"`    // who or what changed the status last; no e-mail for a service
	MergedInto   string             `json:"merged_into,omitempty"`  // the parent's ID
	Unknown      bool               `json:"unknown,omitempty"`      // amsbot's own word: PagerDuty has not known it for long, so there is none
	AckTimeout   time.Duration      `json:"ack_timeout,omitempty"`  // after which PagerDuty takes an acknowledgement back; 0: never
	Levels       []Level            `json:"levels,omitempty"`       // of the incident's own policy, first level first
	Maintenance  []Window           `json:"maintenance,omitempty"`  // of PagerDuty's own, open now on the incident's service
}

// Reading is an incident that is to be read, and for whom.
type Reading struct {
	ID      string // PagerDuty's
	Service string // its service, as far as it is known: where reads have to wait, the services are served in turn
	Pressed bool   // a person has pressed, or a recovery waits: it goes before first reads, and is not put together with them
}

// Incidents reads incidents. Implemented by bot/pagerduty.
type Incidents interface {
	// Read reads an incident with all its alerts (capped: 250 alerts, 1,000 values
	// of details, 4 KiB a value) and the people of its policy. ErrNotFound when it
	// is gone, ErrRefused when the token may not. With an error there is no Snapshot.
	Read(ctx context.Context, r Reading) (*Snapshot, error)
}

// OnCalls says who is on call. Implemented by bot/pagerduty; answers may be a minute old.
type OnCalls interface {
	// Levels are the levels of a policy, by name or ID, with who is on call.
	Levels(ctx context.Context, policy string) ([]Level, error)
}

// Users finds people in PagerDuty. Implemented by bot/pagerduty.
type Users interface {
	// ByEmail finds the user with exactly this address, case aside; ErrNotFound if there is none.
	ByEmail(ctx context.Context, email string) (Person, error)
	// ByID finds the user with this ID; ErrNotFound if there is none.
	ByID(ctx context.Context, id string) (Person, error)
}

// Members finds people in Slack. Implemented by bot/slack.
type Members interface {
	// Email is the address of a Slack user; ErrNotFound if it has none or it is hidden.
	Email(ctx context.Context, user string) (string, error)
	// ByEmail is the Slack user with this address; ErrNotFound if there is none.
	ByEmail(ctx context.Context, email string) (string, error)
	// InGroup says whether the user is in the user group (S…).
	InGroup(ctx context.Context, group, user string) (bool, error)
	// InChannel says whether the user is in the channel (C…).
	InChannel(ctx context.Context, channel, user string) (bool, error)
}

// Hint is news about an incident, by webhook or poll. It sets no state: it is
// stored and asks for a read.
type Hint struct {
	Source   string        `json:"source"`             // "webhook" or "poll"
	Event    string        `json:"event,omitempty"`    // the signed event.id, which deduplicates; "" for the poll
	Type     string        `json:"type"`               // "incident.triggered", …; for the poll "incident.open" or "incident.gone"
	ID       string        `json:"id,omitempty"`       // the incident's PagerDuty ID; "" for what belongs to none
	At       time.Time     `json:"at"`                 // when it happened, as PagerDuty says
	Number   int           `json:"number,omitempty"`   //
	Title    string        `json:"title,omitempty"`    //
	Status   string        `json:"status,omitempty"`   // triggered, acknowledged, resolved
	Urgency  string        `json:"urgency,omitempty"`  // high, low
	URL      string        `json:"url,omitempty"`      //
	Service  scenarios.Ref `json:"service,omitzero"`   //
	Agent    Person        `json:"agent,omitzero"`     // who caused it; zero for automation
	Assigned []string      `json:"assigned,omitempty"` // the assignees' IDs, where known (poll)
	Acked    []string      `json:"acked,omitempty"`    // the acknowledgers' IDs, where known (poll)
}

// Click is a person's act: a button, a modal that was submitted, a slash command.
type Click struct {
	User     string // Slack user ID
	Name     string // their display name, for the history
	Team     string // Slack team ID
	Channel  string // where it was done; a direct message's ID starts with D
	Room     string // the channel's name without #, where Slack said it
	Incident string // the incident's key, or what a person typed: a number, an ID, "last"; numbers where the act is on several
	Offer    uint64 // the offer's event number; 0: the one that stands (slash commands)
	Act      string // one of the Do… names
	Text     string // a note's text, a reason (of breaking the glass it is required), or of which maintenance, until when and why
	Scope    string // pause and resume: "all", "project:NAME", "scenario:PROJECT/NAME"; "" means the channel's project
	Once     string // something that a second delivery of the same click repeats (a modal's view ID); "" if nothing does
	Override bool   // the person confirmed to override the guards that the offer named

	Open   bool              // ask for the act's dialogue; nothing is done yet, and what would be refused is
	Typed  bool              // it is a slash command, or a dialogue that one has opened
	Fields map[string]string // what the act's dialogue was filled with, by the names of its fields; nil: there was none
	To     string            // to whom it is escalated: "" or "next", "first_line", "second_line", "level:N", "user:ID"
	Noise  bool              // the incident was noise
}

// The acts of people, by which offers, permissions and buttons are named.
const (
	DoTake     = "take"        // Take Over: acknowledge as the presser
	DoRecover  = "recover"     // Run Recovery
	DoEscalate = "escalate"    // to the next level
	DoResolve  = "resolve"     //
	DoCheck    = "check"       // Run Checks Again
	DoNote     = "note"        // Add Note
	DoAgain    = "again"       // Run Again, after an interrupted recovery
	DoMark     = "mark_done"   // Mark Done, after an interrupted recovery
	DoAll      = "recover_all" // on a storm's card: one target first, then the others
	DoPause    = "pause"

	DoApprove    = "approve"     // of a recovery that somebody else has asked for
	DoBreakGlass = "break_glass" // Run Recovery, or Run Again, alone where it takes two

	DoResume = "resume"
	DoCard   = "show_card" // of one incident, where the channel is too crowded for all

	DoTakeAll     = "take_all"     // on a group card, where the channel is too crowded for a card each; or typed with several numbers
	DoEscalateAll = "escalate_all" //

	DoMaintain       = "maintain"        // open a maintenance window
	DoEndMaintenance = "end_maintenance" // before its time
)

// Answer is what a person is told at once. It is neither durable nor retried:
// what others must know is on the card and in the history.
type Answer struct {
	Done   bool   // the click was accepted (or the question answered)
	Text   string // one or more lines of Slack mrkdwn, already escaped
	Public bool   // say it in the channel, else to the person alone

	// Card, if there is one, is shown instead of the text, to the person alone. It
	// offers nothing: an answer is not kept fresh, and what acts stands on the card
	// at CardAt ("<channel ID>/<ts>"; "" where there is none).
	Card   *Card
	CardAt string

	Form  *Form             // a dialogue that the person is to fill in first; nothing has happened
	Wrong map[string]string // what is wrong in a dialogue, by field, as plain text; nothing has happened
}

// Question is a slash command that changes nothing.
type Question struct {
	User, Channel string
	Room          string // the channel's name without #, where Slack said it
	About         string // one of the Ask… names
	Incident      string // a number, an ID, a key, a service or "last"; its first word at least
	Text          string // what was typed behind it; of help a subcommand, of scenarios a name, of stats a span

	act string // what is to be done to the incident; "" for a question
}
