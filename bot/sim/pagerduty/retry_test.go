package pagerduty

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestRetries(t *testing.T) {
	for name, bad := range map[string]int{"500": 500, "503": 503, "429": 429, "cut": 0, "no answer in 5 s": -1} {
		t.Run(name, func(t *testing.T) {
			hooked(t, func(t *testing.T, w *world, r *receiver) {
				r.says(func(n int, _ string) int {
					if n <= 4 {
						return bad
					}
					return 202
				})
				id := w.raise("shop-web", "a")
				ok(t, w.Acknowledge(ann, id)) // waits behind the first
				time.Sleep(5 * time.Minute)
				wantTypes(t, r, "triggered triggered triggered triggered triggered acknowledged")
				got := r.all()
				var waits []time.Duration
				for n := 1; n < 5; n++ {
					waits = append(waits, got[n].at.Sub(got[n-1].at))
					if got[n].body != got[0].body || got[n].header.Get("X-Webhook-Id") != got[0].header.Get("X-Webhook-Id") {
						t.Error("a retry is not the same webhook")
					}
				}
				add := time.Duration(0)
				if bad == -1 {
					add = hookTimeout
				}
				if want := []time.Duration{1*time.Second + add, 2*time.Second + add, 4*time.Second + add, 8*time.Second + add}; fmt.Sprint(waits) != fmt.Sprint(want) {
					t.Errorf("waits %v, want %v", waits, want)
				}
			})
		})
	}
}

func TestOtherIncidentsDoNotWait(t *testing.T) {
	hooked(t, func(t *testing.T, w *world, r *receiver) {
		r.says(func(n int, _ string) int {
			if n == 1 {
				return 500
			}
			return 202
		})
		w.raise("shop-web", "a")
		synctest.Wait()
		b := w.raise("shop-web", "b")
		synctest.Wait()
		if got := r.all(); len(got) != 2 || got[1].event.Data["id"] != b {
			t.Errorf("%d webhooks, %s", len(got), r.types())
		}
	})
}

func TestAfter48HoursItIsDropped(t *testing.T) {
	hooked(t, func(t *testing.T, w *world, r *receiver) {
		r.says(func(int, string) int { return 500 })
		w.raise("shop-low", "a")
		time.Sleep(48*time.Hour - time.Minute)
		if st := w.State().Webhooks[0]; st.Queued != 1 || st.Dropped != 0 {
			t.Fatalf("given up too early: %+v", st)
		}
		time.Sleep(time.Hour)
		if st := w.State().Webhooks[0]; st.Queued != 0 || st.Dropped != 1 {
			t.Fatalf("not given up: %+v", st)
		}
	})
}

func TestThreeDropsInARowDisableTheSubscriptionForADay(t *testing.T) {
	hooked(t, func(t *testing.T, w *world, r *receiver) {
		r.says(func(int, string) int { return 403 })
		raise := func(n int) {
			w.raise("shop-web", fmt.Sprint(n))
			synctest.Wait()
		}
		raise(1)
		raise(2)
		r.says(nil)
		raise(3) // accepted: the count starts again
		r.says(func(int, string) int { return 400 })
		raise(4)
		raise(5)
		if st := w.State().Webhooks[0]; !st.DisabledUntil.IsZero() || st.Dropped != 4 {
			t.Fatalf("after two in a row: %+v", st)
		}
		raise(6)
		if st := w.State().Webhooks[0]; time.Until(st.DisabledUntil) != 24*time.Hour {
			t.Fatalf("after three in a row: %+v", st)
		}
		r.says(nil)
		raise(7)
		if n := len(r.all()); n != 6 {
			t.Fatalf("%d webhooks: one came while it was disabled", n)
		}
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		before := len(r.all())
		raise(8)
		if n := len(r.all()); n != before+1 {
			t.Errorf("a day later nothing comes")
		}
	})
}

func TestDisablingDiscardsWhatWaits(t *testing.T) {
	hooked(t, func(t *testing.T, w *world, r *receiver) {
		r.says(func(n int, _ string) int {
			if n == 1 {
				return 500
			}
			return 404
		})
		w.raise("shop-web", "waits")
		synctest.Wait()
		for n := range 3 {
			w.raise("shop-web", fmt.Sprint(n))
			synctest.Wait()
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if st := w.State().Webhooks[0]; st.Queued != 0 || len(r.all()) != 4 {
			t.Errorf("%+v, %d webhooks", st, len(r.all()))
		}
		status, _, _ := w.do("POST", "/webhook_subscriptions/PHOOK01/enable", "")
		r.says(nil)
		w.raise("shop-web", "after")
		synctest.Wait()
		if status != 200 || len(r.all()) != 5 {
			t.Errorf("enabled with %d: %d webhooks", status, len(r.all()))
		}
	})
}
