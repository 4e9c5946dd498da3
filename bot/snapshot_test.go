package bot

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"amsbot/scenarios"
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
