package outbox

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/store"
)

// Hundreds of incidents at once, each with a card and an act that tells a
// person: whoever has to know knows at once, and the cards follow as fast as
// they may.
func TestStorm(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		const incidents = 200
		var seen time.Duration
		r.pd.script = func(Act) Result {
			r.pd.busyNow(func(int) { seen = time.Since(r.start) })
			return Result{State: Done}
		}
		for i := range incidents {
			name := fmt.Sprintf("pd:a:%d", i)
			r.commit(name, store.Change{
				Events: []store.NewEvent{{Kind: "wanted", To: "pagerduty", Data: map[string]any{"kind": "escalate", "args": map[string]any{}}}},
				Views:  []string{"card:" + name},
			})
		}
		r.after(time.Second)
		r.same("escalated", len(r.pd.seen()), incidents)
		if seen > time.Second {
			t.Errorf("the last one was escalated after %s", seen)
		}
		r.after(incidents * time.Second)
		r.same("cards", len(r.cards.standing()), incidents)
		r.same("pending", r.pending(), 0)
	})
}

// In a storm of cards a message that calls people is said as soon as its own
// card stands, and not when all the others do.
func TestCallBeforeCards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.runWith(func(o *Options) { o.Receivers["slack"] = channel{r.chat} })
		call := func(incident string) {
			r.commit(incident, store.Change{Events: []store.NewEvent{
				{Kind: "wanted", To: "slack", Data: map[string]any{"kind": "reply", "calls": true, "args": map[string]any{}}},
			}})
		}
		for i := range 30 {
			name := fmt.Sprintf("pd:a:%d", i)
			r.cards.set(func() { r.cards.lane["card:"+name] = "C1" })
			r.card(name)
		}
		r.after(time.Second) // all are drawn, and wait for the channel
		call("pd:a:0")
		call("pd:a:29")
		r.after(10 * time.Second)
		r.same("calls: the other has no card yet", len(r.chat.seen()), 1)
		r.after(time.Minute)
		r.same("calls", len(r.chat.seen()), 2)
		r.same("cards", len(r.cards.standing()), 30)
	})
}
