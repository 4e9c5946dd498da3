package pagerduty

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"amsbot/bot"
)

const (
	feedOverlap = 20 * time.Second // entries may be listed later than they say
	feedAgain   = 10 * time.Minute // so long the door is asked again to take what it refused
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
// came and that the list has told of: listed says of which the door took that.
func (f *feed) tell(ctx context.Context, door Door, listed map[string]bool) error {
	began, since := time.Now(), f.c.ahead.Theirs(f.since)
	all, more, err := f.read(ctx, since)
	if err != nil {
		return fmt.Errorf("pagerduty: poll: %w", err)
	}
	changes := map[text][]*happened{} // by incident
	for n := range all {
		e := &all[n]
		changes[e.Incident.v.ID] = append(changes[e.Incident.v.ID], e)
	}
	var failed error
	refused := map[text]bool{} // incidents: what came later is not told before
	for n := range all {
		e := &all[n]
		id := e.Incident.v.ID
		if refused[id] || e.CreatedAt.time().Before(since) || e.part(changes[id]) {
			continue
		}
		if err := f.tellOf(ctx, e, door, listed); err != nil {
			refused[id], failed = true, cmp.Or(failed, err)
		}
	}
	f.move(began, failed != nil)
	if more {
		failed = cmp.Or(failed, fmt.Errorf("pagerduty: poll: the log has more than %d entries since %s: of the older ones nothing is told",
			f.c.reach, since.UTC().Format(time.RFC3339)))
	}
	return failed
}

// tellOf tells of one entry, once.
func (f *feed) tellOf(ctx context.Context, e *happened, door Door, listed map[string]bool) error {
	h := e.hint()
	if _, known := f.told[string(e.ID)]; known || h.ID == "" {
		return nil
	}
	if h.Type != "incident.triggered" || !listed[h.ID] {
		if err := door.Receive(ctx, h); err != nil {
			return fmt.Errorf("pagerduty: poll: tell of %s: %w", h.ID, err)
		}
	}
	f.told[string(e.ID)] = e.CreatedAt.time()
	return nil
}

// move leaves behind what was told. What the door has refused it is asked again, for
// a while: of an incident whose record is damaged it takes nothing any more.
func (f *feed) move(began time.Time, refused bool) {
	to := began.Add(-feedOverlap)
	if refused && f.since.Before(to) {
		to = f.since
		if first := began.Add(-feedAgain); to.Before(first) {
			to = first
		}
	}
	if f.since = to; f.since.Before(f.from) {
		f.since = f.from
	}
	since := f.c.ahead.Theirs(f.since)
	for id, at := range f.told {
		if at.Before(since) {
			delete(f.told, id)
		}
	}
}

// read are the entries since then, by PagerDuty's clock, oldest first. more says
// that there are older ones, which cannot be listed.
func (f *feed) read(ctx context.Context, since time.Time) (all []happened, more bool, err error) {
	for more = true; more && len(all)+pageSize <= f.c.reach; {
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
			return nil, false, err
		}
		all = append(all, page.Entries...)
		more = page.More && len(page.Entries) > 0
	}
	slices.Reverse(all)
	return all, more, nil
}

// part says whether an assignment is only part of another change of its incident:
// whoever escalates an incident does not take it.
func (e *happened) part(changes []*happened) bool {
	return e.Type == "assign_log_entry" && slices.ContainsFunc(changes, func(o *happened) bool {
		return slices.Contains(assigns, o.Type) && o.CreatedAt.time().Sub(e.CreatedAt.time()).Abs() <= sameMoment
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
