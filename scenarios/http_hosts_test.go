package scenarios

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
)

// TestHTTPHosts: which addresses a host that an alert names may have.
func TestHTTPHosts(t *testing.T) {
	known := names{"web-1.shop.example": {"10.0.0.5"}, "web-2.shop.example": {"127.0.0.1"}, "web-3.shop.example": {"169.254.169.254"},
		"web-4.shop.example": {"10.9.0.1", "10.0.0.6"}, "a.web-5.shop.example": {"10.0.0.5"}, "evil.example": {"10.0.0.5"},
		"web-6.shop.example": {"::ffff:127.0.0.1"}, "web-7.shop.example": {"64:ff9b::a9fe:a9fe"}, "web-8.shop.example": {"0.0.0.0"},
		// What a resolver makes of the other spellings of 127.0.0.1.
		"2130706433": {"127.0.0.1"}, "0x7f.1": {"127.0.0.1"}, "0177.0.0.1": {"127.0.0.1"}, "127.0.0.1.": {"127.0.0.1"}}
	for _, c := range []struct {
		hosts, host, dialled string
	}{
		{`["web-*.shop.example"]`, "web-1.shop.example", "10.0.0.5:80"},
		{`["web-*.shop.example"]`, "WEB-1.shop.example.", "10.0.0.5:80"},
		{`["web-*.shop.example"]`, "web-1.shop.example:8080", "10.0.0.5:8080"},
		{`["web-*.shop.example"]`, "a.web-5.shop.example", ""},
		{`["web-*.shop.example"]`, "evil.example", ""},
		{`["web-*.shop.example"]`, "10.0.0.5", ""},
		{`["web-*.shop.example"]`, "web-2.shop.example", ""},
		{`["web-*.shop.example"]`, "web-3.shop.example", ""},
		{`["web-*.shop.example"]`, "web-6.shop.example", ""},
		{`["web-*.shop.example"]`, "web-7.shop.example", ""},
		{`["web-*.shop.example"]`, "web-8.shop.example", ""},
		{`["web-*.shop.example", 127.0.0.1]`, "web-2.shop.example", "127.0.0.1:80"},
		{`["web-*.shop.example", 10.0.0.0/16]`, "web-4.shop.example", "10.0.0.6:80"},
		{`["web-*.shop.example", 10.1.0.0/16]`, "web-1.shop.example", ""},
		{`[10.0.0.0/16]`, "evil.example", "10.0.0.5:80"},
		{`[10.0.0.0/16]`, "10.0.3.4", "10.0.3.4:80"},
		{`[10.0.0.0/16]`, "10.1.3.4", ""},
		{`[10.0.0.7]`, "10.0.0.7", "10.0.0.7:80"},
		{`[10.0.0.7]`, "10.0.0.8", ""},
		{`[10.0.0.7]`, "web-1.shop.example", ""},
		{`[0.0.0.0/0]`, "169.254.169.254", ""},
		{`[0.0.0.0/0]`, "127.0.0.1", ""},
		{`[0.0.0.0/0]`, "203.0.113.9", "203.0.113.9:80"},
		{`[127.0.0.0/8]`, "127.0.0.2", "127.0.0.2:80"},
		{`["::/0"]`, "[::1]", ""},
		{`["::/0"]`, "[fd00:ec2::254]", ""},
		{`["::/0"]`, "[fe80::1%25eth0]", ""},
		{`["::1"]`, "[::1]", "[::1]:80"},
		{`["64:ff9b::/96"]`, "[64:ff9b::7f00:1]", ""},
		{`["64:ff9b::/96"]`, "[64:ff9b::cb00:7109]", "[64:ff9b::cb00:7109]:80"},
		{`["2002::/16"]`, "[2002:a9fe:a9fe::1]", ""},
		{`["::/8"]`, "[::1]", ""},
		{`["fd00::/8"]`, "[fd20:ce::254]", ""},
		{`["::/0"]`, "[::ffff:0:169.254.169.254]", ""},
		{`["::/0"]`, "[64:ff9b:1::127.0.0.1]", ""},
		{`["::/0"]`, "[2001:db8::5]", "[2001:db8::5]:80"},
		{`[192.0.0.0/16]`, "192.0.0.192", ""},
		{`[169.254.169.254/32]`, "169.254.169.254", "169.254.169.254:80"},
		{`[10.0.0.0/16]`, "2130706433", ""},
		{`[10.0.0.0/16]`, "0x7f.1", ""},
		{`[10.0.0.0/16]`, "0177.0.0.1", ""},
		{`[10.0.0.0/16]`, "127.0.0.1.", ""},
		{`["*.example"]`, "evil。example", ""},
		{`["*.example"]`, "evil.example\\@a.example", ""},
		{`["*.example"]`, "evil.example:80\r\nHost: x", ""},
		{`["*.example"]`, "user@evil.example", ""},
		{`["*.example"]`, "evil.example/@a.example", ""},
		{`["*.example"]`, "evil.example#", ""},
		{`["*.example"]`, "", ""},
		{`["*.example"]`, "-x.example", ""},
	} {
		dialled := ""
		tools := Tools{Resolver: known, Dial: func(_ context.Context, _, address string) (net.Conn, error) {
			dialled = address
			return nil, syscall.ECONNREFUSED
		}}
		f := Facts{Incident: Incident{Alerts: open(map[string]any{"host": c.host})}}
		o := do(t, "    http: \"http://${{ alert.details.host }}/x\"\n", "hosts: "+c.hosts+"\n", f, tools)
		if dialled != c.dialled {
			t.Errorf("%s %q: dialled %q, want %q (%s)", c.hosts, c.host, dialled, c.dialled, o.Why)
		}
		if c.dialled == "" && o.Verdict != Unknown {
			t.Errorf("%s %q: %s, %q", c.hosts, c.host, o.Verdict, o.Why)
		}
	}
}

// TestHTTPWholeURLFromAlert: a URL that an alert brings is held to hosts too.
func TestHTTPWholeURLFromAlert(t *testing.T) {
	s := site(t)
	for url, want := range map[string]Verdict{
		s.URL + "/ok":                    OK,
		"http://169.254.169.254/x":       Unknown,
		"file:///etc/passwd":             Unknown,
		"http://a:b@127.0.0.1/ok":        Unknown,
		"//127.0.0.1/ok":                 Unknown,
		"http://localhost:1/ok":          Unknown,
		"javascript:alert(1)":            Unknown,
		"http://127.0.0.1.evil.example/": Unknown,
		"http://%zz/":                    Unknown,
	} {
		f := Facts{Incident: Incident{Alerts: open(map[string]any{"url": url})}}
		if o := do(t, "    http: \"${{ alert.details.url }}\"\n", "hosts: [127.0.0.1]\n", f, Tools{}); o.Verdict != want {
			t.Errorf("%s: %s, %q", url, o.Verdict, o.Why)
		}
	}
}

// TestHTTPHostileValues: a value stays where it was put.
func TestHTTPHostileValues(t *testing.T) {
	base := site(t).URL
	for x, want := range map[string]string{
		"a/../../etc": "/p/a%2F..%2F..%2Fetc/end", "a?b=c#d": "/p/a%3Fb=c%23d/end", "a%2e": "/p/a%252e/end",
		"..": "", ".": "", "": "", "a\r\nX: y": "/p/a%0D%0AX:%20y/end", "é": "/p/%C3%A9/end",
	} {
		f := Facts{Incident: Incident{Title: x}}
		o := do(t, "    http: \""+base+"/p/${{ incident.title }}/end\"\n", "", f, Tools{})
		if string(o.Output) != want {
			t.Errorf("%q: %q, %q; want %q", x, o.Output, o.Why, want)
		}
	}
	hostile := "a&admin=1 \"}\r\n é\x00"
	f := Facts{Incident: Incident{Title: hostile}, Target: "t"}
	o := do(t, "    http: {method: POST, readonly: true, url: \""+base+"/echo?q=${{ incident.title }}&t=${{ target }}\", headers: {Authorization: \"Bearer ${{ secrets.token }}\"}, body: {title: \"${{ incident.title }}\", n: \"${{ incident.number }}\", list: [1, true, null, \"x${{ target }}\"], e: {}}}\n",
		"secrets: {token: \"env:T\"}\n", f, Tools{})
	want := `POST /echo?q=a%26admin%3D1+%22%7D%0D%0A+%C3%A9%00&t=t Bearer [redacted] application/json {"e":{},"list":[1,true,null,"xt"],"n":0,"title":"a\u0026admin=1 \"}\r\n é\u0000"}`
	if string(o.Output) != want {
		t.Errorf("got  %s\nwant %s (%s)", o.Output, want, o.Why)
	}
	o = do(t, "    http: {url: \""+base+"/echo\", headers: {X-Title: \"${{ incident.title }}\"}}\n", "", f, Tools{})
	if o.Verdict != Unknown || !strings.Contains(o.Why, "line break") {
		t.Errorf("a header with a line break: %s, %q", o.Verdict, o.Why)
	}
}

// TestHTTPRedirects: a server does not choose whom amsbot asks.
func TestHTTPRedirects(t *testing.T) {
	other := 0
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { other++ }))
	defer elsewhere.Close()
	mux := http.NewServeMux()
	for path, to := range map[string]string{"/port": elsewhere.URL + "/x", "/scheme": "https://web.shop.example/ok",
		"/name": "http://db.shop.example/ok", "/metadata": "http://169.254.169.254/latest", "/file": "file:///etc/passwd", "/near": "/ok"} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusTemporaryRedirect) })
	}
	mux.HandleFunc("/ok", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprint(w, r.Method, " ", string(body), " ", r.Header.Get("X-Token"))
	})
	s := httptest.NewServer(mux)
	defer s.Close()
	here := s.Listener.Addr().String()
	for path, want := range map[string]Verdict{"/port": NG, "/scheme": NG, "/name": NG, "/metadata": NG, "/file": NG, "/near": OK} {
		d := &dialer{}
		tools := Tools{Resolver: anyName{}, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			d.asked = append(d.asked, address)
			return (&steady{here}).dial(ctx, network, address)
		}}
		step := "    http: {url: \"http://web.shop.example" + path + "\", method: POST, readonly: true, headers: {X-Token: \"${{ secrets.token }}\"}, body: hello}\n"
		o := do(t, step, "secrets: {token: \"env:T\"}\n", Facts{}, tools)
		if o.Verdict != want || want == NG && (len(d.asked) != 1 || o.Fields["status"] != 307) {
			t.Errorf("%s: %s, %q, asked %v", path, o.Verdict, o.Why, d.asked)
		}
		if want == OK && string(o.Output) != "POST hello [redacted]" {
			t.Errorf("%s: %q", path, o.Output)
		}
	}
	if other != 0 {
		t.Errorf("the other server was asked %d times", other)
	}
	// The second connection is asked about anew.
	f := Facts{Incident: Incident{Alerts: open(map[string]any{"host": "web.shop.example"})}}
	tools := Tools{Resolver: &turncoat{[]string{"192.0.2.1", "169.254.169.254"}}, Dial: (&steady{here}).dial}
	o := do(t, "    http: \"http://${{ alert.details.host }}/near\"\n", "hosts: [\"*.shop.example\"]\n", f, tools)
	if o.Verdict != Unknown || !strings.Contains(o.Why, "the address 169.254.169.254 is loopback, link-local or a metadata service") {
		t.Errorf("rebinding: %s, %q", o.Verdict, o.Why)
	}
}

// TestHTTPRequests: what is sent is what was written.
func TestHTTPRequests(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Saw", fmt.Sprintf("%s %s %s %s %q", r.Method, r.Host, r.Header.Get("User-Agent"), r.Header.Get("Content-Type"), body))
	}))
	defer s.Close()
	host := strings.TrimPrefix(s.URL, "http://")
	for more, want := range map[string]string{
		"method: GET":                 "GET " + host + " amsbot  \"\"",
		"method: HEAD":                "HEAD " + host + " amsbot  \"\"",
		"method: OPTIONS":             "OPTIONS " + host + " amsbot  \"\"",
		"method: DELETE":              "DELETE " + host + " amsbot  \"\"",
		"method: PUT, body: on":       "PUT " + host + " amsbot text/plain; charset=utf-8 \"on\"",
		"method: PATCH, body: {a: 1}": "PATCH " + host + " amsbot application/json \"{\\\"a\\\":1}\"",
		"method: POST, body: [a], headers: {Content-Type: text/x, Host: shop.example, User-Agent: me}": "POST shop.example me text/x \"[\\\"a\\\"]\"",
	} {
		yaml := head + "check: [{name: c, exec: [ls]}]\nrecover:\n  - name: r\n    http: {url: \"" + s.URL + "\", " + more + "}\n"
		o := loadOne(t, yaml, Options{}).Recover[0].Do(t.Context(), Facts{}, Tools{})
		headers, _ := o.Fields["headers"].(map[string]any)
		if o.Verdict != OK || headers["x-saw"] != want {
			t.Errorf("%s: %s, %q, saw %v; want %s", more, o.Verdict, o.Why, headers["x-saw"], want)
		}
	}
}
