package scenarios

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// chatter is a server that answers one line with another, as redis would.
func chatter(conn net.Conn) {
	lines := bufio.NewScanner(conn)
	fmt.Fprint(conn, "220 ready\r\n")
	for lines.Scan() {
		switch word, rest, _ := strings.Cut(lines.Text(), " "); word {
		case "PING":
			fmt.Fprint(conn, "+PO")
			time.Sleep(10 * time.Millisecond) // in two packets
			fmt.Fprint(conn, "NG "+rest+"\r\n")
		case "AUTH":
			fmt.Fprint(conn, "+OK "+rest+"\r\n")
		case "SPEW":
			for {
				if _, err := conn.Write([]byte(strings.Repeat("x", 4096))); err != nil {
					return
				}
			}
		case "QUIT":
			fmt.Fprint(conn, "221 bye\r\n")
			return
		case "RESET":
			_ = conn.(*net.TCPConn).SetLinger(0)
			return
		}
	}
}

func TestTCP(t *testing.T) {
	address := serve(t, chatter)
	host, port, _ := net.SplitHostPort(address)
	mute := serve(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	gone := serve(t, func(net.Conn) {})
	for _, c := range []struct {
		tcp     string
		verdict Verdict
		why     string
		got     string
	}{
		{address, OK, "connected", ""},
		{`{address: "` + address + `"}`, OK, "connected", ""},
		{`{host: ` + host + `, port: ` + port + `}`, OK, "connected", ""},
		{`{host: "${{ vars.host }}", port: "${{ vars.port }}"}`, OK, "connected", ""},
		{`{address: "` + address + `", expect: '/^220 /'}`, OK, "connected, and what came back is as expected", "220 ready\n"},
		{`{address: "` + address + `", send: "PING a\r\n", expect: '+PONG a'}`, OK, "connected, and what came back is as expected", "220 ready\n+PONG a"},
		{`{address: "` + address + `", send: "PING\r\n", expect: '-ERR', within: 2s}`, NG, "what came back is not what is expected, and no more came in time", "220 ready\n+PONG \n"},
		{`{address: "` + address + `", send: "QUIT\r\n", expect: '/^250/'}`, NG, "what came back is not what is expected, and then the connection was closed", "220 ready\n221 bye\n"},
		{`{address: "` + address + `", send: "AUTH ${{ secrets.token }}\r\n", expect: '/OK .+\n/'}`, OK, "connected, and what came back is as expected", "220 ready\n+OK [redacted]\n"},
		{`{address: "` + address + `", send: "SPEW\r\n", expect: nothing}`, Unknown, "more than 16384 bytes came back, what is expected is not among the first", ""},
		{`{address: "` + address + `", send: "RESET\r\n", expect: nothing}`, NG, "connection reset", ""},
		{`{address: "` + mute + `", expect: x, within: 50ms}`, NG, "connected, no whole answer within 50ms", ""},
		{`{address: "` + mute + `", tls: true, within: 50ms}`, NG, "connected, no whole answer within 50ms", ""},
		{`{address: "` + gone + `", expect: x}`, NG, "connected, but the connection was closed before the answer ended", ""},
		{`{address: "` + address + `", tls: true}`, NG, "first record does not look like a TLS handshake", ""},
		{`{address: "` + mute + `", send: "x"}`, OK, "connected", ""},
	} {
		o := do(t, "    tcp: "+c.tcp+"\n", "vars: {host: \""+host+"\", port: "+port+"}\nsecrets: {token: \"env:T\"}\n", Facts{}, Tools{})
		if o.Verdict != c.verdict || !strings.Contains(o.Why, c.why) || c.got != "" && strings.TrimRight(string(o.Output), "\n") != strings.TrimRight(c.got, "\n") {
			t.Errorf("%s: %s, %q, %q; want %s, %q, %q", c.tcp, o.Verdict, o.Why, o.Output, c.verdict, c.why, c.got)
		}
		if len(o.Output) > maxReceived || strings.Contains(fmt.Sprint(o), "s3cr3t") {
			t.Errorf("%s: %d bytes, %v", c.tcp, len(o.Output), o.Fields)
		}
	}
}

// TestTCPUnreached is RESPONSE.md's table for what never got through.
func TestTCPUnreached(t *testing.T) {
	for _, c := range []struct {
		err           error // nil: it hangs
		plain, saidNG Verdict
	}{
		{syscall.ECONNREFUSED, NG, NG}, {syscall.ECONNRESET, NG, NG},
		{syscall.EHOSTUNREACH, Unknown, NG}, {syscall.ENETUNREACH, Unknown, NG}, {syscall.ETIMEDOUT, Unknown, NG}, {nil, Unknown, NG},
		{syscall.EMFILE, Unknown, Unknown},
	} {
		for said, want := range map[string]Verdict{"": c.plain, ", unreachable: ng": c.saidNG} {
			st := stepOf(t, "    tcp: {address: \"db.example:5432\", expect: x"+said+"}\n", "")
			synctest.Test(t, func(t *testing.T) {
				d := &dialer{err: map[string]error{"192.0.2.1:5432": c.err}}
				o := st.Do(t.Context(), Facts{}, Tools{Resolver: anyName{}, Dial: d.dial})
				if o.Verdict != want || len(d.asked) != 1 {
					t.Errorf("%v%s: %s, %q; want %s", c.err, said, o.Verdict, o.Why, want)
				}
			})
		}
	}
	o := do(t, "    tcp: db.example:5432\n", "", Facts{}, Tools{Resolver: names{}})
	if o.Verdict != Unknown || o.Why != "the name db.example cannot be resolved" {
		t.Errorf("%s, %q", o.Verdict, o.Why)
	}
}

// TestTCPStops: a cancelled step is UNKNOWN, and its connection is closed.
func TestTCPStops(t *testing.T) {
	st := stepOf(t, "    tcp: {address: \"192.0.2.1:25\", expect: x, within: 9s}\n", "")
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		o := st.Do(ctx, Facts{}, Tools{Dial: (&dialer{conn: map[string]net.Conn{"192.0.2.1:25": there}}).dial})
		if o.Verdict != Unknown || !strings.HasPrefix(o.Why, "stopped: ") || o.Took != time.Second {
			t.Errorf("%+v", o)
		}
		if _, err := here.Write([]byte("x")); err == nil {
			t.Error("the connection is still open")
		}
	})
}

// TestTCPOverTLS: the same options as http's.
func TestTCPOverTLS(t *testing.T) {
	ca := newAuthority(t, "shop CA")
	conf := ca.issue(time.Hour, "mail.shop.example").config()
	server := serve(t, func(c net.Conn) { chatter(tls.Server(c, conf)) })
	for said, want := range map[string]Verdict{
		"tls: true": Unknown, "tls: {ca: " + ca.file + "}": OK, "tls: {verify: false}": OK, "tls: false": NG,
		"tls: {ca: " + ca.file + ", server_name: www.shop.example}": NG,
	} {
		o := do(t, "    tcp: {address: mail.shop.example:465, expect: 220 ready, within: 1s, "+said+"}\n", "", Facts{}, towards(server))
		if o.Verdict != want {
			t.Errorf("%s: %s, %q; want %s", said, o.Verdict, o.Why, want)
		}
	}
}

// TestTCPFromTheIncident: hosts decides where, and what is sent holds plain
// words alone.
func TestTCPFromTheIncident(t *testing.T) {
	refuse := func(dialled *string) Tools {
		return Tools{Resolver: names{"a.shop.example": {"10.0.0.5"}, "b.shop.example": {"127.0.0.1"}},
			Dial: func(_ context.Context, _, address string) (net.Conn, error) {
				*dialled = address
				return nil, syscall.ECONNREFUSED
			}}
	}
	for _, c := range []struct{ place, value, dialled string }{
		{`address: "${{ alert.details.x }}"`, "a.shop.example:80", "10.0.0.5:80"},
		{`address: "${{ alert.details.x }}"`, "b.shop.example:80", ""},
		{`address: "${{ alert.details.x }}"`, "evil.example:80", ""},
		{`address: "${{ alert.details.x }}"`, "a.shop.example", ""},
		{`address: "${{ alert.details.x }}"`, "a.shop.example:0", ""},
		{`address: "${{ alert.details.x }}"`, "a.shop.example:65536", ""},
		{`address: "${{ alert.details.x }}"`, "a.shop.example:+80", ""},
		{`address: "${{ alert.details.x }}"`, "user@a.shop.example:80", ""},
		{`address: "${{ alert.details.x }}"`, "169.254.169.254:80", ""},
		{`address: "${{ alert.details.x }}"`, "[::ffff:169.254.169.254]:80", ""},
		{`address: "${{ alert.details.x }}:80"`, "a.shop.example", "10.0.0.5:80"},
		{`address: "${{ alert.details.x }}:80"`, "evil.example:22#.shop.example", ""},
		{`address: "${{ alert.details.x }}:80"`, "127.0.0.1:22", ""},
		{`host: "${{ alert.details.x }}", port: 80`, "a.shop.example", "10.0.0.5:80"},
		{`host: "${{ alert.details.x }}", port: 80`, "a.shop.example:22", ""},
		{`host: a.shop.example, port: "${{ alert.details.x }}"`, "81", "10.0.0.5:81"},
		{`host: b.shop.example, port: "${{ alert.details.x }}"`, "81", ""},
	} {
		dialled := ""
		f := Facts{Incident: Incident{Alerts: open(map[string]any{"x": c.value})}}
		o := do(t, "    tcp: {"+c.place+"}\n", "hosts: [\"*.shop.example\"]\n", f, refuse(&dialled))
		if dialled != c.dialled || c.dialled == "" && o.Verdict != Unknown {
			t.Errorf("%s with %q: dialled %q, %s, %q", c.place, c.value, dialled, o.Verdict, o.Why)
		}
	}
	address := serve(t, chatter)
	for value, want := range map[string]Verdict{"web-1": OK, "a b": Unknown, "a\r\nSPEW": Unknown, "": Unknown, `a"b`: Unknown, "ä": Unknown} {
		f := Facts{Incident: Incident{Title: value}}
		o := do(t, "    tcp: {address: \""+address+"\", send: \"PING ${{ incident.title }}\\r\\n\", expect: \"PONG web-1\"}\n", "", f, Tools{})
		if o.Verdict != want {
			t.Errorf("send %q: %s, %q", value, o.Verdict, o.Why)
		}
	}
}

func TestTCPShows(t *testing.T) {
	for step, want := range map[string]string{
		"db.example:5432": "connect to db.example:5432", `"[2001:db8::1]:80"`: "connect to [2001:db8::1]:80",
		`{host: "2001:db8::1", port: 80, tls: true}`:                          "connect to [2001:db8::1]:80 with TLS",
		`{address: "db.example:6379", send: "AUTH ${{ secrets.token }}\r\n"}`: `connect to db.example:6379, send "AUTH [redacted]\r\n"`,
	} {
		if got, err := stepOf(t, "    tcp: "+step+"\n", "secrets: {token: \"env:T\"}\n").Show(Facts{}); got != want || err != nil {
			t.Errorf("%s: %q, %v", step, got, err)
		}
	}
}
