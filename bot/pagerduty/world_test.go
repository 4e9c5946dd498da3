package pagerduty

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/bot"
	"amsbot/bot/outbox"
	"amsbot/bot/sim"
	simpd "amsbot/bot/sim/pagerduty"
	"amsbot/scenarios/secret"
)

const (
	self, ann, bob, eve         = "PBOT001", "PANN001", "PBOB001", "PEVE001"
	selfMail, annMail, bobMail  = "bot@shop.example", "ann@shop.example", "bob@shop.example"
	address, token, hookSecret  = "pagerduty.example:80", "key", "hook-secret"
	web, low, gaps, grouped     = "PWEB001", "PLOW001", "PGAP001", "PGRP001"
	webPolicy, gapsPolicy, dba  = "PPOL001", "PPOL002", "PPOL003"
	ackTimeout                  = 10 * time.Minute
	nobodysPolicy, anybodysName = "PPOL004", "SHOP"
)

func account() simpd.Options {
	return simpd.Options{
		Account: "shop", Token: token,
		Users: []simpd.User{
			{ID: self, Name: "amsbot", Email: selfMail, Silent: true},
			{ID: ann, Name: "Ann", Email: annMail},
			{ID: bob, Name: "Bob", Email: bobMail},
			{ID: "PJOANN1", Name: "Joann", Email: "jo" + annMail}, // Ann's address is part of hers
			{ID: eve, Name: "Eve", Email: "eve@shop.example", Role: "read_only_user"},
		},
		EscalationPolicies: []simpd.EscalationPolicy{
			{ID: webPolicy, Name: "Web", Levels: []simpd.Level{{Users: []string{self}, Timeout: 2 * time.Minute}, {Users: []string{ann}, Timeout: 5 * time.Minute}, {Users: []string{bob}, Timeout: 5 * time.Minute}}},
			{ID: gapsPolicy, Name: "Gaps", Levels: []simpd.Level{{Users: []string{ann}, Timeout: time.Minute}, {Timeout: time.Minute}, {Users: []string{bob}}}},
			{ID: dba, Name: "Database people", Levels: []simpd.Level{{Users: []string{bob}, Timeout: time.Minute}, {Users: []string{ann, bob}}}},
			{ID: nobodysPolicy, Name: "Nobody", Levels: []simpd.Level{{Timeout: time.Minute}}},
			{ID: "PPOL005", Name: anybodysName, Levels: []simpd.Level{{Users: []string{ann}}}},
		},
		Services: []simpd.Service{
			{ID: web, Name: "shop-web", Policy: webPolicy, AckTimeout: ackTimeout},
			{ID: low, Name: "shop-low", Policy: webPolicy, Urgency: "low"},
			{ID: gaps, Name: "shop-gaps", Policy: gapsPolicy},
			{ID: grouped, Name: "shop-grouped", Policy: webPolicy, Grouping: simpd.Grouping{By: "service"}},
		},
		Priorities: []simpd.Priority{{ID: "PPRI001", Name: "P1"}},
	}
}

// world is a pretend PagerDuty, a client that speaks with it, and all of it in
// faked time.
type world struct {
	*simpd.Server
	t   *testing.T
	net *sim.Memory
	c   *Client
	seq uint64
}

// twist, where a test sets one, stands between the client and the account.
type twist func(account http.Handler) http.Handler

func inBubble(t *testing.T, opt simpd.Options, f func(t *testing.T, w *world)) {
	t.Helper()
	inTwistedBubble(t, opt, func(h http.Handler) http.Handler { return h }, f)
}

func inTwistedBubble(t *testing.T, opt simpd.Options, how twist, f func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{Server: simpd.New(opt), t: t, net: sim.NewMemory()}
		l, err := w.net.Listen(address)
		if err != nil {
			t.Fatal(err)
		}
		server := &http.Server{Handler: how(w.Server.Handler())}
		transport := &http.Transport{DialContext: w.net.DialContext}
		ctx, cancel := context.WithCancel(context.Background())
		var running sync.WaitGroup
		running.Go(func() { _ = server.Serve(l) })
		running.Go(func() { _ = w.Run(ctx) })
		t.Cleanup(func() {
			cancel()
			transport.CloseIdleConnections()
			_ = server.Close()
			running.Wait()
		})
		w.c = newClient(t, &http.Client{Transport: transport}, nil)
		f(t, w)
	})
}

func newClient(t *testing.T, h *http.Client, change func(*Options)) *Client {
	t.Helper()
	o := Options{Token: secret.New(token), APIURL: "http://" + address + "/", User: self, From: selfMail, HTTP: h}
	if change != nil {
		change(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (w *world) raise(service string) string {
	w.t.Helper()
	return w.raiseAlert(simpd.Alert{Service: service, Title: "Web health check failed", Details: map[string]any{"host": "web-1"}})
}

func (w *world) raiseAlert(a simpd.Alert) string {
	w.t.Helper()
	id, err := w.Raise(a)
	if err != nil || id == "" {
		w.t.Fatalf("raise: %q, %v", id, err)
	}
	return id
}

// act makes an act that was decided now.
func (w *world) act(kind string, args any) outbox.Act {
	w.t.Helper()
	data, err := json.Marshal(args)
	if err != nil {
		w.t.Fatal(err)
	}
	w.seq++
	return outbox.Act{Incident: "pd:shop:Q1", Seq: w.seq, To: bot.ToPagerDuty, Kind: kind, At: time.Now(), Args: data}
}

// do does one act.
func (w *world) do(kind string, args any) outbox.Result {
	w.t.Helper()
	results := w.c.Do(w.t.Context(), []outbox.Act{w.act(kind, args)})
	if len(results) != 1 {
		w.t.Fatalf("%d results of one act", len(results))
	}
	return results[0]
}

func (w *world) incident(id string) simpd.IncidentState {
	w.t.Helper()
	all := w.State().Incidents
	n := slices.IndexFunc(all, func(i simpd.IncidentState) bool { return i.ID == id })
	if n < 0 {
		w.t.Fatalf("no incident %s", id)
	}
	return all[n]
}

// writes are the calls that change something, as "PUT /incidents from".
func (w *world) writes() (all []string) {
	for _, c := range w.Calls() {
		if c.Method != http.MethodGet {
			all = append(all, c.Method+" "+c.Path+" "+c.From)
		}
	}
	return all
}

func want(t *testing.T, r outbox.Result, state outbox.State, why string) {
	t.Helper()
	if r.State != state || r.Why != why {
		t.Errorf("result %q, %q; want %q, %q", r.State, r.Why, state, why)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func holders(i simpd.IncidentState) (ids []string) {
	for _, p := range i.Assignees {
		ids = append(ids, p.ID)
	}
	return ids
}
