package scenarios

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"
)

// site is a server with everything that a check may come upon.
func site(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Version", "2.1")
		fmt.Fprint(w, "all is well\n")
	})
	mux.HandleFunc("/500", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "database gone", 500) })
	mux.HandleFunc("/json", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"used_percent": 91, "state": "up", "disks": [{"name": "a"}], "token": "s3cr3t-value-9"}`)
	})
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s %s %s", r.Method, r.URL.RequestURI(), r.Header.Get("Authorization"), r.Header.Get("Content-Type"), body)
	})
	mux.HandleFunc("/p/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.EscapedPath()) })
	mux.HandleFunc("/hang", func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/drip", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "begun")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	mux.HandleFunc("/reset", func(w http.ResponseWriter, r *http.Request) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		_ = c.(*net.TCPConn).SetLinger(0)
		_ = c.Close()
	})
	mux.HandleFunc("/big", func(w http.ResponseWriter, r *http.Request) {
		for range 5 << 10 {
			fmt.Fprint(w, strings.Repeat("x", 1023)+"\n")
		}
	})
	mux.HandleFunc("/away", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://169.254.169.254/latest", http.StatusFound)
	})
	mux.HandleFunc("/near", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/ok", http.StatusFound) })
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func do(t *testing.T, step, more string, f Facts, tools Tools) Outcome {
	t.Helper()
	return stepOf(t, step, more).Do(context.Background(), f, tools)
}

func TestHTTPExpectations(t *testing.T) {
	base := site(t).URL
	for _, c := range []struct {
		http    string
		verdict Verdict
		why     string
	}{
		{`BASE/ok`, OK, "status 200"},
		{`{url: BASE/500}`, NG, "status 500, expected 200 to 299"},
		{`{url: BASE/500, expect: {status: 200}}`, NG, "status 500, expected 200"},
		{`{url: BASE/500, expect: {status: [500, 503]}}`, OK, "status 500"},
		{`{url: BASE/ok, expect: {status: [201, 202]}}`, NG, "status 200, expected 201 or 202"},
		{`{url: BASE/ok, expect: {body: is well}}`, OK, "status 200"},
		{`{url: BASE/ok, expect: {body: '/WELL$/'}}`, NG, "the body does not have what is expected"},
		{`{url: BASE/ok, expect: {body: '/(?m)WELL$/i'}}`, OK, "status 200"},
		{`{url: BASE/ok, expect: {header: {x-version: "2.1"}}}`, OK, "status 200"},
		{`{url: BASE/ok, expect: {header: {X-Version: '/^3/'}}}`, NG, `header X-Version is "2.1"`},
		{`{url: BASE/ok, expect: {header: {X-Other: "1"}}}`, NG, "there is no header X-Other"},
		{`{url: BASE/json, expect: {json: {path: state, value: up}}}`, OK, "status 200"},
		{`{url: BASE/json, expect: {json: [{path: state, value: up}, {path: used_percent, below: 90}]}}`, NG, "used_percent is 91, expected below 90"},
		{`{url: BASE/json, expect: {json: {path: used_percent, below: 92, above: "${{ vars.limit }}"}}}`, OK, "status 200"},
		{`{url: BASE/json, expect: {json: {path: used_percent, value: 91}}}`, OK, "status 200"},
		{`{url: BASE/json, expect: {json: {path: disks.0.name, value: b}}}`, NG, `disks.0.name is "a", expected "b"`},
		{`{url: BASE/json, expect: {json: {path: disks.1.name, value: b}}}`, NG, "the body has no disks.1.name"},
		{`{url: BASE/json, expect: {json: {path: state, above: 1}}}`, NG, `state is "up", a number is expected`},
		{`{url: BASE/json, expect: {json: {path: state, above: "${{ vars.word }}"}}}`, Unknown, `above: "x" is no number`},
		{`{url: BASE/json, expect: {json: {path: token, value: up}}}`, NG, `token is "[redacted]", expected "up"`},
		{`{url: BASE/ok, expect: {json: {path: state, value: up}}}`, NG, "the body is no JSON"},
		{`{url: BASE/big, expect: {json: {path: state, value: up}}}`, Unknown, "the body has more than 1048576 bytes, too many to read JSON from"},
		{`{url: BASE/near}`, OK, "status 200"},
		{`{url: BASE/away}`, NG, "status 302, expected 200 to 299"},
		{`{url: BASE/loop}`, NG, "status 302, expected 200 to 299"},
		{`{url: BASE/reset}`, NG, "connection reset"},
		{`{url: BASE/hang, expect: {within: 100ms}}`, NG, "connected, no whole answer within 100ms"},
		{`{url: BASE/drip, expect: {within: 100ms}}`, NG, "connected, no whole answer within 100ms"},
	} {
		step := "    http: " + strings.ReplaceAll(c.http, "BASE", base) + "\n"
		o := do(t, step, "vars: {limit: 90, word: x}\nsecrets: {token: \"env:T\"}\n", Facts{}, Tools{})
		if o.Verdict != c.verdict || o.Why != c.why {
			t.Errorf("%s: %s, %q; want %s, %q", c.http, o.Verdict, o.Why, c.verdict, c.why)
		}
		if len(o.Output) > maxOutput || strings.Contains(fmt.Sprint(o), "s3cr3t") {
			t.Errorf("%s: %d bytes of output, fields %v", c.http, len(o.Output), o.Fields)
		}
	}
}

func TestHTTPTimeoutAfterTheConnection(t *testing.T) {
	o := do(t, "    http: {url: "+site(t).URL+"/hang}\n    timeout: 200ms\n", "", Facts{}, Tools{})
	if o.Verdict != NG || o.Why != "connected, no whole answer in time" {
		t.Errorf("%s, %q", o.Verdict, o.Why)
	}
}

// TestHTTPUnreached is RESPONSE.md's table for what never got through.
func TestHTTPUnreached(t *testing.T) {
	hang := func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }
	fails := func(err error) func(context.Context, string, string) (net.Conn, error) {
		return func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Err: err}
		}
	}
	for _, c := range []struct {
		name          string
		tools         Tools
		plain, saidNG Verdict
	}{
		{"refused", Tools{Dial: fails(syscall.ECONNREFUSED)}, NG, NG},
		{"reset", Tools{Dial: fails(syscall.ECONNRESET)}, NG, NG},
		{"no route", Tools{Dial: fails(syscall.EHOSTUNREACH)}, Unknown, NG},
		{"no network", Tools{Dial: fails(syscall.ENETUNREACH)}, Unknown, NG},
		{"no connection", Tools{Dial: hang}, Unknown, NG},
		{"kernel's connect timeout", Tools{Dial: fails(syscall.ETIMEDOUT)}, Unknown, NG},
		{"no name", Tools{Resolver: names{}}, Unknown, NG},
		{"own fault", Tools{Dial: fails(errors.New("too many open files"))}, Unknown, Unknown},
	} {
		if c.tools.Resolver == nil {
			c.tools.Resolver = names{"web.example": {"192.0.2.1"}}
		}
		for said, want := range map[string]Verdict{"": c.plain, ", unreachable: ng": c.saidNG} {
			o := do(t, "    http: {url: \"http://web.example/\""+said+"}\n    timeout: 100ms\n", "", Facts{}, c.tools)
			if o.Verdict != want {
				t.Errorf("%s%s: %s, %q; want %s", c.name, said, o.Verdict, o.Why, want)
			}
		}
	}
}

// names is a resolver that knows a few.
type names map[string][]string

func (n names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	var out []netip.Addr
	for _, a := range n[strings.ToLower(strings.TrimSuffix(host, "."))] {
		out = append(out, netip.MustParseAddr(a))
	}
	if len(out) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return out, nil
}

func TestHTTPIgnoresTheProxyOfTheEnvironment(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	tools := Tools{Resolver: names{"web.example": {"192.0.2.1"}}, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		if address != "192.0.2.1:80" {
			t.Errorf("dialled %s", address)
		}
		return nil, syscall.ECONNREFUSED
	}}
	do(t, "    http: http://web.example/\n", "", Facts{}, tools)
}

func TestHTTPCertificates(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	o := do(t, "    http: "+s.URL+"\n", "", Facts{}, Tools{})
	if o.Verdict != Unknown || !strings.Contains(o.Why, "certificate") {
		t.Errorf("%s, %q", o.Verdict, o.Why)
	}
	plain := site(t)
	o = do(t, "    http: "+strings.Replace(plain.URL, "http:", "https:", 1)+"\n", "", Facts{}, Tools{})
	if o.Verdict != NG {
		t.Errorf("a server that speaks no TLS: %s, %q", o.Verdict, o.Why)
	}
}

// TestHTTPFieldsAreReadable: a later step reads what an earlier one found.
func TestHTTPFieldsAreReadable(t *testing.T) {
	s := loadOne(t, head+"check:\n  - {name: disk, http: "+site(t).URL+"/json}\n  - name: more\n    if: steps.disk.json.used_percent > 90 and steps.disk.status == 200\n    exec: [echo, \"${{ steps.disk.json.disks[0].name }} ${{ steps.disk.headers[\\\"content-type\\\"] }}\"]\n", Options{})
	first := s.Check[0].Do(context.Background(), Facts{}, Tools{})
	facts := Facts{Steps: map[string]map[string]any{"disk": first.Fields}}
	second := s.Check[1].Do(context.Background(), facts, Tools{})
	if second.Line != "a text/plain; charset=utf-8" {
		t.Errorf("%+v", second)
	}
	if skip, err := s.Check[1].Skip(Facts{}); err == nil || skip {
		t.Errorf("a missing step: skip %v, %v", skip, err)
	}
	first.Fields["json"] = map[string]any{"used_percent": 1.0}
	if o := s.Check[1].Do(context.Background(), facts, Tools{}); !o.Skipped || o.Verdict != "" {
		t.Errorf("%+v", o)
	}
}

func TestAttemptsStopAtTheFirstOK(t *testing.T) {
	n := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if n++; n < 3 {
			w.WriteHeader(503)
		}
	}))
	defer s.Close()
	o := do(t, "    http: "+s.URL+"\n    attempts: 5\n    every: 10ms\n", "", Facts{}, Tools{})
	if o.Verdict != OK || o.Tries != 3 || o.Failed != 2 || n != 3 {
		t.Errorf("%+v after %d requests", o, n)
	}
	s.Config.Handler = http.NotFoundHandler()
	o = do(t, "    http: "+s.URL+"\n    attempts: 3\n    every: 10ms\n", "", Facts{}, Tools{})
	if o.Verdict != NG || o.Tries != 3 || o.Failed != 3 || o.Took < 20*time.Millisecond {
		t.Errorf("%+v", o)
	}
}

// panicking stands for a fault of amsbot's own.
type panicking struct{}

func (panicking) show(*world) (string, error)                { panic("show") }
func (panicking) try(context.Context, *world, Tools) Outcome { panic("s3cr3t-value-9 is broken") }

func TestDoNeverPanics(t *testing.T) {
	st := stepOf(t, "    exec: [ls]\n", "secrets: {token: \"env:T\"}\n")
	st.action = panicking{}
	if o := st.Do(context.Background(), Facts{}, Tools{}); o.Verdict != Unknown || o.Why != "amsbot's own fault: [redacted] is broken" {
		t.Errorf("%+v", o)
	}
}
