package bot

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"amsbot/bot/words"
)

func TestIndexNamesTheWorstFirst(t *testing.T) {
	line := func(n int, service string, state CardState, over bool) *crowdLine {
		return &crowdLine{ListLine: ListLine{Number: n, Service: service, State: state, Over: over}}
	}
	x := indexOf([]*crowdLine{
		line(4, "web", CardWaiting, false), line(2, "db", CardBad, false),
		line(3, "web", CardActing, false), line(5, "web", CardReading, false), line(1, "db", CardGood, true),
	}, time.Now(), words.In("en"), false)
	wants(t, x.Headline, "5 incidents at once: 2 need a person · 1 recovering · 1 being checked · 1 over")
	var groups []string
	for _, g := range x.Groups {
		groups = append(groups, g.Name+": "+strings.Join(g.Names, " "))
	}
	wants(t, strings.Join(groups, "; "), "Need a person (2): #4 #2; Recovering (1): #3; Being checked (1): #5; Over (1): #1")
	wants(t, x.Services[0].Name+", "+x.Services[1].Name, "web, db")
	wants(t, string(x.State), string(CardBad))
}

// The worst is first, also among those that need a person, and among equals the oldest.
func TestWorstLine(t *testing.T) {
	lines := []*crowdLine{
		{ListLine: ListLine{Number: 1, State: CardReading}}, {ListLine: ListLine{Number: 2, State: CardBad}},
		{ListLine: ListLine{Number: 4, State: CardWaiting}}, {ListLine: ListLine{Number: 3, State: CardWaiting}},
		{ListLine: ListLine{Number: 5, State: CardBad, Over: true}}, {ListLine: ListLine{Number: 6, State: CardActing}},
	}
	slices.SortFunc(lines, worstLine)
	var numbers []int
	for _, l := range lines {
		numbers = append(numbers, l.Number)
	}
	wants(t, fmt.Sprint(numbers), "[3 4 2 6 1 5]")
}

// What does not fit is counted, and never cut off without a word: the pages name all,
// so that nothing is named nowhere while it moves up or down. What came just now is in
// the index even where the worst fill it.
func TestIndexOfTooMany(t *testing.T) {
	var lines []*crowdLine
	now := time.Now()
	for n := range 4000 {
		l := &crowdLine{ListLine: ListLine{Number: 100000 + n, Service: "web", State: CardBad}, began: now.Add(-time.Hour)}
		if n >= 3900 {
			l.State, l.began = CardChecking, now.Add(-justCame)
		}
		lines = append(lines, l)
	}
	x := indexOf(lines, now, words.In("en"), false)
	if len(x.Groups) != 2 || len(x.Groups[0].Names) < 700 || len(x.Groups[1].Names) != 100 || len(x.Groups[0].Names)+100+x.More != 4000 {
		t.Errorf("%d groups, %d more", len(x.Groups), x.More)
	}
	wants(t, x.Groups[1].Names[99], "#103999")
	if later := indexOf(lines, now.Add(time.Second), words.In("en"), false); len(later.Groups) != 1 || later.More != x.More {
		t.Errorf("later: %d groups, %d more", len(later.Groups), later.More)
	}
	slices.SortFunc(lines, func(a, b *crowdLine) int { return b.Number - a.Number })
	var paged []string
	for _, names := range pagesOf(lines) {
		paged = append(paged, names...)
	}
	if len(paged) != 4000 || !slices.IsSorted(paged) || len(pageKeys("#ops", lines)) != len(pagesOf(lines)) {
		t.Errorf("%d on pages", len(paged))
	}
	if pages := pagesOf(lines[:100]); pages != nil {
		t.Errorf("%d pages beside an index with room for all", len(pages))
	}
}

// Lines are kept up to a number of incidents, each as its record stood.
func TestCrowdedKeepsLines(t *testing.T) {
	var c crowded
	for n := range mostCrowded + 1 {
		c.put(1, &crowdLine{key: fmt.Sprint(n)})
	}
	c.put(2, &crowdLine{key: "0"})
	for _, want := range []struct {
		key     string
		version uint64
		known   bool
	}{{"0", 2, true}, {"0", 1, false}, {"1", 1, true}, {fmt.Sprint(mostCrowded), 1, false}, {"none", 0, false}} {
		if l, ok := c.get(want.key, want.version); ok != want.known || ok && l.key != want.key {
			t.Errorf("%s at %d: %v %v", want.key, want.version, l, ok)
		}
	}
	c.forget()
	if _, ok := c.get("1", 1); ok {
		t.Error("it is not forgotten")
	}
}
