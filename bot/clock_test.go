package bot

import (
	"testing"
	"time"
)

// A recovery that a wrong clock dated in the future holds no other for a year: it
// counts as long as it may have been just now.
func TestRecoveriesOfAWrongClock(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const cooldown = 30 * time.Minute
	for ahead, counts := range map[time.Duration]bool{
		-time.Minute: true, -cooldown: false, -time.Hour: false,
		time.Minute: true, cooldown: true, time.Hour: false, 365 * 24 * time.Hour: false,
	} {
		past := recoveries{Times: []time.Time{now.Add(ahead)}}
		if got := len(past.lately(now, cooldown, time.Time{})) == 1; got != counts {
			t.Errorf("%v ahead counts: %v", ahead, got)
		}
	}
}

// What is due is looked for by the clock, and at least once a minute: a timer that
// runs until then stands still while the machine is suspended.
func TestWhatIsDueIsLookedForEveryMinute(t *testing.T) {
	now := time.Now()
	for until, want := range map[time.Duration]time.Duration{
		-time.Hour: -time.Hour, 0: 0, 5 * time.Second: 5 * time.Second, time.Minute: time.Minute, 61 * time.Second: time.Minute, 30 * time.Minute: time.Minute,
	} {
		if got := untilDue(now.Round(0).Add(until), now); got != want {
			t.Errorf("due in %v: looked for after %v", until, got)
		}
	}
}
