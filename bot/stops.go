package bot

import (
	"context"
	"slices"
	"strings"

	"amsbot/bot/words"
	"amsbot/scenarios"
	"amsbot/store"
)

// stops say, a line each, what is paused or left to people by a breaker, as far
// as it matters where the question is asked: raw, whoever shows them escapes.
func (b *Bot) stops(ctx context.Context, q Question) ([]string, error) {
	all, err := b.holding(ctx, q, b.WordsIn(q.Channel, q.Room), "list")
	var out []string
	for _, s := range all {
		out = append(out, s.Text)
	}
	return out, err
}

// holding is what holds recoveries until it is lifted, as far as it matters where the
// question is asked; list is "list" or "home". A storm has no scope to resume: its
// card asks.
func (b *Bot) holding(ctx context.Context, q Question, w words.Catalogue, list string) ([]HomeStop, error) {
	now, err := b.stopsNow(ctx)
	if err != nil {
		return nil, err
	}
	seen := func(scope string) bool {
		_, rest, _ := strings.Cut(scope, ":")
		project, _, _ := strings.Cut(rest, "/")
		return scope == coverAll || b.sees(ctx, q, project)
	}
	var out []HomeStop
	for _, p := range now.paused {
		if seen(p.Scope) {
			out = append(out, HomeStop{Text: p.words(w, list+".paused"), Scope: p.Scope, Holds: now.of(p.Scope).number()})
		}
	}
	for _, s := range now.storms {
		if seen(s.Scope) {
			out = append(out, HomeStop{Text: w.Say(list+".storm", s.Scope)})
		}
	}
	for _, t := range now.tripped {
		if seen(t.Scope) {
			out = append(out, HomeStop{Text: w.Say(list+".breaker", t.Scope, t.Failed, t.Number), Scope: t.Scope, Holds: now.of(t.Scope).number()})
		}
	}
	return out, nil
}

// mayLift says whether somebody may resume a scope.
func (b *Bot) mayLift(ctx context.Context, set *scenarios.Set, scope, user string) bool {
	_, rest, _ := strings.Cut(scope, ":")
	name, _, _ := strings.Cut(rest, "/")
	var project *scenarios.Project
	if scope != coverAll {
		i := slices.IndexFunc(set.Projects, func(p *scenarios.Project) bool { return p.Name == name })
		if i < 0 {
			return false
		}
		project = set.Projects[i]
	}
	return b.mayPause(ctx, set, project, Click{User: user, Act: DoResume}).can(DoResume)
}

// elsewhere are messages to the channels of the projects that a stop is about, all
// of them for a nil project, but not to that in which it was said: there the answer
// stands. So it is public wherever it is done, in a direct message and on Home too.
func (b *Bot) elsewhere(set *scenarios.Set, project *scenarios.Project, k Click, say func(words.Catalogue) string) []store.NewEvent {
	var out []store.NewEvent
	var told []string
	for _, p := range set.Projects {
		switch {
		case project != nil && p != project, p.Channel == "", inChannel(p, k.Channel, k.Room), slices.Contains(told, p.Channel), len(told) == refusedTold:
			continue
		}
		told = append(told, p.Channel)
		out = append(out, post(p.Channel, say(b.WordsIn(p.Channel, strings.TrimPrefix(p.Channel, "#")))))
	}
	return out
}

// guardsOf are the values of all guards whose keys begin so, by key.
func guardsOf[T any](v *store.View, prefix string) ([]T, error) {
	all, err := v.Guards(prefix)
	if err != nil {
		return nil, err
	}
	var out []T
	for _, key := range sortedKeys(all) {
		var one T
		if decode(all[key], &one) {
			out = append(out, one)
		}
	}
	return out, nil
}

// words say what is paused, by whom and why: raw, whoever shows them escapes.
func (p paused) words(w words.Catalogue, key string) string {
	return w.Say(key, p.Scope, p.by())
}

// held says that it holds a recovery, who paused it, why, and what lifts it: raw.
func (p paused) held(w words.Catalogue) string {
	why := ""
	if p.Why != "" {
		why = ": " + cut(oneLine(p.Why), 150)
	}
	return w.Say("held.pause", p.Scope, p.Name, why)
}

// by is who paused it, and why: raw.
func (p paused) by() string {
	if p.Why != "" {
		return p.Name + ": " + p.Why
	}
	return p.Name
}
