package bot

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"amsbot/bot/words"
	"amsbot/store"
)

var stored = flag.Int("stored", 25_000, "how many incidents the store of BenchmarkStats holds")

// BenchmarkStats is /ams stats where more incidents are stored than it reads, and
// /ams list and Home beside it, which read what is open.
func BenchmarkStats(b *testing.B) {
	bot := newBot(b, filepath.Join(b.TempDir(), "amsbot.db"))
	bot.Ceiling.View = []string{everyone}
	var all sync.WaitGroup
	for g := range 64 {
		all.Go(func() {
			for n := g; n < *stored; n += 64 {
				storeLine(b, bot.DB, n)
			}
		})
	}
	all.Wait()
	q := Question{User: "U1", Channel: "C0SHOPOPS1"}
	for _, about := range []string{AskStats, AskList, AskScenarios} {
		b.Run(about, func(b *testing.B) {
			for b.Loop() {
				q.About = about
				if a, err := bot.Ask(b.Context(), q); err != nil || !a.Done {
					b.Fatalf("%+v, %v", a, err)
				}
			}
		})
	}
	b.Run("home", func(b *testing.B) {
		for b.Loop() {
			if _, err := bot.home(b.Context(), "U1"); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func storeLine(t testing.TB, db *store.DB, n int) {
	open := n%1000 == 0
	_, err := db.Commit(context.Background(), fmt.Sprintf("pd:a:Q%07d", n), func(*store.View) (store.Change, error) {
		return store.Change{Events: []store.NewEvent{{Kind: kindReceived, By: amsbot}}, Open: &open, Summary: ListLine{
			ID: fmt.Sprintf("Q%07d", n), Number: n + 1, Title: "Health check of web-1 failed", Service: "web", Project: "shop", Scenario: "web-down",
			Channel: "C0SHOPOPS1", State: CardGood, Status: "Recovered by amsbot", Outcome: Recovered, Alone: n%3 > 0,
			Over: !open, At: time.Now(), Took: time.Duration(n%90) * time.Second, Target: "web-1.shop.example", Assigned: []string{"PBOT"},
		}}, nil
	})
	if err != nil {
		t.Error(err)
	}
}

// What came back is no success, and what is open or has no scenario counts, too.
func TestCount(t *testing.T) {
	line := func(scenario string, o Outcome, alone bool, took time.Duration) ListLine {
		return ListLine{Project: "shop", Scenario: scenario, Outcome: o, Alone: alone, Took: took, Over: o != ""}
	}
	lines := []ListLine{
		line("web", Recovered, true, 4*time.Second), line("web", Recovered, true, 10*time.Second), line("db", NoFault, true, time.Second),
		line("", HandedOver, false, 2*time.Second), line("web", "", false, 0),
	}
	lines[4].CameBack, lines[3].Noise = "k1", true
	got := strings.Join(count(lines, []string{"k0", "k1", "k2", "k3", "k4"}).words(words.In("en")), "\n")
	want := `*5* incidents, 1 of them still open
Answered without a person: *2 of 5 (40 %)*
First response: median 2 s, 90th percentile 10 s (of 4 that have one)
By outcome: Recovered by amsbot 2 · no outcome yet 1 · Handed over 1 · No fault found 1
By scenario: web 3 (1 without a person) · none that fits 1 (0 without a person) · db 1 (1 without a person)
Marked as noise by a person: 1
_Without`
	if !strings.HasPrefix(got, want) {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestSpanOf(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"": 7 * 24 * time.Hour, "7d": 7 * 24 * time.Hour, "30 days": 30 * 24 * time.Hour, "last 2 weeks": 14 * 24 * time.Hour, "24h": 24 * time.Hour,
		"the last 24h": 24 * time.Hour,
	} {
		if got, ok := spanOf(text); !ok || got != want {
			t.Errorf("%q: %s, %v", text, got, ok)
		}
	}
	for _, text := range []string{"tomorrow", "1y", "400d", "5m", "7d web", "-7d"} {
		if got, ok := spanOf(text); ok {
			t.Errorf("%q: %s", text, got)
		}
	}
}
