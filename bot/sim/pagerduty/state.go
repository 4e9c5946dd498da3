package pagerduty

import "time"

// State is everything a page shows of the pretend account, at one instant. It
// is a deep copy: the reader owns it. Times are UTC; a time that is not set
// does not apply.
type State struct {
	Account   string              `json:"account"`
	Now       time.Time           `json:"now"`
	Users     []UserState         `json:"users"`
	Services  []ServiceState      `json:"services"`
	Policies  []PolicyState       `json:"policies"`
	Incidents []IncidentState     `json:"incidents"` // newest first
	Pages     []Page              `json:"pages"`     // newest first, also those that ring no more
	Webhooks  []SubscriptionState `json:"webhooks"`
	Faults    []Fault             `json:"faults"`
}

// UserState is one person of the account, or the bot's own user.
type UserState struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Email  string `json:"email"`
	Role   string `json:"role"`
	Silent bool   `json:"silent"` // has no notification rules: is never paged
	Rings  int    `json:"rings"`  // how many pages ring on this person's phone now
}

// ServiceState is one service with its worst open status: "active" (nothing
// open), "warning" (all open incidents acknowledged), "critical" or
// "maintenance".
type ServiceState struct {
	ID         string        `json:"id"`
	Name       string        `json:"name"`
	Policy     string        `json:"policy"` // ID of its escalation policy
	Status     string        `json:"status"`
	Open       int           `json:"open"`
	AckTimeout time.Duration `json:"ack_timeout"` // nanoseconds; 0: an acknowledgement never lapses
}

// PolicyState is one escalation policy.
type PolicyState struct {
	ID      string       `json:"id"`
	Name    string       `json:"name"`
	Repeats int          `json:"repeats"`
	Levels  []LevelState `json:"levels"`
}

// LevelState is one level of a policy; Level counts from 1.
type LevelState struct {
	Level   int           `json:"level"`
	Users   []Person      `json:"users"`   // empty: nobody is on call
	Timeout time.Duration `json:"timeout"` // nanoseconds until the next level
}

// Person names a user.
type Person struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// IncidentState is one incident as people see it in PagerDuty.
type IncidentState struct {
	ID         string         `json:"id"`
	Number     int            `json:"number"`
	Title      string         `json:"title"`
	Status     string         `json:"status"`  // triggered, acknowledged, resolved
	Urgency    string         `json:"urgency"` // high, low
	Priority   string         `json:"priority,omitempty"`
	Service    Person         `json:"service"`
	Policy     Person         `json:"policy"`
	Level      int            `json:"level"` // the level it stands at, from 1; 0: assigned directly
	Assignees  []Person       `json:"assignees"`
	AckedBy    []Person       `json:"acked_by"`
	ResolvedBy string         `json:"resolved_by,omitempty"` // a name: person, integration, bot
	MergedInto string         `json:"merged_into,omitempty"` // incident ID
	CreatedAt  time.Time      `json:"created_at"`
	UpdatedAt  time.Time      `json:"updated_at"`
	ResolvedAt time.Time      `json:"resolved_at,omitzero"`
	Key        string         `json:"key"`
	URL        string         `json:"url"`
	Escalation *NextState     `json:"escalation,omitempty"` // nil: no timer runs
	AckLapses  time.Time      `json:"ack_lapses,omitzero"`  // when it becomes triggered again by the timeout
	SnoozedTo  time.Time      `json:"snoozed_to,omitzero"`  // when it becomes triggered again by a snooze
	Alerts     []AlertState   `json:"alerts"`               // oldest first
	Notes      []NoteState    `json:"notes"`                // oldest first
	Log        []LogState     `json:"log"`                  // newest first
	Responders []PersonAnswer `json:"responders,omitempty"` // people asked to help
	Updates    []NoteState    `json:"updates,omitempty"`    // status updates, oldest first
	Stuck      string         `json:"stuck,omitempty"`      // why nobody more is going to be paged: "last level", "low urgency", "direct"
}

// NextState is the escalation that comes when nobody acts.
type NextState struct {
	At    time.Time `json:"at"`
	Level int       `json:"level"`
	To    []Person  `json:"to"`
}

// AlertState is one alert inside an incident.
type AlertState struct {
	ID        string         `json:"id"`
	Key       string         `json:"key"`
	Summary   string         `json:"summary"`
	Status    string         `json:"status"` // triggered, resolved
	Severity  string         `json:"severity"`
	CreatedAt time.Time      `json:"created_at"`
	Events    int            `json:"events"` // how many trigger events fell on this key
	Details   map[string]any `json:"details,omitempty"`
	Text      string         `json:"text,omitempty"` // details that came as a string
}

// NoteState is one note or status update.
type NoteState struct {
	ID      string    `json:"id"`
	By      string    `json:"by"`
	At      time.Time `json:"at"`
	Content string    `json:"content"`
}

// LogState is one line of an incident's log.
type LogState struct {
	At      time.Time `json:"at"`
	Type    string    `json:"type"`    // as in the REST API, e.g. acknowledge_log_entry
	Channel string    `json:"channel"` // api, website, timeout, auto, events_api_v2, note
	By      string    `json:"by"`
	Text    string    `json:"text"`
}

// PersonAnswer is a responder and what came of the request: pending, joined or
// declined.
type PersonAnswer struct {
	Person
	State string `json:"state"`
}

// Page is one notification of one person: the phone that rings. It rings until
// the incident is acknowledged, resolved, snoozed or moves on to somebody else.
type Page struct {
	User     Person    `json:"user"`
	Incident string    `json:"incident"`
	Number   int       `json:"number"`
	Title    string    `json:"title"`
	Urgency  string    `json:"urgency"`
	At       time.Time `json:"at"`
	Reason   string    `json:"reason"` // assigned, escalated, reassigned, delegated, unacknowledged, reopened, snooze ended, responder request
	Ringing  bool      `json:"ringing"`
	Stopped  time.Time `json:"stopped,omitzero"`
	Why      string    `json:"why,omitempty"` // what stopped it
}

// SubscriptionState is one webhook subscription and how its deliveries go.
type SubscriptionState struct {
	ID            string    `json:"id"`
	URL           string    `json:"url"`
	Active        bool      `json:"active"`
	DisabledUntil time.Time `json:"disabled_until,omitzero"` // set after three drops in a row
	Queued        int       `json:"queued"`
	Delivered     int       `json:"delivered"`
	Attempts      int       `json:"attempts"`
	Dropped       int       `json:"dropped"`
	Last          string    `json:"last,omitempty"` // the last answer or error
	LastAt        time.Time `json:"last_at,omitzero"`
}

// Call is one request that reached the REST or Events API, and its answer.
// Body and Answer are cut at 16 KiB; Token is the name of the token, never the
// token itself. Status 0 means that no answer was given (a fault cut it).
type Call struct {
	N      int       `json:"n"`
	At     time.Time `json:"at"`
	Method string    `json:"method"`
	Path   string    `json:"path"`
	Query  string    `json:"query,omitempty"`
	From   string    `json:"from,omitempty"`
	Token  string    `json:"token,omitempty"`
	Body   string    `json:"body,omitempty"`
	Status int       `json:"status"`
	Answer string    `json:"answer,omitempty"`
	Fault  string    `json:"fault,omitempty"` // which fault was in the way
}
