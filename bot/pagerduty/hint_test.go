package pagerduty

import (
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"amsbot/bot"
	"amsbot/scenarios"
)

var at = time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)

func event(kind, data string) string {
	return `{"event":{"id":"E1","event_type":"` + kind + `","resource_type":"incident","occurred_at":"2026-01-02T03:04:05.678Z",` +
		`"agent":{"id":"PANN001","type":"user_reference","summary":"Ann","html_url":null},"client":null,"data":` + data + `}}`
}

func TestHints(t *testing.T) {
	now := at.Add(time.Hour)
	byAnn := bot.Person{ID: ann, Name: "Ann"}
	whole := `{"id":"Q1","type":"incident","number":7,"title":"Disk full","status":"triggered","urgency":"high","html_url":"https://shop.pagerduty.com/incidents/Q1",` +
		`"service":{"id":"PWEB001","type":"service_reference","summary":"shop-web"},"assignees":[{"id":"PBOT001","type":"user_reference"},{"id":"../x"}],"new_field":{"a":[1]}}`
	full := bot.Hint{Source: "webhook", Event: "E1", At: at, ID: "Q1", Number: 7, Title: "Disk full", Status: "triggered", Urgency: "high",
		URL: "https://shop.pagerduty.com/incidents/Q1", Service: scenarios.Ref{ID: web, Name: "shop-web"}, Agent: byAnn, Assigned: []string{self}}
	named := bot.Hint{Source: "webhook", Event: "E1", At: at, ID: "Q1", Title: "Disk full", Agent: byAnn}
	typed := func(h bot.Hint, kind string) bot.Hint { h.Type = kind; return h }
	ofRef := func(kind string) string {
		return `{"id":"N1","type":"` + kind + `","incident":{"id":"Q1","type":"incident_reference","summary":"Disk full"}}`
	}
	none := bot.Hint{Source: "webhook", Event: "E1", At: at}
	for _, c := range []struct {
		name, body string
		want       bot.Hint
	}{
		{"triggered", event("incident.triggered", whole), typed(full, "incident.triggered")},
		{"a type of tomorrow", event("incident.teleported", whole), typed(full, "incident.teleported")},
		{"annotated", event("incident.annotated", ofRef("incident_note")), typed(named, "incident.annotated")},
		{"responder added", event("incident.responder.added", ofRef("incident_responder")), typed(named, "incident.responder.added")},
		{"status update", event("incident.status_update_published", ofRef("incident_status_update")), typed(named, "incident.status_update_published")},
		{"workflow", event("incident.workflow.completed", ofRef("incident_workflow_instance")), typed(named, "incident.workflow.completed")},
		{"service", event("service.updated", `{"id":"PWEB001","type":"service","summary":"shop-web"}`),
			bot.Hint{Source: "webhook", Event: "E1", Type: "service.updated", At: at, Agent: byAnn}},
		{"ping", ping, typed(none, "pagey.ping")},
		{"null agent, null data", `{"event":{"id":"E1","event_type":"x","occurred_at":"2026-01-02T03:04:05.678Z","agent":null,"data":null}}`, typed(none, "x")},
		{"an integration did it", `{"event":{"id":"E1","event_type":"x","occurred_at":"2026-01-02T03:04:05.678Z","agent":{"id":"PWEB001","type":"service_reference"}}}`, typed(none, "x")},
		{"an ID that is none", event("incident.triggered", `{"id":"../users","type":"incident","html_url":"javascript:alert(1)"}`),
			bot.Hint{Source: "webhook", Event: "E1", Type: "incident.triggered", At: at, Agent: byAnn}},
		{"odd fields", event("incident.triggered", `{"id":"Q1","type":"incident","number":"x","title":{"a":1},"service":7,"assignees":"all","status":null}`),
			bot.Hint{Source: "webhook", Event: "E1", Type: "incident.triggered", At: at, ID: "Q1", Agent: byAnn}},
		{"data is a text", event("x", `"boo"`), bot.Hint{Source: "webhook", Event: "E1", Type: "x", At: at, Agent: byAnn}},
		{"no time", `{"event":{"id":"E1","event_type":"x","data":{}}}`, bot.Hint{Source: "webhook", Event: "E1", Type: "x", At: now}},
		{"no type", `{"event":{"id":"E1"}}`, bot.Hint{Source: "webhook", Event: "E1", Type: Malformed, At: now}},
	} {
		if got := hintOf([]byte(c.body), now); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n%+v, want\n%+v", c.name, got, c.want)
		}
	}
}

func TestMalformedHintsNameThemselves(t *testing.T) {
	seen := map[string]bool{}
	for _, body := range []string{"{", "no json", "[]", "null", "7", `{"event":7}`, `{}`, `{"event":{}}`, "\xff\xfe"} {
		h := hintOf([]byte(body), at)
		if h.Type != Malformed || h.ID != "" || !strings.HasPrefix(h.Event, "body:") || seen[h.Event] {
			t.Errorf("%q: %+v", body, h)
		}
		if !reflect.DeepEqual(h, hintOf([]byte(body), at)) {
			t.Errorf("%q: a second delivery has another name", body)
		}
		seen[h.Event] = true
	}
}

func TestHintsAreBounded(t *testing.T) {
	long := strings.Repeat("x", 200_000)
	h := hintOf([]byte(event(long, `{"id":"Q1","type":"incident","title":"`+long+`","status":"`+long+`","urgency":"`+long+`"}`)), at)
	if len(h.Title) != mostTitle || len(h.Type) != 100 || len(h.Status) != 40 || len(h.Urgency) != 40 {
		t.Errorf("%d, %d, %d, %d", len(h.Title), len(h.Type), len(h.Status), len(h.Urgency))
	}
}

// An ID that could be no key is not used as one, and yet the same body is known
// again.
func TestOddEventIDs(t *testing.T) {
	for _, id := range []string{strings.Repeat("世", 200), "a b", "E1\u0001", ""} {
		body := strings.Replace(event("incident.triggered", `{"id":"Q1","type":"incident"}`), `"E1"`, strconv.Quote(id), 1)
		one, two := hintOf([]byte(body), at), hintOf([]byte(body), at)
		if !strings.HasPrefix(one.Event, "body:") || one.Event != two.Event {
			t.Errorf("%q: %q, then %q", id, one.Event, two.Event)
		}
	}
}
