package app_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"amsbot/bot/sim"
	"amsbot/cmd/amsbot/app"
	"amsbot/store"
)

// behind has the neighbours' answers say that it is earlier: our clock is ahead of
// theirs by so much.
type behind struct {
	http.RoundTripper
	by     atomic.Int64
	silent atomic.Bool // they do not say what time it is
}

func (b *behind) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		answer.Header.Set("Date", time.Now().Add(-time.Duration(b.by.Load())).UTC().Format(http.TimeFormat))
		if b.silent.Load() {
			answer.Header.Del("Date")
		}
	}
	return answer, err
}

// gone is how many events of the story's incident were removed.
func (s *stage) gone() (n uint64) {
	s.Helper()
	s.stop()
	db, err := store.Open(s.config.Database, store.Options{})
	s.must(err)
	s.must(db.Read(s.ctx, "pd:shop:"+s.incident, func(v *store.View) error {
		r, _ := v.Record()
		n = r.Gone
		return nil
	}))
	s.must(db.Close())
	return n
}

// The clock of the machine is set far ahead, and back again: no history is removed
// that is not old by the neighbours' clocks. What is old by theirs, too, is.
func TestClockAheadRemovesNoHistory(t *testing.T) {
	const far = 3 * 24 * time.Hour
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.down()
		s.says("Recovered by amsbot")
		s.settle()
		s.stop()
		clocks := &behind{}
		s.meddle = func(way http.RoundTripper) http.RoundTripper { clocks.RoundTripper = way; return clocks }
		clocks.by.Store(int64(far))
		s.pass(far) // to the neighbours no time has passed
		s.start()
		s.pass(3 * time.Hour)
		if n := s.gone(); n > 0 {
			t.Errorf("%d events were removed while the clock was far ahead", n)
		}
		if text := s.log.String(); !strings.Contains(text, "this machine's clock is ahead of Slack's or PagerDuty's") || !strings.Contains(text, "by=72h") {
			t.Errorf("the log:\n%s", text)
		}
		clocks.silent.Store(true)
		s.start()
		s.pass(3 * time.Hour)
		if n := s.gone(); n > 0 {
			t.Errorf("%d events were removed while nobody said what time it is", n)
		}
		clocks.by.Store(0)
		clocks.silent.Store(false)
		s.start()
		s.pass(61 * time.Minute)
		if n := s.gone(); n == 0 {
			t.Error("nothing was removed that is old by every clock")
		}
	}, unhurried, func(_ *sim.Options, c *app.Config) { c.History.Keep = app.Keep(2 * 24 * time.Hour) })
}
