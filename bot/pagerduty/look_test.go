package pagerduty

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	simpd "amsbot/bot/sim/pagerduty"
	"amsbot/scenarios/secret"
)

// looking makes an account with a client that asks as options say.
func looking(t *testing.T, o simpd.Options, options func(*Options), f func(*testing.T, *world, *Client)) {
	t.Helper()
	inBubble(t, o, func(t *testing.T, w *world) {
		transport := &http.Transport{DialContext: w.net.DialContext}
		defer transport.CloseIdleConnections()
		f(t, w, newClient(t, &http.Client{Transport: transport}, options))
	})
}

func TestCheckWrites(t *testing.T) {
	for _, c := range []struct {
		name    string
		options func(*Options)
		fault   *simpd.Fault
		hint    string // part of it; "" for no setup error
		unknown bool
	}{
		{name: "good"},
		{name: "a key that only reads", options: func(o *Options) { o.Token = secret.New("reader") }, hint: "only read"},
		{name: "nobody's address", options: func(o *Options) { o.From = "nobody@shop.example" }, hint: "pagerduty.from"},
		{name: "may not respond", options: func(o *Options) { o.From = "eve@shop.example" }, hint: "role"},
		{name: "a fault that passes", fault: &simpd.Fault{Kind: simpd.FaultStatus, Status: 500}, unknown: true},
		{name: "a limit", fault: &simpd.Fault{Kind: simpd.FaultLimit}, unknown: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := account()
			o.Tokens = []simpd.Token{{Name: "reader", Secret: "reader", ReadOnly: true}}
			looking(t, o, c.options, func(t *testing.T, w *world, client *Client) {
				if c.fault != nil {
					w.Fault(*c.fault)
				}
				err := client.CheckWrites(t.Context())
				set, ok := errors.AsType[*SetupError](err)
				if ok != (c.hint != "") || ok && !strings.Contains(set.Hint(), c.hint) || (err != nil) != (ok || c.unknown) {
					t.Errorf("%v", err)
				}
				if n := len(w.State().Incidents); n != 0 {
					t.Errorf("%d incidents", n)
				}
				if err := client.CheckReads(t.Context()); err != nil && c.fault == nil {
					t.Errorf("it may not read: %v", err)
				}
			})
		})
	}
}

// Nobody has written down how PagerDuty refuses to change what is none: whatever is
// about the incident came so far as to look for it.
func TestCheckWritesTakesAnyRefusalOfTheIncident(t *testing.T) {
	for answer, may := range map[string]bool{
		`{"error":{"code":1004,"message":"Invalid Incident ID Provided"}}`:                              true,
		`{"error":{"code":2100,"message":"Not Found"}}`:                                                 true,
		`{"error":{"code":2001,"message":"Invalid Input Provided","errors":["Incident Not Found"]}}`:    true,
		`{"error":{"code":2001,"message":"Invalid Input Provided","errors":["Status is not allowed"]}}`: false,
		`{"error":{"code":2010,"message":"Access Denied"}}`:                                             false,
	} {
		refuses := func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(http.StatusBadRequest)
				_, _ = w.Write([]byte(answer))
			})
		}
		inTwistedBubble(t, account(), refuses, func(t *testing.T, w *world) {
			if err := w.c.CheckWrites(t.Context()); (err == nil) != may {
				t.Errorf("%s: %v", answer, err)
			}
		})
	}
}

func TestServicesAndSelf(t *testing.T) {
	looking(t, account(), nil, func(t *testing.T, w *world, client *Client) {
		all, err := client.Services(t.Context())
		if err != nil || len(all) != 4 || all[0].Name != "shop-web" || all[0].Policy.ID != webPolicy || all[0].AckTimeout != ackTimeout || all[1].AckTimeout != 0 {
			t.Errorf("%+v, %v", all, err)
		}
		me, err := client.CheckSelf(t.Context())
		if err != nil || me.Called || me.Name != "amsbot" || me.ID != self {
			t.Errorf("%+v, %v", me, err)
		}
		if by, ok := client.Ahead(); by != 0 || !ok {
			t.Errorf("ahead by %s, %v", by, ok)
		}
	})
	looking(t, account(), func(o *Options) { o.User, o.From = ann, annMail }, func(t *testing.T, w *world, client *Client) {
		if me, err := client.CheckSelf(t.Context()); err != nil || !me.Called {
			t.Errorf("%+v, %v", me, err)
		}
	})
}

func TestSubscriptionsThatLeadToUs(t *testing.T) {
	o := account()
	o.Webhooks = []simpd.Webhook{
		{ID: "PSUB001", URL: "http://" + address + "/elsewhere", Secrets: []string{hookSecret}},
		{ID: "PSUB002", URL: "http://us:pass-1@bot.example/x" + WebhookPath + "?token=tok-1#frag-1", Secrets: []string{hookSecret}, Inactive: true},
		{ID: "PSUB003", URL: "http://bot.example" + WebhookPath + "/", Secrets: []string{hookSecret}, Service: web,
			Events: []string{"incident.triggered", "incident.resolved", "incident.annotated"}},
	}
	looking(t, o, nil, func(t *testing.T, w *world, client *Client) {
		all, err := client.Subscriptions(t.Context())
		if err != nil || len(all) != 2 {
			t.Fatalf("%+v, %v", all, err)
		}
		off, some := all[0], all[1]
		if off.URL != "http://bot.example/x"+WebhookPath || off.Host != "bot.example" {
			t.Errorf("a secret, or another address: %+v", off)
		}
		if off.ID != "PSUB002" || off.Active || len(off.Lacks) != 0 || off.Service != "" {
			t.Errorf("%+v", off)
		}
		if !some.Active || some.Disabled || some.Service != web || len(some.Lacks) != 6 || slices.Contains(some.Lacks, "incident.resolved") {
			t.Errorf("%+v", some)
		}
		if err := client.Ping(t.Context(), "../users"); err == nil {
			t.Error("an ID that is none was asked for")
		}
	})
}

// A test event is heard where its signature is right, and refused where not.
func TestPingIsHeard(t *testing.T) {
	for _, secrets := range [][]string{{hookSecret}, {"another-secret"}} {
		right := secrets[0] == hookSecret
		hooked(t, &door{}, func(t *testing.T, w *world, h *Webhook) {
			if got := h.Heard(); got != (Heard{}) {
				t.Errorf("before: %+v", got)
			}
			w.SetSecrets(secrets...)
			all, err := w.c.Subscriptions(t.Context())
			if err != nil || len(all) != 1 {
				t.Fatalf("%+v, %v", all, err)
			}
			must(t, w.c.Ping(t.Context(), all[0].ID))
			time.Sleep(time.Second)
			if got := h.Heard(); got.Pinged.IsZero() == right || got.Signed.IsZero() == right || got.Refused.IsZero() != right {
				t.Errorf("right %v: %+v", right, got)
			}
		})
	}
}
