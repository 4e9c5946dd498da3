package outbox

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// In one channel more cards need people all the time than Slack lets us edit: a card
// of another, which needs nobody, is edited all the same.
func TestUrgentLaneDoesNotStarveAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.cards.lane["card:pd:b:1"], r.boss.urgency["card:pd:b:1"] = "quiet", 3
		r.run()
		r.card("pd:b:1")
		noisy := func() {
			for i := range 80 {
				r.card(fmt.Sprintf("pd:a:%d", i))
				r.after(500 * time.Millisecond)
			}
		}
		for range 4 {
			noisy()
		}
		r.card("pd:b:1")
		for range 2 {
			noisy()
		}
		if v := r.view("card:pd:b:1"); v.Due() {
			t.Errorf("it waits for %s", 80*time.Second)
		}
	})
}

// Many that have waited for long do not keep what is urgent now waiting.
func TestWhatHasWaitedDoesNotHoldUpWhatIsUrgent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		for i := range 200 {
			r.boss.urgency[fmt.Sprintf("card:pd:a:%d", i)] = 5
		}
		r.run()
		names := func(yield func(string) bool) {
			for i := range 200 {
				if !yield(fmt.Sprintf("pd:a:%d", i)) {
					return
				}
			}
		}
		r.card("pd:b:1")
		for name := range names {
			r.card(name)
		}
		r.after(5 * time.Minute)
		for name := range names {
			r.card(name)
		}
		r.after(2 * time.Minute)
		r.card("pd:b:1")
		r.after(5 * time.Second)
		if !slices.Contains(r.cards.seen(), "edit card:pd:b:1 v2") {
			t.Error("what is urgent waits behind what has waited")
		}
	})
}
