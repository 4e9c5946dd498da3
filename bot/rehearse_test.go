package bot

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"amsbot/scenarios"
	"amsbot/store"
)

// notRehearsed are the stories that cannot be rehearsed with what they say of
// themselves, and why.
var notRehearsed = map[string]string{
	"NoScenarioFits":      "a history keeps the sources of the scenario that it matched, and it matched none",
	"Tie":                 "a history keeps the sources of the scenario that it matched, and it matched none",
	"Merged":              "it was merged before a scenario was chosen, so its history has no sources",
	"InterruptedRunAgain": "amsbot died in the middle, and in a rehearsal it does not",
	"InterruptedMarkDone": "amsbot died in the middle, and in a rehearsal it does not",
}

// A recorded story that is rehearsed with its own step results, clicks and news
// takes the same way to the same end.
func TestRehearsedStories(t *testing.T) {
	all := stories(t)
	for name := range notRehearsed {
		if all[name] == nil {
			t.Errorf("there is no story %s", name)
		}
	}
	for name, events := range all {
		t.Run(name, func(t *testing.T) {
			if notRehearsed[name] != "" {
				if _, err := retold(events); err == nil {
					t.Errorf("it can be rehearsed after all: it was said that %s", notRehearsed[name])
				}
				return
			}
			o, err := retold(events)
			if err != nil {
				t.Fatal(err)
			}
			if before := all[strings.TrimSuffix(name, "2")]; before != nil && name == "Override2" { // the cooldown that it overrides
				first, err := retold(before)
				if err != nil {
					t.Fatal(err)
				}
				earlier, err := Rehearse(t.Context(), first)
				if err != nil {
					t.Fatal(err)
				}
				o.Guards = earlier.Guards
			}
			got, err := Rehearse(t.Context(), o)
			if err != nil {
				t.Fatalf("%v\n%s", err, wayOf(storyOf(got.Events)))
			}
			if a, b := wayOf(storyOf(events)), wayOf(storyOf(got.Events)); a != b {
				t.Errorf("it was\n%s\nand is rehearsed as\n%s", a, b)
			}
		})
	}
}

// wayOf is what has to be the same of a story.
func wayOf(s Story) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s on %s, %s: %s, over %v\n%v %v\n", s.Scenario, s.Target, s.Autonomy, s.Outcome, s.Over, s.Branches, s.Limits)
	for _, l := range s.Path {
		if strings.Contains(l.Text, " was refused ") { // nothing came of it
			continue
		}
		fmt.Fprintf(&b, "  %s", l.Text)
		for _, st := range l.Steps {
			fmt.Fprintf(&b, "; %s %s %s", st.Name, st.Verdict, st.Why)
		}
		b.WriteString("\n")
	}
	for _, w := range s.Acts {
		if changesPagerDuty(w.Kind) || w.Kind == ActNote {
			fmt.Fprintf(&b, "  %s %s by %s: %s\n", w.Kind, w.To, w.By, w.State)
		}
	}
	return b.String()
}

// retold are the options that rehearse a history with all that it says.
func retold(events []store.Event) (RehearsalOptions, error) {
	if events[len(events)-1].Epoch != events[0].Epoch {
		return RehearsalOptions{}, errors.New("amsbot was started anew in the middle")
	}
	o, err := retell(events)
	if err != nil {
		return o, err
	}
	for _, e := range events {
		if m, ok := into[matched](e); ok && e.Kind == kindMatched {
			return o, o.pinned(m)
		}
	}
	return o, errors.New("it matched no scenario")
}

// pinned loads the scenario that a history matched, of the sources kept beside
// the stories.
func (o *RehearsalOptions) pinned(m matched) error {
	var sources []scenarios.Source
	for _, s := range m.Sources {
		data, err := os.ReadFile(filepath.Join("testdata/sources", s.Hash[:12]+".yaml"))
		if err != nil {
			return err
		}
		sources = append(sources, scenarios.Source{Name: s.Name, Data: data})
	}
	sc, err := scenarios.Pin(sources, scenarios.Options{})
	if err != nil {
		return err
	}
	if sc.Version != m.Version {
		return fmt.Errorf("its sources have the version %s, not %s", sc.Version, m.Version)
	}
	o.Bot.Scenarios = &scenarios.Set{Projects: []*scenarios.Project{sc.Project}, Scenarios: []*scenarios.Scenario{sc}}
	return nil
}
