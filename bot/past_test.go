package bot

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"amsbot/store"
)

// pastText is a Past in one line, and each step in one more.
func pastText(p Past) string {
	var b strings.Builder
	fmt.Fprintf(&b, "run %d: %s %s for %q%s capped=%q outcome=%q alone=%v title=%q alerts=%d sources=%d came_back=%q\n", p.Run, p.Scenario, p.Autonomy, p.Target,
		p.Reason, p.Capped, p.Outcome, p.Alone, p.Snapshot.Incident.Title, len(p.Snapshot.Incident.Alerts), len(p.Sources), p.CameBack)
	fmt.Fprintf(&b, "  %s\n", strings.Join(p.Path, ", "))
	for _, c := range p.Clicks {
		fmt.Fprintf(&b, "  %s pressed %s after %s as %s\n", c.Name, c.Act, c.After, c.As.Name)
	}
	for _, m := range p.Meanwhile {
		fmt.Fprintf(&b, "  meanwhile %s by %s, %d acknowledged\n", m.Snapshot.Incident.Status, m.Snapshot.ChangedBy.Name, len(m.Snapshot.Acknowledged))
	}
	for _, s := range p.Steps {
		fmt.Fprintf(&b, "  pass %d %s %d %s: %s %s\n", s.Pass, s.Phase, s.Round, s.Name, s.Outcome.Verdict, s.Shown)
	}
	return b.String()
}

// TestPasts holds what every recorded story says of its runs, word for word.
func TestPasts(t *testing.T) {
	all := stories(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Run(name, func(t *testing.T) {
			var got strings.Builder
			for _, p := range Pasts(all[name]) {
				got.WriteString(pastText(p))
			}
			golden(t, filepath.Join("testdata/pasts", name+".golden"), got.String())
		})
	}
}

// However little of a history there is, what is told of it stays as it was told
// once a later event does not say more.
func TestPastsOfEveryBeginning(t *testing.T) {
	for name, events := range stories(t) {
		before := 0
		for n := range len(events) + 1 {
			pasts := Pasts(events[:n])
			if len(pasts) < before || len(pasts) > before+1 {
				t.Errorf("%s: %d runs after event %d, %d before it", name, len(pasts), n, before)
			}
			before = len(pasts)
		}
	}
	if got := Pasts([]store.Event{{Seq: 1, Kind: kindMatched, Data: []byte(`{"scenario":"x"}`)}, {Seq: 2, Kind: kindEnded, Data: []byte(`7`)}}); got != nil {
		t.Errorf("a match of nothing that was read: %+v", got)
	}
	if _, ok := LastRead(nil); ok {
		t.Error("nothing was read")
	}
}
