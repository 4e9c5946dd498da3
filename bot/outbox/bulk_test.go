package outbox

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// choir is a place that does up to a hundred acts in one call.
type choir struct {
	*place
	mu     sync.Mutex
	sizes  []int
	answer func(n int, act Act) Result // nil: Done
}

func (c *choir) Together(act Act) (string, int) {
	if act.Kind == "note" {
		return "", 1
	}
	return "change", 100
}

func (c *choir) Do(ctx context.Context, acts []Act) []Result {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sizes = append(c.sizes, len(acts))
	results := make([]Result, len(acts))
	for n, act := range acts {
		if act.Kind != acts[0].Kind {
			c.t.Errorf("%s and %s in one call", acts[0].Kind, act.Kind)
		}
		results[n] = Result{State: Done}
		if c.answer != nil {
			results[n] = c.answer(n, act)
		}
	}
	return results
}

// withChoir runs the test with a place that does many at once.
func withChoir(t *testing.T, test func(t *testing.T, r *rig, c *choir)) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		test(t, r, &choir{place: r.pd})
	})
}

func (r *rig) runChoir(c *choir) {
	r.runWith(func(o *Options) { o.Receivers["pagerduty"] = c })
}

func TestManyGoInOneCall(t *testing.T) {
	withChoir(t, func(t *testing.T, r *rig, c *choir) {
		for n := range 250 {
			r.want(fmt.Sprintf("pd:a:%d", n), "pagerduty", "escalate")
		}
		for n := range 3 {
			r.want(fmt.Sprintf("pd:b:%d", n), "pagerduty", "resolve")
			r.want(fmt.Sprintf("pd:c:%d", n), "pagerduty", "note")
			r.want(fmt.Sprintf("pd:a:%d", n), "pagerduty", "escalate") // the line keeps its order
		}
		r.runChoir(c)
		r.after(time.Second)
		r.same("calls", slices.Sorted(slices.Values(c.sizes)), []int{1, 1, 1, 3, 3, 50, 100, 100})
		r.same("pending", r.pending(), 0)
	})
}

func TestEachOfManyHasItsOwnResult(t *testing.T) {
	withChoir(t, func(t *testing.T, r *rig, c *choir) {
		states := []State{Done, Refused, Again, Unknown}
		c.answer = func(n int, act Act) Result {
			if act.Tries > 0 {
				return Result{State: Done}
			}
			return Result{State: states[n%4]}
		}
		for n := range 8 {
			r.want(fmt.Sprintf("pd:a:%d", n), "pagerduty", "escalate")
		}
		r.runChoir(c)
		r.after(time.Minute)
		for n := range 8 {
			want := [][]string{{"wanted", "done"}, {"wanted", "refused"}, {"wanted", "done"}, {"wanted", "unknown", "done"}}[n%4]
			r.same("history", r.kinds(fmt.Sprintf("pd:a:%d", n)), want)
		}
		looked := r.pd.seen()
		slices.Sort(looked)
		r.same("looked for", looked, []string{"find escalate pd:a:3", "find escalate pd:a:7"})
	})
}

func TestAnswerThatNeverCameIsUnknownForAll(t *testing.T) {
	withChoir(t, func(t *testing.T, r *rig, c *choir) {
		first := true
		c.answer = func(int, Act) Result {
			if first {
				first = false
				panic("oops")
			}
			return Result{State: Done}
		}
		for n := range 5 {
			r.want(fmt.Sprintf("pd:a:%d", n), "pagerduty", "escalate")
		}
		r.pd.find = func(Act) (Result, bool, error) { return Result{}, true, nil }
		r.runChoir(c)
		r.after(time.Minute)
		r.same("calls", c.sizes, []int{5})
		r.same("looked for", len(r.pd.seen()), 5)
		for n := range 5 {
			r.same("history", r.kinds(fmt.Sprintf("pd:a:%d", n)), []string{"wanted", "unknown", "done"})
		}
	})
}
