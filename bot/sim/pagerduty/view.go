package pagerduty

import (
	"maps"
	"slices"
)

// State is what the account looks like now.
func (s *Server) State() (st State) {
	s.update(func() {
		st = State{
			Account: s.opt.Account, Now: now(),
			Users: []UserState{}, Services: []ServiceState{}, Policies: []PolicyState{},
			Incidents: []IncidentState{}, Pages: []Page{}, Webhooks: []SubscriptionState{}, Faults: []Fault{},
		}
		for n := len(s.pages) - 1; n >= 0; n-- {
			st.Pages = append(st.Pages, *s.pages[n])
		}
		for n := len(s.incidents) - 1; n >= 0; n-- {
			st.Incidents = append(st.Incidents, s.viewIncident(s.incidents[n]))
		}
		s.viewAccount(&st)
		for _, h := range s.hooks {
			st.Webhooks = append(st.Webhooks, h.view())
		}
		for _, f := range s.faults {
			st.Faults = append(st.Faults, *f)
		}
	})
	return st
}

func (s *Server) viewAccount(st *State) {
	for _, u := range pointers(s.opt.Users) {
		v := UserState{ID: u.ID, Name: u.Name, Email: u.Email, Role: role(u), Silent: u.Silent}
		for _, p := range s.pages {
			if p.Ringing && p.User.ID == u.ID {
				v.Rings++
			}
		}
		st.Users = append(st.Users, v)
	}
	for _, v := range pointers(s.opt.Services) {
		x := ServiceState{ID: v.ID, Name: v.Name, Policy: v.Policy, Status: s.serviceStatus(v), AckTimeout: v.AckTimeout}
		for i := range s.live {
			if i.service == v {
				x.Open++
			}
		}
		st.Services = append(st.Services, x)
	}
	for _, p := range pointers(s.opt.EscalationPolicies) {
		x := PolicyState{ID: p.ID, Name: p.Name, Repeats: p.Repeats}
		for n, l := range p.Levels {
			x.Levels = append(x.Levels, LevelState{Level: n + 1, Users: persons(s.users(l.Users)), Timeout: l.Timeout})
		}
		st.Policies = append(st.Policies, x)
	}
}

func persons(users []*User) []Person {
	all := []Person{}
	for _, u := range users {
		all = append(all, Person{u.ID, u.Name})
	}
	return all
}

func holders(stamps []stamp) []Person {
	all := []Person{}
	for _, a := range stamps {
		if a.user != nil {
			all = append(all, Person{a.user.ID, a.user.Name})
		} else {
			all = append(all, Person{Name: a.name()})
		}
	}
	return all
}

func (s *Server) viewIncident(i *incident) IncidentState {
	v := IncidentState{
		ID: i.id, Number: i.number, Title: i.title, Status: i.status, Urgency: i.urgency,
		Service: Person{i.service.ID, i.service.Name}, Policy: Person{i.policy.ID, i.policy.Name},
		Level: i.level, Assignees: holders(i.assignees), AckedBy: holders(i.acks),
		CreatedAt: i.created, UpdatedAt: i.updated, ResolvedAt: i.ended, Key: i.key,
		URL: s.opt.HTMLURL + "/incidents/" + i.id, AckLapses: i.ackLapses, SnoozedTo: i.snoozedTo,
		Alerts: []AlertState{}, Notes: viewNotes(i.notes), Updates: viewNotes(i.updates), Log: []LogState{},
	}
	if i.priority != nil {
		v.Priority = i.priority.Name
	}
	if i.mergedInto != nil {
		v.MergedInto = i.mergedInto.id
	}
	if !i.open() {
		v.ResolvedBy = i.statusBy.name()
	} else {
		v.Stuck = i.stuck(s)
	}
	if !i.escalateAt.IsZero() {
		level, _ := s.nextLevel(i)
		v.Escalation = &NextState{At: i.escalateAt, Level: level, To: persons(s.users(i.policy.Levels[level-1].Users))}
	}
	for _, a := range i.alerts {
		v.Alerts = append(v.Alerts, viewAlert(a))
	}
	for n := len(i.log) - 1; n >= 0; n-- {
		e := i.log[n]
		v.Log = append(v.Log, LogState{At: e.at, Type: e.kind, Channel: e.by.channel, By: e.by.name(), Text: e.text})
	}
	for _, r := range i.responders {
		v.Responders = append(v.Responders, PersonAnswer{Person{r.user.ID, r.user.Name}, r.state})
	}
	return v
}

func viewNotes(notes []note) []NoteState {
	all := []NoteState{}
	for _, n := range notes {
		all = append(all, NoteState{ID: n.id, By: n.by.name(), At: n.at, Content: n.content})
	}
	return all
}

func viewAlert(a *alert) AlertState {
	v := AlertState{
		ID: a.id, Key: a.key, Summary: a.summary, Status: a.status, Severity: a.severity,
		CreatedAt: a.created, Events: a.events,
	}
	switch d := a.details.(type) {
	case map[string]any:
		v.Details = maps.Clone(d)
	case string:
		v.Text = d
	}
	return v
}

func (h *subscription) view() SubscriptionState {
	v := SubscriptionState{
		ID: h.ID, URL: h.URL, Active: h.active, Delivered: h.delivered, Attempts: h.attempts,
		Dropped: h.dropped, Last: h.last, LastAt: h.lastAt,
	}
	if now().Before(h.disabled) {
		v.DisabledUntil = h.disabled
	}
	for _, q := range slices.Collect(maps.Values(h.queues)) {
		v.Queued += len(q.items)
	}
	return v
}
