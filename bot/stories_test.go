package bot

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"amsbot/bot/words"
	"amsbot/store"
)

var update = flag.Bool("update", false, "write the golden files anew")

// stories are histories as amsbot wrote them, by name. They were recorded from
// stories over the simulator and are never edited: every later amsbot has to be
// able to read and to draw them.
func stories(t testing.TB) map[string][]store.Event {
	t.Helper()
	files, err := filepath.Glob("testdata/stories/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	all := map[string][]store.Event{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var events []store.Event
		lines := bufio.NewScanner(bytes.NewReader(data))
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var e store.Event
			if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			events = append(events, e)
		}
		all[strings.TrimSuffix(filepath.Base(file), ".jsonl")] = events
	}
	return all
}

// However little of a history there is: it can be folded, drawn and told, no act
// is on offer twice, and nothing is on offer when it is over.
func TestEveryBeginningOfAStory(t *testing.T) {
	w := words.In("en")
	for name, events := range stories(t) {
		for n := range len(events) + 1 {
			part := events[:n]
			Render(part, w)
			Note(part, w)
			eventLines(part, w)
			in := fold("pd:shop:Q", 1, part)
			now := in.last
			next(in, nil, now)
			open := map[string]int{}
			for _, o := range in.offers {
				if o.open(now) {
					open[o.act]++
				}
			}
			for act, times := range open {
				if times > 1 || in.over() {
					t.Errorf("%s: after event %d %s is on offer %d times (over: %v)", name, n, act, times, in.over())
				}
			}
		}
	}
}

// Events of a kind, or with fields, that this amsbot does not know leave what it
// knows as it is.
func TestEventsOfALaterVersion(t *testing.T) {
	w := words.In("en")
	for name, events := range stories(t) {
		var later []store.Event
		for _, e := range events {
			var data map[string]any
			if json.Unmarshal(e.Data, &data) == nil {
				data["later"] = map[string]any{"field": 1}
				e.Data, _ = json.Marshal(data)
			}
			later = append(later, e)
		}
		last := events[len(events)-1]
		last.Seq, last.Kind, last.Data = last.Seq+1, "of_a_later_version", json.RawMessage(`[1]`)
		later = append(later, last)
		want, got := Render(events, w), Render(later, w)
		if CardText(want, w) != CardText(got, w) {
			t.Errorf("%s: drawn differently:\n%s\n---\n%s", name, CardText(want, w), CardText(got, w))
		}
	}
}

// What people see, story by story: the card whenever its point changes, then the
// note and the history as they are at the end.
func TestCards(t *testing.T) {
	w := words.In("en")
	all := stories(t)
	seen := map[CardState]bool{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Run(name, func(t *testing.T) {
			golden(t, filepath.Join("testdata/cards", name+".golden"), told(all[name], w, seen))
		})
	}
	for _, s := range []CardState{CardReading, CardChecking, CardWaiting, CardActing, CardGood, CardBad, CardQuiet} {
		if !seen[s] {
			t.Errorf("no story has a card that is %s", s)
		}
	}
}

func told(events []store.Event, w words.Catalogue, seen map[CardState]bool) string {
	var b strings.Builder
	before := ""
	for n := 1; n <= len(events); n++ {
		c := Render(events[:n], w)
		seen[c.State] = true
		point := string(c.State) + c.Headline + c.Detail + buttonLine(c)
		if point == before {
			continue
		}
		before = point
		fmt.Fprintf(&b, "== after %d (%s): %s\n%s\n%s\n%s\n\n", n, events[n-1].Kind, c.State, c.Headline, CardText(c, w), buttonLine(c))
	}
	fmt.Fprintf(&b, "== note\n%s\n\n== history\n%s", Note(events, w), eventLines(events, w))
	return b.String()
}

func buttonLine(c Card) string {
	var all []string
	for _, b := range append(slices.Clone(c.Buttons), c.More...) {
		text := "[" + b.Label + "]"
		if b.Primary {
			text += "!"
		}
		if b.Confirm != nil {
			text += " (" + strings.Join(strings.Fields(b.Confirm.Title+" "+b.Confirm.Text), " ") + ")"
		}
		all = append(all, text)
	}
	return strings.Join(all, " ")
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; -update writes it", err)
	}
	if got != string(want) {
		t.Errorf("%s differs; -update writes it anew.\n--- got\n%s\n--- want\n%s", path, got, want)
	}
}

// eventLines is an incident's events, or a storm's, as lines of plain text, times in UTC.
func eventLines(events []store.Event, w words.Catalogue) string {
	var b strings.Builder
	for _, e := range events {
		if text := EventText(e, w); text != "" {
			fmt.Fprintf(&b, "%s  %s\n", e.At.UTC().Format(time.DateTime), text)
		}
	}
	return b.String()
}
