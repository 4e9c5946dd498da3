package bot

import (
	"maps"
	"slices"
	"strings"
)

// Form is a dialogue: what a person is asked before an act is done. All its texts
// are raw, and for one reader. Its submission is a Click with Fields.
type Form struct {
	Act      string // of the click that its submission is
	Incident string // the key; "" for an act that is about none
	Offer    uint64 // the offer that the submission accepts
	Override bool   // sending it overrides the guards that Text names
	Title    string // at most 24 characters
	Send     string // the verb on its button, at most 24 characters
	Text     string // what it is about, in lines; "" where the fields say it
	Fields   []Entry
}

// EntryKind is how a person fills a field in.
type EntryKind string

// The kinds of fields.
const (
	EntryText   EntryKind = "text"   // some lines of text
	EntryLine   EntryKind = "line"   // one line of text
	EntryChoice EntryKind = "choice" // one of Choices
	EntryTick   EntryKind = "tick"   // its only choice, or not
	EntryMoment EntryKind = "moment" // a date and a time; its value is in seconds since 1970
)

// Entry is one field of a dialogue. At most six make one.
type Entry struct {
	Name     string // by which Click.Fields and Answer.Wrong know it
	Kind     EntryKind
	Label    string
	Hint     string
	Value    string // what stands there at first
	Choices  []Choice
	Most     int // characters of a text
	Optional bool
}

// Choice is something that can be chosen.
type Choice struct {
	Value string // at most 150 characters
	Label string
	Note  string // small print
}

// choicesMost is how many choices a field has at most: Slack takes no more.
const choicesMost = 100

// DoChoose is to choose one of the acts that stand for an incident.
const DoChoose = "choose"

// HasForm says whether an act is asked for in a dialogue of its own: a click
// with Open then answers with the Form, and does nothing yet.
func HasForm(act string) bool {
	switch act {
	case DoEscalate, DoResolve, DoNote, DoRecover, DoAgain, DoMark, DoApprove, DoBreakGlass, DoChoose:
		return true
	}
	return stopsAll(act)
}

// stopsAll says whether an act is about no incident.
func stopsAll(act string) bool {
	switch act {
	case DoPause, DoResume, DoMaintain, DoEndMaintenance:
		return true
	}
	return false
}

// maskedClick is a click whose words hold no secret.
func (b *Bot) maskedClick(k Click) Click {
	k.Text = b.Tools.Mask.Mask(k.Text)
	k.Fields = maps.Clone(k.Fields)
	for name, value := range k.Fields {
		k.Fields[name] = b.Tools.Mask.Mask(value)
	}
	return k
}

// field is what a person filled in, without what surrounds it.
func (k Click) field(name string) string { return strings.TrimSpace(k.Fields[name]) }

// picked says whether a field's value is one of those that were offered.
func picked(choices []Choice, value string) bool {
	return slices.ContainsFunc(choices, func(c Choice) bool { return c.Value == value })
}
