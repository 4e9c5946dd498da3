package pagerduty

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	pd "github.com/PagerDuty/go-pagerduty"
)

const (
	bot, ann, bob, eve = "PBOT001", "PANN001", "PBOB001", "PEVE001"
	botMail, annMail   = "bot@shop.example", "ann@shop.example"
)

// account is what most tests start with.
func account() Options {
	return Options{
		Account: "shop", Token: "key",
		Tokens: []Token{
			{Name: "ann", Secret: "ann-key", User: ann},
			{Name: "reader", Secret: "read-key", ReadOnly: true},
			{Name: "oauth", Secret: "oauth-key", User: bob, OAuth: true},
		},
		Users: []User{
			{ID: bot, Name: "amsbot", Email: botMail, Silent: true},
			{ID: ann, Name: "Ann", Email: annMail},
			{ID: bob, Name: "Bob", Email: "bob@shop.example"},
			{ID: eve, Name: "Eve", Email: "eve@shop.example", Role: "read_only_user"},
		},
		EscalationPolicies: []EscalationPolicy{
			{ID: "PPOL001", Name: "Web", Levels: []Level{{[]string{bot}, time.Minute}, {[]string{ann}, 5 * time.Minute}, {[]string{bob}, 5 * time.Minute}}},
			{ID: "PPOL002", Name: "Gaps", Repeats: 1, Levels: []Level{{[]string{ann}, time.Minute}, {nil, time.Minute}, {[]string{bob}, time.Minute}}},
			{ID: "PPOL003", Name: "Nobody", Levels: []Level{{nil, time.Minute}}},
		},
		Services: []Service{
			{ID: "PWEB001", Name: "shop-web", Policy: "PPOL001", AckTimeout: 10 * time.Minute, RoutingKey: "web-routing"},
			{ID: "PGRP001", Name: "shop-grouped", Policy: "PPOL001", Grouping: Grouping{By: "service", Window: time.Hour}},
			{ID: "PHST001", Name: "shop-hosts", Policy: "PPOL001", Grouping: Grouping{By: "host"}},
			{ID: "PLOW001", Name: "shop-low", Policy: "PPOL001", Urgency: "low"},
			{ID: "PSEV001", Name: "shop-severity", Policy: "PPOL001", Urgency: "severity"},
			{ID: "PGAP001", Name: "shop-gaps", Policy: "PPOL002"},
		},
		Priorities: []Priority{{"PPRI001", "P1"}, {"PPRI002", "P2"}},
	}
}

// pipes is a listener without a network, so that a test's time can be faked.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes", Net: "unix"} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-p.done:
		return nil, errors.New("connection refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// serve runs a server on pipes for as long as the test lasts and returns a
// client that reaches it under any address.
func serve(t *testing.T, h http.Handler) *http.Client {
	t.Helper()
	p := newPipes()
	srv := &http.Server{Handler: h}
	go srv.Serve(p)
	tr := &http.Transport{DialContext: p.dial}
	t.Cleanup(func() { srv.Close(); tr.CloseIdleConnections() })
	return &http.Client{Transport: tr}
}

// world is a running account and somebody who uses it.
type world struct {
	*Server
	t    *testing.T
	http *http.Client
	api  *pd.Client
	stop func()
}

func (w *world) client(token string, opts ...pd.ClientOptions) *pd.Client {
	c := pd.NewClient(token, append(opts, pd.WithAPIEndpoint("http://pagerduty.example"), pd.WithV2EventsAPIEndpoint("http://pagerduty.example"))...)
	c.HTTPClient = w.http
	return c
}

func start(t *testing.T, opt Options) *world {
	t.Helper()
	s := New(opt)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	w := &world{Server: s, t: t, http: serve(t, s.Handler())}
	w.api = w.client("key")
	w.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(w.stop)
	return w
}

// bubble is a test with a running account and faked time.
func bubble(t *testing.T, opt Options, f func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(t, start(t, opt)) })
}

func (w *world) raise(service, key string) string {
	w.t.Helper()
	id, err := w.Raise(Alert{Service: service, Title: "health check web-1 failed", DedupKey: key, Details: map[string]any{"host": "web-1"}})
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) incident(id string) IncidentState {
	w.t.Helper()
	for _, i := range w.State().Incidents {
		if i.ID == id {
			return i
		}
	}
	w.t.Fatalf("no incident %s", id)
	return IncidentState{}
}

// ringing names whose phones ring.
func (w *world) ringing() string {
	var all []string
	for _, p := range w.State().Pages {
		if p.Ringing {
			all = append(all, p.User.Name)
		}
	}
	return strings.Join(all, " ")
}

func assignees(i IncidentState) string {
	var all []string
	for _, p := range i.Assignees {
		all = append(all, p.Name)
	}
	return strings.Join(all, " ")
}

// do sends a raw request and returns status, header and body.
func (w *world) do(method, path, body string, header ...string) (int, http.Header, map[string]any) {
	w.t.Helper()
	req, err := http.NewRequest(method, "http://pagerduty.example"+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Token token=key")
	for n := 0; n < len(header); n += 2 {
		req.Header.Set(header[n], header[n+1])
	}
	resp, err := w.http.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	var o map[string]any
	if len(b) > 0 {
		if err := json.Unmarshal(b, &o); err != nil {
			w.t.Fatalf("%s: %v", b, err)
		}
	}
	return resp.StatusCode, resp.Header, o
}

// refused checks an error of the real client, or of the page.
func refused(t *testing.T, err error, status, code int) {
	t.Helper()
	var own *Error
	var api pd.APIError
	switch {
	case errors.As(err, &own):
		if own.Status != status || own.Code != code {
			t.Errorf("refused with %d, code %d; want %d, code %d", own.Status, own.Code, status, code)
		}
	case errors.As(err, &api):
		if api.StatusCode != status || api.APIError.ErrorObject.Code != code {
			t.Errorf("refused with %d, code %d; want %d, code %d", api.StatusCode, api.APIError.ErrorObject.Code, status, code)
		}
	default:
		t.Errorf("not refused: %v; want %d, code %d", err, status, code)
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
