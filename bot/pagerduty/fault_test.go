package pagerduty

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"amsbot/bot"
	"amsbot/bot/outbox"
	simpd "amsbot/bot/sim/pagerduty"
)

// acts are one of each kind, with the call that changes something.
var acts = []struct {
	kind         string
	args         func(id string) any
	method, path string
}{
	{bot.ActAcknowledge, func(id string) any { return bot.AckArgs{ID: id, From: annMail} }, "PUT", "/incidents"},
	{bot.ActResolve, func(id string) any { return bot.ResolveArgs{ID: id} }, "PUT", "/incidents"},
	{bot.ActEscalate, func(id string) any { return bot.EscalateArgs{ID: id, To: next, Fallback: &toBob} }, "PUT", "/incidents"},
	{bot.ActNote, func(id string) any { return bot.NoteArgs{ID: id, Content: "x"} }, "POST", "/incidents/*/notes"},
}

func TestEveryFaultOfAWrite(t *testing.T) {
	for _, f := range []struct {
		fault simpd.Fault
		state outbox.State
		after time.Duration
		why   string
	}{
		{simpd.Fault{Kind: simpd.FaultLimit, Delay: 17 * time.Second}, outbox.Again, 17 * time.Second, "PagerDuty's rate limit is reached."},
		{simpd.Fault{Kind: simpd.FaultBareLimit}, outbox.Again, bareLimit, "PagerDuty's rate limit is reached."},
		{simpd.Fault{Kind: simpd.FaultStatus, Status: 500}, outbox.Unknown, 0, "PagerDuty has a fault of its own (status 500)."},
		{simpd.Fault{Kind: simpd.FaultStatus, Status: 503}, outbox.Unknown, 0, "PagerDuty has a fault of its own (status 503)."},
		{simpd.Fault{Kind: simpd.FaultHang}, outbox.Unknown, 0, "PagerDuty did not answer."},
		{simpd.Fault{Kind: simpd.FaultSlow, Delay: time.Minute}, outbox.Unknown, 0, "PagerDuty did not answer."},
		{simpd.Fault{Kind: simpd.FaultCutBefore}, outbox.Unknown, 0, "PagerDuty did not answer."},
		{simpd.Fault{Kind: simpd.FaultCutAfter}, outbox.Unknown, 0, "PagerDuty did not answer."},
		{simpd.Fault{Kind: simpd.FaultStatus, Status: 401}, outbox.Refused, 0, "PagerDuty refuses amsbot's token: Internal Error."},
		{simpd.Fault{Kind: simpd.FaultStatus, Status: 404}, outbox.Refused, 0, "It does not exist in PagerDuty (any more)."},
	} {
		for _, a := range acts {
			t.Run(string(f.fault.Kind)+" "+a.kind, func(t *testing.T) {
				inBubble(t, account(), func(t *testing.T, w *world) {
					id := w.raise(web)
					fault := f.fault
					fault.Method, fault.Path = a.method, a.path
					w.Fault(fault)
					r := w.do(a.kind, a.args(id))
					why := f.why
					if a.kind == bot.ActEscalate && f.state == outbox.Refused && fault.Status == 404 {
						why = f.why + " The fallback cannot have it either: " + f.why
					}
					want(t, r, f.state, why)
					if r.After != f.after {
						t.Errorf("after %s, want %s", r.After, f.after)
					}
				})
			})
		}
	}
}

func TestAFaultOfTheReadBeforeAnActMeansNothingWasDone(t *testing.T) {
	for _, kind := range []simpd.Kind{simpd.FaultLimit, simpd.FaultBareLimit, simpd.FaultStatus, simpd.FaultHang, simpd.FaultCutBefore, simpd.FaultCutAfter} {
		for _, a := range acts[:3] {
			inBubble(t, account(), func(t *testing.T, w *world) {
				id := w.raise(web)
				w.Fault(simpd.Fault{Method: "GET", Path: "/incidents/*", Kind: kind, Status: 502})
				if r := w.do(a.kind, a.args(id)); r.State != outbox.Again {
					t.Errorf("%s of %s: %+v", kind, a.kind, r)
				}
				if got := w.writes(); len(got) != 0 {
					t.Errorf("%s of %s: writes %v", kind, a.kind, got)
				}
			})
		}
	}
}

func TestWhatCannotBeReachedWasNotDone(t *testing.T) {
	for _, a := range acts {
		inBubble(t, account(), func(t *testing.T, w *world) {
			id := w.raise(web)
			for name, server := range map[string]string{"refused": "nobody.example:80", "lost": "lost.example:80"} {
				w.net.Lose("lost.example:80", true)
				dial := func(ctx context.Context, network, address string) (net.Conn, error) {
					ctx, cancel := context.WithTimeout(ctx, 12*time.Second) // longer than our own patience
					defer cancel()
					return w.net.DialContext(ctx, network, address)
				}
				c := newClient(t, &http.Client{Transport: &http.Transport{DialContext: dial}},
					func(o *Options) { o.APIURL = "http://" + server })
				r := c.Do(t.Context(), []outbox.Act{w.act(a.kind, a.args(id))})[0]
				want(t, r, outbox.Again, "PagerDuty cannot be reached.")
				if r.After != 0 {
					t.Errorf("%s: after %s", name, r.After)
				}
			}
			time.Sleep(time.Minute) // the transport's own dialling ends by itself
		})
	}
}

func TestALimitIsKeptByTheLessUrgent(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		id := w.raise(web)
		w.Fault(simpd.Fault{Kind: simpd.FaultLimit, Delay: 20 * time.Second, Times: 1})
		_, err := w.c.Read(t.Context(), bot.Reading{ID: id})
		if err == nil || !strings.Contains(err.Error(), "code 2020") {
			t.Errorf("error %v", err)
		}
		start := time.Now()
		want(t, w.do(bot.ActResolve, bot.ResolveArgs{ID: id}), outbox.Done, "")
		if got := time.Since(start); got != 0 {
			t.Errorf("the resolve waited %s", got)
		}
		_, err = w.c.Read(t.Context(), bot.Reading{ID: id})
		if got := time.Since(start); err != nil || got != 20*time.Second {
			t.Errorf("the read came after %s: %v", got, err)
		}
	})
}

func TestTheLimitOfAMinuteIsNeverReached(t *testing.T) {
	opt := account()
	opt.Limits = true
	inBubble(t, opt, func(t *testing.T, w *world) {
		id := w.raise(web)
		for range 1200 {
			if _, err := w.c.Read(t.Context(), bot.Reading{ID: id}); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	elsewhere := func(http.Handler) http.Handler {
		return http.RedirectHandler("http://elsewhere.example/", http.StatusTemporaryRedirect)
	}
	inTwistedBubble(t, account(), elsewhere, func(t *testing.T, w *world) {
		want(t, w.do(bot.ActNote, bot.NoteArgs{ID: "Q1", Content: "x"}), outbox.Refused,
			"PagerDuty's address leads elsewhere: pagerduty.api_url is wrong.")
	})
}

func TestACallEndsWithItsContext(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		id := w.raise(web)
		for range int(allBurst) {
			must(t, w.c.spend.wait(t.Context(), noting, ""))
		}
		w.c.spend.limited(time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r := w.c.Do(ctx, []outbox.Act{w.act(bot.ActNote, bot.NoteArgs{ID: id, Content: "x"})})[0]
		want(t, r, outbox.Again, "PagerDuty cannot be reached.")
	})
}
