package scenarios

import (
	"context"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"
)

func TestDNS(t *testing.T) {
	server := nameServer(t)
	for _, c := range []struct {
		dns     string
		verdict Verdict
		why     string
		answers string
	}{
		{"{name: shop.example}", OK, "2 records", "192.0.2.10 192.0.2.11"},
		{"{name: Shop.Example., type: AAAA}", OK, "1 record", "2001:db8::10"},
		{"{name: www.shop.example}", OK, "2 records", "192.0.2.10 192.0.2.11"},
		{"{name: www.shop.example, type: CNAME, expect: shop.example.}", OK, "1 record", "shop.example"},
		{"{name: shop.example, type: MX, expect: 10 mail.shop.example}", OK, "1 record", "10 Mail.shop.example"},
		{"{name: shop.example, type: NS, expect: [ns1.shop.example]}", OK, "1 record", "ns1.shop.example"},
		{"{name: shop.example, type: TXT, expect: '/^v=spf1 .*-all/'}", OK, "1 record", "v=spf1 -all and more"},
		{"{name: quote.shop.example, type: TXT}", OK, "1 record", `say "ä" \ once`},
		{"{name: _sip._tcp.shop.example, type: SRV}", OK, "1 record", "10 5 5060 sip.shop.example"},
		{"{name: 192.0.2.10, type: PTR, expect: shop.example}", OK, "1 record", "shop.example"},
		{"{name: 10.2.0.192.in-addr.arpa, type: PTR}", OK, "1 record", "shop.example"},
		{"{name: shop.example, type: SOA}", OK, "1 record", "ns1.shop.example ops.shop.example 7 3600 600 86400 60"},
		{"{name: shop.example, type: CAA, expect: 0 issue letsencrypt.org}", OK, "1 record", "0 issue letsencrypt.org"},
		{"{name: shop.example, type: AAAA, expect: \"2001:0db8::0010\"}", OK, "1 record", "2001:db8::10"},
		{"{name: shop.example, expect: [192.0.2.10, 192.0.2.12]}", NG, "192.0.2.12 is not answered", "192.0.2.10 192.0.2.11"},
		{"{name: shop.example, expect: {all: [192.0.2.10]}}", OK, "2 records", "192.0.2.10 192.0.2.11"},
		{"{name: shop.example, expect: {all: '/^10\\./'}}", NG, `/^10\./ is not answered`, "192.0.2.10 192.0.2.11"},
		{"{name: shop.example, expect: {any: [10.0.0.1, \"${{ vars.vip }}\"]}}", OK, "2 records", "192.0.2.10 192.0.2.11"},
		{"{name: shop.example, expect: {any: [10.0.0.1, 10.0.0.2]}}", NG, "none of what is expected is answered", "192.0.2.10 192.0.2.11"},
		{"{name: shop.example, expect: {only: [192.0.2.10, '/\\.11$/']}}", OK, "2 records", "192.0.2.10 192.0.2.11"},
		{"{name: shop.example, expect: {only: [192.0.2.10]}}", NG, "192.0.2.11 is answered, which is not expected", "192.0.2.10 192.0.2.11"},
		{"{name: shop.example, expect: {least: 3}}", NG, "2 records, expected at least 3", "192.0.2.10 192.0.2.11"},
		{"{name: shop.example, expect: {any: \"${{ vars.list }}\"}}", Unknown, "${{ vars.list }}: it is a list or a mapping, no text", "192.0.2.10 192.0.2.11"},
		{"{name: shop.example, type: PTR}", NG, "no record, expected at least 1", ""},
		{"{name: shop.example, type: PTR, expect: {rcode: NOERROR}}", OK, "answered NOERROR", ""},
		{"{name: none.example}", NG, "answered NXDOMAIN, expected NOERROR", ""},
		{"{name: none.example, expect: {rcode: NXDOMAIN}}", OK, "answered NXDOMAIN", ""},
		{"{name: shop.example, expect: {rcode: NXDOMAIN}}", NG, "answered NOERROR, expected NXDOMAIN", "192.0.2.10 192.0.2.11"},
		{"{name: broken.example}", NG, "answered SERVFAIL, expected NOERROR", ""},
		{"{name: refused.example, expect: {rcode: REFUSED}}", OK, "answered REFUSED", ""},
		{"{name: other.example}", Unknown, server + ": the answer is to another question", ""},
		{"{name: part.example, expect: {only: [192.0.2.10]}}", Unknown, server + ": the answer is cut off, by TCP too", ""},
		{"{name: noise.example}", NG, "no usable answer from " + server, ""},
		{"{name: late.example, expect: {within: 10ms}}", NG, "answered after ", "192.0.2.10"},
		{"{name: late.example, expect: {within: 400ms}}", OK, "1 record", "192.0.2.10"},
		{"{name: silent.example}", Unknown, "no answer from " + server + " in time", ""},
		{"{name: silent.example, unreachable: ng}", NG, "no answer from " + server + " in time", ""},
	} {
		step := "    dns: " + strings.TrimSuffix(c.dns, "}") + ", server: \"" + server + "\"}\n    timeout: 500ms\n"
		o := do(t, step, "vars: {vip: 192.0.2.10, list: [a]}\n", Facts{}, Tools{})
		if o.Verdict != c.verdict || !strings.HasPrefix(o.Why, c.why) {
			t.Errorf("%s: %s, %q; want %s, %q", c.dns, o.Verdict, o.Why, c.verdict, c.why)
		}
		if got := strings.Trim(strings.ReplaceAll(fmt.Sprint(o.Fields["answers"]), "<nil>", ""), "[]"); got != c.answers {
			t.Errorf("%s: answered %q, want %q", c.dns, got, c.answers)
		}
	}
}

// TestDNSLongAnswer: what does not fit a datagram is asked for by TCP.
func TestDNSLongAnswer(t *testing.T) {
	o := do(t, "    dns: {name: long.example, server: \""+nameServer(t)+"\", expect: {least: 200}}\n", "", Facts{}, Tools{})
	if o.Verdict != OK || o.Why != "200 records" {
		t.Errorf("%+v", o)
	}
}

// TestDNSHostile: a record is foreign text.
func TestDNSHostile(t *testing.T) {
	o := do(t, "    dns: {name: hostile.shop.example, type: TXT, server: \""+nameServer(t)+"\"}\n", "secrets: {token: \"env:T\"}\n", Facts{}, Tools{})
	if o.Verdict != OK || string(o.Output) != "red  [redacted]" || fmt.Sprint(o.Fields["answers"]) != "[red  [redacted]]" {
		t.Errorf("%q, %q", o.Output, o.Fields["answers"])
	}
}

func TestDNSFields(t *testing.T) {
	server := nameServer(t)
	s := loadOne(t, head+"check:\n  - {name: vip, dns: {name: shop.example, server: \""+server+"\"}}\n"+
		"  - name: more\n    if: '\"192.0.2.11\" in steps.vip.answers and steps.vip.ttl == 60 and steps.vip.rcode == \"NOERROR\"'\n    exec: [echo, \"${{ steps.vip.answers[0] }} ${{ steps.vip.server }}\"]\n", Options{})
	first := s.Check[0].Do(t.Context(), Facts{}, Tools{})
	second := s.Check[1].Do(t.Context(), Facts{Steps: map[string]map[string]any{"vip": first.Fields}}, Tools{})
	if first.Line != "192.0.2.10, 192.0.2.11" || string(first.Output) != "192.0.2.10\n192.0.2.11" || second.Line != "192.0.2.10 "+server {
		t.Errorf("%+v, %+v", first, second)
	}
}

// packets is one end of a network in memory that keeps messages apart.
type packets struct{ net.Conn }

func (p packets) ReadFrom(b []byte) (int, net.Addr, error) {
	n, err := p.Read(b)
	return n, p.RemoteAddr(), err
}
func (p packets) WriteTo(b []byte, _ net.Addr) (int, error) { return p.Write(b) }

// TestDNSAsksAgain: a datagram that gets lost is sent once more, to the next
// server first, and a server that is at a loss is not the last word.
func TestDNSAsksAgain(t *testing.T) {
	st := stepOf(t, "    dns: shop.example\n", "")
	st.action.(*question).system = write(t, "resolv.conf", []byte("# two\nnameserver 192.0.2.1\nnameserver 192.0.2.2\nsearch corp.example\n"))
	synctest.Test(t, func(t *testing.T) {
		var order []string
		tools := Tools{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			order = append(order, address)
			n := len(order)
			conn, err := pipe(func(c net.Conn) {
				b := make([]byte, 512)
				size, err := c.Read(b)
				q := new(dns.Msg)
				if err != nil || q.Unpack(b[:size]) != nil || n == 1 {
					time.Sleep(time.Minute) // lost
					return
				}
				m := new(dns.Msg).SetReply(q)
				if n == 2 {
					m.Rcode = dns.RcodeServerFailure
				}
				if packed, err := m.Pack(); err == nil {
					_, _ = c.Write(packed)
				}
			})(ctx, network, address)
			return packets{conn}, err
		}}
		o := st.Do(t.Context(), Facts{}, tools)
		if o.Verdict != NG || o.Why != "answered SERVFAIL, expected NOERROR" || fmt.Sprint(order) != "[192.0.2.1:53 192.0.2.2:53]" || o.Took != datagramWait {
			t.Errorf("%+v, asked %v", o, order)
		}
		order = []string{"before", "that"}
		if o = st.Do(t.Context(), Facts{}, tools); o.Why != "no record, expected at least 1" || len(order) != 3 {
			t.Errorf("%+v, asked %v", o, order)
		}
		o = st.Do(t.Context(), Facts{}, Tools{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := pipe(func(c net.Conn) { _, _ = c.Read(make([]byte, 512)); time.Sleep(time.Minute) })(ctx, network, address)
			return packets{conn}, err
		}})
		if o.Verdict != Unknown || o.Why != "no answer from 192.0.2.2:53 in time" || o.Took != 2*datagramTries*datagramWait {
			t.Errorf("%+v", o)
		}
		time.Sleep(time.Hour)
	})
	st.action.(*question).system = "/nowhere/resolv.conf"
	if o := st.Do(t.Context(), Facts{}, Tools{}); o.Verdict != Unknown || o.Why != "the system's name servers: open /nowhere/resolv.conf: no such file or directory" {
		t.Errorf("%+v", o)
	}
}

// TestDNSUnreached: whoever does not answer is UNKNOWN.
func TestDNSUnreached(t *testing.T) {
	for said, want := range map[string]Verdict{"": Unknown, ", unreachable: ng": NG} {
		st := stepOf(t, "    dns: {name: shop.example, server: ns.example"+said+"}\n", "")
		for _, err := range []error{syscall.ECONNREFUSED, syscall.ENETUNREACH} {
			d := &dialer{err: map[string]error{"192.0.2.1:53": err}}
			if o := st.Do(t.Context(), Facts{}, Tools{Resolver: anyName{}, Dial: d.dial}); o.Verdict != want {
				t.Errorf("%v%s: %s, %q", err, said, o.Verdict, o.Why)
			}
		}
		if o := st.Do(t.Context(), Facts{}, Tools{Resolver: names{}}); o.Verdict != want || o.Why != "the name ns.example cannot be resolved" {
			t.Errorf("%s: %s, %q", said, o.Verdict, o.Why)
		}
	}
	closed, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	o := do(t, "    dns: {name: shop.example, server: \""+closed.LocalAddr().String()+"\"}\n    timeout: 1s\n", "", Facts{}, Tools{})
	if o.Verdict != Unknown || o.Why != "connection refused" {
		t.Errorf("%s, %q", o.Verdict, o.Why)
	}
}

// TestDNSFromTheIncident: hosts decides whom is asked, and about what.
func TestDNSFromTheIncident(t *testing.T) {
	server := nameServer(t)
	for _, c := range []struct {
		dns, hosts, x string
		verdict       Verdict
	}{
		{`name: "${{ alert.details.x }}", server: "` + server + `"`, `["*.example"]`, "shop.example", OK},
		{`name: "${{ alert.details.x }}", server: "` + server + `"`, `["*.example"]`, "shop.evil.test", Unknown},
		{`name: "${{ alert.details.x }}", server: "` + server + `"`, `["*.example"]`, "a b", Unknown},
		{`name: "${{ alert.details.x }}", server: "` + server + `"`, `["*.example"]`, "", Unknown},
		{`name: "${{ alert.details.x }}", type: PTR, server: "` + server + `"`, `[192.0.2.0/24]`, "192.0.2.10", OK},
		{`name: "${{ alert.details.x }}", type: PTR, server: "` + server + `"`, `[192.0.2.0/24]`, "10.0.0.1", Unknown},
		{`name: "${{ alert.details.x }}", server: "` + server + `"`, `[192.0.2.0/24]`, "192.0.2.10", Unknown},
		{`name: shop.example, server: "${{ alert.details.x }}"`, `[127.0.0.1]`, server, OK},
		{`name: shop.example, server: "${{ alert.details.x }}"`, `["*.example"]`, server, Unknown},
		{`name: shop.example, server: "${{ alert.details.x }}"`, `[0.0.0.0/0]`, "169.254.169.253", Unknown},
	} {
		f := Facts{Incident: Incident{Alerts: open(map[string]any{"x": c.x})}}
		o := do(t, "    dns: {"+c.dns+"}\n", "hosts: "+c.hosts+"\n", f, Tools{})
		if o.Verdict != c.verdict {
			t.Errorf("%s with %q: %s, %q", c.dns, c.x, o.Verdict, o.Why)
		}
	}
}

func TestDNSShows(t *testing.T) {
	for step, want := range map[string]string{
		"shop.example": "look up A shop.example",
		"{name: 192.0.2.10, type: PTR, server: 10.0.0.53}": "look up PTR 10.2.0.192.in-addr.arpa at 10.0.0.53:53",
		"{name: shop.example, server: '2001:db8::53'}":     "look up A shop.example at [2001:db8::53]:53",
	} {
		if got, err := stepOf(t, "    dns: "+step+"\n", "").Show(Facts{}); got != want || err != nil {
			t.Errorf("%s: %q, %v", step, got, err)
		}
	}
}
