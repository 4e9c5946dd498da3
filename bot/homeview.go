package bot

import "time"

// Home is a person's Home tab: of the projects that they may view, what waits for
// them, what they have, what else is open, what holds recoveries, and figures.
// Texts are raw, as on a [Card].
type Home struct {
	User     string
	Language string
	Zone     *time.Location // nil: UTC
	Down     []string       // what amsbot does not hear, in sentences
	Open     []HomeLine     // what waits for them, then what they have, then the others; at most homeMost
	More     int            // open incidents that there is no room for
	Paused   []HomeStop     // at most homeStopsMost
	Planned  []HomeWindow   // at most homeStopsMost
	Refused  *HomeRefusal   // scenarios that are not taken; nil if none are
	Numbers  []Field        // of the last 24 hours
	Updated  time.Time      // before any of it was read, by a clock that nobody sets back
}

// HomePlace is why an incident stands where it stands on Home.
type HomePlace int

// What waits for the person, what is theirs, and what is neither.
const (
	HomeWaits HomePlace = iota
	HomeMine
	HomeOther
)

// HomeLine is one open incident on Home.
type HomeLine struct {
	Incident        string // the key
	Place           HomePlace
	Number          int
	Title           string
	Service         string
	State           CardState
	Status          string
	Waits           string    // the act that waits for the person, as its button is called; "" for none
	Until           time.Time // and until when; zero: for ever
	Holder          string
	Channel, CardTS string // where its card stands
	URL             string
	At              time.Time
	Acts            []Button // what can be done without seeing the card, at most 5
}

// HomeStop is what holds recoveries until a person lifts it.
type HomeStop struct {
	Text  string
	Scope string // what to resume; "" where that is no way to lift it, or not for this person
	Holds uint64 // what holds the scope: a click with it as its offer lifts that, and nothing that came since
}

// HomeWindow is one maintenance window on Home.
type HomeWindow struct {
	Text        string // of what, by whom and why
	From, Until time.Time
	End         int // the number of the window that this person may end; 0: they may not
}

// HomeRefusal says that changed scenarios are not in force.
type HomeRefusal struct {
	Folder string
	What   string // the first problem that this person may read
	At     time.Time
}
