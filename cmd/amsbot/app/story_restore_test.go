package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"amsbot/bot/sim/pagerduty"
	"amsbot/cmd/amsbot/app"
)

// backup copies the database of the bot that runs, at a moment when nothing is
// written.
func (s *stage) backup() (path string) {
	s.Helper()
	s.settle()
	data, err := os.ReadFile(s.config.Database)
	s.must(err)
	path = filepath.Join(s.TempDir(), "backup")
	s.must(os.WriteFile(path, data, 0o600))
	return path
}

// restore stops amsbot, puts a backup in its database's place and starts it.
func (s *stage) restore(backup string) {
	s.Helper()
	s.stop()
	done, err := app.Restore(s.ctx, s.config.Database, backup, app.HistoryKey{})
	s.must(err)
	if done.Kept == "" {
		s.Error("the old database is gone")
	}
	s.start()
}

// The backup knows nothing of an incident: it is found by the poll, its card is
// found where it stands, and what was done to the target is not done again.
func TestRestoredBackupKnowsNothingOfIt(t *testing.T) {
	story(t, one(web("autonomy: auto", restartOnce)), func(s *stage) {
		backup := s.backup()
		s.ail("stubborn")
		s.raise("Health check of web-1 failed", nil)
		s.wrote("note")
		s.settle()
		s.recoveries(1)
		s.restore(backup)
		s.says("Run Recovery waits for a person")
		s.settle()
		s.recoveries(1)
		s.slack(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0CHIE0001> *#1* Health check of web-1 failed / It still does not work: status 500, expected 200 / Please take over.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0CHIE0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / The database was restored from a backup: whether this recovery ran before that is not known. Run Recovery waits for a person.`)
		s.pagerduty(`
			amsbot: level 3 -> 200
			amsbot: note amsbot: Escalated -> 200`)
	}, unhurried)
}

// A damaged file is moved away, as amsbot itself says, and a new one begins: it knows
// nothing of an incident, and what was done to the target is not done again.
func TestNewDatabaseInThePlaceOfALostOne(t *testing.T) {
	story(t, one(web("autonomy: auto", restartOnce)), func(s *stage) {
		s.ail("stubborn")
		s.raise("Health check of web-1 failed", nil)
		s.wrote("note")
		s.settle()
		s.recoveries(1)
		s.stop()
		s.must(os.Rename(s.config.Database, s.config.Database+".away"))
		s.start()
		s.says("Run Recovery waits for a person")
		s.pass(10 * time.Minute)
		s.settle()
		s.recoveries(1)
		if n := strings.Count(s.slackLines(), "card:"); n != 1 || !strings.Contains(s.slackLines(), "The incident is older than amsbot's history") {
			t.Errorf("%d cards:\n%s", n, s.slackLines())
		}
	}, unhurried)
}

// An act is pending in the backup and was done since: it is found, not done again.
func TestRestoredBackupHasActsThatWereDone(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.sim.PagerDuty.Fault(pagerduty.Fault{Method: "POST", Path: "/incidents/*/notes", Kind: pagerduty.FaultStatus, Status: 500, For: 2 * time.Minute})
		s.down()
		s.until("a note was tried", func() bool { return strings.Contains(s.pagerLines(), "-> 500") })
		backup := s.backup()
		s.pass(5 * time.Minute)
		s.wrote("Recovered by amsbot -> 200")
		s.settle()
		s.restore(backup)
		s.pass(5 * time.Minute)
		s.settle()
		if n := strings.Count(s.pagerLines(), "-> 200"); n != 2 { // the resolve, and the note
			t.Errorf("acts:\n%s", s.pagerLines())
		}
		for _, i := range s.sim.PagerDuty.State().Incidents {
			if len(i.Notes) != 1 {
				t.Errorf("%d notes", len(i.Notes))
			}
		}
		s.recoveries(1)
		s.is("resolved")
		if n := strings.Count(s.slackLines(), "card:"); n != 1 {
			t.Errorf("%d cards:\n%s", n, s.slackLines())
		}
	}, unhurried)
}

// A recovery runs in the backup: nobody saw how it ended.
func TestRestoredBackupHasARecoveryUnderWay(t *testing.T) {
	story(t, one(web("autonomy: auto", restartOnce)), func(s *stage) {
		s.ail("stubborn")
		s.raise("Health check of web-1 failed", nil)
		s.recovering()
		data, err := os.ReadFile(s.config.Database)
		s.must(err)
		backup := filepath.Join(t.TempDir(), "backup")
		s.must(os.WriteFile(backup, data, 0o600))
		s.wrote("note")
		s.recoveries(1)
		s.restore(backup)
		s.says("Interrupted")
		s.settle()
		s.recoveries(1)
		if n := strings.Count(s.slackLines(), "card:"); n != 1 {
			t.Errorf("%d cards:\n%s", n, s.slackLines())
		}
	}, slow(8*time.Second), unhurried)
}

// The card that stands was drawn after the backup was made, and its buttons are of a
// history that is gone: whoever presses one is told so, and finds the card as it is.
func TestRestoredBackupHasAnotherCard(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.down()
		s.waits()
		backup := s.backup()
		s.press(aiko, "Run Checks Again")
		s.until("it was checked again", func() bool { return strings.Count(s.slackLines(), "*Check: NG*") == 2 })
		s.until("it is offered once more", s.offered("Run Recovery"))
		s.settle()
		s.restore(backup)
		s.pass(5 * time.Minute)
		s.settle()
		s.press(aiko, "Run Recovery")
		s.said("only aiko: Run Recovery is not on offer now; the card shows what is.")
		s.settle()
		s.recoveries(0)
		s.press(aiko, "Run Recovery")
		s.says("Recovered at a person's word")
		s.settle()
		s.recoveries(1)
	}, unhurried)
}
