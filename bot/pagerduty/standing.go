package pagerduty

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"amsbot/bot"
)

const mostEntries = 500 // of a log that is searched

// entry is a log entry as the REST API answers it.
type entry struct {
	Type      text
	CreatedAt moment       `json:"created_at"`
	Agent     loose[named] `json:"agent"`
	Assignees list[named]  `json:"assignees"`
}

// entries reads the incident's log entries since a time, newest first; the zero
// time means all.
func (c *Client) entries(ctx context.Context, id string, since time.Time) ([]entry, error) {
	var all []entry
	for len(all) < mostEntries {
		query := url.Values{"limit": {"100"}, "offset": {fmt.Sprint(len(all))}, "is_overview": {"false"}}
		if !since.IsZero() {
			query.Set("since", since.UTC().Format(time.RFC3339))
		}
		var page struct {
			Entries list[entry] `json:"log_entries"`
			More    bool
		}
		err := c.exchange(ctx, call{verb: "read log of " + id, class: beforeAct}, request{
			method: "GET", path: "/incidents/" + id + "/log_entries?" + query.Encode(), out: &page,
		})
		if err != nil {
			return nil, err
		}
		all = append(all, page.Entries...)
		if !page.More || len(page.Entries) == 0 {
			break
		}
	}
	return all, nil
}

// next is the level after the one that has the errand's incident. missing says why
// there is none.
func (c *Client) next(ctx context.Context, e *errand) (level int, missing string, err error) {
	i := e.now
	levels, err := c.levelsAt(ctx, i.Policy.v.id())
	if err != nil && len(levels) == 0 {
		return 0, "", err
	}
	at := matching(i.assignees(), levels)
	if len(at) != 1 {
		entries, err := c.entries(ctx, string(i.ID), time.Time{})
		if err != nil {
			return 0, "", err
		}
		at = []int{standing(i, at, levels, entries)}
	}
	switch {
	case at[0] == 0:
		return 0, e.say("pagerduty.level_unknown"), nil
	case at[0] >= len(levels):
		return 0, e.say("pagerduty.level_last"), nil
	}
	return at[0] + 1, "", nil
}

// matching are the levels on which exactly these people are on call; failing
// that, those on which all of them are.
func matching(people []bot.Person, levels []bot.Level) []int {
	var exact, among []int
	for _, l := range levels {
		if len(people) == 0 || slices.ContainsFunc(people, func(p bot.Person) bool { return !has(l.OnCall, p.ID) }) {
			continue
		}
		among = append(among, l.Level)
		if !slices.ContainsFunc(l.OnCall, func(p bot.Person) bool { return !has(people, p.ID) }) {
			exact = append(exact, l.Level)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return among
}

// standing finds by its log the level at which an incident stands, where the
// assignees fit none of the levels, or several (at). 0: not to be known.
func standing(i *incident, at []int, levels []bot.Level, newestFirst []entry) int {
	steps, began := 0, false
	fit := at
	for _, e := range newestFirst {
		if len(at) == 0 && len(fit) != 1 && len(e.Assignees) > 0 {
			var people []bot.Person
			for _, a := range e.Assignees {
				people = append(people, a.person())
			}
			if f := matching(people, levels); len(f) > 0 {
				fit = f
			}
		}
		switch e.Type {
		case "escalate_log_entry":
			steps++
		case "trigger_log_entry", "reopen_log_entry", "delegate_log_entry":
			began = true
		}
		if began {
			break
		}
	}
	if len(fit) == 1 {
		return fit[0]
	}
	if len(levels) == 0 || !began || i.Via == "direct_assignment" && len(fit) == 0 {
		return 0
	}
	counted := steps%len(levels) + 1
	if len(fit) == 0 || slices.Contains(fit, counted) {
		return counted
	}
	return fit[0]
}
