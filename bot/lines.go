package bot

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"amsbot/bot/words"
	"amsbot/store"
)

// ListLine is what lists show of an incident without reading its events.
type ListLine struct {
	ID       string    `json:"id"`
	Number   int       `json:"number"`
	Title    string    `json:"title"`
	Service  string    `json:"service"`
	Project  string    `json:"project"`
	Scenario string    `json:"scenario,omitempty"`
	Channel  string    `json:"channel"`
	State    CardState `json:"state"`
	Status   string    `json:"status"`
	Holder   string    `json:"holder,omitempty"`
	Outcome  Outcome   `json:"outcome,omitempty"`
	CameBack string    `json:"came_back,omitempty"` // after amsbot had resolved this one: that was no success
	URL      string    `json:"url,omitempty"`
	At       time.Time `json:"at"`
	Over     bool      `json:"over"`
	Alone    bool      `json:"alone,omitempty"` // answered without a person
	Noise    bool      `json:"noise,omitempty"` // a person marked it as noise

	Took     time.Duration `json:"took,omitempty"`     // from its arrival to a result, or to an offer to people
	Assigned []string      `json:"assigned,omitempty"` // who has it, by their IDs in PagerDuty
	Check    uint64        `json:"check,omitempty"`    // the offer of Run Checks Again that stands
	Recover  uint64        `json:"recover,omitempty"`  // and of Run Recovery
	Again    uint64        `json:"again,omitempty"`    // and of Run Again
	Approve  uint64        `json:"approve,omitempty"`  // and of Approve
	Override bool          `json:"override,omitempty"` // Run Recovery or Run Again presses past a guard
	Asker    string        `json:"asker,omitempty"`    // who asks for that, in Slack
	Until    time.Time     `json:"until,omitzero"`     // when Run Recovery or Approve expires

	Maintained bool `json:"maintained,omitempty"` // held by a maintenance window
	Paused     bool `json:"paused,omitempty"`     // held by a pause
	Asked      bool `json:"asked,omitempty"`      // somebody asked for its card, where its channel is crowded

	Target    string `json:"target,omitempty"`
	Unmatched bool   `json:"unmatched,omitempty"` // it is known that no scenario fits
	Take      uint64 `json:"take,omitempty"`      // the offer of Take Over that stands
	Escalate  uint64 `json:"escalate,omitempty"`  // and of Escalate
}

// summaries are incidents as lists need them, newest first, and their keys. Webhooks of
// one burst come in no order: within a second, the higher number is the newer.
func (b *Bot) summaries(ctx context.Context, f store.Filter) ([]ListLine, []string, error) {
	records, err := b.DB.Incidents(ctx, f)
	if err != nil {
		return nil, nil, err
	}
	type row struct {
		line   ListLine
		key    string
		second int64 // of its arrival
	}
	var rows []row
	for _, r := range records {
		var s ListLine
		if IsIncident(r.Key) && decode(r.Summary, &s) {
			rows = append(rows, row{s, r.Key, r.First.Unix()})
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(b.second, a.second), cmp.Compare(b.line.Number, a.line.Number))
	})
	out, keys := make([]ListLine, len(rows)), make([]string, len(rows))
	for i, r := range rows {
		out[i], keys[i] = r.line, r.key
	}
	return out, keys, nil
}

// Named is the key of the incident with this number ("12" or "#12") or PagerDuty
// ID, whatever its letters' case, or of the storm that NewestStorm names; false
// when there is none.
func Named(ctx context.Context, db *store.DB, name string) (key string, ok bool, err error) {
	if name != NewestStorm {
		name = strings.ToUpper(name)
	}
	if n, err := strconv.Atoi(name); err == nil {
		name = numberName(n)
	}
	if len(name) > store.MaxKey || name == "" {
		return "", false, nil
	}
	return db.Named(ctx, name)
}

// NewestStorm is what a person calls the storm that began last.
const NewestStorm = "storm"

func numberName(n int) string { return "#" + strconv.Itoa(n) }

// namesOf are the names by which people ask for an incident.
func namesOf(in *incident) []string {
	names := []string{strings.ToUpper(in.id())}
	if n := in.number(); n > 0 {
		names = append(names, numberName(n))
	}
	return names
}

// line is the line of one incident; false when there is none, or no such incident.
func (b *Bot) line(ctx context.Context, key string) (l ListLine, ok bool, err error) {
	err = b.DB.Read(ctx, key, func(v *store.View) error {
		r, known := v.Record()
		ok = known && decode(r.Summary, &l)
		return nil
	})
	return l, ok, err
}

// LineOf is the line of an incident's record; its zero value where the record has none.
func LineOf(r store.Record) ListLine {
	var l ListLine
	if !decode(r.Summary, &l) {
		return ListLine{}
	}
	return l
}

// OpenIDs are the PagerDuty IDs of the incidents that amsbot takes for open,
// for the poll to compare.
func (b *Bot) OpenIDs(ctx context.Context) ([]string, error) {
	open := true
	lines, _, err := b.summaries(ctx, store.Filter{Open: &open})
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, l := range lines {
		if !l.Over {
			ids = append(ids, l.ID)
		}
	}
	return ids, nil
}

// Language is the language of the project of an incident, or of a storm; "" where
// it says none.
func Language(events []store.Event) string {
	if len(events) == 0 {
		return ""
	}
	if key := events[0].Incident; !IsIncident(key) {
		return foldStorm(key, 0, events).began.Project.Language
	}
	in := fold(events[0].Incident, 0, events)
	if in.project == nil {
		return ""
	}
	return in.project.Language
}

func summarize(in *incident, w words.Catalogue) ListLine {
	state, status, _ := in.state(w)
	s := ListLine{
		ID: in.id(), Number: in.number(), Title: cut(in.title(), 200), State: state, Status: status,
		Holder: in.holder(w), URL: in.url(), At: in.opened(), Over: in.over(), Service: in.hint.Service.Name,
	}
	if in.project != nil {
		s.Project, s.Channel = in.project.Name, in.project.Channel
	}
	if in.match != nil {
		s.Scenario, s.CameBack = in.match.Scenario, in.match.CameBack
	}
	s.Maintained, s.Asked, s.Noise = in.planned != nil, in.asked, in.noise() != nil
	s.Paused, _ = in.heldByPause()
	s.Target, s.Unmatched = cut(in.target(), 60), in.match == nil && in.unmatched != nil
	s.Take, s.Escalate, s.Recover = in.offerNow(DoTake), in.offerNow(DoEscalate), in.offerNow(DoRecover)
	s.Check, s.Again, s.Approve = in.offerNow(DoCheck), in.offerNow(DoAgain), in.offerNow(DoApprove)
	for _, act := range []string{DoRecover, DoAgain} {
		o := in.standing(act, in.last)
		s.Override = s.Override || o != nil && len(holding(o.override)) > 0
	}
	for _, act := range []string{DoRecover, DoApprove} {
		if o := in.standing(act, in.last); o != nil {
			s.Until = o.expires
		}
	}
	if r := in.waitsForApproval(in.last); r != nil {
		s.Asker = r.User
	}
	if in.run != nil && !in.answered.IsZero() {
		s.Took = max(in.answered.Sub(in.run.Since), 1) // an instant is an answer, too
	}
	s.Assigned = in.holders()
	if in.conclusion != nil {
		s.Outcome = in.conclusion.Outcome
		s.Alone = in.alone()
	}
	return s
}

// alone says whether the run came to an end without a person: amsbot found no
// fault or recovered it, handed it to nobody, nobody pressed anything, and it is over.
func (in *incident) alone() bool {
	if in.conclusion.Outcome != NoFault && in.conclusion.Outcome != Recovered || !in.over() || in.person() != "" {
		return false
	}
	if in.lastAct(ActEscalate, in.runSeq) != nil {
		return false
	}
	return !slices.ContainsFunc(in.offers, func(o *offer) bool { return o.spent != nil && o.seq > in.runSeq })
}
