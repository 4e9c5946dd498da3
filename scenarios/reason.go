package scenarios

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Why says of one candidate whether it fits and why not: as data, for whoever says
// it in another language, and in English.
type Why struct {
	Scenario string   `json:"scenario"`
	Fits     bool     `json:"fits"`
	Text     string   `json:"text"`
	Reasons  []Reason `json:"-"`
}

// Reason is one thing that was found when a scenario was held against an incident.
type Reason struct {
	About  string   // the key of the scenario that it is about: title, details.host, if, target; "" for all
	Found  Found    // what was found
	Values []string // what its sentence is filled with; also of an alert's making
}

// Found is what a Reason says; its sentence is filled with as many Values as its
// English one has %s.
type Found string

// What can be found. Those from FoundTie on speak against a scenario that fits, and
// follow FoundHolds.
const (
	FoundNone       Found = "none"        // the incident has no such thing
	FoundOther      Found = "other"       // a value is not the one that is wanted
	FoundOthers     Found = "others"      // nor any of those
	FoundFalse      Found = "false"       // an expression; what it read follows, a Reason each
	FoundUndecided  Found = "undecided"   // an expression is neither true nor false
	FoundMissing    Found = "missing"     // what is read is not there
	FoundNoText     Found = "no_text"     // or is no text
	FoundNothing    Found = "nothing"     // or null
	FoundList       Found = "list"        // or a list or a mapping
	FoundDiffers    Found = "differs"     // or differs between alerts
	FoundDiffer     Found = "differ"      // several do
	FoundIs         Found = "is"          // what is read, and its value
	FoundIsList     Found = "is_list"     // what is read has no short value
	FoundMore       Found = "more"        // and more was read
	FoundTrouble    Found = "trouble"     // an expression failed; in the words of its library
	FoundNoTarget   Found = "no_target"   // the scenario says none
	FoundTargetOdd  Found = "target_odd"  // it is no text
	FoundEmpty      Found = "empty"       // or nothing but spaces
	FoundLong       Found = "long"        // or longer than so many characters
	FoundUnseen     Found = "unseen"      // or has characters that nobody sees
	FoundHoldsOne   Found = "holds_one"   // its one condition holds
	FoundHolds      Found = "holds"       // so many do
	FoundTie        Found = "tie"         // those of others, too
	FoundExact      Found = "exact"       // another has more, and how many
	FoundExacts     Found = "exacts"      // several have
	FoundOpen       Found = "open"        // another might have
	FoundButDiffers Found = "but_differs" // what it reads differs
	FoundButDiffer  Found = "but_differ"  // several such
)

// english are the sentences as authors read them on the command line.
var english = map[Found]string{
	FoundNone:       "the incident has none",
	FoundOther:      "%s is not %s",
	FoundOthers:     "%s is none of %s",
	FoundFalse:      "%s is false",
	FoundUndecided:  "%s is neither true nor false",
	FoundMissing:    "%s is missing",
	FoundNoText:     "%s is no text",
	FoundNothing:    "%s: it is nothing",
	FoundList:       "%s: it is a list or a mapping, no text",
	FoundDiffers:    "%s differs between the open alerts",
	FoundDiffer:     "%s differ between the open alerts",
	FoundIs:         "%s is %s",
	FoundIsList:     "%s is a list or a mapping",
	FoundMore:       "…",
	FoundTrouble:    "%s",
	FoundNoTarget:   "there is none",
	FoundTargetOdd:  "it is no text",
	FoundEmpty:      "it is empty",
	FoundLong:       "it is longer than %s characters",
	FoundUnseen:     "it has characters that cannot be shown",
	FoundHoldsOne:   "its one condition holds",
	FoundHolds:      "all %s conditions hold",
	FoundTie:        ", and so do those of %s: nothing decides between them",
	FoundExact:      ", but %s is more exact with %s",
	FoundExacts:     ", but %s are more exact",
	FoundOpen:       ", but a value that differs between the open alerts keeps a more exact scenario open",
	FoundButDiffers: ", but %s differs between the open alerts",
	FoundButDiffer:  ", but %s differ between the open alerts",
}

// Findings are all that can be found, in order, each with its English sentence.
func Findings() (all []Found, sentences map[Found]string) {
	return slices.Sorted(maps.Keys(english)), maps.Clone(english)
}

// Error says a reason in English.
func (r Reason) Error() string { return sentence([]Reason{r}, inEnglish) }

// Words puts the reasons after each other in the sentences of a language: say is
// asked for each.
func (w Why) Words(say func(f Found, values []any) string) string { return sentence(w.Reasons, say) }

func inEnglish(f Found, values []any) string { return fmt.Sprintf(english[f], values...) }

func sentence(reasons []Reason, say func(Found, []any) string) string {
	var b strings.Builder
	for i, r := range reasons {
		switch reasons[0].Found {
		case FoundHolds, FoundHoldsOne: // what speaks against it has its own comma
		case FoundFalse:
			b.WriteString([]string{"", ": ", ", "}[min(i, 2)])
		}
		if r.About != "" {
			b.WriteString(r.About + ": ")
		}
		var values []any
		for _, v := range r.Values {
			values = append(values, v)
		}
		b.WriteString(say(r.Found, values))
	}
	return b.String()
}

// about is a reason about one key of the scenario.
func about(key string, f Found, values ...string) Reason {
	return Reason{About: key, Found: f, Values: values}
}

// reasonOf is the reason that an error about a key stands for.
func reasonOf(key string, err error) Reason {
	var r Reason
	var unread *readError
	switch {
	case errors.As(err, &r):
		r.About = key
		return r
	case errors.As(err, &unread):
		return about(key, unread.found(), unread.path)
	}
	return about(key, FoundTrouble, strings.TrimPrefix(err.Error(), key+": "))
}

// differ says which values differ between the open alerts; several is what is said
// of more than one.
func differ(paths []string, single, several Found) Reason {
	if len(paths) > 1 {
		single = several
	}
	return about("", single, strings.Join(paths, ", "))
}
