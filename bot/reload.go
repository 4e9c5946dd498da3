package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"amsbot/bot/outbox"
	"amsbot/scenarios"
	"amsbot/store"
)

// Why scenarios are read again.
const (
	ReloadStart  = "start"  // amsbot starts: what was refused before may be mended
	ReloadSignal = "signal" // somebody said so
	ReloadChange = "change" // a file has changed
)

// reloadGuard is the refusal that stands, if one does.
const reloadGuard = "reload"

// Changes is what a reload changed, by name: "project/scenario", and the names
// of projects.
type Changes struct {
	New          []string `json:"new,omitempty"`
	Changed      []string `json:"changed,omitempty"`
	Gone         []string `json:"gone,omitempty"`
	NewProjects  []string `json:"new_projects,omitempty"`
	GoneProjects []string `json:"gone_projects,omitempty"` // nobody may act in them through amsbot any more
}

type reloaded struct {
	Changes
	Why       string `json:"why"`
	Before    string `json:"before"` // the version of the set
	After     string `json:"after"`
	Projects  int    `json:"projects"`
	Scenarios int    `json:"scenarios"`
	Mended    bool   `json:"mended,omitempty"` // a refusal stood
}

// Reload puts another set in the place of the one in force, for every decision
// from now on; incidents that have matched keep the version that they run. What
// it changed is an event first, in the stream "bot"; where a set had been
// refused, whoever was told so is told that it is mended. Nothing is written
// for a set that is the one in force. An error means that the old set stays:
// try again.
func (b *Bot) Reload(ctx context.Context, set *scenarios.Set, why string) (Changes, error) {
	b.reload.Lock()
	defer b.reload.Unlock()
	old := b.Scenarios()
	what := changesOf(old, set)
	e := reloaded{
		Changes: what.capped(), Why: why, Before: setVersion(old), After: setVersion(set),
		Projects: len(set.Projects), Scenarios: len(set.Scenarios),
	}
	_, err := b.DB.Commit(ctx, botStream, func(v *store.View) (store.Change, error) {
		var bad refusal
		mended, err := v.Guard(reloadGuard, &bad)
		if err != nil || !mended && e.Before == e.After {
			return store.Change{}, err
		}
		e.Mended = mended
		c := store.Change{Events: []store.NewEvent{{Kind: kindReloaded, By: amsbot, Data: e}}, Views: homes(v)}
		if mended {
			c.Guards = map[string]any{reloadGuard: nil}
		}
		for _, t := range bad.Told {
			c.Events = append(c.Events, post(t.Channel, b.wordsIn(t.Language).Say("reload.mended", plain(bad.Folder, 200))))
		}
		return c, nil
	})
	if err != nil {
		return Changes{}, fmt.Errorf("bot: reload scenarios: %w", err)
	}
	b.take(set)
	b.forget(set)
	return what, nil
}

// take puts a set in force.
func (b *Bot) take(set *scenarios.Set) {
	for _, s := range set.Scenarios {
		b.pinNow(s.Version, s)
	}
	b.set.Store(set)
}

// forgetAfter is how long a version is kept loaded that no set has any more and
// nobody asked for: an incident that runs it asks before each of its decisions,
// and it is loaded again from its kept bytes.
const forgetAfter = time.Hour

func (b *Bot) forget(set *scenarios.Set) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for version, p := range b.pinned {
		now := slices.ContainsFunc(set.Scenarios, func(s *scenarios.Scenario) bool { return s.Version == version })
		if !now && time.Since(p.used) > forgetAfter {
			delete(b.pinned, version)
		}
	}
}

// changesOf compares two sets.
func changesOf(old, set *scenarios.Set) Changes {
	var c Changes
	before, after := versions(old), versions(set)
	for _, name := range sortedKeys(after) {
		switch was, there := before[name]; {
		case !there:
			c.New = append(c.New, name)
		case was != after[name]:
			c.Changed = append(c.Changed, name)
		}
	}
	for _, name := range sortedKeys(before) {
		if after[name] == "" {
			c.Gone = append(c.Gone, name)
		}
	}
	c.NewProjects, c.GoneProjects = missing(old, set), missing(set, old)
	return c
}

// versions are a set's scenarios by project and name.
func versions(set *scenarios.Set) map[string]string {
	out := map[string]string{}
	for _, s := range set.Scenarios {
		out[s.Project.Name+"/"+s.Name] = s.Version
	}
	return out
}

// missing are the projects of one set that another does not have.
func missing(from, in *scenarios.Set) []string {
	var out []string
	for _, p := range in.Projects {
		if !slices.ContainsFunc(from.Projects, func(q *scenarios.Project) bool { return q.Name == p.Name }) {
			out = append(out, p.Name)
		}
	}
	return out
}

// changesMost is how many names of a kind an event keeps.
const changesMost = 100

func (c Changes) capped() Changes {
	for _, names := range []*[]string{&c.New, &c.Changed, &c.Gone, &c.NewProjects, &c.GoneProjects} {
		if n := len(*names); n > changesMost {
			*names = append(slices.Clone((*names)[:changesMost]), fmt.Sprintf("… (%d)", n))
		}
	}
	return c
}

// setVersion is a hash of all that people wrote: of the scenarios, and of the
// projects, also of one that has no scenario yet.
func setVersion(set *scenarios.Set) string {
	raw, err := json.Marshal(set.Projects) // what is exported; the rest is in its scenarios' versions
	if err != nil {
		raw = nil // numbers that JSON cannot say
	}
	var b strings.Builder
	b.Write(raw)
	all := versions(set)
	for _, name := range sortedKeys(all) {
		b.WriteString("\n" + name + " " + all[name])
	}
	return store.Hash([]byte(b.String()))
}

// post wants a message of amsbot's own in a channel.
func post(channel, text string) store.NewEvent {
	raw, err := json.Marshal(MessageArgs{Channel: channel, Text: text})
	if err != nil {
		raw = nil // two strings
	}
	return store.NewEvent{Kind: kindWanted, By: amsbot, Data: wanted{Kind: ActPost, Args: raw}, To: ToSlack}
}

// recordOwn is Record for what belongs to no incident, or to a storm: nothing
// follows from it.
func (b *Bot) recordOwn(ctx context.Context, a outbox.Act, r outbox.Result) error {
	_, err := b.DB.Commit(ctx, a.Incident, func(v *store.View) (store.Change, error) {
		pending := v.Pending()
		i := slices.IndexFunc(pending, func(p store.Pending) bool { return p.Event.Seq == a.Seq })
		if i < 0 {
			return store.Change{}, nil // settled already
		}
		kind, over := kindUnknown, []uint64(nil)
		switch r.State {
		case outbox.Done:
			kind, over = kindDone, []uint64{a.Seq}
		case outbox.Refused:
			kind, over = kindFailed, []uint64{a.Seq}
		default:
			if pending[i].Unknown { // it is said once
				return store.Change{}, nil
			}
		}
		s := settled{Wanted: a.Seq, Kind: a.Kind, Why: b.Tools.Mask.Mask(saidWhy(r.Why, b.wordsIn(""))), Ref: r.Ref, Data: r.Data}
		return store.Change{Events: []store.NewEvent{{Kind: kind, By: a.By, Data: s}}, Settled: over}, nil
	})
	if err != nil {
		return fmt.Errorf("bot: record %s: %w", a.Kind, err)
	}
	if r.State == outbox.Refused {
		b.Log.Warn("bot: a message will not be delivered", "act", a.Marker(), "why", r.Why)
	}
	return nil
}
