package bot

import (
	"time"

	"amsbot/bot/words"
	"amsbot/store"
)

// restoredGuard is the guard that says when a backup took the database's place,
// and the name by which it leaves recoveries to a person.
const restoredGuard = "restored"

// wasRestored is its value, and the event in the stream "bot".
type wasRestored struct {
	Backup string    `json:"backup"` // the file, as it was named
	At     time.Time `json:"at"`
}

// restoredFor is how long after a restore a card may stand that this history
// does not know of: what is open is found within a few polls.
const restoredFor = 24 * time.Hour

// restoredApart is how far this machine's clock, by which it was restored, may be
// behind PagerDuty's, by which incidents begin.
const restoredApart = 5 * time.Minute

// follows says whether an incident certainly began after the restore.
func (r wasRestored) follows(in *incident) bool { return in.began().After(r.At.Add(restoredApart)) }

// Restored is the change that a database has to have in the stream "bot" after a
// backup took its place. What was done between the two is not in it: cards are
// looked for before they are posted, and a recovery of an incident from before is
// left to a person.
func Restored(backup string) (stream string, decide func(*store.View) (store.Change, error)) {
	return botStream, func(v *store.View) (store.Change, error) {
		r := wasRestored{Backup: backup, At: v.Now()}
		return store.Change{
			Events: []store.NewEvent{{Kind: kindRestored, By: amsbot, Data: r}},
			Guards: map[string]any{restoredGuard: r},
		}, nil
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

// restored leaves the recovery of an incident that is older than the last
// restore to a person: whether it ran meanwhile nobody can tell. nil: it is not.
func (c *change) restored() *asks {
	var r wasRestored
	ok, err := c.view.Guard(restoredGuard, &r)
	if err != nil || !ok || r.follows(c.in) {
		return nil
	}
	return &asks{Pass: c.in.pass.id, Guard: restoredGuard, Text: c.w.Say("asks.restored")}
}

// mayStand says whether a card may stand that this history does not know of.
func (in *incident) mayStand(v ledger) (bool, error) {
	var r wasRestored
	ok, err := v.Guard(restoredGuard, &r)
	return ok && err == nil && !r.follows(in) && in.first.Sub(r.At) < restoredFor, err
}

// restoredText is a restore in words.
func restoredText(e store.Event, w words.Catalogue) string {
	if e.Kind != kindRestored {
		return ""
	}
	r, _ := into[wasRestored](e)
	return w.Say("event.restored", r.Backup)
}
