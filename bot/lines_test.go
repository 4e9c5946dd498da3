package bot

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/store"
)

// The incidents of one burst come within one moment, in no order: everywhere they are
// named by their numbers, the newest first, and that one is the last.
func TestTheNewestOfABurstIsFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := loaded(t, twoShops())
		for _, n := range []int{4, 1, 40, 3, 2, 39, 5} {
			if n == 39 {
				time.Sleep(500 * time.Millisecond)
			}
			_, err := b.DB.Commit(t.Context(), fmt.Sprintf("pd:shop:Q%d", n*7%10), func(*store.View) (store.Change, error) {
				open := true
				return store.Change{Events: []store.NewEvent{{Kind: kindReceived, By: amsbot}}, Open: &open, Names: []string{numberName(n)},
					Summary: ListLine{Number: n, Title: "Web is down", Service: "east", Project: "east", Status: "NG", State: CardBad}}, nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		numbers := func(text string) string { return strings.Join(regexp.MustCompile(`#\d+`).FindAllString(text, -1), " ") }
		q := Question{User: "U1", Channel: "D1", About: AskList}
		if a, err := b.Ask(t.Context(), q); err != nil || numbers(a.Text) != "#40 #39 #5 #4 #3 #2 #1" {
			t.Errorf("%s, %v", a.Text, err)
		}
		if key, err := b.last(t.Context(), q); err != nil || key != "pd:shop:Q0" {
			t.Errorf("the last is %s, %v", key, err)
		}
		h, err := b.Home(t.Context(), "U1")
		var home []int
		for _, l := range h.Open {
			home = append(home, l.Number)
		}
		if got := fmt.Sprint(home); err != nil || got != "[40 39 5 4 3 2 1]" {
			t.Errorf("Home: %s, %v", got, err)
		}
	})
}

// What a guard holds waits for whoever may override it, and not for everybody who
// may recover.
func TestWaitsForWhoMayOverride(t *testing.T) {
	runs := permits{ok: map[string]bool{"view": true, "run": true, DoApprove: true}}
	overrides := permits{ok: map[string]bool{"view": true, "run": true, doOverride: true}}
	for _, c := range []struct {
		line      ListLine
		run, over string
	}{
		{ListLine{Recover: 3}, DoRecover, DoRecover},
		{ListLine{Recover: 3, Override: true}, "", DoRecover},
		{ListLine{Again: 3}, DoAgain, DoAgain},
		{ListLine{Again: 3, Override: true}, "", DoAgain},
		{ListLine{Approve: 3, Asker: "U2"}, DoApprove, ""},
	} {
		if got := c.line.waitsFor("U1", runs); got != c.run {
			t.Errorf("%+v: %q waits for who may run, want %q", c.line, got, c.run)
		}
		if got := c.line.waitsFor("U1", overrides); got != c.over {
			t.Errorf("%+v: %q waits for who may override, want %q", c.line, got, c.over)
		}
	}
}
