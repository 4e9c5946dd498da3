package pagerduty

import (
	"fmt"
	"time"
)

// Raise is the monitoring tool reporting a fault. It answers the incident's ID,
// which is an older one when the alert was grouped or repeats an open dedup key
// (then no webhook is sent), and empty while the service is under maintenance.
// The error is for a service that does not exist.
func (s *Server) Raise(a Alert) (incident string, err error) {
	s.update(func() {
		v := s.serviceNamed(a.Service)
		if v == nil {
			err = fmt.Errorf("pagerduty: raise alert: service %q does not exist", a.Service)
			return
		}
		incident = s.raise(v, a)
	})
	return incident, err
}

// Clear is the monitoring tool reporting that a fault is gone: the alert is
// resolved, and the incident with it when it was the last open one. A key that
// is not open is no error.
func (s *Server) Clear(service, dedupKey string) (err error) {
	s.update(func() {
		v := s.serviceNamed(service)
		if v == nil {
			err = fmt.Errorf("pagerduty: clear alert: service %q does not exist", service)
			return
		}
		s.clear(v, dedupKey)
	})
	return err
}

func integration(v *Service, client, url string) actor {
	by := actor{service: v, channel: "events_api_v2"}
	if client != "" {
		by.client = obj{"name": client, "url": url}
	}
	return by
}

func openKey(v *Service, key string) string { return v.ID + "\x00" + key }

func (s *Server) raise(v *Service, a Alert) string {
	if s.maintained(v) {
		return ""
	}
	if a.DedupKey == "" {
		a.DedupKey = newUUID()
	}
	if a.Severity == "" {
		a.Severity = "critical"
	}
	if old := s.openKeys[openKey(v, a.DedupKey)]; old != nil {
		old.events++
		s.changed = true
		return old.incident.id
	}
	n := &alert{
		id: newID("Q"), key: a.DedupKey, summary: a.Title, status: triggered, severity: a.Severity,
		source: a.Source, component: a.Component, group: a.Group, class: a.Class,
		details: a.Details, created: now(), events: 1, service: v,
	}
	if i := s.groupFor(v, n); i != nil {
		s.adopt(i, n)
		s.touch(i)
		return i.id
	}
	by := integration(v, a.Client, a.ClientURL)
	return s.trigger(birth{service: v, title: a.Title, key: a.DedupKey, urgency: urgencyOf(v, a.Severity), alert: n}, by).id
}

func urgencyOf(v *Service, severity string) string {
	switch {
	case v.Urgency == "low", v.Urgency == "severity" && (severity == "warning" || severity == "info"):
		return "low"
	}
	return "high"
}

// groupFor finds the open incident that the service's grouping puts the alert
// into, the newest first.
func (s *Server) groupFor(v *Service, a *alert) *incident {
	if v.Grouping.By == "" {
		return nil
	}
	for n := len(s.incidents) - 1; n >= 0; n-- {
		i := s.incidents[n]
		if i.service != v || !i.open() || len(i.alerts) >= 1000 {
			continue
		}
		if w := v.Grouping.Window; w > 0 && time.Since(i.created) > w {
			continue
		}
		if v.Grouping.By == "service" || sameDetail(i, a, v.Grouping.By) {
			return i
		}
	}
	return nil
}

func sameDetail(i *incident, a *alert, field string) bool {
	want, ok := detail(a, field)
	if !ok || len(i.alerts) == 0 {
		return false
	}
	got, ok := detail(i.alerts[0], field)
	return ok && got == want
}

func detail(a *alert, field string) (string, bool) {
	m, _ := a.details.(map[string]any)
	v, ok := m[field]
	return fmt.Sprint(v), ok
}

// adopt puts the alert into the incident.
func (s *Server) adopt(i *incident, a *alert) {
	a.incident = i
	i.alerts = append(i.alerts, a)
	if a.status == triggered {
		s.openKeys[openKey(a.service, a.key)] = a
	}
}

func (s *Server) endAlert(a *alert) {
	if a.status == resolved {
		return
	}
	a.status, a.ended = resolved, now()
	delete(s.openKeys, openKey(a.service, a.key))
	s.changed = true
}

func (s *Server) clear(v *Service, key string) {
	a := s.openKeys[openKey(v, key)]
	if a == nil {
		return
	}
	s.endAlert(a)
	s.touch(a.incident)
	s.resolveIfClear(a.incident, integration(v, "", ""))
}

// resolveIfClear resolves the incident when all its alerts are.
func (s *Server) resolveIfClear(i *incident, by actor) {
	for _, a := range i.alerts {
		if a.status != resolved {
			return
		}
	}
	if len(i.alerts) > 0 && i.open() {
		s.resolve(i, by, "")
	}
}

// maintained says whether a maintenance window of the service is under way.
func (s *Server) maintained(v *Service) bool {
	t := now()
	for _, w := range s.windows {
		if t.Before(w.start) || !t.Before(w.end) {
			continue
		}
		for _, x := range w.services {
			if x == v {
				return true
			}
		}
	}
	return false
}
