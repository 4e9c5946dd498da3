package bot

import (
	"path/filepath"
	"testing"
)

// Every refused click is on record, and yet nobody can fill the history with
// them: the answer stays the same, however often.
func TestRefusedOverAndOver(t *testing.T) {
	b := newBot(t, filepath.Join(t.TempDir(), "amsbot.db"))
	key := b.Key("Q1")
	news := received{Hint: Hint{Type: "incident.triggered", ID: "Q1", Status: "triggered"}, Project: &projectView{Name: "shop", Channel: "C0SHOPOPS1"}}
	if _, err := b.commit(t.Context(), key, func(c *change) error { c.write(kindReceived, "webhook", news); return nil }); err != nil {
		t.Fatal(err)
	}
	press := func(user, act string) {
		t.Helper()
		a, err := b.Act(t.Context(), Click{User: user, Name: user, Channel: "D1", Incident: key, Act: act, Offer: 7})
		if err != nil || a.Done || a.Text == "" {
			t.Fatalf("%+v, %v", a, err)
		}
	}
	for range refusedMost + 20 {
		press("U1", DoTake)
	}
	press("U1", DoResolve)
	press("U2", DoTake)
	events, err := b.DB.Events(t.Context(), key)
	if err != nil || len(events) != 1+refusedMost+2 {
		t.Errorf("%d events, %v", len(events), err)
	}
}

// The same holds for what is about no incident.
func TestRefusedPauseOverAndOver(t *testing.T) {
	b := newBot(t, filepath.Join(t.TempDir(), "amsbot.db"))
	b.Ceiling.View = []string{"U9"}
	for n := range refusedMost + 20 {
		act := []string{DoPause, DoResume}[n%2]
		a, err := b.Act(t.Context(), Click{User: "U1", Name: "U1", Channel: "D1", Act: act, Scope: "all"})
		if err != nil || a.Done || a.Text == "" {
			t.Fatalf("%s: %+v, %v", act, a, err)
		}
	}
	for range refusedMost {
		if _, err := b.Act(t.Context(), Click{User: "U1", Name: "U1", Channel: "D1", Act: DoPause, Scope: "all"}); err != nil {
			t.Fatal(err)
		}
	}
	events, err := b.DB.Events(t.Context(), botStream)
	if err != nil || len(events) != refusedMost+(refusedMost+20)/2 {
		t.Errorf("%d events, %v", len(events), err)
	}
}
