package pagerduty

import (
	"math"
	"time"
)

const apiURL = "https://api.pagerduty.com"

// stampText writes a time as the REST API does: whole seconds, UTC; nil for
// none.
func stampText(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}

// ref is a reference: id, type, summary, self, html_url.
func (s *Server) ref(kind, plural, id, summary string) obj {
	return obj{
		"id": id, "type": kind, "summary": summary,
		"self": apiURL + "/" + plural + "/" + id, "html_url": s.opt.HTMLURL + "/" + plural + "/" + id,
	}
}

func (s *Server) userRef(u *User) any {
	if u == nil {
		return nil
	}
	return s.ref("user_reference", "users", u.ID, u.Name)
}

func (s *Server) serviceRef(v *Service) obj {
	r := s.ref("service_reference", "services", v.ID, v.Name)
	r["html_url"] = s.opt.HTMLURL + "/service-directory/" + v.ID
	return r
}

func (s *Server) policyRef(p *EscalationPolicy) obj {
	return s.ref("escalation_policy_reference", "escalation_policies", p.ID, p.Name)
}

func (s *Server) incidentRef(i *incident) obj {
	return s.ref("incident_reference", "incidents", i.id, i.title)
}

// agentRef is who did it: a user, or the service whose integration or timer it
// was.
func (s *Server) agentRef(a actor) any {
	switch {
	case a.user != nil:
		return s.userRef(a.user)
	case a.service != nil:
		return s.serviceRef(a.service)
	}
	return nil
}

func (s *Server) priorityShape(p *Priority) any {
	if p == nil {
		return nil
	}
	o := s.ref("priority", "priorities", p.ID, p.Name)
	o["html_url"] = nil
	o["name"], o["description"] = p.Name, ""
	return o
}

// incidentShape is an incident as the REST API answers it. It carries no level:
// the real one does not either.
func (s *Server) incidentShape(i *incident, include map[string]bool) obj {
	o := s.ref("incident", "incidents", i.id, "[#"+itoa(i.number)+"] "+i.title)
	o["incident_number"], o["title"], o["description"] = i.number, i.title, i.title
	o["created_at"], o["updated_at"], o["resolved_at"] = stampText(i.created), stampText(i.updated), stampText(i.ended)
	o["status"], o["urgency"], o["incident_key"] = i.status, i.urgency, i.key
	o["service"], o["escalation_policy"] = s.serviceRef(i.service), s.policyRef(i.policy)
	o["assigned_via"] = i.via
	o["assignments"] = s.stamps(i.assignees, "assignee")
	o["acknowledgements"] = s.stamps(i.acks, "acknowledger")
	o["last_status_change_at"], o["last_status_change_by"] = stampText(i.statusAt), s.agentRef(i.statusBy)
	o["first_trigger_log_entry"] = s.ref("trigger_log_entry_reference", "log_entries", i.log[0].id, i.log[0].text)
	o["alert_counts"] = counts(i)
	o["is_mergeable"] = i.open()
	o["pending_actions"] = pending(i)
	o["priority"] = s.priorityShape(i.priority)
	o["resolve_reason"] = s.resolveReason(i)
	o["incidents_responders"] = s.responderShapes(i)
	o["conference_bridge"] = anyObj(i.bridge)
	o["alert_grouping"], o["basic_alert_grouping"] = nil, nil
	for _, k := range []string{"teams", "impacted_services", "responder_requests", "subscriber_requests"} {
		o[k] = []any{}
	}
	if include["body"] || include["bodies"] {
		o["body"] = obj{"type": "incident_body", "details": i.body}
	}
	if include["acknowledgers"] || include["assignees"] || include["users"] {
		s.expandPeople(o, i)
	}
	return o
}

// expandPeople puts whole users where references stood.
func (s *Server) expandPeople(o obj, i *incident) {
	all := []any{}
	for _, a := range i.assignees {
		all = append(all, obj{"at": stampText(a.at), "assignee": s.userShape(a.user)})
	}
	o["assignments"] = all
}

func anyObj(o obj) any {
	if o == nil {
		return nil
	}
	return o
}

func (s *Server) stamps(all []stamp, key string) []any {
	list := []any{}
	for _, a := range all {
		list = append(list, obj{"at": stampText(a.at), key: s.agentRef(a.actor)})
	}
	return list
}

func counts(i *incident) obj {
	open := 0
	for _, a := range i.alerts {
		if a.status == triggered {
			open++
		}
	}
	return obj{"all": len(i.alerts), "triggered": open, "resolved": len(i.alerts) - open}
}

func pending(i *incident) []any {
	list := []any{}
	for _, p := range []struct {
		kind string
		at   time.Time
	}{{"escalate", i.escalateAt}, {"unacknowledge", i.ackLapses}, {"unacknowledge", i.snoozedTo}} {
		if !p.at.IsZero() {
			list = append(list, obj{"type": p.kind, "at": stampText(p.at)})
		}
	}
	return list
}

func (s *Server) resolveReason(i *incident) any {
	if i.mergedInto == nil {
		return nil
	}
	return obj{"type": "merge_resolve_reason", "incident": s.incidentRef(i.mergedInto)}
}

func (s *Server) responderShapes(i *incident) []any {
	list := []any{}
	for _, r := range i.responders {
		list = append(list, obj{
			"state": r.state, "user": s.userRef(r.user), "incident": s.incidentRef(i), "updated_at": stampText(r.at),
			"message": r.message, "requester": s.userRef(r.requester), "requested_at": stampText(r.at),
		})
	}
	return list
}

func (s *Server) alertShape(a *alert) obj {
	o := s.ref("alert", "alerts", a.id, a.summary)
	o["created_at"], o["resolved_at"] = stampText(a.created), stampText(a.ended)
	o["status"], o["alert_key"], o["severity"] = a.status, a.key, a.severity
	o["suppressed"] = false
	o["service"], o["incident"] = s.serviceRef(a.service), s.incidentRef(a.incident)
	o["body"] = obj{"type": "alert_body", "contexts": []any{}, "details": details(a)}
	o["integration"] = obj{
		"id": "PI" + a.service.ID, "type": "events_api_v2_inbound_integration_reference",
		"summary": "Events API V2", "self": apiURL + "/services/" + a.service.ID + "/integrations/PI" + a.service.ID, "html_url": nil,
	}
	return o
}

func details(a *alert) any {
	if a.details == nil {
		return obj{}
	}
	return a.details
}

func (s *Server) noteShape(n note) obj {
	return obj{
		"id": n.id, "content": n.content, "created_at": stampText(n.at), "user": s.agentRef(n.by),
		"channel": obj{"summary": "The PagerDuty " + n.by.channel},
	}
}

func (s *Server) entryShape(e *entry, include map[string]bool) obj {
	o := s.ref(e.kind, "log_entries", e.id, e.text)
	o["html_url"] = nil
	o["created_at"], o["agent"] = stampText(e.at), s.agentRef(e.by)
	o["channel"] = channelShape(e, include["channels"])
	o["service"], o["incident"] = s.serviceRef(e.incident.service), s.incidentRef(e.incident)
	o["teams"], o["contexts"] = []any{}, []any{}
	if include["incidents"] {
		o["incident"] = s.incidentShape(e.incident, nil)
	}
	if e.kind == "trigger_log_entry" {
		o["event_details"] = obj{"description": e.incident.title}
	}
	if e.kind == "acknowledge_log_entry" {
		o["acknowledgement_timeout"] = e.ackTimeout
	}
	if e.user != nil {
		o["user"] = s.userRef(e.user)
	}
	if e.assignees != nil {
		list := []any{}
		for _, u := range e.assignees {
			list = append(list, s.userRef(u))
		}
		o["assignees"] = list
	}
	return o
}

// channelShape is how it came; the original event only when it is asked for.
func channelShape(e *entry, whole bool) obj {
	c := obj{"type": e.by.channel}
	if e.note != "" {
		c["summary"] = e.note
	}
	if e.resolution != "" {
		c["details"] = e.resolution
	}
	if e.alert != nil {
		c["summary"] = e.alert.summary
		if whole {
			c["details"] = details(e.alert)
			c["cef_details"] = obj{
				"summary": e.alert.summary, "severity": e.alert.severity, "source_origin": e.alert.source,
				"dedup_key": e.alert.key, "details": details(e.alert),
			}
		}
	}
	return c
}

// minutes rounds up: the API has no shorter unit.
func minutes(d time.Duration) int { return int(math.Ceil(d.Minutes())) }
