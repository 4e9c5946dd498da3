package outbox

import (
	"testing"
	"testing/synctest"
)

// Whoever reads how much waits for a neighbour is not told of what nobody will see:
// an incident that ended while an index stood for it, a card that an index stands for.
func TestWhatNobodyWillSeeIsNotCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		e := newEngine(Options{DB: r.db, Conductor: r.boss})
		if err := e.learnCrowds(t.Context()); err != nil {
			t.Fatal(err)
		}
		crowded, calm := e.crowdOf("index:C1"), e.crowdOf("index:C2")
		crowded.on = true
		calm.Over, calm.Until = true, 10
		view := func(v View, order uint64) *viewState { return &viewState{draft: &v, order: order} }
		asked := view(View{Index: "index:C1"}, 1)
		asked.asked = true
		stands := view(View{Index: "index:C1", Quiet: true}, 1)
		stands.ref = "C1/1"
		for name, c := range map[string]struct {
			s    *viewState
			want bool
		}{
			"not drawn yet":               {&viewState{}, true},
			"nothing to show":             {view(View{Skip: true}, 1), false},
			"never held back":             {view(View{}, 1), true},
			"the index stands for it":     {view(View{Index: "index:C1"}, 1), false},
			"somebody asked for it":       {asked, true},
			"it stands already":           {stands, true},
			"over while it was crowded":   {view(View{Index: "index:C2", Quiet: true}, 5), false},
			"open, and it is calm again":  {view(View{Index: "index:C2"}, 5), true},
			"over after it was calm":      {view(View{Index: "index:C2", Quiet: true}, 11), true},
			"a channel without any crowd": {view(View{Index: "index:C3", Quiet: true}, 5), true},
		} {
			if got := e.willBeSeen(c.s); got != c.want {
				t.Errorf("%s: %v", name, got)
			}
		}
	})
}
