package app_test

import (
	"slices"
	"strings"

	"amsbot/bot"
	"amsbot/bot/admin"
	"amsbot/cmd/amsbot/app"
	"amsbot/store"
)

// past says how many incidents a replay is given: a storm is none.
func (s *stage) past(incidents int) {
	s.Helper()
	s.stop()
	db, err := store.Open(s.config.Database, store.Options{})
	s.must(err)
	defer db.Close()
	page, err := app.FileSource(db).Pasts(s.ctx, admin.From{})
	s.must(err)
	for _, p := range page.Incidents {
		if !bot.IsIncident(p.Key) {
			s.Errorf("%s is among the incidents of the past", p.Key)
		}
	}
	if n := len(page.Incidents); n != incidents {
		s.Errorf("%d incidents of the past, %d were raised", n, incidents)
	}
}

// printed is what the command line prints of an incident or of a storm when no bot
// runs: it says all of this, and of every event of a storm something. It answers
// with the key.
func (s *stage) printed(which string, want ...string) string {
	s.Helper()
	db, err := store.Open(s.config.Database, store.Options{ReadOnly: true})
	s.must(err)
	defer db.Close()
	h, err := app.FileSource(db).History(s.ctx, which)
	s.must(err)
	text := strings.Join(h.Card, "\n")
	for _, e := range h.Events {
		text += "\n" + e.Text
		if e.Text == "" && !bot.IsIncident(h.Key) && !slices.Contains([]string{"wanted", "done"}, e.Kind) { // its own event says it
			s.Errorf("history %s: event %d (%s) has no text", which, e.Seq, e.Kind)
		}
	}
	for _, w := range want {
		if !strings.Contains(text, w) {
			s.Errorf("history %s does not say %q:\n%s", which, w, text)
		}
	}
	if h.Title == "" || h.Status == "" || !strings.Contains(h.Card[0], h.Title) || !slices.Contains(h.Card, h.Status) {
		s.Errorf("history %s is of %+v", which, h.Incident)
	}
	return h.Key
}
