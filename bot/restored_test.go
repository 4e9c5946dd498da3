package bot

import (
	"testing"
	"time"
)

// A clock that is some minutes slow must not have a recovery run twice: what it
// was once before the restore cannot be told from what began soon after.
func TestRestoredByASlowClock(t *testing.T) {
	at := time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)
	for began, want := range map[time.Duration]bool{
		-time.Hour: false, 0: false, 4 * time.Minute: false, 6 * time.Minute: true, time.Hour: true,
	} {
		in := &incident{hint: Hint{Source: "webhook", At: at.Add(began)}}
		if got := (wasRestored{At: at}).follows(in); got != want {
			t.Errorf("began %s after it: %v", began, got)
		}
	}
	if (wasRestored{At: at}).follows(&incident{hint: Hint{Source: "poll", At: at.Add(time.Hour)}}) {
		t.Error("of what only a poll told nobody knows when it began")
	}
}
