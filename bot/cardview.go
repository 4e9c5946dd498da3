package bot

import "time"

// Card is an incident as people see it in Slack: the point first, then what was
// found, then what can be done. It is plain data, drawn from the history alone;
// bot/slack turns it into Block Kit. Text is raw: whoever draws it escapes it.
// Words have their final form in the language of the incident's project.
type Card struct {
	Incident string    // the key
	Version  uint64    // the position in the file of the last event that it was drawn from
	Channel  string    // where it belongs: a Slack channel ID or #name
	State    CardState // decides the colour; the words say the same
	Headline string    // what a phone shows: state, what, and the action needed
	Title    string    // "#1234 Web health check failed"
	Status   string    // the verdict, first, in words: "NG: the health check fails"
	Detail   string    // one or two sentences: what happens next, or what came of it
	Need     []string  // what is left to a person, a sentence each: what did not work, what to do
	Fields   []Field   // at most 10
	Phases   []Phase   // what was done, in order
	Links    []Button  // the scenario's, to dashboards and the like; at most 5, also when it is over
	Alert    []Field   // hostile values of the alert that help to decide, at most 6
	// AlertMore is how many more the alert has.
	AlertMore int
	Buttons   []Button // the visible ones, at most 5; none when it is over
	More      []Button // the overflow menu, at most 5
	Context   []string // small print: "Seen 3 times in 30 days"
	Closing   *Closing // set when the incident is over: who, what, when
	URL       string   // the incident in PagerDuty
	Times     []Moment // when: opened, updated
	Over      bool
}

// CardState is what the card's colour says; Status says it in words.
type CardState string

// The states of a card, from quiet to urgent.
const (
	CardReading  CardState = "reading"  // not yet read, or being matched
	CardChecking CardState = "checking" // check or gather is running
	CardWaiting  CardState = "waiting"  // a person has to decide
	CardActing   CardState = "acting"   // recovery or re-check is running
	CardGood     CardState = "good"     // recovered, resolved, no fault found
	CardBad      CardState = "bad"      // escalated, failed, held, interrupted, handed over
	CardQuiet    CardState = "quiet"    // over by other means: merged, resolved elsewhere
)

// Field is a name and a value, both raw. Where the value is somebody in Slack it
// has their IDs beside it, which are drawn in its place: users (U…), user groups
// (S…), channels (C…).
type Field struct {
	Name, Value string
	Who         []string
}

// Moment is a named time; Slack shows it in the reader's own zone.
type Moment struct {
	Name string
	At   time.Time
}

// Phase is one phase of the first response on the card.
type Phase struct {
	Name    string // "Check", "Gather", "Recovery", "Re-check"
	Verdict string // OK, NG, UNKNOWN, or "" while it runs
	Words   string // "2 of 3 steps failed", "running", "waiting 10 s to settle"
	Lines   []Line
}

// Line is one step on the card.
type Line struct {
	Name    string
	Verdict string // OK, NG, UNKNOWN, "" while it runs
	Words   string // "status 500, expected 200 · 0.2 s · 3 of 3 failed"
	Output  string // the one output line that matters; hostile
}

// Button is something that a person can do.
type Button struct {
	Act      string   // one of the Do… names, or "why", "open"
	Label    string   // Title Case, a verb
	Offer    uint64   // the offer it carries; 0 for what needs none (note, why, open)
	Primary  bool     // at most one of a card
	Danger   bool     //
	URL      string   // for a link
	Confirm  *Confirm // asked before it acts
	Override bool     // the confirm names guards that this press overrides
}

// Confirm is a dialogue before an act, naming target and commands.
type Confirm struct {
	Title, Text, Yes, No string
}

// Closing is the context line of an incident that is over.
type Closing struct {
	Text string // "Recovered by amsbot", "Resolved by"
	Who  string // a person's name, or "amsbot"; raw; "" for nobody
	At   time.Time
	Note string // a word at the end: "noise"; "" for none
}
