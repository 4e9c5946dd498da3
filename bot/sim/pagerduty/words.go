package pagerduty

import "slices"

// annotate adds a note.
func (s *Server) annotate(i *incident, content string, by actor) (note, *Error) {
	if content == "" {
		return note{}, refuse(2001, "Content cannot be empty.")
	}
	if len(i.notes) >= 2000 {
		return note{}, refuse(2001, "An incident cannot have more than 2000 notes.")
	}
	n := note{id: newID("P"), content: content, by: by, at: now()}
	i.notes = append(i.notes, n)
	s.touch(i)
	noting := by
	noting.channel = "note"
	s.record(i, "annotate_log_entry", noting, "Note added by "+by.name()+".").note = content
	s.sendNote(i, n, by)
	return n, nil
}

// publish sends a status update to the stakeholders.
func (s *Server) publish(i *incident, n note, by actor) (note, *Error) {
	if n.content == "" {
		return n, refuse(2001, "Message cannot be empty.")
	}
	n.id, n.by, n.at = newID("P"), by, now()
	i.updates = append(i.updates, n)
	s.touch(i)
	s.record(i, "status_update_log_entry", by, "Status update by "+by.name()+".").note = n.content
	s.sendUpdate(i, n, by)
	return n, nil
}

// invite asks people to help and pages them. Whoever was asked already is not
// asked again while the answer is pending.
func (s *Server) invite(i *incident, people []*User, message string, by actor) *Error {
	if !i.open() {
		return refuse(1001)
	}
	for _, u := range people {
		if slices.ContainsFunc(i.responders, func(r *responder) bool { return r.user == u && r.state == "pending" }) {
			continue
		}
		r := &responder{user: u, state: "pending", message: message, requester: by.user, at: now()}
		i.responders = append(i.responders, r)
		s.touch(i)
		e := s.record(i, "responder_request_log_entry", by, by.name()+" asked "+u.Name+" to help.")
		e.user = u
		s.page(i, u, respond)
		s.sendResponder(i, r, "incident.responder.added", by)
	}
	return nil
}

// answered takes an act of a responder as joining.
func (s *Server) answered(i *incident, u *User) {
	s.answer(i, u, "joined")
}

// answer is a responder's yes or no; false: nobody had asked.
func (s *Server) answer(i *incident, u *User, state string) bool {
	for _, r := range i.responders {
		if r.user != u || r.state != "pending" {
			continue
		}
		r.state = state
		s.touch(i)
		by := actor{user: u, channel: "website"}
		s.record(i, "responder_reply_log_entry", by, u.Name+" "+state+".")
		s.stop(i, state, func(p *Page) bool { return p.User.ID == u.ID && p.Reason == respond })
		s.sendResponder(i, r, "incident.responder.replied", by)
		return true
	}
	return false
}
