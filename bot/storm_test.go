package bot

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"amsbot/bot/words"
	"amsbot/store"
)

// tale writes a storm's events for a test.
type tale struct {
	*testing.T
	events []store.Event
	now    time.Time
}

func newTale(t *testing.T, members int) *tale {
	s := &tale{T: t, now: time.Date(2026, 1, 1, 3, 0, 0, 0, time.UTC)}
	s.add(kindStorm, stormBegan{Scenario: "web-down", Project: projectView{Name: "shop", Channel: "C1"}, Parallel: 2, Per: 5 * time.Minute,
		Shown: []string{"systemctl restart web"}})
	s.join(1, members)
	s.add(kindTold, stopped{})
	return s
}

func (s *tale) join(from, to int) {
	var j joining
	for n := from; n <= to; n++ {
		j.Members = append(j.Members, member{Incident: fmt.Sprint("pd:shop:Q", n), Number: n, Target: fmt.Sprint("web-", n)})
	}
	s.add(kindJoined, j)
}

func (s *tale) add(kind string, data any) uint64 {
	s.Helper()
	raw, err := json.Marshal(data)
	if err != nil {
		s.Fatal(err)
	}
	seq := uint64(len(s.events) + 1)
	s.events = append(s.events, store.Event{V: 1, Incident: "storm:shop/web-down:1", Seq: seq, Pos: seq, Kind: kind, At: s.now, By: amsbot, Data: raw})
	return seq
}

func (s *tale) fold() *storm { return foldStorm("storm:shop/web-down:1", 1, s.events) }

func (s *tale) next(seen map[string]ran) stormStep { return nextStorm(s.fold(), seen, s.now) }

// batch writes the batch that next says, and that its incidents came so.
func (s *tale) batch(state string, want ...string) {
	s.Helper()
	t := s.next(nil)
	if !slices.Equal(t.batch, want) || t.canary != (len(want) == 1 && want[0] == "pd:shop:Q1") {
		s.Fatalf("the batch is %v (canary %v), not %v", t.batch, t.canary, want)
	}
	s.add(kindSent, sent{Incidents: t.batch, Canary: t.canary})
	if t := s.next(nil); len(t.batch) > 0 || t.offer || t.close {
		s.Fatalf("while it runs: %+v", t)
	}
	for _, key := range want {
		s.add(kindCame, came{Incident: key, Number: s.fold().member(key).Number, State: state, Words: "as it came", Proved: state == stormGood})
	}
}

func (s *tale) press() {
	s.Helper()
	if t := s.next(nil); !t.offer {
		s.Fatalf("nothing is offered: %+v", t)
	}
	offer := s.add(kindOffered, offered{Acts: []string{DoAll}})
	s.add(kindClicked, clicked{Act: DoAll, Offer: offer, User: "U1", Name: "Chie"})
}

// One first, then as many as the scenario lets, and what joined after the press
// waits for the next.
func TestStormGoesOnInBatches(t *testing.T) {
	s := newTale(t, 4)
	s.press()
	s.join(5, 5)
	s.batch(stormGood, "pd:shop:Q1")
	s.batch(stormGood, "pd:shop:Q2", "pd:shop:Q3")
	s.batch(stormGood, "pd:shop:Q4")
	if got := s.next(nil); !got.done || len(got.batch) > 0 {
		t.Fatalf("all have run: %+v", got)
	}
	s.add(kindStopped, stopped{})
	s.add(kindTold, stopped{})
	s.press()
	if got := s.next(nil); !slices.Equal(got.batch, []string{"pd:shop:Q5"}) || !got.canary {
		t.Errorf("the next press begins with %+v", got)
	}
}

// It stops at the first that did not come well, and offers what is left.
func TestStormStops(t *testing.T) {
	s := newTale(t, 5)
	s.press()
	s.batch(stormGood, "pd:shop:Q1")
	s.batch(stormBad, "pd:shop:Q2", "pd:shop:Q3")
	if got := s.next(nil); got.stop != "pd:shop:Q2" || len(got.batch) > 0 {
		t.Fatalf("it goes on: %+v", got)
	}
	s.add(kindStopped, stopped{Why: "it did not help #2"})
	if got := s.next(nil); !got.offer {
		t.Errorf("what is left is not offered: %+v", got)
	}
}

// A canary that somebody else saw to shows nothing: another goes first.
func TestStormNeedsACanaryThatRan(t *testing.T) {
	s := newTale(t, 3)
	s.press()
	s.batch(stormLeft, "pd:shop:Q1")
	if got := s.next(nil); !got.canary || !slices.Equal(got.batch, []string{"pd:shop:Q2"}) {
		t.Errorf("next is %+v", got)
	}
}

// It ends when nobody waits and nothing has joined for as long as the brake looks back.
func TestStormEnds(t *testing.T) {
	s := newTale(t, 2)
	left := ran{state: stormLeft, words: "Resolved by monitoring", at: 3}
	seen := map[string]ran{"pd:shop:Q1": left, "pd:shop:Q2": left}
	got := s.next(seen)
	if len(got.came) != 2 || got.close {
		t.Fatalf("first it is said what came of them: %+v", got)
	}
	for _, c := range got.came {
		s.add(kindCame, c)
	}
	if got := s.next(nil); got.close || !got.due.Equal(s.now.Add(5*time.Minute)) {
		t.Fatalf("it ends too early: %+v", got)
	}
	s.now = s.now.Add(5 * time.Minute)
	if got := nextStorm(s.fold(), nil, s.now); !got.close {
		t.Errorf("it does not end: %+v", got)
	}
}

// The card, whenever its point changes, as a person reads it.
func TestStormCard(t *testing.T) {
	s, w := newTale(t, 30), words.In("en")
	var b strings.Builder
	for _, do := range []func(){
		func() {},
		func() { s.press() },
		func() { s.batch(stormGood, "pd:shop:Q1") },
		func() { s.batch(stormBad, "pd:shop:Q2", "pd:shop:Q3") },
		func() { s.add(kindStopped, stopped{Why: "Stopped: it did not help #2"}) },
		func() { s.add(kindOffered, offered{Acts: []string{DoAll}}) },
		func() { s.add(kindClosed, closed{How: "calm"}) },
	} {
		do()
		c := renderStorm(s.events, pauses{}, w)
		fmt.Fprintf(&b, "== after %d: %s\n%s\n%s\n%s\n\n", len(s.events), c.State, c.Headline, CardText(c, w), buttonLine(c))
	}
	fmt.Fprintf(&b, "== history\n%s", eventLines(s.events, w))
	golden(t, "testdata/cards/storm.golden", b.String())
}
