package outbox

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// What time it is elsewhere goes on from the last word, whatever our clock says.
func TestAheadNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a Ahead
		if now, ok := a.Now(); ok {
			t.Errorf("before anything was heard: %v", now)
		}
		said := time.Now().Add(-365 * 24 * time.Hour).UTC().Truncate(time.Second)
		a.Heard(&http.Response{Header: http.Header{"Date": {said.Format(http.TimeFormat)}}})
		time.Sleep(10 * time.Minute)
		a.Heard(&http.Response{Header: http.Header{"Date": {"soon"}}})
		if now, ok := a.Now(); !ok || now.Sub(said) != 10*time.Minute {
			t.Errorf("ten minutes later: %v, %v after it", ok, now.Sub(said))
		}
	})
}

func TestAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		for _, c := range []struct {
			date string
			at   time.Duration
			want time.Duration
		}{
			{"", -time.Minute, -time.Minute},
			{"soon", -time.Minute, -time.Minute},
			{now.Add(-time.Second).UTC().Format(http.TimeFormat), -time.Minute, -time.Minute},
			{now.Add(-time.Hour).UTC().Format(http.TimeFormat), -time.Minute, -61 * time.Minute},
			{now.Add(time.Hour).UTC().Format(http.TimeFormat), -time.Minute, 59 * time.Minute},
			{"", time.Hour, 0},
			{now.Add(-time.Hour).UTC().Format(http.TimeFormat), time.Hour, -time.Hour},
		} {
			var a Ahead
			a.Heard(&http.Response{Header: http.Header{"Date": {c.date}}})
			if got := a.Theirs(now.Add(c.at)).Sub(now); got != c.want {
				t.Errorf("date %q, at %s: %s, want %s", c.date, c.at, got, c.want)
			}
			if by, ok := a.By(); ok != (len(c.date) > 4) || by != min(c.at, 0)-c.want {
				t.Errorf("date %q: by %s, %v", c.date, by, ok)
			}
		}
	})
}
