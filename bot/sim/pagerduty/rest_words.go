package pagerduty

import (
	"net/http"
	"slices"
	"time"
)

func (s *Server) listNotes(r *request) (int, any, *Error) {
	i, e := s.incident(r)
	if e != nil {
		return 0, nil, e
	}
	list := []any{}
	for _, n := range i.notes {
		list = append(list, s.noteShape(n))
	}
	return http.StatusOK, obj{"notes": list}, nil
}

func (s *Server) createNote(r *request) (int, any, *Error) {
	i, e := s.incident(r)
	if e != nil {
		return 0, nil, e
	}
	var in struct{ Note struct{ Content string } }
	if e := r.decode(&in); e != nil {
		return 0, nil, e
	}
	n, e := s.annotate(i, in.Note.Content, r.by)
	if e != nil {
		return 0, nil, e
	}
	return http.StatusOK, obj{"note": s.noteShape(n)}, nil
}

func (s *Server) createUpdate(r *request) (int, any, *Error) {
	i, e := s.incident(r)
	if e != nil {
		return 0, nil, e
	}
	var in struct {
		Message, Subject string
		HTML             string `json:"html_message"`
	}
	if e := r.decode(&in); e != nil {
		return 0, nil, e
	}
	n, e := s.publish(i, note{content: in.Message, subject: in.Subject, html: in.HTML}, r.by)
	if e != nil {
		return 0, nil, e
	}
	return http.StatusOK, obj{"status_update": obj{
		"id": n.id, "message": n.content, "subject": n.subject, "html_message": n.html,
		"created_at": stampText(n.at), "sender": s.agentRef(n.by),
	}}, nil
}

func (s *Server) snoozeIncident(r *request) (int, any, *Error) {
	i, e := s.incident(r)
	if e != nil {
		return 0, nil, e
	}
	var in struct{ Duration int64 }
	if e := r.decode(&in); e != nil {
		return 0, nil, e
	}
	if in.Duration < 1 || in.Duration > 604800 {
		return 0, nil, refuse(1013, "Duration must be between 1 and 604800 seconds.")
	}
	if e := s.snooze(i, time.Duration(in.Duration)*time.Second, r.by); e != nil {
		return 0, nil, e
	}
	return http.StatusCreated, obj{"incident": s.incidentShape(i, nil)}, nil
}

func (s *Server) mergeIncident(r *request) (int, any, *Error) {
	i, e := s.incident(r)
	if e != nil {
		return 0, nil, e
	}
	var in struct {
		Sources []named `json:"source_incidents"`
	}
	if e := r.decode(&in); e != nil {
		return 0, nil, e
	}
	var sources []*incident
	for _, x := range in.Sources {
		src := s.byID[x.ID]
		if src == nil || slices.Contains(sources, src) {
			return 0, nil, refuse(1004, "Incident "+x.ID+" does not exist, or is named twice.")
		}
		sources = append(sources, src)
	}
	if len(sources) == 0 {
		return 0, nil, refuse(2001, "Source incidents cannot be empty.")
	}
	if e := s.merge(i, sources, r.by); e != nil {
		return 0, nil, e
	}
	return http.StatusOK, obj{"incident": s.incidentShape(i, nil)}, nil
}

// requestResponders needs no From: the requester is named in the body.
func (s *Server) requestResponders(r *request) (int, any, *Error) {
	i, e := s.incident(r)
	if e != nil {
		return 0, nil, e
	}
	if !slices.Contains(s.opt.Abilities, "coordinated_responding") {
		return 0, nil, refuse(2014)
	}
	var in struct {
		Requester string `json:"requester_id"`
		Message   string
		Targets   []struct {
			Target named `json:"responder_request_target"`
		} `json:"responder_request_targets"`
	}
	if e := r.decode(&in); e != nil {
		return 0, nil, e
	}
	requester := s.user(in.Requester)
	if requester == nil {
		return 0, nil, refuse(1008)
	}
	var people []*User
	for _, t := range in.Targets {
		found := s.target(t.Target)
		if len(found) == 0 {
			return 0, nil, refuse(2001, "Responder request target "+t.Target.ID+" is nobody.")
		}
		people = append(people, found...)
	}
	if len(people) == 0 {
		return 0, nil, refuse(2001, "Responder request targets cannot be empty.")
	}
	by := actor{user: requester, channel: "api"}
	if e := s.invite(i, people, in.Message, by); e != nil {
		return 0, nil, e
	}
	targets := []any{}
	for _, t := range in.Targets {
		targets = append(targets, obj{"responder_request_target": obj{
			"id": t.Target.ID, "type": t.Target.Type, "incidents_responders": s.responderShapes(i),
		}})
	}
	return http.StatusOK, obj{"responder_request": obj{
		"incident": s.incidentRef(i), "requester": s.userRef(requester), "requested_at": stampText(now()),
		"message": in.Message, "responder_request_targets": targets,
	}}, nil
}

// target is the people behind a user, or behind the first level of a policy.
func (s *Server) target(t named) []*User {
	switch t.Type {
	case "user", "user_reference":
		if u := s.user(t.ID); u != nil {
			return []*User{u}
		}
	case "escalation_policy", "escalation_policy_reference":
		if p := s.policy(t.ID); p != nil {
			if l := s.firstLevel(p, 1); l > 0 {
				return s.users(p.Levels[l-1].Users)
			}
		}
	}
	return nil
}
