package app_test

import (
	"strings"
	"testing"
	"time"

	"amsbot/bot/admin"
	"amsbot/bot/sim"
	"amsbot/cmd/amsbot/app"
	"amsbot/store"
)

// A history is kept for its time. Then the incident's line is all that is left,
// and whoever asks for more is told so; what is open is never touched, and an
// incident that comes back has its card again.
func TestOldHistoryIsRemoved(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.down()
		s.says("Recovered by amsbot")
		old := s.incident
		s.raiseOn("shop-db", "The disk is full", "db-1/disk", nil)
		s.says("Handed over")
		open := s.incident
		s.settle()
		s.away(36 * 24 * time.Hour)
		s.pass(61 * time.Minute)
		s.stop()
		db, err := store.Open(s.config.Database, store.Options{})
		s.must(err)
		defer func() { s.must(db.Close()) }()
		source := app.FileSource(db)
		h, err := source.History(s.ctx, "pd:shop:"+old)
		s.must(err)
		if told := strings.Join(h.Card, "\n"); len(h.Events) > 0 || !strings.Contains(told, "#1 Health check of web-1 failed") ||
			!strings.Contains(told, "Recovered by amsbot") || !strings.Contains(told, "removed: they are kept for a time only") {
			t.Errorf("told %d events and %s", len(h.Events), told)
		}
		if h, err := source.History(s.ctx, "pd:shop:"+open); err != nil || len(h.Events) == 0 {
			t.Errorf("what is open: %d events, %v", len(h.Events), err)
		}
		page, err := source.Pasts(s.ctx, admin.From{})
		if err != nil || len(page.Incidents) != 2 || !page.Incidents[0].Forgotten || page.Incidents[1].Forgotten {
			t.Errorf("for a replay: %+v, %v", page, err)
		}
		s.must(db.Check(s.ctx))
	}, unhurried, func(_ *sim.Options, c *app.Config) { c.History.Keep = app.Keep(35 * 24 * time.Hour) })
}
