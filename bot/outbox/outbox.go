// Package outbox delivers what leaves amsbot: views and acts.
//
// A view (a card, Home) is derived: whoever draws it can draw it again at any
// time, so only its newest state is ever delivered and what was in between is
// merged away. An act (a PagerDuty resolve, a note, a message in a thread) is
// wanted once, in the commit that decided it, and is delivered once: in order
// per incident and receiver, with retries, and looked for before it is tried
// again where the answer to it never came.
//
// Where more cards wait than a channel takes, it is crowded: one view, the index,
// stands for all of them until that is over, and what calls people is said once
// for many. A neighbour that does not answer is left in peace until one call at a
// time finds that it does.
//
// The package knows limits, order, retries and crowds. It does not know what an act
// means, what a card or an index says, or which service is behind a receiver.
package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Act is one thing to be done outside, as decided in a commit. It is the data
// of an event of the kind "wanted"; its name is the incident and the number of
// that event, so it is the same act after every restart.
type Act struct {
	Incident string          // the incident's key, "pd:<account>:<id>", or "bot"
	Seq      uint64          // the number of the wanted event
	To       string          // the receiver's name: "pagerduty", "slack"
	Kind     string          // what to do, in the receiver's words
	By       string          // who wants it: amsbot, or a person's name
	At       time.Time       // when it was decided
	Args     json.RawMessage // arguments, whose shape the kind fixes
	Calls    bool            // people are called by it
	Name     string          // what it is about, in a word, where many are said together; "" keeps it alone
	Language string          // of whoever reads what came of it, by its code; "" for amsbot's own
	Tries    int             // how often it was tried before
	Card     string          // where the incident's card stands (its View.Ref), or the index that speaks for it; "" while there is neither
}

// Marker is a short text that names the act and no other: receivers put it
// where they can find it again (a note's last line, a message's metadata).
func (a Act) Marker() string { return fmt.Sprintf("%s#%d", a.Incident, a.Seq) }

// State is what became of an act or a view.
type State string

// The states of a Result.
const (
	Done    State = "done"    // it is done, now or earlier
	Refused State = "refused" // it will never be done; Why says the reason, for people
	Again   State = "again"   // it certainly was not done; try again after After
	Unknown State = "unknown" // nobody knows whether it was done: Find before trying again
)

// Result is what became of one act or view.
type Result struct {
	State State
	After time.Duration   // with Again: we were told to wait so long (a 429), so the whole lane rests; 0: only this one waits, by the outbox's own backoff
	Why   string          // one sentence for people; never a secret, never a Go error chain
	Ref   string          // what the receiver calls the thing that was made (a message's ts, a note's ID)
	Data  json.RawMessage // what the receiver wants recorded with it, such as the new assignees
	Down  bool            // with Again or Unknown: the neighbour did not answer, or said that it is in trouble
	Alone bool            // with After: what has a limit of its own was asked too often, beside the lane: only this one waits
}

// Wait is in the error of Remove when it was not done, and may be tried again.
type Wait struct {
	After time.Duration // we were told to wait so long (a 429); 0: the outbox's own backoff
	Err   error
}

func (w *Wait) Error() string { return w.Err.Error() }

func (w *Wait) Unwrap() error { return w.Err }

// Receiver is an outside place where acts are done. Its methods are called from
// one goroutine per incident at a time, and from several for different incidents.
// Acts of a receiver that is not [Paced] share one lane: told to wait, all wait.
type Receiver interface {
	// Do does the acts, which are all of one kind and may be of different
	// incidents, and returns one result for each, in order. Acts that call people,
	// have a name and the same Card are said in one message. It honours ctx, never
	// panics and returns Unknown when an answer did not come. ctx ends when the
	// call takes too long ([Limits].Call), and soon after the outbox is stopped.
	Do(ctx context.Context, acts []Act) []Result
	// Find says whether an act whose outcome is unknown was done. found is false
	// when it certainly was not; an error means that it could not be looked up.
	Find(ctx context.Context, act Act) (result Result, found bool, err error)
}

// Paced is what a receiver also is whose acts count against the limits of a
// screen: messages in a channel, say, beside the cards in it.
type Paced interface {
	// Lane names the lane in which the act posts, as Screen.Lane does, so that
	// both count as one; "" when it does not post.
	Lane(act Act) string
}

// Bulk is what a receiver also is that is better asked once than many times.
type Bulk interface {
	// Together names what the act may go in one call with: acts of the same name,
	// kind and lane, of different incidents, at most so many. "" keeps it alone.
	Together(act Act) (name string, most int)
}

// View is a drawn view, ready for its screen.
type View struct {
	Key     string    // "card:<incident>", "home:<user>", "index:<channel>", "page:<number>:<channel>"
	Version uint64    // the position (store.Event.Pos) of the last event it was drawn from; a higher one is newer
	Ref     string    // where it stands, as the screen said; "" if it was never shown
	Urgency int       // lower is shown first
	Body    any       // what the screen draws; the screen and the conductor agree on its type
	Skip    bool      // there is nothing to show (any more): treat as delivered
	Look    bool      // it may stand somewhere although no delivery is recorded, as an earlier process began what it shows: find it first
	Since   time.Time // it cannot have been shown before, as far as its drawer knows; zero: nobody knows

	// Index is the key of the view that speaks for this one while its lane is
	// crowded; "" for what is never held back.
	Index string
	Quiet bool // nobody has to see it any more, if a crowd kept it from standing, or if it is the last of one
	// Unsaid says why what was to be said where it stands is not said any more, once
	// a crowd kept it from standing.
	Unsaid string
	Call   CrowdView // of an index alone
}

// CrowdView is what an index asks of the outbox beside being shown.
type CrowdView struct {
	Cards  []string // views that somebody asked for: shown at once, however crowded it is
	Beside []string // views that stand beside the index, drawn again as it is
	Last   bool     // this is the last of it: once shown, it is forgotten where it stands
}

// Screen is an outside place that shows views.
type Screen interface {
	// Show posts the view when Ref is empty and edits it otherwise. The result's
	// Ref says where it stands from now on. Refused with an empty Ref means that
	// the place where it stood is gone: the outbox forgets it and shows it anew.
	// Refused otherwise means that this version will never be shown; the next
	// one is tried again. An edit whose answer did not come may return Again.
	Show(ctx context.Context, v View) Result
	// Find returns the references of all views with this key, oldest first: more
	// than one where a lost answer left a duplicate behind.
	Find(ctx context.Context, v View) (refs []string, err error)
	// Remove deletes one of them, for good; no error when it is gone already. What
	// was not refused for good has [ErrDown] or a [Wait] in its error.
	Remove(ctx context.Context, v View, ref string) error
	// Lane names what the view's limits are counted by, such as the channel.
	Lane(v View) string
}

// Conductor is who decides: it draws views and records what became of acts.
type Conductor interface {
	// Draw draws the view as the history is now. Ref is left to the outbox. An
	// error is retried; what will never be drawn is a view to Skip.
	Draw(ctx context.Context, key string) (View, error)
	// Record records what became of an act. It is called once for Done and
	// Refused, and then settles the act in the commit that records it; for Unknown
	// each time that an answer did not come, and settles nothing. An error for
	// Done or Refused is retried, the act is not: it stays as it was answered.
	Record(ctx context.Context, act Act, r Result) error
	// Late is asked before an act that calls people is done a minute or more after
	// it was decided, each time that it is tried: it answers the act as it is to be
	// done now, the same in name and kind. After an error it is done as it was.
	Late(ctx context.Context, act Act) (Act, error)
}
