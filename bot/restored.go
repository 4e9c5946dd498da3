package bot

import (
	"time"

	"amsbot/bot/words"
	"amsbot/store"
)

// restoredGuard is the guard that says since when this history knows what was done:
// since a backup took the database's place, or since it began.
const restoredGuard = "restored"

// By what name recoveries are left to a person for that.
const (
	askRestored = "restored"
	askBegun    = "begun"
)

// wasRestored is the guard's value, and the event in the stream "bot".
type wasRestored struct {
	Backup string    `json:"backup,omitempty"` // the file, as it was named; "": a new database
	At     time.Time `json:"at"`
}

// restoredFor is how long after a restore a card may stand that this history
// does not know of: what is open is found within a few polls.
const restoredFor = 24 * time.Hour

// restoredApart is how far this machine's clock, by which it was restored, may be
// behind PagerDuty's, by which incidents begin.
const restoredApart = 5 * time.Minute

// clockApart is how far ahead this machine's clock may have been when it wrote of an
// incident first: it was set to another zone's time, say.
const clockApart = 24 * time.Hour

// begunFor is restoredFor of a new database. It is shorter, since nearly every new
// database is the first one: the first polls find what is open.
const begunFor = 10 * time.Minute

// follows says whether an incident certainly began after that. When a history begins
// is told by PagerDuty's own clock, which counts seconds.
func (r wasRestored) follows(in *incident) bool {
	if r.Backup == "" {
		return !in.began().Before(r.At.Truncate(time.Second))
	}
	return in.began().After(r.At.Add(restoredApart))
}

// still is how long afterwards a card may be found that this history does not know of.
func (r wasRestored) still() time.Duration {
	if r.Backup == "" {
		return begunFor
	}
	return restoredFor
}

// Restored is the change that a database has to have in the stream "bot" after a
// backup took its place. What was done between the two is not in it: cards are
// looked for before they are posted, and a recovery of an incident from before is
// left to a person.
func Restored(backup string) (stream string, decide func(*store.View) (store.Change, error)) {
	return botStream, func(v *store.View) (store.Change, error) {
		r := wasRestored{Backup: backup, At: v.Now()}
		return r.change(kindRestored), nil
	}
}

// Begun is the change that a new database has to have in the stream "bot" before
// anything is taken in, with the time by PagerDuty's clock. There may have been
// another one, which is lost or was moved away: of incidents from before nobody can
// tell what was done, as after a restore.
func Begun(at time.Time) (stream string, decide func(*store.View) (store.Change, error)) {
	return botStream, func(*store.View) (store.Change, error) {
		return wasRestored{At: at}.change(kindBegun), nil
	}
}

func (r wasRestored) change(kind string) store.Change {
	return store.Change{
		Events: []store.NewEvent{{Kind: kind, By: amsbot, Data: r}},
		Guards: map[string]any{restoredGuard: r},
	}
}

// began is when the incident began, as far as is known: zero where only a poll
// has told of it.
func (in *incident) began() time.Time {
	switch {
	case in.snap != nil:
		return in.snap.Incident.CreatedAt
	case in.hint.Source == "webhook":
		return in.hint.At
	}
	return time.Time{}
}

// restored leaves the recovery of an incident that is older than the last restore, or
// than the history, to a person: whether it ran nobody can tell. nil: it is not.
func (c *change) restored() *asks {
	var r wasRestored
	ok, err := c.view.Guard(restoredGuard, &r)
	if err != nil || !ok || r.follows(c.in) {
		return nil
	}
	guard := askRestored
	if r.Backup == "" {
		guard = askBegun
	}
	return &asks{Pass: c.in.pass.id, Guard: guard, Text: c.w.Say("asks." + guard)}
}

// mayStand says whether a card may stand that this history does not know of: an
// earlier process may have posted it and ended before it could write that down, or
// a restore may have taken that away, or the database is another one. Otherwise the
// card is no older than the history: since then, but for what the clock was wrong by.
func (in *incident) mayStand(v ledger) (may bool, since time.Time, err error) {
	var r wasRestored
	ok, err := v.Guard(restoredGuard, &r)
	lost := ok && !r.follows(in)
	if !lost {
		since = in.first.Add(-clockApart)
	}
	return in.log[0].Epoch < v.Epoch() || lost && in.first.Sub(r.At) < r.still(), since, err
}

// restoredText is a restore, or the beginning, in words.
func restoredText(e store.Event, w words.Catalogue) string {
	switch e.Kind {
	case kindBegun:
		return w.Say("event.begun")
	case kindRestored:
		r, _ := into[wasRestored](e)
		return w.Say("event.restored", r.Backup)
	}
	return ""
}
