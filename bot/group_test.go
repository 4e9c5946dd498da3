package bot

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"amsbot/bot/words"
	"amsbot/store"
)

func TestGroupNamesTheWorstFirst(t *testing.T) {
	line := func(n int, state CardState, pos uint64) *crowdLine {
		l := ListLine{Number: n, Service: "web", Scenario: "web-down", Target: fmt.Sprint("web-", n), State: state, Take: 7, Escalate: 8}
		if l.Over = state == CardQuiet; l.Over {
			l.Take, l.Escalate = 0, 0
		}
		return &crowdLine{ListLine: l, key: fmt.Sprint("pd:x:Q", n), pos: pos, began: time.Unix(9, 0)}
	}
	lines := []*crowdLine{line(12, CardBad, 20), line(14, CardWaiting, 40), line(13, CardActing, 30), line(11, CardQuiet, 25)}
	lines[2].Take = 0 // somebody has it
	lines[1].Target = "web-12"
	g := &group{key: "group:x:#ops", lines: lines, bare: lines}
	x := g.draw(drawing{channel: "#ops", since: time.Unix(5, 0), version: 30, w: words.In("en")})
	wants(t, x.Headline, "4 × web · web-down: 2 need a person · 1 recovering · 1 over")
	wants(t, fmt.Sprint(x.Parts), "[{Need a person (2) [#12, #14 web-12]} {Recovering (1) [#13 web-13]} {Over (1) [#11 web-11]}]")
	var buttons []string
	for _, b := range x.Buttons { // 14 has changed since: nobody knows yet what stands there
		buttons = append(buttons, b.Label+" "+b.On+" "+b.Confirm.Text)
	}
	wants(t, strings.Join(buttons, "; "), "Take Over All 1 group:x:#ops|c You acknowledge 1 in PagerDuty, in your name: #12.; "+
		"Escalate All 2 group:x:#ops|c-1 To the next level, where whoever is on call is paged about 2: #12, #13.")
	mark := x.Mark
	lines[0].Escalate++
	if x = g.draw(drawing{channel: "#ops", version: 30, w: words.In("en")}); x.Mark == mark {
		t.Error("another offer stands, and nothing tells the cards apart")
	}
	x = g.draw(drawing{channel: "#ops", since: time.Unix(5, 0), over: true, version: 30, w: words.In("en")})
	wants(t, x.Headline, "4 × web · web-down: it is calm again: 2 need a person · 1 recovering · 1 over")
	if len(x.Buttons)+len(x.Choices) > 0 {
		t.Error("something can be pressed when it is over")
	}
}

// What has a card keeps it; then the group with the most that need a person comes
// first, and what has a card of its own does not count.
func TestWorstGroup(t *testing.T) {
	bad, acting := &crowdLine{ListLine: ListLine{State: CardBad}}, &crowdLine{ListLine: ListLine{State: CardActing}}
	groups := []*group{
		{key: "shown", lines: []*crowdLine{bad, bad, bad}, bare: []*crowdLine{acting}},
		{key: "mild", bare: []*crowdLine{acting, acting, acting}},
		{key: "worse", bare: []*crowdLine{bad, bad}},
		{key: "bad", bare: []*crowdLine{bad, acting}},
		{key: "stands", ref: "C1/1.2", wanted: true},
	}
	slices.SortFunc(groups, worstGroup)
	var keys []string
	for _, g := range groups {
		keys = append(keys, g.key)
	}
	wants(t, strings.Join(keys, " "), "stands worse bad mild shown")
}

// Which groups are the worst changes while the first cards are still to be posted: those
// that are wanted already stay, and there are no more than a few.
func TestGroupsAreFew(t *testing.T) {
	b := loaded(t, twoShops())
	wanted := map[string]bool{}
	for turn := range 20 {
		var lines []*crowdLine
		for n := range 60 {
			for i := range 3 {
				l := &crowdLine{ListLine: ListLine{State: CardChecking, Number: 10*n + i}, key: fmt.Sprintf("pd:a:Q%d-%d", n, i), group: fmt.Sprintf("group:%02d:#ops", n)}
				if n/3 == turn {
					l.State = CardBad
				}
				lines = append(lines, l)
			}
		}
		slices.SortFunc(lines, worstLine)
		keys, err := b.groupKeys(t.Context(), lines, false)
		if err != nil || len(keys) > groupsMost {
			t.Fatalf("%d at once, %v", len(keys), err)
		}
		for _, key := range keys {
			wanted[key] = true
		}
		if _, err := b.DB.Commit(t.Context(), botStream, func(*store.View) (store.Change, error) {
			return store.Change{Events: []store.NewEvent{{Kind: "news"}}, Views: keys}, nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	if len(wanted) > groupsMost {
		t.Errorf("%d groups have a card", len(wanted))
	}
}

func TestGroupOfUnread(t *testing.T) {
	unread, none, other := ListLine{Channel: "#ops", Service: "web"}, ListLine{Channel: "#ops", Service: "web", Unmatched: true}, ListLine{Channel: "#ops", Service: "web", Scenario: "x"}
	if groupOf(unread) != "" || groupOf(none) == "" || groupOf(none) == groupOf(other) {
		t.Errorf("%q, %q, %q", groupOf(unread), groupOf(none), groupOf(other))
	}
}

// A button names all of a thousand incidents that follow one another, and as many
// as it can of those that do not: the first, which are the worst.
func TestNumbers(t *testing.T) {
	var all, odd []int
	for n := range 1000 {
		all, odd = append(all, 41000+n), append(odd, 41000+3*n)
	}
	for _, c := range []struct {
		numbers []int
		n       int
		set     string
		said    string
	}{
		{[]int{1006, 1000, 1002, 1003, 1004, 1005}, 6, "rs.2-4", "#1000, #1002–#1006"},
		{[]int{5, 4}, 2, "4-1", "#4, #5"},
		{all, 1000, "vmw-rr", "#41000–#41999"},
		{nil, 0, "", ""},
	} {
		n, set := fittingNumbers(c.numbers)
		wants(t, fmt.Sprintf("%d %q %q", n, set, shortNumbers(c.numbers)), fmt.Sprintf("%d %q %q", c.n, c.set, c.said))
	}
	n, set := fittingNumbers(odd)
	if got, ok := readNumbers(set); !ok || len(got) != n || n < 800 || got[n-1] != odd[n-1] {
		t.Errorf("%d of 1000: %q", n, set)
	}
	said := shortNumbers(odd)
	if !strings.HasSuffix(said, fmt.Sprint(", +", 1000-strings.Count(said, "#"))) {
		t.Error(said)
	}
}

func FuzzNumbers(f *testing.F) {
	for _, set := range []string{"", "1", "rs.2-4", "1-", "-1", "1.1-1", "0", "01", "1-zzzzzz", "zzzzzz.zzzzzz", "1.-1", "2-0", "é"} {
		f.Add(set)
	}
	f.Fuzz(func(t *testing.T, set string) {
		numbers, ok := readNumbers(set)
		if !ok {
			return
		}
		if len(numbers) == 0 || len(numbers) > groupSetMost || writeNumbers(numbers) != set {
			t.Errorf("%q: %d numbers", set, len(numbers))
		}
	})
}
