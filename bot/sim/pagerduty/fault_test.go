package pagerduty

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	pd "github.com/PagerDuty/go-pagerduty"
)

func TestRequestFaults(t *testing.T) {
	for _, tt := range []struct {
		name   string
		fault  Fault
		status int  // 0: no answer
		done   bool // the act was done all the same
	}{
		{"status", Fault{Kind: FaultStatus, Status: 503}, 503, false},
		{"limit", Fault{Kind: FaultLimit, Delay: 7 * time.Second}, 429, false},
		{"bare limit", Fault{Kind: FaultBareLimit}, 429, false},
		{"cut before", Fault{Kind: FaultCutBefore}, 0, false},
		{"cut after", Fault{Kind: FaultCutAfter}, 0, true},
		{"hang", Fault{Kind: FaultHang}, 0, false},
		{"slow", Fault{Kind: FaultSlow, Delay: time.Minute}, 200, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, account(), func(t *testing.T, w *world) {
				id := w.raise("shop-low", "a")
				tt.fault.Method, tt.fault.Path, tt.fault.Times = "PUT", "/incidents", 1
				w.Fault(tt.fault)
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
				defer cancel()
				began := time.Now()
				_, err := w.api.ManageIncidentsWithContext(ctx, botMail, []pd.ManageIncidentsOptions{{ID: id, Status: "resolved"}})
				var api pd.APIError
				switch {
				case tt.status == 200:
					ok(t, err)
					if time.Since(began) != time.Minute {
						t.Errorf("it took %v", time.Since(began))
					}
				case tt.status == 0:
					if err == nil || errors.As(err, &api) {
						t.Errorf("answered: %v", err)
					}
				default:
					if !errors.As(err, &api) || api.StatusCode != tt.status {
						t.Errorf("%v, want %d", err, tt.status)
					}
				}
				if done := w.incident(id).Status == resolved; done != tt.done {
					t.Errorf("done: %t", done)
				}
				calls := w.Calls()
				if c := calls[len(calls)-1]; c.Fault != string(tt.fault.Kind) || c.Status != tt.status {
					t.Errorf("the record: fault %q, status %d", c.Fault, c.Status)
				}
				if tt.done {
					return
				}
				ok(t, manage(w, botMail, pd.ManageIncidentsOptions{ID: id, Status: "resolved"})) // it was for once
			})
		})
	}
}

func TestLimitFaultHasTheHeaders(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		fault := w.Fault(Fault{Path: "/ab*", Kind: FaultLimit, Delay: 7 * time.Second})
		status, h, o := w.do("GET", "/abilities", "")
		if e, _ := o["error"].(map[string]any); status != 429 || h.Get("ratelimit-reset") != "7" || e["code"] != 2020.0 {
			t.Errorf("%d %v %v", status, h, o)
		}
		if status, _, _ = w.do("GET", "/users", ""); status != 200 {
			t.Errorf("another path: %d", status)
		}
		w.Heal(fault)
		if status, _, _ = w.do("GET", "/abilities", ""); status != 200 {
			t.Errorf("healed: %d", status)
		}
	})
}

func TestAWebhookFaultLeavesRequestsAlone(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		w.Fault(Fault{Method: "webhook", Kind: FaultLost})
		if status, _, _ := w.do("GET", "/abilities", ""); status != 200 {
			t.Errorf("status %d", status)
		}
	})
}

func TestCallsAreKeptAndWatched(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		var seen []Call
		stop := w.Watch(func(c Call) { seen = append(seen, c) })
		id := w.raise("shop-low", "a")
		ok(t, manage(w, botMail, pd.ManageIncidentsOptions{ID: id, Status: "resolved"}))
		refused(t, manage(w, botMail, pd.ManageIncidentsOptions{ID: id, Status: "resolved"}), 400, 1001)
		stop()
		w.do("GET", "/abilities?x=1", "")
		if len(seen) != 2 {
			t.Fatalf("saw %d calls", len(seen))
		}
		c := seen[0]
		if c.Method != "PUT" || c.Path != "/incidents" || c.From != botMail || c.Token != "account" || c.Status != http.StatusOK ||
			!strings.Contains(c.Body, id) || !strings.Contains(c.Answer, `"resolved"`) || c.N != 1 {
			t.Errorf("%+v", c)
		}
		if all := w.Calls(); len(all) != 3 || all[1].Status != 400 || all[2].Query != "x=1" {
			t.Errorf("%+v", all)
		}
		for _, c := range w.Calls() {
			if strings.Contains(c.Token, "key") {
				t.Errorf("the token is in the record: %q", c.Token)
			}
		}
	})
}

func TestChangedIsTold(t *testing.T) {
	opt := account()
	told := make(chan struct{}, 100)
	synctest.Test(t, func(t *testing.T) {
		opt.Changed = func() {
			select {
			case told <- struct{}{}:
			default:
			}
		}
		w := start(t, opt)
		synctest.Wait()
		w.State()
		if len(told) != 0 {
			t.Error("looking is a change")
		}
		w.raise("shop-web", "a")
		n := len(told)
		time.Sleep(time.Minute)
		synctest.Wait()
		if n == 0 || len(told) == n {
			t.Errorf("told %d times of the raise, %d of the escalation", n, len(told)-n)
		}
	})
}

func TestMistakesOfTheProgram(t *testing.T) {
	for name, opt := range map[string]Options{
		"policy without a level":   {EscalationPolicies: []EscalationPolicy{{ID: "P", Name: "p"}}},
		"unknown user":             {EscalationPolicies: []EscalationPolicy{{ID: "P", Levels: []Level{{Users: []string{"U"}}}}}},
		"unknown policy":           {Services: []Service{{ID: "S", Policy: "P"}}},
		"webhook without a secret": {Webhooks: []Webhook{{URL: "http://bot.example"}}},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("accepted")
				}
			}()
			New(opt)
		})
	}
}

func TestThePersonWhoActsMustExist(t *testing.T) {
	s := New(account())
	id, err := s.Raise(Alert{Service: "shop-web", Title: "x"})
	ok(t, err)
	refused(t, s.Acknowledge("nobody", id), 400, 1008)
	refused(t, s.Acknowledge(ann, "QNONE"), 400, 1004)
	refused(t, s.Reassign(ann, id, "nobody"), 400, 1007)
	ok(t, s.Acknowledge("Ann", id))
	if _, err := s.Raise(Alert{Service: "none"}); err == nil {
		t.Error("an unknown service raises")
	}
}
