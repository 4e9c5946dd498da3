package bot

import (
	"strings"
	"testing"
	"time"

	"amsbot/bot/words"
)

// Every pause and every trip of a breaker has a number of its own, and one that an
// older amsbot wrote has one, too.
func TestHoldsAreToldApart(t *testing.T) {
	at := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	trip := func(after time.Duration) *breaker {
		return &breaker{Tripped: true, Failed: 3, Number: 7, At: at.Add(after)}
	}
	all := map[string]holds{
		"nothing":             {},
		"an old pause":        {paused: &paused{Name: "Ben"}},
		"a pause":             {paused: &paused{N: 1, Name: "Ben"}},
		"another":             {paused: &paused{N: 2, Name: "Ben"}},
		"a breaker":           {tripped: trip(0)},
		"tripped again":       {tripped: trip(time.Minute)},
		"both":                {paused: &paused{N: 1, Name: "Ben"}, tripped: trip(0)},
		"both, tripped again": {paused: &paused{N: 1, Name: "Ben"}, tripped: trip(time.Minute)},
	}
	w := words.In("en")
	for shown, h := range all {
		if (h.number() == 0) != (shown == "nothing") {
			t.Errorf("%s has the number %d", shown, h.number())
		}
		for stands, now := range all {
			if shown == "nothing" || stands == "nothing" {
				continue
			}
			if why := now.since(h.number(), "project:shop", w); (why == "") != (shown == stands) {
				t.Errorf("%s was shown, %s stands: %q", shown, stands, why)
			}
		}
		if why := h.since(0, "project:shop", w); why != "" {
			t.Errorf("what was typed is refused where there is %s: %s", shown, why)
		}
		var k Click
		if k.chosen(h.choice("project:shop")); k.Scope != "project:shop" || k.Offer != h.number() {
			t.Errorf("%s is chosen as %+v", shown, k)
		}
	}
	if why := all["another"].since(all["a pause"].number(), "project:shop", w); !strings.Contains(why, "paused meanwhile by Ben") {
		t.Errorf("it says %q", why)
	}
}
