package app_test

import (
	"strings"
	"testing"
	"time"

	"amsbot/bot/sim"
	"amsbot/cmd/amsbot/app"
	"amsbot/store"
)

// Of an incident that is forgotten only its line is left: who still acts on it is
// told so, and it is neither open again nor anybody's.
func TestNobodyActsOnWhatIsForgotten(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.down()
		s.says("Recovered by amsbot")
		s.settle()
		s.away(36 * 24 * time.Hour)
		s.pass(61 * time.Minute)
		before := s.pagerLines()
		for _, text := range []string{"take 1", "note 1 hello", "resolve 1", "recover 1", "check 1", "escalate 1"} {
			s.ams(aiko, text)
			s.settle()
		}
		if n := strings.Count(s.slackLines(), "only aiko: It is too old: its history was removed."); n != 6 {
			t.Errorf("Slack:\n%s", s.slackLines())
		}
		if now := s.pagerLines(); now != before {
			t.Errorf("PagerDuty:\n%s\nbefore:\n%s", now, before)
		}
		s.stop()
		db, err := store.Open(s.config.Database, store.Options{})
		s.must(err)
		defer func() { s.must(db.Close()) }()
		err = db.Read(s.ctx, "pd:shop:"+s.incident, func(v *store.View) error {
			if r, ok := v.Record(); !ok || r.Open || r.Gone != r.Seq || !strings.Contains(string(r.Summary), "Health check") {
				t.Errorf("record: %+v %s", r, r.Summary)
			}
			return nil
		})
		s.must(err)
	}, unhurried, func(_ *sim.Options, c *app.Config) { c.History.Keep = app.Keep(35 * 24 * time.Hour) })
}
