package outbox

import (
	"fmt"
	"testing"
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
		r.pd.script = func(Act) Result { seen = time.Since(r.start); return Result{State: Done} }
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
