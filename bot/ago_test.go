package bot

import (
	"testing"
	"time"
)

func TestDurations(t *testing.T) {
	for d, want := range map[time.Duration][2]string{
		0:                        {"under 1 ms", "0s"},
		410 * time.Millisecond:   {"410 ms", "410ms"},
		4 * time.Second:          {"4 s", "4s"},
		2210 * time.Millisecond:  {"2.2 s", "2.21s"},
		59980 * time.Millisecond: {"1 min", "59.98s"},
		time.Minute:              {"1 min", "1m"},
		106 * time.Second:        {"1 min 46 s", "1m46s"},
		time.Hour:                {"1 h", "1h"},
		3*time.Hour + 5*time.Minute + time.Second: {"3 h 5 min", "3h5m1s"},
		7 * 24 * time.Hour:                        {"7 d", "7d"},
		26 * time.Hour:                            {"1 d 2 h", "26h"},
		24*time.Hour + 59*time.Minute:             {"1 d", "24h59m"},
	} {
		if got := [2]string{ago(d), span(d)}; got != want {
			t.Errorf("%s: %q, not %q", d, got, want)
		}
	}
}
