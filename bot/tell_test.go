package bot

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"amsbot/scenarios"
	"amsbot/store"
)

// replies are what a history says in Slack, in order.
func replies(t *testing.T, events []store.Event) (all []MessageArgs) {
	t.Helper()
	for _, e := range events {
		w, ok := into[wanted](e)
		if e.Kind != kindWanted || !ok || w.Kind != ActReply && w.Kind != ActPost {
			continue
		}
		var m MessageArgs
		if err := json.Unmarshal(w.Args, &m); err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

// However many steps a phase has, and whatever they say, the thread tells of each
// of them, in messages that Slack takes.
func TestThreadTellsOfEveryStep(t *testing.T) {
	text := strings.Replace(responding, "AUTONOMY", "observe", 1)
	steps := ""
	for n := range 40 {
		steps += fmt.Sprintf("  - {name: look %02d, http: {url: \"http://web-1.example/%d\"}, timeout: 2s}\n", n, n)
	}
	text = strings.Replace(text, "gather:\n", "gather:\n"+steps, 1)
	set, err := scenarios.LoadFS(fstest.MapFS{"web.yaml": &fstest.MapFile{Data: []byte(text)}}, scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	o := rehearsing(t, "observe", "health NG")
	o.Bot.Scenarios = set
	o.Snapshot.Incident.Service = scenarios.Ref{ID: "PWEB", Name: "web"}
	set.Projects[0].Channel = "C1"
	o.Step = func(c StepCall) (scenarios.Outcome, error) {
		return scenarios.Outcome{Verdict: scenarios.NG, Why: strings.Repeat("&", 300), Line: strings.Repeat("<", 300), Took: time.Millisecond}, nil
	}
	r, err := Rehearse(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, m := range replies(t, r.Events) {
		if n := utf8.RuneCountInString(m.Text); n > 3900 {
			t.Errorf("a message of %d characters", n)
		}
		all += m.Text
	}
	for n := range 40 {
		if name := fmt.Sprintf("look %02d", n); strings.Count(all, name) != 1 {
			t.Errorf("%s is told %d times", name, strings.Count(all, name))
		}
	}
}

// A re-check that fails shows what it found, unless the check has shown the same.
func TestThreadShowsWhatTheRecheckFound(t *testing.T) {
	for found, want := range map[string]int{"the same\nas before": 1, "something\nelse": 2} {
		o := rehearsing(t, "auto", "health NG", "one OK", "two OK", "first OK", "second OK")
		o.Bot.Scenarios.Projects[0].Channel = "C1"
		step := o.Step
		o.Step = func(c StepCall) (scenarios.Outcome, error) {
			out, err := step(c)
			if c.Step.Name == "health" {
				out.Output, out.Line = []byte("the same\nas before"), "as before"
				if c.Phase == scenarios.Recheck {
					out.Output = []byte(found)
				}
			}
			return out, err
		}
		r, err := Rehearse(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		shown := 0
		for _, m := range replies(t, r.Events) {
			if m.File != "" {
				shown++
			}
		}
		if shown != want {
			t.Errorf("%q: %d outputs in the thread, not %d", found, shown, want)
		}
	}
}
