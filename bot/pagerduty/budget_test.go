package pagerduty

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// spender asks for calls all the time and notes when it got them.
func spend(ctx context.Context, b *budget, p priority) []time.Time {
	var got []time.Time
	for b.wait(ctx, p, "") == nil {
		got = append(got, time.Now())
	}
	return got
}

// worst is the largest number of calls in any 60 s.
func worst(at []time.Time) (most int) {
	from := 0
	for n, t := range at {
		for t.Sub(at[from]) >= time.Minute {
			from++
		}
		most = max(most, n-from+1)
	}
	return most
}

func TestBudgetKeepsTheMinute(t *testing.T) {
	for _, c := range []struct {
		name        string
		p           priority
		least, most int
	}{
		{"acts", urgent, 900, 960},
		{"reads", firstRead, 900, 960},
		{"the poll has a tenth", polling, 80, 96},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
				defer cancel()
				if got := worst(spend(ctx, newBudget(), c.p)); got < c.least || got > c.most {
					t.Errorf("%d calls in the busiest minute, want %d to %d", got, c.least, c.most)
				}
			})
		})
	}
}

// readers wait for first reads in a budget.
type readers struct {
	budget *budget
	calls  sync.WaitGroup
	mu     sync.Mutex
	order  []string // their services, as their turns came
}

// ask lets so many more wait, one after the other.
func (r *readers) ask(ctx context.Context, service string, times int) {
	for range times {
		r.calls.Go(func() {
			if r.budget.wait(ctx, firstRead, service) == nil {
				r.mu.Lock()
				defer r.mu.Unlock()
				r.order = append(r.order, service)
			}
		})
		synctest.Wait()
	}
}

func (r *readers) served() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.order)
}

// Among equals services take turns: one with many incidents holds up no other's.
func TestBudgetServesServicesInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, ctx := newBudget(), t.Context()
		for range int(allBurst) {
			must(t, b.wait(ctx, firstRead, ""))
		}
		r := readers{budget: b}
		r.ask(ctx, "noisy", 500)
		time.Sleep(10 * time.Second)
		began := len(r.served())
		r.ask(ctx, "quiet", 3)
		r.ask(ctx, "third", 1)
		time.Sleep(time.Second)
		late := r.served()[began:]
		if n := slices.Index(late, "quiet"); n < 0 || n > 1 {
			t.Errorf("quiet is served after %d others", n)
		}
		count := map[string]int{}
		for _, who := range late[:8] {
			count[who]++
		}
		if count["quiet"] != 3 || count["third"] != 1 {
			t.Errorf("the next eight: %v", late[:8])
		}
		r.calls.Wait()
	})
}

func TestBudgetLetsTheUrgentGoFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget()
		for range int(allBurst) {
			must(t, b.wait(t.Context(), firstRead, ""))
		}
		var mu sync.Mutex
		var order []priority
		var all sync.WaitGroup
		for _, p := range []priority{polling, noting, firstRead, lookup, beforeAct, urgent, urgent} {
			all.Go(func() {
				if b.wait(t.Context(), p, "") == nil {
					mu.Lock()
					order = append(order, p)
					mu.Unlock()
				}
			})
			synctest.Wait() // so that the least urgent has waited longest
		}
		all.Wait()
		if want := []priority{urgent, urgent, beforeAct, lookup, firstRead, noting, polling}; !slices.Equal(order, want) {
			t.Errorf("order %v, want %v", order, want)
		}
	})
}

func TestBudgetAfterALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, start := newBudget(), time.Now()
		b.limited(20 * time.Second)
		must(t, b.wait(t.Context(), urgent, ""))
		must(t, b.wait(t.Context(), beforeAct, ""))
		if time.Since(start) != 0 {
			t.Error("an act waited for the reset")
		}
		must(t, b.wait(t.Context(), noting, ""))
		if got := time.Since(start); got != 20*time.Second {
			t.Errorf("a note waited %s, want 20 s", got)
		}
		b.limited(0)
		must(t, b.wait(t.Context(), polling, ""))
		if got := time.Since(start); got != 20*time.Second+bareLimit {
			t.Errorf("the poll went at %s", got)
		}
	})
}

func TestBudgetForgetsWhoGaveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget()
		b.limited(time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := b.wait(ctx, noting, "")
		if !errors.Is(err, errNoBudget) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		if len(b.queues[noting]) != 0 {
			t.Error("it is still waiting")
		}
	})
}

// What acts and notes had of turns costs the list pages none of theirs, which many
// reads wait for.
func TestBudgetCountsTurnsByPriority(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, ctx := newBudget(), t.Context()
		for range int(allBurst) {
			must(t, b.wait(ctx, urgent, ""))
		}
		r := readers{budget: b}
		r.ask(ctx, "noisy", 20)
		r.ask(ctx, "", 1)
		r.calls.Wait()
		if n := slices.Index(r.served(), ""); n > 2 {
			t.Errorf("the page came after %d reads of one service", n)
		}
	})
}
