package pagerduty

import (
	"slices"
	"time"
)

// What follows is people working in PagerDuty's own pages and phone: user is an
// ID, a login address or a name, id the incident's. The error is an *Error, as the
// REST API would word it.

func (s *Server) by(user, id string, do func(*incident, actor) *Error) error {
	var e *Error
	s.update(func() {
		u, i := s.person(user), s.byID[id]
		switch {
		case u == nil:
			e = refuse(1008)
		case i == nil:
			e = refuse(1004)
		default:
			e = do(i, actor{user: u, channel: "website", client: obj{"name": "PagerDuty", "url": s.opt.HTMLURL}})
		}
	})
	return orNil(e)
}

// Acknowledge takes the incident: its phones stop and the user is the assignee.
func (s *Server) Acknowledge(user, id string) error {
	return s.by(user, id, s.acknowledge)
}

// Resolve ends the incident and all its alerts.
func (s *Server) Resolve(user, id string) error {
	return s.by(user, id, func(i *incident, by actor) *Error { return s.resolve(i, by, "") })
}

// Reassign gives the incident to these users directly; its policy does not go
// on by itself then.
func (s *Server) Reassign(user, id string, to ...string) error {
	return s.by(user, id, func(i *incident, by actor) *Error {
		people, e := s.people(to)
		if e != nil {
			return e
		}
		return s.reassign(i, people, by)
	})
}

// Escalate moves the incident to a level, counted from 1; 0 is the next one.
func (s *Server) Escalate(user, id string, level int) error {
	return s.by(user, id, func(i *incident, by actor) *Error {
		if level == 0 {
			level = i.level + 1
		}
		return s.escalate(i, level, by)
	})
}

// Note adds a note.
func (s *Server) Note(user, id, content string) error {
	return s.by(user, id, func(i *incident, by actor) *Error {
		_, e := s.annotate(i, content, by)
		return e
	})
}

// Snooze puts the incident off; what nobody has acknowledged is acknowledged
// first.
func (s *Server) Snooze(user, id string, d time.Duration) error {
	return s.by(user, id, func(i *incident, by actor) *Error {
		if i.status == triggered {
			if e := s.acknowledge(i, by); e != nil {
				return e
			}
		}
		return s.snooze(i, d, by)
	})
}

// Reopen starts a resolved incident again.
func (s *Server) Reopen(user, id string) error {
	return s.by(user, id, func(i *incident, by actor) *Error {
		if i.open() {
			return refuse(1003, "The incident is not resolved.")
		}
		return s.reopen(i, by)
	})
}

// Invite asks people to help.
func (s *Server) Invite(user, id, message string, who ...string) error {
	return s.by(user, id, func(i *incident, by actor) *Error {
		people, e := s.people(who)
		if e != nil {
			return e
		}
		return s.invite(i, people, message, by)
	})
}

// Respond is the answer of somebody who was asked to help.
func (s *Server) Respond(user, id string, join bool) error {
	return s.by(user, id, func(i *incident, by actor) *Error {
		state := "declined"
		if join {
			state = "joined"
		}
		if !s.answer(i, by.user, state) {
			return refuse(2001, "Nobody asked "+by.user.Name+" to help.")
		}
		return nil
	})
}

// Merge puts the other incidents into this one.
func (s *Server) Merge(user, id string, sources ...string) error {
	return s.by(user, id, func(i *incident, by actor) *Error {
		var all []*incident
		for _, x := range sources {
			src := s.byID[x]
			if src == nil {
				return refuse(1004)
			}
			all = append(all, src)
		}
		return s.merge(i, all, by)
	})
}

// Urgency sets high or low.
func (s *Server) Urgency(user, id, urgency string) error {
	return s.by(user, id, func(i *incident, by actor) *Error { return s.setUrgency(i, urgency, by) })
}

// Maintain opens a maintenance window from now on: what is raised on the
// service opens no incident until it is over.
func (s *Server) Maintain(user, service string, d time.Duration, description string) error {
	var e *Error
	s.update(func() {
		u, v := s.person(user), s.serviceNamed(service)
		switch {
		case u == nil:
			e = refuse(1008)
		case v == nil:
			e = refuse(2001, "Service does not exist.")
		default:
			t := now()
			s.windows = append(s.windows, &window{
				id: newID("P"), description: description, start: t, end: t.Add(d),
				services: []*Service{v}, by: u, number: s.windowNumber(),
			})
			s.changed = true
		}
	})
	return orNil(e)
}

// EndMaintenance ends the maintenance windows that are open on the service.
func (s *Server) EndMaintenance(user, service string) error {
	var e *Error
	s.update(func() {
		v := s.serviceNamed(service)
		if s.person(user) == nil || v == nil || !s.maintained(v) {
			e = refuse(2100)
			return
		}
		for _, w := range s.windows {
			if now().Before(w.end) && !now().Before(w.start) && slices.Contains(w.services, v) {
				w.end = now()
			}
		}
		s.changed = true
	})
	return orNil(e)
}

func (s *Server) people(who []string) ([]*User, *Error) {
	var all []*User
	for _, name := range who {
		u := s.person(name)
		if u == nil {
			return nil, refuse(1007, "User "+name+" does not exist.")
		}
		all = append(all, u)
	}
	if len(all) == 0 {
		return nil, refuse(1007)
	}
	return all, nil
}
