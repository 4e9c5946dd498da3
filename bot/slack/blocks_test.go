package slack

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"amsbot/bot"
	"amsbot/bot/words"
)

var update = flag.Bool("update", false, "write the golden files anew")

var english = words.In("en")

// golden compares what was drawn with a file.
func golden(t *testing.T, name string, drawn any) {
	t.Helper()
	var out strings.Builder
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(drawn); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("testdata", "golden", name+".json")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Errorf("%s is drawn differently (run with -update and read the difference):\n%s", name, out.String())
	}
}

func TestEveryStateHasItsWordsAndColour(t *testing.T) {
	for _, s := range []bot.CardState{bot.CardReading, bot.CardChecking, bot.CardWaiting, bot.CardActing, bot.CardGood, bot.CardBad, bot.CardQuiet} {
		if colours[s] == "" {
			t.Errorf("%s has no colour", s)
		}
	}
}

func TestHomeView(t *testing.T) {
	at := func(ts string) bot.HomeLine {
		return bot.HomeLine{Incident: key, Service: "shop-web", Channel: ops, CardTS: ts, URL: "https://acme.pagerduty.com/incidents/Q1", At: moment0,
			Acts: []bot.Button{{Act: bot.DoTake, Offer: 12, Label: "Take Over"}, {Act: bot.DoCheck, Offer: 12, Label: "Run Checks Again"}, {Act: bot.DoNote, Label: "Add Note"},
				{Act: "open", Label: "Open in PagerDuty", URL: "https://acme.pagerduty.com/incidents/Q1"}}}
	}
	waits, mine, other := at("1700000000.000100"), at("1700000000.000200"), at("")
	waits.Place, waits.Number, waits.Title, waits.State, waits.Status = bot.HomeWaits, 1234, "Web <down>", bot.CardWaiting, "NG: decide"
	waits.Waits, waits.Until, waits.Holder = "Run Recovery", moment0.Add(30*time.Minute), "Bob Brown"
	mine.Place, mine.Number, mine.Title, mine.State, mine.Status, mine.Holder = bot.HomeMine, 1236, "Queue is long", bot.CardBad, "Handed over", "Alice Adams"
	other.Place, other.Number, other.Title, other.Status = bot.HomeOther, 1235, "*Disk*", "Checking"
	h := bot.Home{
		User: alice, Updated: moment0, Open: []bot.HomeLine{waits, mine, other}, More: 3,
		Down:   []string{"PagerDuty has not answered since 14:02 UTC; 2 acts wait."},
		Paused: []bot.HomeStop{{Text: "project:shop, by Bob Brown: moving", Scope: "project:shop", Holds: 9 << 32}, {Text: "scenario:shop/web is held by the storm brake"}},
		Planned: []bot.HomeWindow{{Text: "service shop-db of shop, by Bob Brown", From: moment0.Add(-time.Hour), Until: moment0.Add(time.Hour), End: 3},
			{Text: "everything, by Bob Brown", From: moment0.Add(time.Hour), Until: moment0.Add(2 * time.Hour)}},
		Numbers: []bot.Field{{Name: "Incidents", Value: "12"}, {Name: "Answered without a person", Value: "10 of 12 (83 %)"}},
	}
	golden(t, "home", HomeView(h, "https://pretend.slack.com/archives/"))
	h.Language = "ja"
	golden(t, "home-ja", HomeView(h, "https://pretend.slack.com/archives/"))
	golden(t, "home-empty", HomeView(bot.Home{Updated: moment0}, ""))
}

// A button of Home that lifts something says what.
func TestLifting(t *testing.T) {
	if c := lifting(bot.Click{Act: liftPause, Incident: "scenario:shop/web", Offer: 9 << 32}); c.Act != bot.DoResume || c.Scope != "scenario:shop/web" || c.Offer != 9<<32 || c.Incident != "" {
		t.Errorf("%+v", c)
	}
	if c := lifting(bot.Click{Act: liftWindow, Incident: "3"}); c.Act != bot.DoEndMaintenance || c.Text != "3" || c.Incident != "" {
		t.Errorf("%+v", c)
	}
	if c := lifting(bot.Click{Act: bot.DoTake, Incident: key}); c.Act != bot.DoTake || c.Incident != key {
		t.Errorf("%+v", c)
	}
}

// A new version has new block_ids and the same action_ids.
func TestBlockIDsAreNewWithEachVersion(t *testing.T) {
	ids := func(c bot.Card) (blocks, actions []string) {
		_, a := Message(c, english)
		raw, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		walk(t, raw, func(o map[string]any) {
			if id, ok := o["block_id"].(string); ok {
				blocks = append(blocks, id)
			}
			if id, ok := o["action_id"].(string); ok {
				actions = append(actions, id)
			}
		})
		return blocks, actions
	}
	c := base()
	b1, a1 := ids(c)
	c.Version++
	b2, a2 := ids(c)
	for _, id := range b2 {
		if slices.Contains(b1, id) {
			t.Errorf("block_id %s is in both versions", id)
		}
	}
	if !slices.Equal(a1, a2) || len(a1) != 7 {
		t.Errorf("action_ids %v and %v", a1, a2)
	}
}

// walk visits every object of a JSON tree.
func walk(t *testing.T, raw []byte, visit func(map[string]any)) {
	t.Helper()
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	var down func(any)
	down = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				down(x)
			}
		case map[string]any:
			visit(v)
			for _, x := range v {
				down(x)
			}
		}
	}
	down(tree)
}

// What does not fit is counted, and the newest phases win.
func TestLongPhasesSayWhatIsMissing(t *testing.T) {
	c := base()
	c.Phases = nil
	for i := range 12 {
		p := bot.Phase{Name: fmt.Sprintf("Phase %d", i), Verdict: "NG", Words: "failed"}
		for range 25 {
			p.Lines = append(p.Lines, bot.Line{Name: "step", Verdict: "NG", Words: "bad", Output: "out"})
		}
		c.Phases = append(c.Phases, p)
	}
	_, attachments := Message(c, english)
	raw, _ := json.Marshal(attachments)
	for _, want := range []string{"Phase 11", "15 more in the thread"} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("no %q in the card", want)
		}
	}
	if strings.Contains(string(raw), "Phase 3 ") || strings.Contains(string(raw), "*Phase 3*") {
		t.Error("an old phase is shown before the newest ones")
	}
}
