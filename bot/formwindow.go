package bot

import (
	"fmt"
	"strings"
	"time"

	"amsbot/scenarios"
)

// filled is the window that a dialogue asks for, and what is wrong at which field.
func (r request) filled(within []*scenarios.Project, now time.Time) (w window, wrong map[string]string) {
	k, wrong := r.k, map[string]string{}
	say := func(field, key string, args ...any) {
		if wrong[field] == "" {
			wrong[field] = r.w.Say(key, args...)
		}
	}
	zone := r.zone(within)
	w = window{From: now, Why: oneLine(k.field("text")), User: k.User, Name: k.Name}
	whyWrong(wrong, w.Why, true, r.w)
	from, until := momentOf(k.field("from")), momentOf(k.field("until"))
	if !from.IsZero() {
		if w.From = from; from.Before(now.Add(-time.Minute)) {
			say("from", "form.from.past", wallClock(from, zone))
		}
	}
	length, err := time.ParseDuration(k.field("for"))
	switch {
	case k.field("for") == atMoment && until.IsZero():
		say("until", "form.until.empty")
	case k.field("for") == atMoment:
		w.Until = until
	case err != nil || length <= 0:
		say("for", "form.length.empty")
	case !until.IsZero():
		say("for", "form.length.both", r.w.Say("form.for.at"))
	default:
		w.Until = w.From.Add(length)
	}
	switch at := endField(until); {
	case w.Until.IsZero():
	case !w.Until.After(now):
		say(at, "form.until.past", wallClock(w.Until, zone))
	case !w.Until.After(w.From):
		say(at, "form.until.order", wallClock(w.From, zone))
	case w.Until.Sub(now) > windowMost:
		say(at, "window.long", r.w.Took(windowMost))
	}
	w.Scope = r.covered(within, say)
	return w, wrong
}

// endField is the field that says when a window ends.
func endField(until time.Time) string {
	if until.IsZero() {
		return "for"
	}
	return "until"
}

// covered is what a dialogue's window is about.
func (r request) covered(within []*scenarios.Project, say func(field, key string, args ...any)) covered {
	chosen, target := r.k.field("scope"), oneLine(r.k.field("target"))
	if chosen == coverAll && target == "" {
		return covered{Kind: coverAll}
	}
	for _, c := range r.known(within) {
		if c.value() != chosen {
			continue
		}
		if target == "" {
			return c
		}
		if c.Kind == coverProject {
			return covered{Kind: coverTarget, Project: c.Project, Name: target}
		}
	}
	switch {
	case chosen == "":
		say("scope", "form.scope.empty")
	case target != "":
		say("target", "form.target.project")
	default:
		say("scope", "form.scope.gone")
	}
	return covered{}
}

// momentOf is a time in seconds since 1970; zero where none was chosen.
func momentOf(value string) time.Time {
	var seconds int64
	if _, err := fmt.Sscan(strings.TrimSpace(value), &seconds); err != nil || seconds <= 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}
