package pagerduty

import (
	"net/http"
	"slices"
	"sort"
	"strings"
	"time"
)

// named is a reference in a request.
type named struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

func (s *Server) incident(r *request) (*incident, *Error) {
	if i := s.byID[r.PathValue("id")]; i != nil {
		return i, nil
	}
	return nil, refuse(2100)
}

func (s *Server) oneIncident(r *request) (int, any, *Error) {
	i, e := s.incident(r)
	if e != nil {
		return 0, nil, e
	}
	return http.StatusOK, obj{"incident": s.incidentShape(i, r.include())}, nil
}

func (s *Server) listIncidents(r *request) (int, any, *Error) {
	q := r.URL.Query()
	statuses := list(q, "statuses")
	for _, v := range statuses {
		if v != triggered && v != acknowledged && v != resolved {
			return 0, nil, refuse(1003, "Status "+v+" is invalid.")
		}
	}
	since, until, e := s.window(r)
	if e != nil {
		return 0, nil, e
	}
	services, users, urgencies := list(q, "service_ids"), list(q, "user_ids"), list(q, "urgencies")
	var found []*incident
	for _, i := range s.incidents {
		if !until.IsZero() && (i.created.Before(since) || i.created.After(until)) ||
			len(statuses) > 0 && !slices.Contains(statuses, i.status) ||
			len(services) > 0 && !slices.Contains(services, i.service.ID) ||
			len(urgencies) > 0 && !slices.Contains(urgencies, i.urgency) ||
			q.Get("incident_key") != "" && q.Get("incident_key") != i.key ||
			len(users) > 0 && !i.assignedToAny(users) {
			continue
		}
		found = append(found, i)
	}
	if e := sortIncidents(found, q.Get("sort_by")); e != nil {
		return 0, nil, e
	}
	include := r.include()
	return page(r, "incidents", found, func(i *incident) obj { return s.incidentShape(i, include) })
}

func list(q map[string][]string, name string) []string { return append(q[name+"[]"], q[name]...) }

// assignedToAny is never true of a resolved incident, which has no assignees.
func (i *incident) assignedToAny(users []string) bool {
	return slices.ContainsFunc(i.assignees, func(a stamp) bool { return slices.Contains(users, a.user.ID) })
}

// window is the time that is asked for: the last month unless it is said
// otherwise, half a year at most, zero for all.
func (s *Server) window(r *request) (since, until time.Time, e *Error) {
	q := r.URL.Query()
	if q.Get("date_range") == "all" {
		return since, until, nil
	}
	until = now()
	if text := q.Get("until"); text != "" {
		if until, e = s.when(r, text); e != nil {
			return since, until, e
		}
	}
	since = until.AddDate(0, -1, 0)
	if text := q.Get("since"); text != "" {
		if since, e = s.when(r, text); e != nil {
			return since, until, e
		}
	}
	if since.AddDate(0, 6, 0).Before(until) {
		return since, until, refuse(2001, "The time range cannot be more than 6 months.")
	}
	return since, until, nil
}

func sortIncidents(all []*incident, by string) *Error {
	if by == "" {
		return nil // by number, as they came
	}
	fields := strings.Split(by, ",")
	if len(fields) > 2 {
		return refuse(2001, "At most two fields to sort by.")
	}
	for n := len(fields) - 1; n >= 0; n-- {
		name, direction, _ := strings.Cut(fields[n], ":")
		less := map[string]func(a, b *incident) bool{
			"incident_number": func(a, b *incident) bool { return a.number < b.number },
			"created_at":      func(a, b *incident) bool { return a.created.Before(b.created) },
			"resolved_at":     func(a, b *incident) bool { return a.ended.Before(b.ended) },
			"urgency":         func(a, b *incident) bool { return a.urgency < b.urgency },
		}[name]
		if less == nil || direction != "" && direction != "asc" && direction != "desc" {
			return refuse(2001, "Sort_by is invalid: "+fields[n])
		}
		sort.SliceStable(all, func(x, y int) bool {
			if direction == "desc" {
				return less(all[y], all[x])
			}
			return less(all[x], all[y])
		})
	}
	return nil
}

func (s *Server) createIncident(r *request) (int, any, *Error) {
	var in struct {
		Incident *struct {
			Type, Title, Urgency string
			Key                  string `json:"incident_key"`
			Service              *named
			Policy               *named `json:"escalation_policy"`
			Body                 *struct{ Type, Details string }
			Priority             any
			Assignments          []struct{ Assignee named }
			Bridge               obj `json:"conference_bridge"`
		}
	}
	if e := r.decode(&in); e != nil {
		return 0, nil, e
	}
	n := in.Incident
	switch {
	case n == nil || n.Type != "incident" && n.Type != "incident_reference":
		return 0, nil, refuse(2001, "Incident must have the type incident.")
	case strings.TrimSpace(n.Title) == "":
		return 0, nil, refuse(2001, "Title cannot be empty.")
	case n.Service == nil || s.serviceNamed(n.Service.ID) == nil:
		return 0, nil, refuse(2001, "Service does not exist.")
	case n.Urgency != "" && n.Urgency != "high" && n.Urgency != "low":
		return 0, nil, refuse(2001, "Urgency must be high or low.")
	}
	b := birth{service: s.serviceNamed(n.Service.ID), title: n.Title, key: n.Key, urgency: n.Urgency, bridge: n.Bridge}
	if n.Urgency == "" {
		b.urgency = urgencyOf(b.service, "critical")
	}
	if n.Body != nil {
		b.body = n.Body.Details
	}
	var e *Error
	if b.priority, e = s.priority(n.Priority); e != nil {
		return 0, nil, e
	}
	if n.Policy != nil {
		if b.policy = s.policy(n.Policy.ID); b.policy == nil {
			return 0, nil, refuse(1014)
		}
	}
	for _, a := range n.Assignments {
		u := s.user(a.Assignee.ID)
		if u == nil {
			return 0, nil, refuse(1007)
		}
		b.assignee = append(b.assignee, u)
	}
	if n.Key != "" && s.keyOpen(b.service, n.Key) {
		return 0, nil, refuse(2001, "Open incident already exists on service with matching incident_key.")
	}
	return http.StatusCreated, obj{"incident": s.incidentShape(s.trigger(b, r.by), r.include())}, nil
}

func (s *Server) keyOpen(v *Service, key string) bool {
	for i := range s.live {
		if i.service == v && i.key == key {
			return true
		}
	}
	return false
}

// priority reads a priority: nil, a name, or a reference.
func (s *Server) priority(v any) (*Priority, *Error) {
	var want string
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		want = v
	case map[string]any:
		want, _ = v["id"].(string)
	}
	for _, p := range pointers(s.opt.Priorities) {
		if want != "" && (p.ID == want || p.Name == want) {
			return p, nil
		}
	}
	return nil, refuse(1020)
}
