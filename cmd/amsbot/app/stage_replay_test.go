package app_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"amsbot/bot"
	"amsbot/bot/words"
	"amsbot/store"
)

// record keeps the histories of some stories for the tests of package bot: it
// must be able to read and to draw them for ever.
var record = flag.Bool("record", false, "keep histories for package bot")

var recorded = []string{
	"TestAskRecoversAtAPersonsWord", "TestAskExpiresAndHeals", "TestAutoRecovers", "TestAutoFails",
	"TestCheckOK", "TestCheckUnknown", "TestObserve", "TestEndingsWithText", "TestFailedRecoveryThatHealed",
	"TestNoScenarioFits", "TestTie", "TestTakeOver", "TestMerged", "TestReopened", "TestCameBack",
	"TestAcknowledgedDuringTheRecovery", "TestResolvedByMonitoringDuringTheRecovery", "TestUnacknowledged",
	"TestEscalationToNobody", "TestOverride", "TestLock", "TestPausedInTheMiddle", "TestDeadlineDuringTheRecovery",
	"TestInterruptedRunAgain", "TestInterruptedMarkDone", "TestMaintenanceThatLasts",
}

// replay draws every beginning of a history: whatever amsbot knew at that
// moment, it could say it, and the same twice.
func (s *stage) replay(events []store.Event) {
	s.Helper()
	w := words.In("en")
	for n := range len(events) + 1 {
		c := bot.Render(events[:n], w)
		if again := bot.Render(slices.Clone(events[:n]), w); !reflect.DeepEqual(c, again) {
			s.Errorf("event %d is drawn in two ways:\n%v\n%v", n, c, again)
		}
		var acts []string
		for _, b := range append(slices.Clone(c.Buttons), c.More...) {
			if slices.Contains(acts, b.Act) {
				s.Errorf("event %d: %s is on the card twice", n, b.Act)
			}
			acts = append(acts, b.Act)
		}
		if c.Over && len(c.Buttons) > 0 {
			s.Errorf("event %d: it is over and has buttons", n)
		}
	}
	if !*record || len(events) == 0 || !slices.Contains(recorded, s.Name()) {
		return
	}
	var lines strings.Builder
	for _, e := range events {
		raw, err := json.Marshal(e)
		s.must(err)
		lines.Write(append(raw, '\n'))
	}
	number := events[0].Incident[strings.LastIndexByte(events[0].Incident, ':')+1:]
	for _, i := range s.sim.PagerDuty.State().Incidents {
		if i.ID == number && i.Number > 1 {
			number = "2"
		}
	}
	name := strings.TrimPrefix(s.Name(), "Test")
	if number == "2" {
		name += "2"
	}
	s.must(os.WriteFile(filepath.Join("../../../bot/testdata/stories", name+".jsonl"), []byte(lines.String()), 0o644))
}

// keepSources keeps, beside a recorded history, the sources of the scenarios that
// it matched: with them it can be rehearsed.
func (s *stage) keepSources(db *store.DB, events []store.Event) {
	s.Helper()
	if !*record || !slices.Contains(recorded, s.Name()) {
		return
	}
	for _, e := range events {
		var matched struct{ Sources []struct{ Hash string } }
		if e.Kind != "matched" {
			continue
		}
		s.must(e.Into(&matched))
		for _, source := range matched.Sources {
			data, err := db.Blob(s.ctx, source.Hash)
			s.must(err)
			s.must(os.WriteFile(filepath.Join("../../../bot/testdata/sources", source.Hash[:12]+".yaml"), data, 0o644))
		}
	}
}
