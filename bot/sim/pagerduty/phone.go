package pagerduty

// page makes the user's phone ring for the incident, unless the user has no
// notification rules or it rings for it already.
func (s *Server) page(i *incident, u *User, why string) {
	if u == nil || u.Silent {
		return
	}
	for _, p := range s.pages {
		if p.Ringing && p.Incident == i.id && p.User.ID == u.ID {
			return
		}
	}
	s.pages = append(s.pages, &Page{
		User: Person{u.ID, u.Name}, Incident: i.id, Number: i.number, Title: i.title,
		Urgency: i.urgency, At: now(), Reason: why, Ringing: true,
	})
	s.pages = oldest(s.pages, 2000)
	s.changed = true
	e := s.record(i, "notify_log_entry", actor{service: i.service, channel: "auto"}, "Notified "+u.Name+".")
	e.user = u
}

// oldest drops the oldest pages that ring no more once there are too many.
func oldest(pages []*Page, most int) []*Page {
	for n := 0; len(pages) > most && n < len(pages); {
		if pages[n].Ringing {
			n++
			continue
		}
		pages = append(pages[:n], pages[n+1:]...)
	}
	return pages
}

// silence stops every phone that rings for the incident.
func (s *Server) silence(i *incident, why string) {
	s.stop(i, why, func(*Page) bool { return true })
}

// hush stops the phones of those who have the incident no longer and were not
// asked to help.
func (s *Server) hush(i *incident, why string) {
	s.stop(i, why, func(p *Page) bool {
		return !i.assigned(s.user(p.User.ID)) && p.Reason != respond
	})
}

func (s *Server) stop(i *incident, why string, which func(*Page) bool) {
	for _, p := range s.pages {
		if p.Ringing && p.Incident == i.id && which(p) {
			p.Ringing, p.Stopped, p.Why = false, now(), why
			s.changed = true
		}
	}
}

const respond = "responder request"
