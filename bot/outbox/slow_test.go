package outbox

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// plodder is a choir whose calls take a while for each act, and that does none of
// them when it is not through in time.
type plodder struct {
	*choir
	each time.Duration
}

func (p *plodder) Do(ctx context.Context, acts []Act) []Result {
	select {
	case <-time.After(p.each * time.Duration(len(acts))):
		return p.choir.Do(ctx, acts)
	case <-ctx.Done():
	}
	results := p.choir.Do(ctx, acts)
	for n := range results {
		results[n] = Result{State: Again, Why: "it took too long", Down: true}
	}
	return results
}

// A call for many that does not come to its end in time would never do so: the
// same ones would be asked for again, and again in vain.
func TestWhatTakesTooLongTogetherGoesInSmallerCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		p := &plodder{&choir{place: r.pd}, 3 * time.Second}
		for n := range 200 {
			r.want(fmt.Sprintf("pd:a:%d", n), "pagerduty", "escalate")
		}
		r.runWith(func(o *Options) {
			o.Receivers["pagerduty"] = p
			o.Limits.Call = 30 * time.Second
		})
		r.after(3 * time.Minute)
		r.same("pending", r.pending(), 0)
	})
}
