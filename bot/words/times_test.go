package words

import (
	"testing"
	"time"
)

func TestTook(t *testing.T) {
	for d, want := range map[time.Duration][2]string{
		0:                        {"under 1 ms", "1 ms 未満"},
		410 * time.Millisecond:   {"410 ms", "410 ms"},
		4 * time.Second:          {"4 s", "4 秒"},
		2210 * time.Millisecond:  {"2.2 s", "2.2 秒"},
		59980 * time.Millisecond: {"1 min", "1 分"},
		time.Minute:              {"1 min", "1 分"},
		106 * time.Second:        {"1 min 46 s", "1 分 46 秒"},
		time.Hour:                {"1 h", "1 時間"},
		3*time.Hour + 5*time.Minute + time.Second: {"3 h 5 min", "3 時間 5 分"},
		7 * 24 * time.Hour:                        {"7 d", "7 日"},
		26 * time.Hour:                            {"1 d 2 h", "1 日 2 時間"},
		24*time.Hour + 59*time.Minute:             {"1 d", "1 日"},
	} {
		if got := [2]string{In("en").Took(d), In("ja").Took(d)}; got != want {
			t.Errorf("%s: %q, not %q", d, got, want)
		}
	}
}

// A time is in the zone of whoever reads it, and says which that is.
func TestTime(t *testing.T) {
	at := time.Date(2026, 1, 31, 19, 0, 0, 0, time.UTC)
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	const layout = "2006-01-02 15:04 MST"
	for want, c := range map[string]Catalogue{
		"2026-01-31 19:00 UTC": In("ja"),
		"2026-02-01 04:00 JST": In("ja").At(tokyo),
	} {
		if got := c.Time(at, layout); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

func TestJoin(t *testing.T) {
	for lang, want := range map[string]string{"en": "A. B.", "ja": "A.B."} {
		if got := In(lang).Join("A.", "", "B."); got != want {
			t.Errorf("%s: %q, not %q", lang, got, want)
		}
	}
}
