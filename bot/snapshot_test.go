package bot

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"amsbot/scenarios"
	"amsbot/scenarios/secret"
	"amsbot/store"
)

// However much an incident's alerts say, what was read of them can be recorded.
func TestSnapshotFits(t *testing.T) {
	heavy := strings.Repeat("\x01", 4<<10) // six bytes each as JSON
	for name, one := range map[string]scenarios.Alert{
		"details": {Key: "k", Details: map[string]any{"a": heavy, "b": heavy}},
		"texts":   {Key: heavy[:255], Summary: heavy[:1024], Source: heavy, Severity: heavy, Status: heavy},
	} {
		var in Snapshot
		in.Incident.Description = heavy
		for range 250 {
			one.ID, one.CreatedAt = "Q0123456789ABC", time.Now()
			in.Incident.Alerts = append(in.Incident.Alerts, one)
		}
		before := in.Incident.Alerts[249]
		out := fit(in)
		if n := sizeOf(out); n > store.MaxData-64<<10 {
			t.Errorf("%s: %d bytes do not fit into an event", name, n)
		}
		if len(out.Incident.Alerts) != 250 || out.Incident.Alerts[0].Key != one.Key {
			t.Errorf("%s: alerts were lost, or who they are", name)
		}
		if !reflect.DeepEqual(in.Incident.Alerts[249], before) {
			t.Errorf("%s: what came in was changed", name)
		}
	}
	one := Snapshot{Incident: scenarios.Incident{Alerts: []scenarios.Alert{{ID: "A", Details: map[string]any{"host": "web-1", "log": []any{strings.Repeat("<", 300<<10)}}}}}}
	if got := fit(one); got.Incident.Alerts[0].Details["host"] != "web-1" || sizeOf(got) > snapshotMost {
		t.Errorf("one long detail costs the others: %.200v", got.Incident.Alerts[0].Details)
	}
	small := Snapshot{Incident: scenarios.Incident{Title: "small", Alerts: []scenarios.Alert{{ID: "A", Details: map[string]any{"host": "web-1"}}}}}
	if !reflect.DeepEqual(fit(small), small) {
		t.Error("what fits was changed")
	}
}

// A secret in any text of what was read is hidden, also where it is a number,
// which has to become a text then, and whatever else stands beside it.
func TestSnapshotMasked(t *testing.T) {
	mask := &secret.Masker{}
	mask.Add("s3cr<et>&\"x\"", "48151623")
	b := &Bot{Options: Options{Tools: scenarios.Tools{Mask: mask}}}
	in := Snapshot{Incident: scenarios.Incident{Number: 48151623, Title: "a s3cr<et>&\"x\"", Teams: []scenarios.Ref{{Name: "48151623"}}, Alerts: []scenarios.Alert{
		{Key: "48151623", Details: map[string]any{"pin": 48151623.0, "48151623": []any{"s3cr<et>&\"x\""}, "n": 1.5, "yes": true, "none": nil}},
		{},
	}}}
	got := b.masked(in)
	raw, err := json.Marshal(got.Incident.Alerts)
	if err != nil {
		t.Fatal(err)
	}
	if want := `[{"id":"","key":"[redacted]","status":"","created_at":"0001-01-01T00:00:00Z","details":{"[redacted]":["[redacted]"],"n":1.5,"none":null,"pin":"[redacted]","yes":true}},` +
		`{"id":"","status":"","created_at":"0001-01-01T00:00:00Z"}]`; string(raw) != want {
		t.Errorf("%s\nwant %s", raw, want)
	}
	if got.Incident.Title != "a [redacted]" || got.Incident.Teams[0].Name != "[redacted]" {
		t.Errorf("%q %q", got.Incident.Title, got.Incident.Teams[0].Name)
	}
	if in.Incident.Teams[0].Name != "48151623" || in.Incident.Alerts[0].Details["pin"] != 48151623.0 {
		t.Error("what came in was changed")
	}
}
