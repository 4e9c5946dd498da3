package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"amsbot/bot/words"
	"amsbot/store"
)

// pauses are what a card shows of the pauses of its scenario. They are no part of
// the incident's own history: one of a project is about many incidents, most of
// which it never holds. So they are read when the card is drawn, and who pauses or
// resumes has the cards drawn anew that this is about, in the same commit.
type pauses struct {
	now    *paused // what holds the scenario's recoveries; nil: nothing does
	lifted *lifted // what was lifted last, where nothing does; nil: nothing was
}

// lifted says who lifted the last pause of a scope. It is a guard as the pause is,
// until the scope is paused again.
type lifted struct {
	Scope string    `json:"scope"`
	Name  string    `json:"name"`
	At    time.Time `json:"at"`
	Pos   uint64    `json:"pos"` // of the file's last event before it
}

// pausesOf are the pauses of a scenario as they are now; none for "".
func pausesOf(v ledger, project, scenario string) (p pauses, err error) {
	if scenario == "" {
		return p, nil
	}
	if p.now = pausedBy(v, project, scenario); p.now != nil {
		return p, nil
	}
	for _, scope := range pauseScopes(project, scenario) {
		var off lifted
		switch was, err := v.Guard(liftedGuard(scope), &off); {
		case err != nil:
			return p, err
		case was && (p.lifted == nil || off.Pos > p.lifted.Pos):
			p.lifted = &off
		}
	}
	return p, nil
}

// pausesOf are the pauses of an incident's scenario.
func (in *incident) pausesOf(v ledger) (pauses, error) {
	if in.match == nil || in.over() {
		return pauses{}, nil
	}
	return pausesOf(v, in.match.Project.Name, in.match.Scenario)
}

// Stands draws a card as it stands now: from its events, of which there is at least
// one, and from what the store says is paused. An error is the store's.
func Stands(ctx context.Context, db *store.DB, events []store.Event, w words.Catalogue) (Card, error) {
	key, p := events[0].Incident, pauses{}
	err := db.Read(ctx, botStream, func(v *store.View) (err error) {
		if IsIncident(key) {
			p, err = fold(key, 0, events).pausesOf(v)
			return err
		}
		began := foldStorm(key, 0, events).began
		p, err = pausesOf(v, began.Project.Name, began.Scenario)
		return err
	})
	if err != nil {
		return Card{}, fmt.Errorf("bot: read what is paused: %w", err)
	}
	return render(events, p, w), nil
}

// unpausedSince is what was lifted since an event, by its position in the file, where
// nothing is paused now; nil where nothing was. Times would not do: where the clock was
// set back an incident may be ahead of the stream that pauses are in.
func (p pauses) unpausedSince(pos uint64) *lifted {
	if p.now != nil || p.lifted == nil || p.lifted.Pos < pos {
		return nil
	}
	return p.lifted
}

// pauseCards are the cards that a pause of a scope is about, and its end: of the
// open incidents that put a recovery before people, or that a pause holds, and of
// storms. The others look the same with it and without, and what is over is over.
func pauseCards(v *store.View, scope string) ([]string, error) {
	open := true
	records, err := v.Incidents(store.Filter{Open: &open})
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, r := range records {
		if paused := LineOf(r).pausedBy(scope); paused || !IsIncident(r.Key) && stormPausedBy(r.Key, scope) {
			keys = append(keys, CardKey(r.Key))
		}
	}
	return keys, nil
}

// pausedBy says whether a pause of a scope is about an incident's card.
func (l ListLine) pausedBy(scope string) bool {
	asks := l.Recover != 0 || l.Again != 0 || l.Approve != 0 || l.Paused
	return asks && !l.Over && slices.Contains(pauseScopes(l.Project, l.Scenario), scope)
}

// stormPausedBy says the same of the card of a storm, which has no line: by its key.
// Of names so long that the key has only their hash nobody knows; such a card may be
// drawn in vain.
func stormPausedBy(key, scope string) bool {
	name := strings.TrimPrefix(key, stormKeys)
	name = name[:max(0, strings.LastIndexByte(name, ':'))]
	project, scenario, whole := strings.Cut(name, "/")
	return !whole || slices.Contains(pauseScopes(project, scenario), scope)
}

// leavePaused takes from the lines of incidents what waits for nobody while it is
// paused: a Home tab says what is, beside them.
func (b *Bot) leavePaused(ctx context.Context, lines []ListLine) error {
	now, err := b.stopsNow(ctx)
	for i := range lines {
		l := &lines[i]
		if slices.ContainsFunc(now.paused, func(p paused) bool { return slices.Contains(pauseScopes(l.Project, l.Scenario), p.Scope) }) {
			l.Recover, l.Again, l.Approve = 0, 0, 0
		}
	}
	return err
}
