package patient

import "time"

// State is what a page shows of the patient and its monitor at one instant. It
// is a copy: the reader owns it. Times are UTC.
type State struct {
	Ailment     string        `json:"ailment"`
	Description string        `json:"description"`
	Since       time.Time     `json:"since"`
	Address     string        `json:"address"`   // host:port it is, or was last, reached at
	Listening   bool          `json:"listening"` // false: connections are refused
	Served      int           `json:"served"`    // answers below 500 in the last minute
	Failed      int           `json:"failed"`    // answers of 500 and more, and requests never answered, in the last minute
	Total       int           `json:"total"`     // requests since the start
	Restarts    int           `json:"restarts"`
	Recoveries  []Recovery    `json:"recoveries"`  // newest first, at most 50
	Disk        int           `json:"disk"`        // used per cent of the quota
	Queue       int           `json:"queue"`       // messages waiting
	Lag         int           `json:"lag"`         // seconds the replica is behind
	Certificate int           `json:"certificate"` // days left
	Latency     time.Duration `json:"latency"`     // nanoseconds each answer is held back
	Monitor     MonitorState  `json:"monitor"`
	Log         []Line        `json:"log"` // newest first, at most 100
	Ailments    []Ailment     `json:"ailments"`
}

// Ailment is one way to be ill, for the page's menu.
type Ailment struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Service     string `json:"service"` // the PagerDuty service its alert is raised on
	Title       string `json:"title"`   // the title of its alert
	Heals       string `json:"heals"`   // the path that heals it: /restart, /cleanup ...; empty: nothing does
}

// Recovery is one call of a healing endpoint.
type Recovery struct {
	At     time.Time `json:"at"`
	Path   string    `json:"path"`
	Healed bool      `json:"healed"`
}

// MonitorState is what the monitor last saw and what it has told PagerDuty.
type MonitorState struct {
	Watching  bool          `json:"watching"`   // it polls
	AutoClear bool          `json:"auto_clear"` // it clears what has become healthy
	Every     time.Duration `json:"every"`      // nanoseconds between probes
	Last      []Probe       `json:"last"`       // the last result of each check
	Open      []Open        `json:"open"`       // what it has raised and not cleared
	Raised    int           `json:"raised"`
	Cleared   int           `json:"cleared"`
}

// Probe is one result of one check.
type Probe struct {
	Check string    `json:"check"`
	OK    bool      `json:"ok"`
	At    time.Time `json:"at"`
	Text  string    `json:"text"`
}

// Open is an alert that the monitor has raised and not cleared yet.
type Open struct {
	Service  string    `json:"service"`
	Key      string    `json:"key"`
	Title    string    `json:"title"`
	Incident string    `json:"incident"`
	At       time.Time `json:"at"`
}

// Line is one line of the patient's log.
type Line struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}
