package pagerduty

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"amsbot/bot"
	"amsbot/scenarios"
)

const (
	hookPatience = 2 * time.Minute  // after it the webhook of an incident that the poll sees is overdue
	heardFor     = 10 * time.Minute // a webhook is remembered so long
)

// ear remembers which webhooks came, for whoever misses one.
type ear struct {
	mu      sync.Mutex
	heard   map[string]time.Time // incidents by ID
	pruned  time.Time
	at      time.Time     // of the newest
	service scenarios.Ref // which it was about
	refused time.Time     // the newest whose signature was wrong
	pinged  time.Time     // the newest test event
}

// hear notes what a signed webhook is about.
func (e *ear) hear(h bot.Hint) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	if e.at = now; h.Service.ID != "" {
		e.service = h.Service
	}
	if h.Type == Ping {
		e.pinged = now
	}
	if h.ID == "" {
		return
	}
	if e.heard == nil {
		e.heard = map[string]time.Time{}
	}
	e.heard[h.ID] = now
	if now.Sub(e.pruned) > heardFor {
		for id, at := range e.heard {
			if now.Sub(at) > heardFor {
				delete(e.heard, id)
			}
		}
		e.pruned = now
	}
}

func (e *ear) refuse() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.refused = time.Now()
}

// Heard is what came in by a webhook: when the newest was signed with a secret of
// ours, when the newest was not, and when the newest test event came. Zero: none
// has since amsbot began.
type Heard struct{ Signed, Refused, Pinged time.Time }

// Heard says what came in so far.
func (w *Webhook) Heard() Heard {
	w.ear.mu.Lock()
	defer w.ear.mu.Unlock()
	return Heard{Signed: w.ear.at, Refused: w.ear.refused, Pinged: w.ear.pinged}
}

func (e *ear) knows(id string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, ok := e.heard[id]
	return ok
}

// newest is when the newest webhook came, what it was about, and whether one
// with a wrong signature came after it.
func (e *ear) newest() (at time.Time, service scenarios.Ref, refused bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.at, e.service, e.refused.After(e.at)
}

// silence finds out that webhooks do not come. An incident that began while we
// listen, that the poll saw, and that no webhook told of within some minutes was
// missed. Of what began before, nobody can say how long its webhook may still be
// on its way; it is only logged.
type silence struct {
	c        *Client
	o        *PollOptions
	began    time.Time
	first    bool // nothing was compared yet
	late     map[string]overdue
	reported time.Time // that something was missed; zero: not, or they came again
	told     bool      // that they come
}

// overdue is an incident that no webhook told of yet.
type overdue struct {
	since   time.Time
	service scenarios.Ref
	counted bool
}

func (o *overdue) overdue(now time.Time) bool { return !o.counted && now.Sub(o.since) >= hookPatience }

// compare looks at what the poll saw open, beside what was known before.
func (s *silence) compare(ctx context.Context, known []string, open []*incident) error {
	if s.o.Webhook == nil {
		return nil
	}
	now, have, seen, earlier := time.Now(), map[string]bool{}, map[string]bool{}, 0
	for _, id := range known {
		have[id] = true
	}
	for _, i := range open {
		id := string(i.ID)
		if seen[id] {
			continue // a long list is read from both ends
		}
		seen[id] = true
		if have[id] || s.o.Webhook.ear.knows(id) || !s.o.Mine(i.Service.v.ref()) {
			continue
		}
		if i.CreatedAt.time().Before(s.began) {
			earlier++
		} else if _, noted := s.late[id]; !noted {
			s.late[id] = overdue{since: now, service: i.Service.v.ref()}
		}
	}
	if s.first && earlier > 0 {
		s.c.log.Info("pagerduty: incidents began while amsbot was not there; found by the poll", "incidents", earlier)
	}
	s.first = false
	maps.DeleteFunc(s.late, func(id string, _ overdue) bool { return !seen[id] || s.o.Webhook.ear.knows(id) })
	return s.report(ctx, now)
}

// report tells of what was missed since the last time, or that webhooks come
// again.
func (s *silence) report(ctx context.Context, now time.Time) error {
	news := bot.Silence{Since: now.UTC()}
	for _, o := range s.late {
		if o.overdue(now) {
			news.Missed++
			news.Service = o.service
		}
	}
	at, service, refused := s.o.Webhook.ear.newest()
	switch {
	case news.Missed > 0:
		news.Why, news.Subscription = s.why(ctx, news.Service, refused)
	case at.IsZero(), s.told && s.reported.IsZero(), at.Before(s.reported):
		return nil
	default:
		news.Service = service
	}
	if err := s.o.Silence(ctx, news); err != nil {
		return fmt.Errorf("pagerduty: poll: %w", err)
	}
	s.told, s.reported = true, time.Time{}
	if news.Missed > 0 {
		s.reported = now
	}
	for id, o := range s.late {
		if o.overdue(now) {
			o.counted = true
			s.late[id] = o
		}
	}
	return nil
}

// why asks PagerDuty what it makes of our webhooks.
func (s *silence) why(ctx context.Context, service scenarios.Ref, refused bool) (why, id string) {
	if refused {
		return bot.SilentRefused, ""
	}
	all, err := s.c.subscriptions(ctx, polling)
	if err != nil {
		return bot.SilentUnknown, ""
	}
	why = bot.SilentNone
	for _, sub := range all {
		if !sub.leads() {
			continue
		}
		switch id = sub.ID.line(64); {
		case !sub.tells(service):
			why = bot.SilentFiltered
		case !sub.Active:
			return bot.SilentOff, id
		case sub.Delivery.v.Disabled:
			return bot.SilentDisabled, id
		default:
			return bot.SilentActive, id
		}
	}
	return why, id
}
