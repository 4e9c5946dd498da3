package app_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"amsbot/bot"
	"amsbot/bot/outbox"
	"amsbot/bot/sim/pagerduty"
	"amsbot/bot/sim/slack"
	"amsbot/bot/words"
	"amsbot/store"
)

// kept is the first invariant at its sharpest: what was answered with 202 is in
// the file that a crash left behind.
func (s *stage) kept(answered []string) {
	s.Helper()
	db, err := store.Open(s.config.Database, store.Options{ReadOnly: true})
	s.must(err)
	defer db.Close()
	for _, id := range answered {
		if events, err := db.Events(s.ctx, "pd:shop:"+id); err != nil || len(events) == 0 {
			s.Errorf("I1: the webhook of %s was answered with 202, and it is not in the file: %v", id, err)
		}
	}
}

// past is all that a story came to: what amsbot has on record, and what its
// neighbours and the patient saw.
type past struct {
	*stage
	streams map[string][]store.Event
	records map[string]store.Record
	acts    []store.Pending
	views   []store.ViewState
	pager   map[string]pagerduty.IncidentState // by key
	said    []slack.Message
}

// judge stops amsbot and holds what is left against the five invariants. once: no
// recovery of these scenarios may run twice by itself.
func (s *stage) judge(once bool) *past {
	s.Helper()
	s.stop()
	p := &past{stage: s, streams: map[string][]store.Event{}, records: map[string]store.Record{}, pager: map[string]pagerduty.IncidentState{}}
	db, err := store.Open(s.config.Database, store.Options{})
	s.must(err)
	defer db.Close()
	if err := db.Check(s.ctx); err != nil {
		s.Errorf("I5: the file is not sound: %v", err)
	}
	records, err := db.Incidents(s.ctx, store.Filter{})
	s.must(err)
	for _, r := range records {
		events, err := db.Events(s.ctx, r.Key)
		s.must(err)
		p.streams[r.Key], p.records[r.Key] = events, r
		s.replay(events)
	}
	if own, err := db.Events(s.ctx, store.BotStream); !errors.Is(err, store.ErrNoIncident) {
		s.must(err)
		p.streams[store.BotStream] = own
	}
	p.acts, err = db.Acts(s.ctx)
	s.must(err)
	p.views, err = db.Views(s.ctx)
	s.must(err)
	for _, i := range s.sim.PagerDuty.State().Incidents {
		p.pager["pd:shop:"+i.ID] = i
	}
	p.said = s.sim.Slack.Messages(room)
	for _, check := range []func(){p.accepted, p.oneOfEach, func() { p.recoveredOnce(once) }, p.told, p.settled, p.matches, p.moved, p.drawn} {
		check()
	}
	return p
}

// accepted: I1, no incident is missing.
func (p *past) accepted() {
	for key, i := range p.pager {
		if events := p.streams[key]; (len(events) == 0 || events[0].Kind != "received") && !p.wasAway(i) {
			p.Errorf("I1: #%d is not in the history", i.Number)
		}
	}
}

// wasAway says whether an incident came and was over while amsbot was not there, or
// just before it was killed: it is in no list that amsbot reads then, and where its
// webhook was lost nobody told. What was answered with 202 is held against kept.
func (p *past) wasAway(i pagerduty.IncidentState) bool {
	for n := 1; n < len(p.lives); n++ {
		if i.Status == "resolved" && i.CreatedAt.After(p.lives[n-1].to.Add(-2*time.Minute)) && i.ResolvedAt.Before(p.lives[n].from) {
			return true
		}
	}
	return false
}

// marked reads what a message of ours is: of which incident the card, or which act.
func marked(m slack.Message) (card, act string, version uint64) {
	var mark struct {
		Type    string `json:"event_type"`
		Payload struct {
			Incident, Act string
			Version       uint64
		} `json:"event_payload"`
	}
	if json.Unmarshal(m.Metadata, &mark) != nil {
		return "", "", 0
	}
	return mark.Payload.Incident, mark.Payload.Act, mark.Payload.Version
}

// reference is the last line of a note of ours.
var referenceLine = regexp.MustCompile(`amsbot(?:'s reference| の参照番号): (\S+#\d+)`)

// oneOfEach: I2, at most one card of each incident, and no message and no note twice.
func (p *past) oneOfEach() {
	count := map[string]int{}
	for _, m := range p.said {
		card, act, _ := marked(m)
		switch {
		case card != "":
			count["card of "+card]++
		case act != "":
			count["message "+act]++
		}
	}
	for key, i := range p.pager {
		for _, n := range i.Notes {
			if m := referenceLine.FindStringSubmatch(n.Content); m != nil {
				count["note "+m[1]]++
			}
		}
		if count["card of "+key] == 0 && len(p.streams[key]) > 0 && !p.quiet(key) {
			p.Errorf("I2: #%d has no card", i.Number)
		}
	}
	for what, n := range count {
		if n > 1 {
			p.Errorf("I2: %s stands %d times", what, n)
		}
	}
}

// quiet says whether an incident may be without a card: it was over before it was
// first read, or before it was its turn in a crowd: the crowd lasted longer, or the
// record says that nothing could be said at its card.
func (p *past) quiet(key string) bool {
	if !bot.Render(p.streams[key], words.In("en")).Over {
		return false
	}
	if p.passedIn(key) {
		return true
	}
	crowded := slices.ContainsFunc(p.streams[key], func(e store.Event) bool {
		return e.Kind == "failed" && strings.Contains(string(p.read(e).Why), "There was no card to say it at, in a crowd")
	})
	return crowded || !slices.ContainsFunc(p.streams[key], func(e store.Event) bool { return e.Kind == "matched" || e.Kind == "unmatched" })
}

// passedIn says whether an incident came and was over within one crowd.
func (p *past) passedIn(key string) bool {
	events := p.streams[key]
	over := slices.IndexFunc(events, func(e store.Event) bool { return e.Kind == "closed" })
	for _, e := range p.streams[store.BotStream] {
		var c outbox.Crowd
		if over < 0 || e.Kind != outbox.CrowdKind {
			continue
		}
		p.must(e.Into(&c))
		if c.Over && !events[0].At.Before(c.Since) && events[over].At.Before(e.At) {
			return true
		}
	}
	return false
}

// together says whether a message stands where the record says, and names the
// incident: in a crowd what calls people is said in one message for many, which
// bears the mark of one of them.
func (p *past) together(key, ref string) bool {
	return slices.ContainsFunc(p.said, func(m slack.Message) bool {
		return ref == m.Channel+"/"+m.TS && strings.Contains(m.Text, fmt.Sprintf("#%d", p.pager[key].Number))
	})
}

// told of an event what the model looks at.
type told struct {
	Kind, To, Act, Rule, Phase string
	Ref                        string
	Why                        json.RawMessage // words, or a list of them
	Wanted                     uint64
	Args                       json.RawMessage
	Calls                      bool
}

func (p *past) read(e store.Event) (t told) {
	p.must(e.Into(&t))
	return t
}

// count is how many events of a kind there are, of those that fit.
func (p *past) count(kind string, fits func(told) bool) (n int) {
	for _, events := range p.streams {
		for _, e := range events {
			if e.Kind == kind && (fits == nil || fits(p.read(e))) {
				n++
			}
		}
	}
	return n
}

func recovers(t told) bool { return t.Phase == "recover" }

// recoveredOnce: I3, a recovery that may not run twice has run as often as amsbot
// said it would, and twice on one incident only where a person let it.
func (p *past) recoveredOnce(once bool) {
	did := len(p.sim.Patient.Recoveries())
	if began := p.count("started", recovers); did > began {
		p.Errorf("I3: the patient was recovered %d times, and amsbot began to %d times", did, began)
	}
	if !once {
		return
	}
	for key, events := range p.streams {
		auto, runs, began, let := 0, 0, 0, 0
		for _, e := range events {
			switch t := p.read(e); {
			case e.Kind == "run":
				runs++
			case e.Kind == "intent" && t.Rule == "auto":
				auto++
			case e.Kind == "started" && recovers(t):
				began++
			case e.Kind == "clicked" && (strings.HasPrefix(t.Act, "recover") || slices.Contains([]string{"run", "again", "approve"}, t.Act)):
				let++
			}
		}
		if auto > runs {
			p.Errorf("I3: %s recovers by itself %d times in %d runs", key, auto, runs)
		}
		if began > auto+let {
			p.Errorf("I3: a recovery of %s began %d times, %d by itself and %d at a person's word", key, began, auto, let)
		}
	}
}

// told: I4, amsbot sits on nothing. What is open long after its deadline has a
// person in PagerDuty, whom a message called.
func (p *past) told() {
	for key, i := range p.pager {
		if i.Status == "resolved" {
			continue
		}
		if len(i.Assignees) == 1 && i.Assignees[0].ID == botPD {
			p.Errorf("I4: #%d is %s, and amsbot alone has it", i.Number, i.Status)
		}
		if time.Since(i.CreatedAt) > 20*time.Minute && !p.concluded(key) {
			p.Errorf("I4: #%d is open, and amsbot neither concluded nor asks", i.Number)
		}
	}
}

// concluded says whether the first response has come to something: to a result, or
// to a question to people.
func (p *past) concluded(key string) bool {
	return slices.ContainsFunc(p.streams[key], func(e store.Event) bool {
		return slices.Contains([]string{"concluded", "offered", "held", "asks", "interrupted", "closed"}, e.Kind)
	})
}

// settled: everything that was wanted has been done or was refused, and every
// view stands as it is.
func (p *past) settled() {
	for _, a := range p.acts {
		p.Errorf("I5: %s#%d is still to be done: %s", a.Event.Incident, a.Event.Seq, a.Event.Data)
	}
	for _, v := range p.views {
		p.Errorf("I5: %s is still to be drawn", v.Key)
	}
}
