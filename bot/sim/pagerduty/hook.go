package pagerduty

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// maxHook is the largest webhook that is delivered.
const maxHook = 256 << 10

// send queues a webhook about the incident as it is now.
func (s *Server) send(i *incident, event string, by actor) {
	s.queue(i, event, "incident", by, s.hookIncident(i))
}

func (s *Server) sendNote(i *incident, n note, by actor) {
	s.queue(i, "incident.annotated", "incident", by, obj{
		"incident": s.incidentRef(i), "id": n.id, "type": "incident_note", "content": n.content, "trimmed": false,
	})
}

func (s *Server) sendUpdate(i *incident, n note, by actor) {
	s.queue(i, "incident.status_update_published", "incident", by, obj{
		"incident": s.incidentRef(i), "id": n.id, "type": "incident_status_update", "message": n.content, "trimmed": false,
	})
}

func (s *Server) sendResponder(i *incident, r *responder, event string, by actor) {
	s.queue(i, event, "incident", by, obj{
		"incident": s.incidentRef(i), "type": "incident_responder", "user": s.userRef(r.user),
		"escalation_policy": nil, "message": r.message, "state": r.state,
	})
}

// hookIncident is the incident as V3 webhooks carry it: not the REST shape, and
// without its alerts.
func (s *Server) hookIncident(i *incident) obj {
	assignees := []any{}
	for _, a := range i.assignees {
		assignees = append(assignees, s.userRef(a.user))
	}
	self := s.incidentRef(i)
	return obj{
		"id": i.id, "type": "incident", "self": self["self"], "html_url": self["html_url"],
		"number": i.number, "status": i.status, "incident_key": i.key, "created_at": stampText(i.created),
		"title": i.title, "service": s.serviceRef(i.service), "assignees": assignees,
		"escalation_policy": s.policyRef(i.policy), "teams": []any{}, "priority": s.priorityShape(i.priority),
		"urgency": i.urgency, "conference_bridge": anyObj(i.bridge), "resolve_reason": s.resolveReason(i),
		"incident_type": obj{"name": "incident_default"},
	}
}

// hookAgent is null for what a timer did.
func (s *Server) hookAgent(by actor) any {
	if by.channel == "timeout" || by.channel == "auto" {
		return nil
	}
	return s.agentRef(by)
}

func (s *Server) queue(i *incident, event, resource string, by actor, data obj) {
	body, err := json.Marshal(obj{"event": obj{
		"id": newUUID(), "event_type": event, "resource_type": resource,
		"occurred_at": now().Format("2006-01-02T15:04:05.000Z"),
		"agent":       s.hookAgent(by), "client": anyObj(by.client), "data": data,
	}})
	if err != nil {
		panic("pagerduty: write webhook body: " + err.Error())
	}
	if len(body) > maxHook {
		return
	}
	for _, h := range s.hooks {
		if h.wants(i, event) {
			s.enqueue(h, i.id, &delivery{id: newUUID(), event: event, body: body, queued: now()})
		}
	}
}

// subscription is one webhook subscription and its queues, one per incident.
type subscription struct {
	Webhook
	active   bool
	disabled time.Time // until when, after three drops in a row
	drops    int       // in a row
	queues   map[string]*queue

	attempts, delivered, dropped int
	last                         string
	lastAt                       time.Time
}

type queue struct {
	key     string
	items   []*delivery
	busy    bool          // a goroutine delivers it
	arrived chan struct{} // something was put in front
}

type delivery struct {
	id, event string
	body      []byte
	queued    time.Time
	due       time.Time
	attempts  int
	twice     bool
	yields    bool // to the next one
}

func (h *subscription) wants(i *incident, event string) bool {
	if !h.active || now().Before(h.disabled) || h.Service != "" && h.Service != i.service.ID {
		return false
	}
	return len(h.Events) == 0 || slices.Contains(h.Events, event)
}

// enqueue puts the delivery at the end of its queue, with the faults that it
// meets.
func (s *Server) enqueue(h *subscription, key string, d *delivery) {
	if f := s.fault(webhookMethod, d.event); f != nil {
		switch f.Kind {
		case FaultLost:
			return
		case FaultLate:
			d.due = now().Add(f.Delay)
		case FaultTwice:
			d.twice = true
		case FaultReversed:
			d.yields = true
		}
	}
	q := h.queues[key]
	if q == nil {
		q = &queue{key: key, arrived: make(chan struct{}, 1)}
		h.queues[key] = q
	}
	if n := len(q.items); n > 0 && q.items[n-1].yields {
		q.items[n-1].yields = false
		q.items = slices.Insert(q.items, n-1, d)
	} else {
		q.items = append(q.items, d)
	}
	select {
	case q.arrived <- struct{}{}:
	default:
	}
	s.changed = true
	s.start(h, q)
}

// sign is the value of x-pagerduty-signature: one signature per secret.
func sign(secrets []string, body []byte) string {
	var all []string
	for _, secret := range secrets {
		m := hmac.New(sha256.New, []byte(secret))
		m.Write(body)
		all = append(all, "v1="+hex.EncodeToString(m.Sum(nil)))
	}
	return strings.Join(all, ",")
}
