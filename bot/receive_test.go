package bot

import (
	"errors"
	"testing"

	"amsbot/scenarios"
	"amsbot/store"
)

// The note of an incident that is not known does not say whose incident it is: it is
// not counted as one of a service in no project.
func TestReceiveWhatStandsBesideTheUnknown(t *testing.T) {
	b := loaded(t, twoShops())
	hear := func(h Hint) {
		t.Helper()
		h.Source = "webhook"
		if err := b.Receive(t.Context(), h); err != nil {
			t.Fatal(err)
		}
	}
	hear(Hint{Event: "E1", Type: "incident.annotated", ID: "Q1"})
	wants(t, record(t, b), "")
	if _, err := b.DB.Events(t.Context(), b.Key("Q1")); !errors.Is(err, store.ErrNoIncident) {
		t.Errorf("it is taken in: %v", err)
	}
	hear(Hint{Event: "E2", Type: "incident.annotated", ID: "Q1", Service: scenarios.Ref{ID: "PNORTH", Name: "north"}, Title: "down"})
	if record(t, b) == "" {
		t.Error("an incident of a service in no project is not counted")
	}
}
