package pagerduty

import "time"

func now() time.Time { return time.Now().UTC() }

// birth is what a new incident starts with.
type birth struct {
	service  *Service
	title    string
	key      string
	urgency  string
	body     string
	policy   *EscalationPolicy // nil: the service's
	assignee []*User           // nil: by the policy
	priority *Priority
	alert    *alert
	bridge   obj
}

// trigger opens an incident, assigns it and pages.
func (s *Server) trigger(b birth, by actor) *incident {
	t := now()
	if b.policy == nil {
		b.policy = s.policy(b.service.Policy)
	}
	if b.urgency == "" {
		b.urgency = "high"
	}
	i := &incident{
		id: newID("Q"), key: b.key, title: b.title, body: b.body, number: s.opt.Numbered + len(s.incidents) + 1,
		status: triggered, urgency: b.urgency, service: b.service, policy: b.policy,
		priority: b.priority, bridge: b.bridge, created: t, updated: t, statusAt: t, statusBy: by,
	}
	if i.key == "" {
		i.key = newUUID()
	}
	s.incidents = append(s.incidents, i)
	s.byID[i.id], s.live[i] = i, true
	if b.alert != nil {
		s.adopt(i, b.alert)
	}
	e := s.record(i, "trigger_log_entry", by, "Triggered through "+channelText(by.channel)+".")
	e.alert = b.alert
	if b.assignee != nil {
		s.assign(i, b.assignee, 0, by, "assigned")
	} else {
		s.assignLevel(i, s.firstLevel(i.policy, 1), actor{service: i.service, channel: "auto"}, "assigned")
	}
	s.send(i, "incident.triggered", by)
	return i
}

// touch notes that the incident changed now.
func (s *Server) touch(i *incident) {
	i.updated, s.changed = now(), true
}

func (s *Server) setStatus(i *incident, status string, by actor) {
	i.status, i.statusAt, i.statusBy = status, now(), by
	s.touch(i)
}

func (s *Server) acknowledge(i *incident, by actor) *Error {
	switch {
	case i.mergedInto != nil:
		return refuse(1019)
	case !i.open():
		return refuse(1001)
	}
	for _, a := range i.acks {
		if by.user != nil && a.user == by.user {
			return refuse(1002)
		}
	}
	t := now()
	s.setStatus(i, acknowledged, by)
	i.acks = append(i.acks, stamp{by, t})
	if by.user != nil {
		// Whoever acknowledges has it from now on, also a bot.
		i.assignees = []stamp{{by, t}}
		s.answered(i, by.user)
	}
	i.escalateAt = time.Time{}
	if i.service.AckTimeout > 0 && i.snoozedTo.IsZero() {
		i.ackLapses = t.Add(i.service.AckTimeout)
	}
	s.stop(i, "acknowledged by "+by.name(), func(p *Page) bool { return p.Reason != respond })
	e := s.record(i, "acknowledge_log_entry", by, "Acknowledged by "+by.name()+".")
	e.ackTimeout = int(i.service.AckTimeout / time.Second)
	s.send(i, "incident.acknowledged", by)
	return nil
}

// unacknowledge makes an acknowledged incident triggered again and pages whom
// it is assigned to; the policy goes on from the level where it stood.
func (s *Server) unacknowledge(i *incident, by actor, why string) {
	s.setStatus(i, triggered, by)
	i.acks, i.ackLapses, i.snoozedTo = nil, time.Time{}, time.Time{}
	s.arm(i)
	s.record(i, "unacknowledge_log_entry", by, "Triggered again: "+why+".")
	s.send(i, "incident.unacknowledged", by)
	for _, a := range i.assignees {
		s.page(i, a.user, why)
	}
}

func (s *Server) resolve(i *incident, by actor, resolution string) *Error {
	switch {
	case i.mergedInto != nil:
		return refuse(1019)
	case !i.open():
		return refuse(1001)
	}
	s.end(i, by, "Resolved by "+by.name()+".", resolution)
	for _, a := range i.alerts {
		s.endAlert(a)
	}
	s.send(i, "incident.resolved", by)
	return nil
}

func (s *Server) end(i *incident, by actor, text, resolution string) {
	s.setStatus(i, resolved, by)
	i.ended = i.statusAt
	i.assignees, i.acks = nil, nil
	i.escalateAt, i.ackLapses, i.snoozedTo = time.Time{}, time.Time{}, time.Time{}
	delete(s.live, i)
	s.silence(i, text)
	s.record(i, "resolve_log_entry", by, text).resolution = resolution
}

// reopen starts a resolved incident again at the first level. Its alerts stay
// resolved.
func (s *Server) reopen(i *incident, by actor) *Error {
	if i.mergedInto != nil {
		return refuse(1019)
	}
	s.setStatus(i, triggered, by)
	i.ended, i.round = time.Time{}, 0
	s.live[i] = true
	s.record(i, "reopen_log_entry", by, "Reopened by "+by.name()+".")
	s.assignLevel(i, s.firstLevel(i.policy, 1), by, "reopened")
	s.send(i, "incident.reopened", by)
	return nil
}

func (s *Server) snooze(i *incident, d time.Duration, by actor) *Error {
	if i.status != acknowledged {
		return refuse(1012)
	}
	if d < time.Second || d > 604800*time.Second {
		return refuse(1013, "Duration must be between 1 and 604800 seconds.")
	}
	i.snoozedTo, i.ackLapses = now().Add(d), time.Time{}
	s.touch(i)
	s.record(i, "snooze_log_entry", by, "Snoozed for "+d.String()+" by "+by.name()+".")
	return nil
}

// merge moves the alerts of the sources into i and resolves the sources.
func (s *Server) merge(i *incident, sources []*incident, by actor) *Error {
	if !i.open() {
		return refuse(1001)
	}
	count := len(i.alerts)
	for _, src := range sources {
		switch {
		case src == i:
			return refuse(2001, "An incident cannot be merged into itself.")
		case src.mergedInto != nil:
			return refuse(1019)
		case !src.open():
			return refuse(1001)
		}
		count += len(src.alerts)
	}
	if count > 1000 {
		return refuse(2001, "An incident cannot have more than 1000 alerts.")
	}
	for _, src := range sources {
		alerts := src.alerts
		src.alerts, src.mergedInto = nil, i
		for _, a := range alerts {
			s.adopt(i, a)
		}
		s.end(src, by, "Merged into #"+itoa(i.number)+" by "+by.name()+".", "")
		s.send(src, "incident.resolved", by)
		s.record(i, "merge_log_entry", by, "Merged #"+itoa(src.number)+" into this by "+by.name()+".")
	}
	s.touch(i)
	return nil
}
