package pagerduty

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
	"unicode/utf8"

	"amsbot/bot/words"
)

func FuzzHint(f *testing.F) {
	for _, body := range []string{ping, event("incident.triggered", `{"id":"Q1","type":"incident","number":1,"assignees":[]}`),
		event("incident.annotated", `{"type":"incident_note","incident":{"id":"Q1"}}`), "", "{", "null", `{"event":[]}`, "\xff"} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		h := hintOf(body, now)
		if h.Source != "webhook" || h.Event == "" || h.Type == "" || h.At.IsZero() {
			t.Errorf("incomplete: %+v", h)
		}
		if h.ID != "" && !validID(h.ID) {
			t.Errorf("ID %q", h.ID)
		}
		for _, s := range []string{h.Event, h.Type, h.Title, h.Status, h.Urgency, h.URL, h.Agent.Name, h.Agent.Email, h.Service.Name} {
			if !utf8.ValidString(s) || len(s) > mostText {
				t.Errorf("text %q", s)
			}
		}
		if !reflect.DeepEqual(h, hintOf(body, now)) {
			t.Error("the same body gives another hint")
		}
		if _, err := json.Marshal(h); err != nil {
			t.Errorf("it cannot be stored: %v", err)
		}
	})
}

func FuzzIncident(f *testing.F) {
	for _, body := range []string{`{"id":"Q1","assignments":[{"assignee":{"id":"P1"}}]}`, `{"resolve_reason":{"type":"merge_resolve_reason","incident":{"id":"Q2"}}}`, "[]", "{"} {
		f.Add([]byte(body), []byte(`{"body":{"details":{"a":[1,"x",{"b":null}]}}}`))
	}
	f.Fuzz(func(t *testing.T, body, payload []byte) {
		var i loose[incident]
		var a loose[alert]
		_, _ = i.UnmarshalJSON(body), a.UnmarshalJSON(payload)
		s := i.v.core()
		s.Alerts = snapshot([]alert{a.v})
		h := openHint(&i.v, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		if !utf8.ValidString(s.Title) || h.ID != "" && !validID(h.ID) || i.v.endedBy(words.In("en")) == "" {
			t.Errorf("%+v", s)
		}
		if _, err := json.Marshal(s); err != nil {
			t.Errorf("it cannot be stored: %v", err)
		}
	})
}
