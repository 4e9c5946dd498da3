package scenarios

import (
	"context"
	"net"
	"strings"
	"syscall"
	"testing"
)

// TestHTTPHosts: which addresses a host that an alert names may have.
func TestHTTPHosts(t *testing.T) {
	known := names{"web-1.shop.example": {"10.0.0.5"}, "web-2.shop.example": {"127.0.0.1"}, "web-3.shop.example": {"169.254.169.254"},
		"web-4.shop.example": {"10.9.0.1", "10.0.0.6"}, "a.web-5.shop.example": {"10.0.0.5"}, "evil.example": {"10.0.0.5"},
		"web-6.shop.example": {"::ffff:127.0.0.1"}, "web-7.shop.example": {"64:ff9b::a9fe:a9fe"}, "web-8.shop.example": {"0.0.0.0"}}
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
