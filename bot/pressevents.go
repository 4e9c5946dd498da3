package bot

import "time"

// The data of events about presses, of the kinds that events.go names.

type offered struct {
	Acts     []string  `json:"acts"`
	Expires  time.Time `json:"expires,omitzero"`   // of the offer to recover
	Override []string  `json:"override,omitempty"` // the guards that pressing Run Recovery would override
}

type expired struct {
	Acts []string `json:"acts"`
}

type clicked struct {
	Act      string   `json:"act"`
	Offer    uint64   `json:"offer,omitempty"`
	User     string   `json:"user"` // Slack user
	Name     string   `json:"name"`
	As       Person   `json:"as,omitzero"` // their PagerDuty user
	Text     string   `json:"text,omitempty"`
	To       string   `json:"to,omitempty"`      // whom it is escalated to, see Click
	ToName   string   `json:"to_name,omitempty"` // of a person
	Noise    bool     `json:"noise,omitempty"`   // it was marked as noise
	Override bool     `json:"override,omitempty"`
	Over     []string `json:"over,omitempty"`  // the guards, where the offer does not name them
	Storm    string   `json:"storm,omitempty"` // it was pressed for all incidents of a storm
	Batch    uint64   `json:"batch,omitempty"` // the event that let this one go on
	Via      string   `json:"via,omitempty"`   // "button" or "command"

	Approved *approver `json:"approved,omitempty"` // who approved it, where it was pressed for all of a storm
	Glass    string    `json:"glass,omitempty"`    // why it takes no approval
}

// approver is the second person.
type approver struct {
	User string `json:"user"` // Slack user
	Name string `json:"name"`
	As   Person `json:"as"`
}

// requested is a press that waits for a second person: a click with the act of
// Approve, whose offer is this event's number, lets it go on.
type requested struct {
	clicked
	Expires time.Time `json:"expires"`
	Who     []string  `json:"who,omitempty"` // may approve it, as it was then: Slack users, groups, channels or everyone
}

type withdrawn struct {
	Request uint64 `json:"request"`
	Name    string `json:"name"` // of whoever had asked
	Why     string `json:"why"`  // a key of the catalogue
}

type glassBroken struct {
	Act  string `json:"act"`
	User string `json:"user"`
	Name string `json:"name"`
	As   Person `json:"as"`
	Why  string `json:"why"`
}

type cardAsked struct {
	User string `json:"user"` // Slack user
	Name string `json:"name"`
}

type refused struct {
	Act   string `json:"act"`
	Offer uint64 `json:"offer,omitempty"`
	User  string `json:"user"`
	Name  string `json:"name"`
	Why   string `json:"why"`
}
