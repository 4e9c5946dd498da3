package outbox

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/store"
)

// crier is a channel in which many acts are said in one call.
type crier struct {
	*place
	said [][]Act
}

func (*crier) Lane(Act) string { return "C1" }

func (c *crier) Do(_ context.Context, acts []Act) []Result {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.said = append(c.said, acts)
	results := make([]Result, len(acts))
	for i := range acts {
		results[i] = Result{State: Done}
	}
	return results
}

// calls are what was said so far, each by how many it called people about.
func (c *crier) calls() (sizes []int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, acts := range c.said {
		sizes = append(sizes, len(acts))
	}
	return sizes
}

// inCall is a rig with so many cards in a lane, whose index does not stand before the
// test lets it, and a call to people for each of them.
func inCall(t *testing.T, cards int, test func(r *rig, c *crier, index *wall)) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		c, index := &crier{place: r.chat}, &wall{rig: r, lane: map[string]string{"index:C1": "C1"}}
		r.boss.index, r.boss.quiet, r.boss.over = map[string]string{}, map[string]bool{}, map[string]bool{}
		index.script = func(View) (Result, bool) { return Result{State: Again}, true }
		r.runWith(func(o *Options) { o.Screens["index"], o.Receivers["slack"] = index, c })
		r.arrive(cards)
		r.after(2 * time.Second)
		for n := range cards {
			data := map[string]any{"kind": "reply", "calls": true, "name": fmt.Sprintf("#%d", n), "args": map[string]any{}}
			r.commit(fmt.Sprintf("pd:a:%d", n), store.Change{Events: []store.NewEvent{{Kind: "wanted", To: "slack", Data: data}}})
		}
		test(r, c, index)
	})
}

// Of those that people were to be called about together half are over when the index
// stands at last: the others are said in one message all the same, and what is over
// waits for its card, as all that calls nobody does.
func TestCallThatIsOverIsNotSaidWithTheOthers(t *testing.T) {
	inCall(t, 40, func(r *rig, c *crier, index *wall) {
		var over []string
		r.after(2 * time.Minute)
		r.boss.set(func() {
			for n := 1; n < 40; n += 2 {
				incident := fmt.Sprintf("pd:a:%d", n)
				r.boss.over[incident] = true
				if r.cards.in("a:"+fmt.Sprint(n)+"@") == 0 { // it does not stand
					r.boss.quiet["card:"+incident] = true
					over = append(over, incident)
				}
			}
		})
		for _, incident := range over {
			r.card(incident)
		}
		index.set(func() { index.script = nil })
		r.after(time.Minute)
		sizes := c.calls()
		r.same("said together, and where a card stands", sizes, append([]int{20}, alone(20-len(over))...))
		r.after(10 * time.Minute)
		r.same("said later", len(c.calls()), len(sizes))
		for _, incident := range over {
			kinds := r.kinds(incident)
			r.same("what came of "+incident, kinds[len(kinds)-1], "refused")
		}
		r.same("pending", r.pending(), 0)
	})
}

// alone is so many calls of one act each.
func alone(n int) []int {
	sizes := make([]int, n)
	for i := range sizes {
		sizes[i] = 1
	}
	return sizes
}

// A crowd whose index could not be shown in all the time that a crowd lasts goes on:
// people are called once when it stands at last, and not about each by itself.
func TestCrowdThatWasNotHeardOfGoesOn(t *testing.T) {
	inCall(t, 40, func(r *rig, c *crier, index *wall) {
		stood := r.cards.in("a")
		r.after(20 * time.Minute)
		r.same("said without an index", c.calls(), []int(nil))
		index.set(func() { index.script = nil })
		for ends := time.Now().Add(2 * time.Minute); len(index.standing()) == 0 && time.Now().Before(ends); {
			r.after(time.Second)
		}
		r.after(calmAfter - 2*time.Second)
		r.same("said when it stands", c.calls(), []int{40})
		r.same("cards while it is crowded", r.cards.in("a"), stood)
		r.after(5 * time.Minute)
		r.same("cards when it is calm", r.cards.in("a"), 40)
		r.same("pending", r.pending(), 0)
	})
}

// Unless nobody has to see any of it by then.
func TestCrowdThatIsOverUnheardEnds(t *testing.T) {
	inCall(t, 40, func(r *rig, c *crier, _ *wall) {
		stood := r.cards.in("a")
		r.boss.set(func() {
			for n := range 40 {
				r.boss.over[fmt.Sprintf("pd:a:%d", n)] = true
				r.boss.quiet[fmt.Sprintf("card:pd:a:%d", n)] = true
			}
		})
		r.after(2*calmAfter + time.Minute)
		r.same("cards", r.cards.in("a"), stood)
		r.same("said where a card stands", c.calls(), alone(stood))
		r.same("pending", r.pending(), 0)
	})
}
