package pagerduty

import (
	"net/http"
	"slices"
	"strings"
)

func (s *Server) listUsers(r *request) (int, any, *Error) {
	query := strings.ToLower(r.URL.Query().Get("query"))
	var found []*User
	for i := range s.opt.Users {
		u := &s.opt.Users[i]
		if strings.Contains(strings.ToLower(u.Name), query) || strings.Contains(strings.ToLower(u.Email), query) {
			found = append(found, u)
		}
	}
	return page(r, "users", found, s.userShape)
}

func (s *Server) currentUser(r *request) (int, any, *Error) {
	u := s.user(r.token.User)
	if u == nil {
		return 0, nil, refuse(2001, "Current user is only available with a user token.")
	}
	return http.StatusOK, obj{"user": s.userShape(u)}, nil
}

func (s *Server) oneUser(r *request) (int, any, *Error) {
	u := s.user(r.PathValue("id"))
	if u == nil {
		return 0, nil, refuse(2100)
	}
	return http.StatusOK, obj{"user": s.userShape(u)}, nil
}

func pointers[T any](all []T) []*T {
	var list []*T
	for i := range all {
		list = append(list, &all[i])
	}
	return list
}

func (s *Server) listPriorities(r *request) (int, any, *Error) {
	return page(r, "priorities", pointers(s.opt.Priorities), func(p *Priority) obj { return s.priorityShape(p).(obj) })
}

func (s *Server) listServices(r *request) (int, any, *Error) {
	q := r.URL.Query()
	query := strings.ToLower(q.Get("query"))
	var found []*Service
	for _, v := range pointers(s.opt.Services) {
		if strings.Contains(strings.ToLower(v.Name), query) && (q.Get("name") == "" || q.Get("name") == v.Name) {
			found = append(found, v)
		}
	}
	return page(r, "services", found, s.serviceWith(r))
}

// serviceWith is the service's shape with what include[] asks for.
func (s *Server) serviceWith(r *request) func(*Service) obj {
	include := r.include()
	return func(v *Service) obj {
		o := s.serviceShape(v)
		if include["escalation_policies"] {
			o["escalation_policy"] = s.policyShape(s.policy(v.Policy))
		}
		return o
	}
}

func (s *Server) oneService(r *request) (int, any, *Error) {
	for _, v := range pointers(s.opt.Services) {
		if v.ID == r.PathValue("id") {
			return http.StatusOK, obj{"service": s.serviceWith(r)(v)}, nil
		}
	}
	return 0, nil, refuse(2100)
}

func (s *Server) listPolicies(r *request) (int, any, *Error) {
	query := strings.ToLower(r.URL.Query().Get("query"))
	var found []*EscalationPolicy
	for _, p := range pointers(s.opt.EscalationPolicies) {
		if strings.Contains(strings.ToLower(p.Name), query) {
			found = append(found, p)
		}
	}
	return page(r, "escalation_policies", found, s.policyShape)
}

func (s *Server) onePolicy(r *request) (int, any, *Error) {
	p := s.policy(r.PathValue("id"))
	if p == nil {
		return 0, nil, refuse(2100)
	}
	return http.StatusOK, obj{"escalation_policy": s.policyShape(p)}, nil
}

// onCall is one person at one level of a policy.
type onCall struct {
	policy *EscalationPolicy
	level  int
	user   *User
}

func (s *Server) listOnCalls(r *request) (int, any, *Error) {
	q := r.URL.Query()
	policies, users := q["escalation_policy_ids[]"], q["user_ids[]"]
	seen := map[string]bool{}
	var found []onCall
	for _, p := range pointers(s.opt.EscalationPolicies) {
		if len(policies) > 0 && !slices.Contains(policies, p.ID) {
			continue
		}
		for n, l := range p.Levels {
			for _, u := range s.users(l.Users) {
				key := p.ID + " " + u.ID
				if len(users) > 0 && !slices.Contains(users, u.ID) || q.Get("earliest") == "true" && seen[key] {
					continue
				}
				seen[key] = true
				found = append(found, onCall{p, n + 1, u})
			}
		}
	}
	include := r.include()
	return page(r, "oncalls", found, func(c onCall) obj {
		o := obj{
			"user": s.userRef(c.user), "escalation_policy": s.policyRef(c.policy), "escalation_level": c.level,
			"schedule": nil, "start": nil, "end": nil,
		}
		if include["users"] {
			o["user"] = s.userShape(c.user)
		}
		return o
	})
}

func (s *Server) listAbilities(*request) (int, any, *Error) {
	return http.StatusOK, obj{"abilities": s.opt.Abilities}, nil
}

func (s *Server) listWindows(r *request) (int, any, *Error) {
	q := r.URL.Query()
	services := q["service_ids[]"]
	t := now()
	var found []*window
	for _, w := range s.windows {
		past, future := !t.Before(w.end), t.Before(w.start)
		var ok bool
		switch q.Get("filter") {
		case "", "all":
			ok = true
		case "past":
			ok = past
		case "future":
			ok = future
		case "ongoing":
			ok = !past && !future
		case "open":
			ok = !past
		default:
			return 0, nil, refuse(2001, "Filter is invalid.")
		}
		if ok && (len(services) == 0 || w.covers(services)) {
			found = append(found, w)
		}
	}
	return page(r, "maintenance_windows", found, s.windowShape)
}

func (w *window) covers(ids []string) bool {
	return slices.ContainsFunc(w.services, func(v *Service) bool { return slices.Contains(ids, v.ID) })
}

func (s *Server) createWindow(r *request) (int, any, *Error) {
	var in struct {
		Window struct {
			Start       string  `json:"start_time"`
			End         string  `json:"end_time"`
			Description string  `json:"description"`
			Services    []named `json:"services"`
		} `json:"maintenance_window"`
	}
	if e := r.decode(&in); e != nil {
		return 0, nil, e
	}
	start, e1 := s.when(r, in.Window.Start)
	end, e2 := s.when(r, in.Window.End)
	if e1 != nil || e2 != nil || !start.Before(end) {
		return 0, nil, refuse(2001, "Start time must be before end time.")
	}
	w := &window{id: newID("P"), description: in.Window.Description, start: start, end: end, by: r.by.user, number: s.windowNumber()}
	for _, x := range in.Window.Services {
		v := s.serviceNamed(x.ID)
		if v == nil {
			return 0, nil, refuse(2001, "Service "+x.ID+" does not exist.")
		}
		w.services = append(w.services, v)
	}
	if len(w.services) == 0 {
		return 0, nil, refuse(2001, "Services cannot be empty.")
	}
	s.windows = append(s.windows, w)
	s.changed = true
	return http.StatusCreated, obj{"maintenance_window": s.windowShape(w)}, nil
}

// windowNumber is the next window's: also that of a deleted one is not used again.
func (s *Server) windowNumber() int { s.lastWindow++; return s.lastWindow }

func (s *Server) oneWindow(r *request) (int, any, *Error) {
	w := s.windowOf(r.PathValue("id"))
	if w == nil {
		return 0, nil, refuse(2100)
	}
	return http.StatusOK, obj{"maintenance_window": s.windowShape(w)}, nil
}

// deleteWindow takes back a window that is ahead, and ends one that is open.
func (s *Server) deleteWindow(r *request) (int, any, *Error) {
	w := s.windowOf(r.PathValue("id"))
	switch {
	case w == nil:
		return 0, nil, refuse(2100)
	case !now().Before(w.end):
		return 0, nil, &Error{Status: http.StatusMethodNotAllowed, Code: 2001, Message: texts[2001], Details: []string{"The maintenance window has ended."}}
	case now().Before(w.start):
		s.windows = slices.DeleteFunc(s.windows, func(x *window) bool { return x == w })
	default:
		w.end = now()
	}
	s.changed = true
	return http.StatusNoContent, nil, nil
}

func (s *Server) windowOf(id string) *window {
	for _, w := range s.windows {
		if w.id == id {
			return w
		}
	}
	return nil
}
