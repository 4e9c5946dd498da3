package bot

// The acts that bot wants of its receivers, and their arguments. They are the
// data of "wanted" events: fields are only ever added.

// Receivers of acts.
const (
	ToPagerDuty = "pagerduty"
	ToSlack     = "slack"
)

// The kinds of acts that bot/pagerduty does.
const (
	ActAcknowledge = "acknowledge" // AckArgs
	ActEscalate    = "escalate"    // EscalateArgs
	ActResolve     = "resolve"     // ResolveArgs
	ActNote        = "note"        // NoteArgs
)

// The kinds of acts that bot/slack does.
const (
	ActPost  = "post"  // MessageArgs: a new message in the channel
	ActReply = "reply" // MessageArgs: in the thread of the incident's card
)

// AckArgs acknowledges. Done also when it is acknowledged by that user already;
// Refused when the incident is resolved (acknowledging would reopen it).
type AckArgs struct {
	ID   string `json:"id"`
	From string `json:"from"` // the e-mail of the PagerDuty user who does it
}

// Target is where an escalation goes. The first of Users, Policy and Next that is set counts.
type Target struct {
	Users  []string `json:"users,omitempty"`  // PagerDuty user IDs or e-mails
	Policy string   `json:"policy,omitempty"` // name or ID; Level from 1 (0: the policy's first)
	Level  int      `json:"level,omitempty"`
	Next   bool     `json:"next,omitempty"` // the level after the one that has it
}

// EscalateArgs escalates: assigns the incident to Target or, where that does not
// exist or nobody is on call there (codes 1006, 1014, 1015, an empty schedule, a
// low urgency that does not escalate), to Fallback. The result's data is Escalated.
type EscalateArgs struct {
	ID       string  `json:"id"`
	From     string  `json:"from"`
	HeldBy   string  `json:"held_by,omitempty"` // act only while this PagerDuty user is the sole assignee; else Refused, Why names who has it
	To       Target  `json:"to"`
	Line     string  `json:"line,omitempty"` // what the scenario calls it: first_line, second_line, next; for people, To is what counts
	Fallback *Target `json:"fallback,omitempty"`
}

// Escalated is what came of an escalation.
type Escalated struct {
	Assignees []Person `json:"assignees,omitempty"` // refused: who has it already
	Level     int      `json:"level,omitempty"`     // 0: not known
	Fallback  bool     `json:"fallback,omitempty"`  // Target did not exist; Why of the result says what was missing
}

// ResolveArgs resolves. Done also when it is resolved already (the result's Why says by whom).
type ResolveArgs struct {
	ID      string   `json:"id"`
	From    string   `json:"from"`
	HeldBy  string   `json:"held_by,omitempty"` // refuse while anybody but this PagerDuty user has acknowledged it
	Covered []string `json:"covered,omitempty"` // with HeldBy: refuse while an alert is open whose ID is not among these
	Note    string   `json:"note,omitempty"`    // the resolution in PagerDuty's log
}

// NoteArgs writes a note; the act's marker stands on its last line.
type NoteArgs struct {
	ID      string `json:"id"`
	From    string `json:"from"`
	Content string `json:"content"` // at most 20,000 runes; the adapter cuts what PagerDuty does not take
}

// MessageArgs is a message in Slack. Text is mrkdwn in which every foreign value
// is already escaped. Mentions are put in front: each person as <@U…> where their
// e-mail is known in Slack, else by name; with nobody to mention and Loud set, <!here>.
type MessageArgs struct {
	Channel   string   `json:"channel"`
	Text      string   `json:"text"`
	Mention   []Person `json:"mention,omitempty"`
	Loud      bool     `json:"loud,omitempty"`
	Broadcast bool     `json:"broadcast,omitempty"` // a reply that also shows in the channel
	File      string   `json:"file,omitempty"`      // the blob's hash: its text goes with the message, as a file when long
	FileName  string   `json:"file_name,omitempty"`
}
