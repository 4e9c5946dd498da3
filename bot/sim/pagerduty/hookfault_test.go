package pagerduty

import (
	"context"
	"testing"
	"time"
)

func TestWebhookFaults(t *testing.T) {
	act := func(t *testing.T, w *world) {
		id := w.raise("shop-web", "a")
		ok(t, w.Acknowledge(ann, id))
		ok(t, w.Resolve(ann, id))
	}
	for _, tt := range []struct {
		name  string
		fault Fault
		soon  string
		later string
	}{
		{"lost", Fault{Path: "incident.acknowledged", Kind: FaultLost}, "triggered resolved", "triggered resolved"},
		{"twice", Fault{Path: "incident.acknowledged", Kind: FaultTwice}, "triggered acknowledged acknowledged resolved", "triggered acknowledged acknowledged resolved"},
		{"late", Fault{Path: "incident.acknowledged", Kind: FaultLate, Delay: time.Hour}, "triggered", "triggered acknowledged resolved"},
		{"reversed", Fault{Path: "incident.triggered", Kind: FaultReversed}, "acknowledged triggered resolved", "acknowledged triggered resolved"},
		{"reversed, and nothing overtakes", Fault{Path: "incident.resolved", Kind: FaultReversed}, "triggered acknowledged", "triggered acknowledged resolved"},
		{"once", Fault{Path: "incident.*", Kind: FaultLost, Times: 1}, "acknowledged resolved", "acknowledged resolved"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			hooked(t, func(t *testing.T, w *world, r *receiver) {
				tt.fault.Method = "webhook"
				w.Fault(tt.fault)
				act(t, w)
				wantTypes(t, r, tt.soon)
				time.Sleep(2 * time.Hour)
				wantTypes(t, r, tt.later)
			})
		})
	}
}

// A webhook that yields stands behind one that is retried for so long that nothing may
// overtake it any more: its own retries wait, too.
func TestReversedBehindRetries(t *testing.T) {
	hooked(t, func(t *testing.T, w *world, r *receiver) {
		r.says(func(n int, _ string) int {
			if n == 10 || n == 16 {
				return 202
			}
			return 503
		})
		w.Fault(Fault{Method: "webhook", Path: "incident.resolved", Kind: FaultReversed})
		ok(t, w.Resolve(ann, w.raise("shop-web", "a")))
		time.Sleep(12 * time.Hour)
		var moments []time.Time
		for _, a := range r.all() {
			moments = append(moments, a.at)
		}
		if len(moments) != 16 || moments[15].Sub(moments[10]) < 30*time.Second {
			t.Errorf("%d attempts: %v", len(moments), moments)
		}
	})
}

func TestAFaultForAnHour(t *testing.T) {
	hooked(t, func(t *testing.T, w *world, r *receiver) {
		w.Fault(Fault{Method: "webhook", Kind: FaultLost, For: time.Hour})
		w.raise("shop-low", "a")
		time.Sleep(time.Hour)
		w.raise("shop-low", "b")
		wantTypes(t, r, "triggered")
	})
}

func TestWebhooksWaitForTheNextRun(t *testing.T) {
	hooked(t, func(t *testing.T, w *world, r *receiver) {
		w.stop()
		w.raise("shop-low", "a")
		time.Sleep(time.Minute)
		wantTypes(t, r, "")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go w.Run(ctx)
		wantTypes(t, r, "triggered")
	})
}
