package bot

import (
	"testing"
	"time"
)

func TestDurations(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                        "0s",
		410 * time.Millisecond:   "410ms",
		4 * time.Second:          "4s",
		2210 * time.Millisecond:  "2.21s",
		59980 * time.Millisecond: "59.98s",
		time.Minute:              "1m",
		106 * time.Second:        "1m46s",
		time.Hour:                "1h",
		3*time.Hour + 5*time.Minute + time.Second: "3h5m1s",
		7 * 24 * time.Hour:                        "7d",
		26 * time.Hour:                            "26h",
		24*time.Hour + 59*time.Minute:             "24h59m",
	} {
		if got := span(d); got != want {
			t.Errorf("%s: %q, not %q", d, got, want)
		}
	}
}
