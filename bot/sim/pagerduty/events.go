package pagerduty

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"unicode/utf8"
)

// event is what the Events API v2 takes.
type event struct {
	RoutingKey string `json:"routing_key"`
	Action     string `json:"event_action"`
	DedupKey   string `json:"dedup_key"`
	Client     string
	ClientURL  string `json:"client_url"`
	Payload    *struct {
		Summary, Source, Severity string
		Component, Group, Class   string
		Details                   any `json:"custom_details"`
	}
}

// enqueueEvent is POST /v2/enqueue. It takes no token: the routing key says
// which service.
func (s *Server) enqueueEvent(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 512<<10))
	if err != nil {
		write(w, http.StatusRequestEntityTooLarge, obj{"status": "invalid event", "message": "Event is too large"}, nil)
		return
	}
	var in event
	if err := json.Unmarshal(body, &in); err != nil {
		write(w, http.StatusBadRequest, invalid("JSON cannot be read: "+err.Error()), nil)
		return
	}
	var status int
	var answer obj
	s.update(func() { status, answer = s.take(in) })
	write(w, status, answer, nil)
}

func invalid(details ...string) obj {
	return obj{"status": "invalid event", "message": "Event object is invalid", "errors": details}
}

func (s *Server) take(in event) (int, obj) {
	v := s.routed(in.RoutingKey)
	if v == nil {
		return http.StatusBadRequest, invalid("'routing_key' is invalid")
	}
	if problems := in.problems(); len(problems) > 0 {
		return http.StatusBadRequest, invalid(problems...)
	}
	if s.opt.Limits && s.spend("events "+in.RoutingKey, 120).over {
		return http.StatusTooManyRequests, obj{
			"status": "throttle exceeded", "message": "Requests for this service are arriving too quickly. Please retry later.",
		}
	}
	if in.DedupKey == "" {
		in.DedupKey = newUUID()
	}
	switch in.Action {
	case "trigger":
		p := in.Payload
		s.raise(v, Alert{
			Title: cutRunes(p.Summary, 1024), Severity: p.Severity, DedupKey: in.DedupKey, Source: p.Source,
			Component: p.Component, Group: p.Group, Class: p.Class, Details: p.Details,
			Client: in.Client, ClientURL: in.ClientURL,
		})
	case "resolve":
		s.clear(v, in.DedupKey)
	case "acknowledge":
		if a := s.openKeys[openKey(v, in.DedupKey)]; a != nil && a.incident.status == triggered {
			s.acknowledge(a.incident, integration(v, in.Client, in.ClientURL))
		}
	}
	return http.StatusAccepted, obj{"status": "success", "message": "Event processed", "dedup_key": in.DedupKey}
}

func (s *Server) routed(key string) *Service {
	for _, v := range pointers(s.opt.Services) {
		if key != "" && v.RoutingKey == key {
			return v
		}
	}
	return nil
}

func (in event) problems() (all []string) {
	if !slices.Contains([]string{"trigger", "acknowledge", "resolve"}, in.Action) {
		return []string{"'event_action' must be trigger, acknowledge or resolve"}
	}
	if len(in.DedupKey) > 255 {
		all = append(all, "'dedup_key' must be at most 255 characters")
	}
	if in.Action != "trigger" {
		if in.DedupKey == "" {
			all = append(all, "'dedup_key' is missing or blank")
		}
		return all
	}
	p := in.Payload
	if p == nil {
		return append(all, "'payload' is missing")
	}
	if p.Summary == "" {
		all = append(all, "'payload.summary' is missing or blank")
	}
	if p.Source == "" {
		all = append(all, "'payload.source' is missing or blank")
	}
	if !slices.Contains([]string{"critical", "error", "warning", "info"}, p.Severity) {
		all = append(all, "'payload.severity' is invalid (must be one of: critical, warning, error, info)")
	}
	return all
}

func cutRunes(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most])
}
