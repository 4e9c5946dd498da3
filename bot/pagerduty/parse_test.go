package pagerduty

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"amsbot/bot"
	"amsbot/scenarios"
)

// printedIncident is the one incident that all prints below are of.
func printedIncident() scenarios.Incident {
	at := time.Date(2026, 11, 22, 1, 2, 3, 0, time.UTC)
	return scenarios.Incident{
		ID: "Q1INCIDENT01", Number: 4711, Title: "Health check of web-1 failed", Status: "triggered", Urgency: "high",
		Priority: "P1", Key: "web-1/health", URL: "https://shop.pagerduty.example/incidents/Q1INCIDENT01",
		Service: scenarios.Ref{ID: "PSHOPWEB", Name: "shop-web"}, Policy: scenarios.Ref{ID: "PSHOPEP", Name: "Shop"},
		Teams: []scenarios.Ref{{ID: "PTEAM01", Name: "Web"}}, CreatedAt: at,
		Alerts: []scenarios.Alert{{ID: "QALERT1", Key: "web-1/health", Status: "triggered", Summary: "web-1", Severity: "critical",
			Source: "monitor", CreatedAt: at, Details: map[string]any{"host": "web-1", "n": 1.5}}},
	}
}

const (
	restCore = `"id":"Q1INCIDENT01","type":"incident","title":"Health check of web-1 failed","status":"triggered","urgency":"high",
		"incident_key":"web-1/health","html_url":"https://shop.pagerduty.example/incidents/Q1INCIDENT01","created_at":"2026-11-22T01:02:03Z",
		"priority":{"id":"PPRIO","summary":"P1"},"service":{"id":"PSHOPWEB","type":"service_reference","summary":"shop-web"},
		"escalation_policy":{"id":"PSHOPEP","summary":"Shop"},"teams":[{"id":"PTEAM01","summary":"Web"}]`
	restAlerts = `"alerts":[{"id":"QALERT1","type":"alert","alert_key":"web-1/health","status":"triggered","summary":"web-1","severity":"critical",
		"created_at":"2026-11-22T01:02:03Z","body":{"type":"alert_body","details":{"host":"web-1","n":1.5},"cef_details":{"source_origin":"monitor"}}}]`
)

func TestParseIncidentReadsAllPrints(t *testing.T) {
	want := printedIncident()
	own, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	snap, err := json.Marshal(bot.Snapshot{Incident: want, Assignees: []bot.Person{{ID: "P1", Name: "A"}}})
	if err != nil {
		t.Fatal(err)
	}
	bare := want
	bare.Alerts = nil
	for name, c := range map[string]struct {
		data string
		want scenarios.Incident
	}{
		"REST, alerts beside it":  {`{"incident":{"incident_number":4711,` + restCore + `},` + restAlerts + `}`, want},
		"REST, alerts in it":      {`{"incident":{"incident_number":4711,` + restCore + `,` + restAlerts + `}}`, want},
		"REST, the bare incident": {`{"incident_number":4711,` + restCore + `}`, bare},
		"REST, a list of one":     {`{"incidents":[{"incident_number":4711,` + restCore + `}],"limit":1,` + restAlerts + `}`, want},
		"webhook":                 {`{"event":{"id":"01E","event_type":"incident.triggered","resource_type":"incident","data":{"number":4711,` + restCore + `}}}`, bare},
		"webhook, alerts beside":  {`{"event":{"data":{"number":4711,` + restCore + `}},` + restAlerts + `}`, want},
		"snapshot":                {string(snap), want},
		"bare, of amsbot's own":   {"\ufeff" + string(own), want},
		"webhook of a note": {`{"event":{"event_type":"incident.annotated","data":{"id":"PNOTE01","type":"incident_note","incident":{"id":"Q1INCIDENT01"}}}}`,
			scenarios.Incident{ID: "Q1INCIDENT01"}},
		"by hand": {`{"title":"x","service":"shop-web","priority":"P2","alerts":[{"details":{"host":"a"}}]}`,
			scenarios.Incident{Title: "x", Service: scenarios.Ref{Name: "shop-web"}, Priority: "P2", Alerts: []scenarios.Alert{{Details: map[string]any{"host": "a"}}}}},
		"odd types": {`{"id":"Q1INCIDENT01","title":7,"service":[1],"teams":"x","created_at":"soon","alerts":[1,{"details":"text"},{"body":"x"}]}`,
			scenarios.Incident{ID: "Q1INCIDENT01", Title: "7", Alerts: []scenarios.Alert{{Details: map[string]any{"text": "text"}}, {}}}},
	} {
		got, err := ParseIncident([]byte(c.data))
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n got %+v, %v\nwant %+v", name, got, err, c.want)
		}
	}
}

func TestParseIncidentRefuses(t *testing.T) {
	for data, want := range map[string]string{
		"":                                  "pagerduty: read incident: it is empty",
		" \n":                               "pagerduty: read incident: it is empty",
		"{":                                 "pagerduty: read incident: line 1, column 1: the JSON ends too early",
		"{\n  \"incident\": {\"id\": x}\n}": "pagerduty: read incident: line 2, column 22: no JSON: invalid character 'x' looking for beginning of value",
		"{} {}":                             "pagerduty: read incident: line 1, column 4: something follows the JSON",
		"[]":                                "pagerduty: read incident: there is no incident in it",
		"7":                                 "pagerduty: read incident: there is no incident in it",
		"null":                              "pagerduty: read incident: there is no incident in it",
		`{"error":{"code":2100}}`:           "pagerduty: read incident: there is no incident in it",
		`{"incident":{}}`:                   "pagerduty: read incident: there is no incident in it",
		`{"incidents":[{"id":"Q1"},{"id":"Q2"}]}`: "pagerduty: read incident: there is more than one incident in it",
	} {
		if _, err := ParseIncident([]byte(data)); err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", data, err, want)
		}
	}
	if _, err := ParseIncident([]byte(`{"incident":` + strings.Repeat(" ", MostIncident) + `{}}`)); err == nil || !strings.HasSuffix(err.Error(), "more than 16 MiB") {
		t.Errorf("a long file: %v", err)
	}
	if _, err := ParseIncident([]byte("[]")); !errors.Is(err, ErrNoIncidentHere) {
		t.Errorf("the cause is lost: %v", err)
	}
}

func TestParseIncidentKeepsToTheLimitsOfARead(t *testing.T) {
	var alerts []string
	for range 300 {
		alerts = append(alerts, `{"details":{"text":"`+strings.Repeat("x", 10<<10)+`"}}`)
	}
	in, err := ParseIncident([]byte(`{"title":"` + strings.Repeat("t", 2000) + `","alerts":[` + strings.Join(alerts, ",") + `]}`))
	if err != nil || len(in.Alerts) != mostAlerts || len(in.Title) != mostTitle {
		t.Fatalf("%d alerts, a title of %d, %v", len(in.Alerts), len(in.Title), err)
	}
	if text, _ := in.Alerts[0].Details["text"].(string); len(text) != mostText {
		t.Errorf("a detail of %d bytes", len(text))
	}
	if in.Alerts[mostAlerts-1].Details["text"] == nil == (mostAlerts*mostText <= mostDetails) {
		t.Errorf("the last of %d alerts: %v", mostAlerts, in.Alerts[mostAlerts-1].Details)
	}
}

func FuzzParseIncident(f *testing.F) {
	for _, data := range []string{`{"incident":{` + restCore + `},` + restAlerts + `}`, `{"event":{"data":{"number":1,` + restCore + `}}}`,
		`{"service":"x","alerts":[{"details":{"a":[1,{"b":null}]}}]}`, `{"incidents":[{}]}`, "", "{", "null", "\xff"} {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		in, err := ParseIncident(data)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "pagerduty: read incident: ") {
				t.Errorf("%v", err)
			}
			return
		}
		if !utf8.ValidString(in.Title) || in.ID != "" && !validID(in.ID) || len(in.Alerts) > mostAlerts {
			t.Errorf("%+v", in)
		}
		kept, err := json.Marshal(in)
		if err != nil {
			t.Fatalf("it cannot be kept: %v", err)
		}
		if again, err := ParseIncident(kept); err == nil && !reflect.DeepEqual(again, in) {
			t.Errorf("what was kept reads otherwise:\n%+v\n%+v", in, again)
		}
	})
}
