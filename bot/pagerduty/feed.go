package pagerduty

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"amsbot/bot"
)

const (
	feedOverlap = 20 * time.Second // entries may be listed later than they say
	feedMost    = 2000             // entries of one poll; what is older the list tells
	sameMoment  = 2 * time.Second  // entries of one change
)

// feed tells what happened between two polls. The list of what is open is the
// truth, and all that a decision rests on; but it shows a moment. Only the
// account's log has what was over again before the next one (an incident that
// came and went, one that was resolved and reopened, an acknowledgement that
// lapsed), and only there stands who reassigned something. So the feed says of
// these what a webhook would have said, in its words. The rest of the log it
// leaves alone: an escalation, a merge, an end are in the list, and notes and
// pages say nothing about the state.
//
// It begins when the poll does. What came and went while amsbot was not there
// needs no first response.
type feed struct {
	c     *Client
	from  time.Time            // what is older is none of ours
	since time.Time            // and what is older than this was told
	told  map[string]time.Time // entries by ID, and when they happened
}

// newsOf are the log's entries that say what webhooks do.
var newsOf = map[text]string{
	"trigger_log_entry":       "incident.triggered",
	"reopen_log_entry":        "incident.reopened",
	"unacknowledge_log_entry": "incident.unacknowledged",
	"assign_log_entry":        "incident.reassigned",
	"delegate_log_entry":      "incident.delegated",
}

// assigns are the entries whose change assigns somebody by itself.
var assigns = []text{"trigger_log_entry", "reopen_log_entry", "escalate_log_entry", "delegate_log_entry", "acknowledge_log_entry"}

// happened is an entry of the account's log.
type happened struct {
	entry
	ID       text
	Incident loose[incident]
	Service  loose[named]
}

// begin leaves out what was before. The log has whole seconds.
func (f *feed) begin(now time.Time) {
	f.from = now.Truncate(time.Second)
	f.since = f.from
}

// tell reads the log and tells what is news, oldest first; not of incidents that
// came and that the list has told of.
func (f *feed) tell(ctx context.Context, door Door, listed map[string]bool) error {
	began, since := time.Now(), f.c.ahead.Theirs(f.since)
	all, err := f.read(ctx, since)
	if err != nil {
		return fmt.Errorf("pagerduty: poll: %w", err)
	}
	for n, e := range all {
		if _, known := f.told[string(e.ID)]; known || e.CreatedAt.time().Before(since) || part(all, n) {
			continue
		}
		h := e.hint()
		if h.ID == "" {
			continue
		}
		if h.Type == "incident.triggered" && listed[h.ID] {
			f.told[string(e.ID)] = h.At
			continue
		}
		if err := door.Receive(ctx, h); err != nil {
			return fmt.Errorf("pagerduty: poll: tell of %s: %w", h.ID, err)
		}
		f.told[string(e.ID)] = e.CreatedAt.time()
	}
	if f.since = began.Add(-feedOverlap); f.since.Before(f.from) {
		f.since = f.from
	}
	since = f.c.ahead.Theirs(f.since)
	for id, at := range f.told {
		if at.Before(since) {
			delete(f.told, id)
		}
	}
	return nil
}

// read are the entries since then, by PagerDuty's clock, oldest first.
func (f *feed) read(ctx context.Context, since time.Time) ([]happened, error) {
	var all []happened
	for len(all) < feedMost {
		query := url.Values{
			"since": {since.UTC().Format(time.RFC3339)}, "is_overview": {"true"}, "include[]": {"incidents"},
			"limit": {fmt.Sprint(pageSize)}, "offset": {fmt.Sprint(len(all))},
		}
		var page struct {
			Entries list[happened] `json:"log_entries"`
			More    bool
		}
		err := f.c.exchange(ctx, call{verb: "read the log", class: polling}, request{
			method: "GET", path: "/log_entries?" + query.Encode(), out: &page,
		})
		if err != nil {
			return nil, err
		}
		all = append(all, page.Entries...)
		if !page.More || len(page.Entries) == 0 {
			break
		}
	}
	slices.Reverse(all)
	return all, nil
}

// part says whether an assignment is only part of another change: whoever
// escalates an incident does not take it.
func part(all []happened, n int) bool {
	e := all[n]
	return e.Type == "assign_log_entry" && slices.ContainsFunc(all, func(o happened) bool {
		return o.Incident.v.ID == e.Incident.v.ID && slices.Contains(assigns, o.Type) &&
			o.CreatedAt.time().Sub(e.CreatedAt.time()).Abs() <= sameMoment
	})
}

// hint is what a webhook would have said; without an ID where it is no news. The
// state is that of then, as a webhook has it: the read says what is.
func (e *happened) hint() bot.Hint {
	kind, id := newsOf[e.Type], named{ID: e.ID}.id()
	if kind == "" || id == "" {
		return bot.Hint{}
	}
	i := e.Incident.v
	h := bot.Hint{
		Source: "poll", Event: "log:" + id, Type: kind, ID: named{ID: i.ID}.id(), At: e.CreatedAt.time(), Number: int(i.Number),
		Title: i.Title.title(), Status: "triggered", Urgency: i.Urgency.line(40), URL: webURL(i.URL), Service: i.Service.v.ref(),
	}
	if h.Service.ID == "" {
		h.Service = e.Service.v.ref()
	}
	if a := e.Agent.v; a.user() {
		h.Agent = a.person()
	}
	return h
}
