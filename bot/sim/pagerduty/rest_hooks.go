package pagerduty

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"time"
)

func (s *Server) hookShape(h *subscription) obj {
	filter := obj{"id": nil, "type": "account_reference"}
	if h.Service != "" {
		filter = obj{"id": h.Service, "type": "service_reference"}
	}
	events := h.Events
	if events == nil {
		events = []string{}
	}
	headers := []any{}
	for k := range h.Headers {
		headers = append(headers, obj{"name": k, "value": "<redacted>"})
	}
	return obj{
		"id": h.ID, "type": "webhook_subscription", "active": h.active, "description": nil, "events": events, "filter": filter,
		"delivery_method": obj{
			"id": "D" + h.ID, "type": "http_delivery_method", "url": h.URL, "secret": nil,
			"temporarily_disabled": now().Before(h.disabled), "custom_headers": headers,
		},
	}
}

func (s *Server) hook(r *request) *subscription {
	for _, h := range s.hooks {
		if h.ID == r.PathValue("id") {
			return h
		}
	}
	return nil
}

func (s *Server) listHooks(r *request) (int, any, *Error) {
	return page(r, "webhook_subscriptions", s.hooks, s.hookShape)
}

func (s *Server) oneHook(r *request) (int, any, *Error) {
	h := s.hook(r)
	if h == nil {
		return 0, nil, refuse(2100)
	}
	return http.StatusOK, obj{"webhook_subscription": s.hookShape(h)}, nil
}

// createHook makes the secret and shows it this once.
func (s *Server) createHook(r *request) (int, any, *Error) {
	var in struct {
		Sub struct {
			Type     string
			Events   []string
			Filter   named
			Delivery struct {
				URL     string
				Headers []struct{ Name, Value string } `json:"custom_headers"`
			} `json:"delivery_method"`
		} `json:"webhook_subscription"`
	}
	if e := r.decode(&in); e != nil {
		return 0, nil, e
	}
	u, err := url.Parse(in.Sub.Delivery.URL)
	service := in.Sub.Filter.Type == "service_reference"
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return 0, nil, refuse(2001, "Url is invalid.")
	case len(in.Sub.Events) == 0:
		return 0, nil, refuse(2001, "Events cannot be empty.")
	case service && s.serviceNamed(in.Sub.Filter.ID) == nil, !service && in.Sub.Filter.Type != "account_reference":
		return 0, nil, refuse(2001, "Filter is invalid.")
	}
	secret := newID("") + newID("")
	w := Webhook{ID: newID("P"), URL: in.Sub.Delivery.URL, Secrets: []string{secret}, Events: in.Sub.Events, Headers: map[string]string{}}
	if service {
		w.Service = s.serviceNamed(in.Sub.Filter.ID).ID
	}
	for _, h := range in.Sub.Delivery.Headers {
		w.Headers[h.Name] = h.Value
	}
	h := &subscription{Webhook: w, active: true, queues: map[string]*queue{}}
	s.hooks = append(s.hooks, h)
	s.changed = true
	o := s.hookShape(h)
	o["delivery_method"].(obj)["secret"] = secret
	return http.StatusCreated, obj{"webhook_subscription": o}, nil
}

func (s *Server) deleteHook(r *request) (int, any, *Error) {
	h := s.hook(r)
	if h == nil {
		return 0, nil, refuse(2100)
	}
	for _, q := range h.queues {
		q.items = nil
	}
	s.hooks = slices.DeleteFunc(s.hooks, func(x *subscription) bool { return x == h })
	s.changed = true
	return http.StatusNoContent, nil, nil
}

// enableHook ends the pause that three drops in a row made.
func (s *Server) enableHook(r *request) (int, any, *Error) {
	h := s.hook(r)
	if h == nil {
		return 0, nil, refuse(2100)
	}
	h.active, h.disabled, h.drops = true, time.Time{}, 0
	s.changed = true
	return http.StatusOK, obj{"webhook_subscription": s.hookShape(h)}, nil
}

func (s *Server) pingHook(r *request) (int, any, *Error) {
	h := s.hook(r)
	if h == nil {
		return 0, nil, refuse(2100)
	}
	body, err := json.Marshal(obj{"event": obj{
		"id": newUUID(), "event_type": "pagey.ping", "resource_type": "pagey",
		"occurred_at": now().Format("2006-01-02T15:04:05.000Z"), "agent": nil, "client": nil,
		"data": obj{"message": "Hello from your friend Pagey!", "type": "ping"},
	}})
	if err != nil {
		panic("pagerduty: write ping: " + err.Error())
	}
	if h.active && !now().Before(h.disabled) {
		s.enqueue(h, "", &delivery{id: newUUID(), event: "pagey.ping", body: body, queued: now()})
	}
	return http.StatusAccepted, nil, nil
}
