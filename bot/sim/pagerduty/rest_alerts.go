package pagerduty

import (
	"net/http"
	"slices"
)

func (s *Server) listAlerts(r *request) (int, any, *Error) {
	i, e := s.incident(r)
	if e != nil {
		return 0, nil, e
	}
	q := r.URL.Query()
	statuses, key := list(q, "statuses"), q.Get("alert_key")
	var found []*alert
	for _, a := range i.alerts {
		if len(statuses) > 0 && !slices.Contains(statuses, a.status) || key != "" && key != a.key {
			continue
		}
		found = append(found, a)
	}
	return page(r, "alerts", found, s.alertShape)
}

func (i *incident) alert(id string) *alert {
	for _, a := range i.alerts {
		if a.id == id {
			return a
		}
	}
	return nil
}

func (s *Server) oneAlert(r *request) (int, any, *Error) {
	i, e := s.incident(r)
	if e != nil {
		return 0, nil, e
	}
	a := i.alert(r.PathValue("alert"))
	if a == nil {
		return 0, nil, refuse(2100)
	}
	return http.StatusOK, obj{"alert": s.alertShape(a)}, nil
}

// alertUpdate resolves an alert or moves it to another incident.
type alertUpdate struct {
	ID, Type, Status string
	Incident         *named
}

func (s *Server) manageAlerts(r *request) (int, any, *Error) {
	i, e := s.incident(r)
	if e != nil {
		return 0, nil, e
	}
	var in struct{ Alerts []alertUpdate }
	if e := r.decode(&in); e != nil {
		return 0, nil, e
	}
	if len(in.Alerts) == 0 || len(in.Alerts) > 1000 {
		return 0, nil, refuse(2001, "Between 1 and 1000 alerts.")
	}
	changed, e := s.changeAlerts(i, in.Alerts, r.by)
	if e != nil {
		return 0, nil, e
	}
	list := []any{}
	for _, a := range changed {
		list = append(list, s.alertShape(a))
	}
	return http.StatusOK, obj{"alerts": list, "limit": 100, "offset": 0, "more": false, "total": nil}, nil
}

func (s *Server) manageAlert(r *request) (int, any, *Error) {
	i, e := s.incident(r)
	if e != nil {
		return 0, nil, e
	}
	var in struct{ Alert alertUpdate }
	if e := r.decode(&in); e != nil {
		return 0, nil, e
	}
	in.Alert.ID = r.PathValue("alert")
	changed, e := s.changeAlerts(i, []alertUpdate{in.Alert}, r.by)
	if e != nil {
		return 0, nil, e
	}
	return http.StatusOK, obj{"alert": s.alertShape(changed[0])}, nil
}

func (s *Server) changeAlerts(i *incident, updates []alertUpdate, by actor) ([]*alert, *Error) {
	var found []*alert
	for _, u := range updates {
		a := i.alert(u.ID)
		switch {
		case a == nil:
			return nil, refuse(2001, "Alert "+u.ID+" is not in this incident.")
		case u.Status != "" && u.Status != resolved && u.Status != a.status:
			return nil, refuse(1003, "An alert can only be resolved.")
		case u.Incident != nil && (s.byID[u.Incident.ID] == nil || !s.byID[u.Incident.ID].open()):
			return nil, refuse(1004)
		}
		found = append(found, a)
	}
	for n, u := range updates {
		a := found[n]
		if u.Incident != nil && u.Incident.ID != i.id {
			i.alerts = slices.DeleteFunc(i.alerts, func(x *alert) bool { return x == a })
			s.adopt(s.byID[u.Incident.ID], a)
			s.touch(a.incident)
		}
		if u.Status == resolved {
			s.endAlert(a)
		}
	}
	s.touch(i)
	s.resolveIfClear(i, by)
	return found, nil
}

func (s *Server) incidentEntries(r *request) (int, any, *Error) {
	i, e := s.incident(r)
	if e != nil {
		return 0, nil, e
	}
	return s.entryPage(r, i.log)
}

func (s *Server) listEntries(r *request) (int, any, *Error) { return s.entryPage(r, s.entries) }

func (s *Server) entryPage(r *request, all []*entry) (int, any, *Error) {
	q := r.URL.Query()
	since, until := now().AddDate(-100, 0, 0), now()
	var e *Error
	if text := q.Get("since"); text != "" {
		if since, e = s.when(r, text); e != nil {
			return 0, nil, e
		}
	}
	if text := q.Get("until"); text != "" {
		if until, e = s.when(r, text); e != nil {
			return 0, nil, e
		}
	}
	var found []*entry
	for n := len(all) - 1; n >= 0; n-- { // newest first
		x := all[n]
		if x.at.Before(since) || x.at.After(until) || q.Get("is_overview") == "true" && x.kind == "notify_log_entry" {
			continue
		}
		found = append(found, x)
	}
	include := r.include()
	return page(r, "log_entries", found, func(x *entry) obj { return s.entryShape(x, include) })
}

func (s *Server) oneEntry(r *request) (int, any, *Error) {
	for _, x := range s.entries {
		if x.id == r.PathValue("id") {
			return http.StatusOK, obj{"log_entry": s.entryShape(x, r.include())}, nil
		}
	}
	return 0, nil, refuse(2100)
}
