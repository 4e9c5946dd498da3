package bot

import (
	"testing"
	"time"

	"amsbot/store"
)

// A clock that is some minutes slow must not have a recovery run twice: what it
// was once before the restore cannot be told from what began soon after.
func TestRestoredByASlowClock(t *testing.T) {
	at := time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)
	for began, want := range map[time.Duration]bool{
		-time.Hour: false, 0: false, 4 * time.Minute: false, 6 * time.Minute: true, time.Hour: true,
	} {
		in := &incident{hint: Hint{Source: "webhook", At: at.Add(began)}}
		if got := (wasRestored{Backup: "b", At: at}).follows(in); got != want {
			t.Errorf("began %s after it: %v", began, got)
		}
	}
	for began, want := range map[time.Duration]bool{-time.Hour: false, -time.Second: false, 0: true, time.Second: true} {
		in := &incident{hint: Hint{Source: "webhook", At: at.Add(began)}}
		if got := (wasRestored{At: at.Add(time.Second / 2)}).follows(in); got != want {
			t.Errorf("began %s after the history: %v", began, got)
		}
	}
	if (wasRestored{Backup: "b", At: at}).follows(&incident{hint: Hint{Source: "poll", At: at.Add(time.Hour)}}) {
		t.Error("of what only a poll told nobody knows when it began")
	}
}

// A card is looked for since the incident was first heard of, a day before that as
// clocks are set; where a restore may have taken that out of the history, since the
// incident began.
func TestACardIsNoOlderThanItsHistory(t *testing.T) {
	heard := time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		backup   string
		restored time.Duration // after it was heard of; 0: never
		began    time.Duration
		known    bool
	}{
		"never restored":                    {"", 0, -30 * 24 * time.Hour, true},
		"restored, and it was older":        {"b", -time.Hour, -30 * 24 * time.Hour, false},
		"restored before it began":          {"b", -time.Hour, 0, true},
		"restored since":                    {"b", time.Hour, -2 * time.Hour, false},
		"another database, and it is older": {"", -time.Hour, -30 * 24 * time.Hour, false},
		"another database before it began":  {"", -time.Hour, 0, true},
	} {
		guards := map[string]any{}
		if c.restored != 0 {
			guards[restoredGuard] = wasRestored{Backup: c.backup, At: heard.Add(c.restored)}
		}
		m, err := newMemory("pd:a:1", heard, guards)
		if err != nil {
			t.Fatal(err)
		}
		in := fold("pd:a:1", 1, []store.Event{{Seq: 1, Kind: kindReceived, At: heard, Epoch: 1}})
		in.hint = Hint{Source: "webhook", At: heard.Add(c.began)}
		want := time.Time{}
		if c.known {
			want = heard.Add(-clockApart)
		}
		if _, since, err := in.mayStand(m); err != nil || !since.Equal(want) {
			t.Errorf("%s: since %s, want %s (%v)", name, since, want, err)
		}
	}
}
