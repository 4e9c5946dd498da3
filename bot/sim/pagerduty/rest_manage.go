package pagerduty

import (
	"encoding/json"
	"net/http"
)

// update is what PUT asks of one incident.
type update struct {
	ID, Type, Status, Title, Urgency, Resolution string
	Priority                                     json.RawMessage
	Assignments                                  []struct{ Assignee named }
	Level                                        *int   `json:"escalation_level"`
	Policy                                       *named `json:"escalation_policy"`
	Service                                      *named
	Bridge                                       obj `json:"conference_bridge"`
}

// change is an update whose references are found.
type change struct {
	update
	incident    *incident
	people      []*User
	policy      *EscalationPolicy
	level       int
	priority    *Priority
	setPriority bool
}

// manageIncidents changes all or none: a refusal of one refuses the call.
func (s *Server) manageIncidents(r *request) (int, any, *Error) {
	var in struct{ Incidents []update }
	if e := r.decode(&in); e != nil {
		return 0, nil, e
	}
	switch {
	case len(in.Incidents) == 0:
		return 0, nil, refuse(2001, "Incidents cannot be empty.")
	case len(in.Incidents) > 250:
		return 0, nil, &Error{Status: http.StatusRequestEntityTooLarge, Code: 2001, Message: texts[2001], Details: []string{"At most 250 incidents."}}
	}
	var changes []change
	seen := map[*incident]bool{}
	for _, u := range in.Incidents {
		i := s.byID[u.ID]
		if i == nil || seen[i] {
			return 0, nil, refuse(1004, "Incident "+u.ID+" does not exist, or is named twice.")
		}
		seen[i] = true
		c, e := s.plan(i, u, r.by)
		if e != nil {
			return 0, nil, e
		}
		changes = append(changes, c)
	}
	list := []any{}
	for _, c := range changes {
		if e := s.apply(c, r.by); e != nil {
			return 0, nil, e
		}
		list = append(list, s.incidentShape(c.incident, r.include()))
	}
	return http.StatusOK, obj{"incidents": list}, nil
}

func (s *Server) manageIncident(r *request) (int, any, *Error) {
	i, e := s.incident(r)
	if e != nil {
		return 0, nil, e
	}
	var in struct{ Incident update }
	if e := r.decode(&in); e != nil {
		return 0, nil, e
	}
	c, e := s.plan(i, in.Incident, r.by)
	if e == nil {
		e = s.apply(c, r.by)
	}
	if e != nil {
		return 0, nil, e
	}
	return http.StatusOK, obj{"incident": s.incidentShape(i, r.include())}, nil
}

// plan finds what the update refers to and refuses what cannot be done, before
// anything is.
func (s *Server) plan(i *incident, u update, by actor) (c change, e *Error) {
	c = change{update: u, incident: i, policy: i.policy}
	if u.Type != "incident" && u.Type != "incident_reference" {
		return c, refuse(2001, "Incident must have the type incident or incident_reference.")
	}
	if e := legal(i, u.Status, by); e != nil {
		return c, e
	}
	if len(u.Priority) > 0 {
		var v any
		json.Unmarshal(u.Priority, &v) // was decoded once already
		c.setPriority = true
		if c.priority, e = s.priority(v); e != nil {
			return c, e
		}
	}
	if u.Urgency != "" && u.Urgency != "high" && u.Urgency != "low" {
		return c, refuse(2001, "Urgency must be high or low.")
	}
	if u.Service != nil && s.serviceNamed(u.Service.ID) == nil {
		return c, refuse(2001, "Service does not exist.")
	}
	return c, s.planAssignment(&c)
}

func (s *Server) planAssignment(c *change) *Error {
	for _, a := range c.Assignments {
		u := s.user(a.Assignee.ID)
		if u == nil {
			return refuse(1007)
		}
		c.people = append(c.people, u)
	}
	if c.people == nil && c.Policy == nil && c.Level == nil {
		return nil
	}
	if !c.incident.open() && c.Status == "" {
		return refuse(1001)
	}
	if c.Policy != nil {
		if c.policy = s.policy(c.Policy.ID); c.policy == nil {
			return refuse(1014)
		}
	}
	switch {
	case c.Level != nil:
		c.level = *c.Level
		return s.mayEscalate(c.incident, c.policy, c.level)
	case c.Policy != nil && s.firstLevel(c.policy, 1) == 0:
		return refuse(1015, "Nobody is on call for "+c.policy.Name+".")
	}
	return nil
}

// legal says whether the status can be set now.
func legal(i *incident, status string, by actor) *Error {
	switch {
	case status == "":
		return nil
	case i.mergedInto != nil:
		return refuse(1019)
	}
	switch status {
	case resolved:
		if !i.open() {
			return refuse(1001)
		}
	case acknowledged:
		for _, a := range i.acks {
			if a.user == by.user {
				return refuse(1002)
			}
		}
	case triggered:
	default:
		return refuse(1003, "Status "+status+" is invalid.")
	}
	return nil
}

func (s *Server) apply(c change, by actor) *Error {
	i := c.incident
	if c.Title != "" && c.Title != i.title {
		i.title = c.Title
		s.touch(i)
		s.record(i, "field_edit_log_entry", by, "Title changed by "+by.name()+".")
	}
	if c.setPriority && c.priority != i.priority {
		s.setPriority(i, c.priority, by)
	}
	if c.Urgency != "" {
		s.setUrgency(i, c.Urgency, by)
	}
	if c.Bridge != nil {
		i.bridge = c.Bridge
		s.touch(i)
	}
	if c.Service != nil {
		s.move(i, s.serviceNamed(c.Service.ID), by)
	}
	if e := s.applyStatus(c, by); e != nil || !i.open() {
		return e
	}
	switch {
	case c.Policy != nil && c.policy != i.policy:
		return s.delegate(i, c.policy, c.level, by)
	case c.Policy != nil && c.Level == nil:
		s.backToTriggered(i, by)
		s.moveTo(i, s.firstLevel(i.policy, 1), by)
	case c.Level != nil:
		return s.escalate(i, c.level, by)
	case c.people != nil:
		return s.reassign(i, c.people, by)
	}
	return nil
}

// applyStatus sets the status; triggered or acknowledged reopens what is
// resolved.
func (s *Server) applyStatus(c change, by actor) *Error {
	i := c.incident
	switch c.Status {
	case resolved:
		return s.resolve(i, by, c.Resolution)
	case acknowledged:
		if !i.open() {
			if e := s.reopen(i, by); e != nil {
				return e
			}
		}
		return s.acknowledge(i, by)
	case triggered:
		switch i.status {
		case resolved:
			return s.reopen(i, by)
		case acknowledged:
			s.unacknowledge(i, by, "unacknowledged")
		}
	}
	return nil
}

// move gives the incident to another service; its policy stays.
func (s *Server) move(i *incident, v *Service, by actor) {
	if i.service == v {
		return
	}
	i.service = v
	s.touch(i)
	s.record(i, "field_edit_log_entry", by, "Service changed to "+v.Name+" by "+by.name()+".")
	s.send(i, "incident.service_updated", by)
}
