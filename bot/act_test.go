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
