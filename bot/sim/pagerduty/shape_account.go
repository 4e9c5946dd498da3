package pagerduty

import "time"

func (s *Server) userShape(u *User) obj {
	o := s.ref("user", "users", u.ID, u.Name)
	o["name"], o["email"], o["role"] = u.Name, u.Email, role(u)
	o["time_zone"], o["color"], o["description"], o["job_title"] = s.opt.TimeZone.String(), "green", nil, nil
	o["invitation_sent"] = false
	rules, methods := []any{}, []any{obj{"id": "C" + u.ID, "type": "email_contact_method_reference", "summary": "Default"}}
	if !u.Silent {
		rules = append(rules, obj{"id": "N" + u.ID, "type": "assignment_notification_rule_reference", "summary": "0 minutes: channel C" + u.ID})
	}
	o["notification_rules"], o["contact_methods"], o["teams"] = rules, methods, []any{}
	return o
}

func role(u *User) string {
	if u.Role == "" {
		return "user"
	}
	return u.Role
}

func (s *Server) serviceShape(v *Service) obj {
	o := s.serviceRef(v)
	o["type"], o["name"], o["description"] = "service", v.Name, nil
	o["status"] = s.serviceStatus(v)
	o["created_at"], o["last_incident_timestamp"] = "2020-01-01T00:00:00Z", s.lastIncident(v)
	o["escalation_policy"] = s.policyRef(s.policy(v.Policy))
	o["acknowledgement_timeout"], o["auto_resolve_timeout"] = nil, nil
	if v.AckTimeout > 0 {
		o["acknowledgement_timeout"] = int((v.AckTimeout + time.Second - 1) / time.Second)
	}
	rule := obj{"type": "constant", "urgency": v.Urgency}
	switch v.Urgency {
	case "":
		rule["urgency"] = "high"
	case "severity":
		rule["urgency"] = "severity_based"
	}
	o["incident_urgency_rule"] = rule
	o["alert_creation"] = "create_alerts_and_incidents"
	o["alert_grouping_parameters"] = grouping(v.Grouping)
	for _, k := range []string{"teams", "integrations", "scheduled_actions", "addons"} {
		o[k] = []any{}
	}
	return o
}

func grouping(g Grouping) obj {
	switch g.By {
	case "":
		return obj{"type": nil, "config": nil}
	case "service":
		return obj{"type": "time", "config": obj{"timeout": minutes(g.Window)}}
	}
	return obj{"type": "content_based", "config": obj{
		"aggregate": "all", "fields": []string{"custom_details." + g.By}, "time_window": int(g.Window / time.Second),
	}}
}

// serviceStatus is the worst of the service's open incidents.
func (s *Server) serviceStatus(v *Service) string {
	if s.maintained(v) {
		return "maintenance"
	}
	status := "active"
	for i := range s.live {
		if i.service != v {
			continue
		}
		if i.status == triggered {
			return "critical"
		}
		status = "warning"
	}
	return status
}

func (s *Server) lastIncident(v *Service) any {
	for n := len(s.incidents) - 1; n >= 0; n-- {
		if s.incidents[n].service == v {
			return stampText(s.incidents[n].created)
		}
	}
	return nil
}

func (s *Server) policyShape(p *EscalationPolicy) obj {
	o := s.policyRef(p)
	o["type"], o["name"], o["num_loops"], o["description"] = "escalation_policy", p.Name, p.Repeats, nil
	o["on_call_handoff_notifications"] = "if_has_services"
	rules, services := []any{}, []any{}
	for n, l := range p.Levels {
		targets := []any{}
		for _, u := range s.users(l.Users) {
			targets = append(targets, s.userRef(u))
		}
		rules = append(rules, obj{
			"id": p.ID + "R" + itoa(n+1), "escalation_delay_in_minutes": minutes(l.Timeout), "targets": targets,
		})
	}
	for i := range s.opt.Services {
		if v := &s.opt.Services[i]; v.Policy == p.ID {
			services = append(services, s.serviceRef(v))
		}
	}
	o["escalation_rules"], o["services"], o["teams"] = rules, services, []any{}
	return o
}

func (s *Server) windowShape(w *window) obj {
	o := s.ref("maintenance_window", "maintenance_windows", w.id, w.description)
	o["sequence_number"], o["description"] = w.number, w.description
	o["start_time"], o["end_time"] = stampText(w.start), stampText(w.end)
	services := []any{}
	for _, v := range w.services {
		services = append(services, s.serviceRef(v))
	}
	o["services"], o["teams"], o["created_by"] = services, []any{}, s.userRef(w.by)
	return o
}
