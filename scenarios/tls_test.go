package scenarios

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// shows shakes hands with everybody.
func shows(conf *tls.Config) func(net.Conn) {
	return func(c net.Conn) {
		s := tls.Server(c, conf)
		if s.Handshake() == nil {
			_, _ = io.Copy(io.Discard, s)
		}
	}
}

// shelf is a row of servers, by what is the matter with them.
func shelf(t *testing.T, ca, self *authority) map[string]string {
	t.Helper()
	good := serve(t, shows(ca.issue(20*day+time.Hour, "shop.example", "www.shop.example", "192.0.2.7").config()))
	expired := serve(t, shows(ca.issue(-3*day-time.Hour, "shop.example").config()))
	future := ca.issue(100*day, "shop.example")
	future.chain[0].NotBefore = time.Now().Add(time.Hour)
	future.chain[0] = ca.sign(future.chain[0], ca.cert, future.key)
	early := serve(t, shows(future.config()))
	long := serve(t, shows(ca.below("issuing CA", 5*day+time.Hour).issue(90*day+time.Hour, "shop.example").config()))
	broken := serve(t, shows(ca.below("issuing CA", -day).issue(90*day, "shop.example").config()))
	short := ca.below("issuing CA", 500*day).issue(90*day, "shop.example")
	short.chain = short.chain[:1]
	gap := serve(t, shows(short.config()))
	alone := serve(t, shows(certificate{[]*x509.Certificate{self.cert}, self.key}.config()))
	oldConf := ca.issue(90*day+time.Hour, "shop.example").config()
	oldConf.MaxVersion = tls.VersionTLS11
	old := serve(t, shows(oldConf))
	asking := ca.issue(90*day+time.Hour, "shop.example").config()
	asking.ClientAuth, asking.MaxVersion = tls.RequireAnyClientCert, tls.VersionTLS12
	asks := serve(t, shows(asking))
	mute := serve(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	gone := serve(t, func(c net.Conn) { _, _ = c.Read(make([]byte, 16<<10)) })
	plain := serve(t, func(c net.Conn) { fmt.Fprint(c, "SSH-2.0-OpenSSH\r\n"); _, _ = io.Copy(io.Discard, c) })
	picky := &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return nil, io.EOF }}
	refuses := serve(t, shows(picky))
	borrowed := ca.issue(90*day, "shop.example")
	borrowed.key = newKey(t)
	theirs := serve(t, shows(borrowed.config()))
	return map[string]string{"good": good, "theirs": theirs, "expired": expired, "early": early, "long": long, "broken": broken, "gap": gap, "alone": alone,
		"old": old, "asks": asks, "mute": mute, "gone": gone, "plain": plain, "refuses": refuses}
}

func TestTLS(t *testing.T) {
	ca, other, self := newAuthority(t, "shop CA"), newAuthority(t, "other CA"), newAuthority(t, "appliance")
	servers := shelf(t, ca, self)
	for _, c := range []struct {
		server, keys string
		verdict      Verdict
		why          string
	}{
		{"good", "", OK, "20 days left"},
		{"good", ", expect: {days: 19}", OK, "20 days left"},
		{"good", ", expect: {days: 20}", OK, "20 days left"}, // and an hour
		{"good", ", expect: {days: 21}", NG, "it ends in 20 days, on DATE, expected more than 21 days"},
		{"good", ", expect: {names: www.shop.example}", OK, "20 days left"},
		{"good", ", expect: {names: [www.shop.example, \"${{ vars.name }}\"]}", NG, "it is not for api.shop.example, but for shop.example, www.shop.example, 192.0.2.7"},
		{"good", ", server_name: www.shop.example", OK, "20 days left"},
		{"good", ", server_name: db.example", NG, "it is not for db.example, but for shop.example, www.shop.example, 192.0.2.7"},
		{"good", ", expect: {version: '1.3'}", OK, "20 days left"},
		{"good", ", ca: " + other.file, NG, "it leads to no authority whom amsbot knows"},
		{"good", ", ca: ''", NG, "it leads to no authority whom amsbot knows"},
		{"good", ", ca: '', expect: {chain: false}", OK, "20 days left"},
		{"good", ", ca: /nowhere.pem", Unknown, "ca: stat /nowhere.pem: no such file or directory"},
		{"expired", "", NG, "expired 3 days ago, on DATE"},
		{"expired", ", ca: '', expect: {chain: false}", NG, "expired 3 days ago, on DATE"},
		{"early", "", NG, "not good before DATE TIME"},
		{"long", "", OK, "5 days left"},
		{"long", ", expect: {days: 14}", NG, "the certificate CN=issuing CA above it ends in 5 days, on DATE, expected more than 14 days"},
		{"broken", "", NG, "its chain is not good: certificate has expired"},
		{"gap", "", NG, "it leads to no authority whom amsbot knows"},
		{"alone", ", ca: '', expect: {names: [], chain: false}", OK, "3649 days left"},
		{"alone", ", ca: " + self.file + ", expect: {names: []}", OK, "3649 days left"},
		{"alone", ", expect: {names: []}", NG, "it leads to no authority whom amsbot knows"},
		{"alone", ", expect: {names: appliance}", NG, "it is not for appliance, but for no name at all"},
		{"old", "", OK, "90 days left"},
		{"old", ", expect: {version: '1.2'}", NG, "TLS 1.1 is spoken, expected at least TLS 1.2"},
		{"asks", "", OK, "90 days left"},
		{"theirs", "", NG, "connected, but no TLS: ECDSA verification failure"},
		{"gone", "", Unknown, "connected, but the connection was closed before a certificate came"},
		{"gone", ", unreachable: ng", NG, "connected, but the connection was closed before a certificate came"},
		{"plain", "", NG, "connected, but no TLS: first record does not look like a TLS handshake"},
		{"refuses", "", NG, "connected, but no TLS: internal error"},
	} {
		keys := c.keys
		if !strings.Contains(keys, "ca: ") {
			keys += ", ca: " + ca.file
		}
		keys = strings.Replace(keys, ", ca: ''", "", 1)
		st := stepOf(t, "    tls: {address: shop.example"+keys+"}\n", "vars: {name: api.shop.example}\n")
		o := st.Do(t.Context(), Facts{}, towards(servers[c.server]))
		if o.Verdict != c.verdict || !strings.HasPrefix(dateless(o.Why), c.why) {
			t.Errorf("%s%s: %s, %q; want %s, %q", c.server, c.keys, o.Verdict, o.Why, c.verdict, c.why)
		}
	}
	o := do(t, "    tls: shop.example\n    timeout: 50ms\n", "", Facts{}, towards(servers["mute"]))
	if o.Verdict != Unknown || o.Why != "connected, no whole answer in time" {
		t.Errorf("%s, %q", o.Verdict, o.Why)
	}
}

// dateless writes DATE and TIME for what a test cannot know.
func dateless(s string) string {
	s = regexp.MustCompile(`\d{4}-\d\d-\d\d`).ReplaceAllString(s, "DATE")
	return regexp.MustCompile(`\d\d:\d\d:\d\d`).ReplaceAllString(s, "TIME")
}

func TestTLSFields(t *testing.T) {
	ca := newAuthority(t, "shop CA")
	server := serve(t, shows(ca.below("issuing CA", 500*day).issue(20*day+time.Hour, "shop.example", "192.0.2.7").config()))
	s := loadOne(t, head+"check:\n  - {name: cert, tls: {host: shop.example, ca: "+ca.file+"}}\n"+
		"  - name: more\n    if: steps.cert.days_left < 21 and \"192.0.2.7\" in steps.cert.names and steps.cert.version == \"1.3\"\n"+
		"    exec: [echo, \"${{ steps.cert.subject }} by ${{ steps.cert.issuer }} of ${{ steps.cert.chain[1] }} to ${{ steps.cert.not_after }}\"]\n", Options{})
	first := s.Check[0].Do(t.Context(), Facts{}, towards(server))
	if first.Verdict != OK || !strings.HasPrefix(first.Line, "shop.example 192.0.2.7, until ") || !strings.HasSuffix(first.Line, ", signed by CN=issuing CA") {
		t.Errorf("%+v", first)
	}
	second := s.Check[1].Do(t.Context(), Facts{Steps: map[string]map[string]any{"cert": first.Fields}}, Tools{})
	if !strings.HasPrefix(second.Line, "CN=shop.example by CN=issuing CA of CN=issuing CA to 20") {
		t.Errorf("%+v", second)
	}
}

// TestTLSHostile: a certificate is foreign text.
func TestTLSHostile(t *testing.T) {
	self := newAuthority(t, "\x1b[31mred\u202e\r\ns3cr3t-value-9")
	server := serve(t, shows(certificate{[]*x509.Certificate{self.cert}, self.key}.config()))
	o := do(t, "    tls: {address: shop.example, expect: {chain: false}}\n", "secrets: {token: \"env:T\"}\n", Facts{}, towards(server))
	if all := fmt.Sprint(o.Why, o.Line, o.Fields); o.Verdict != NG || strings.ContainsAny(all, "\x1b\u202e\r") || strings.Contains(all, "s3cr3t") ||
		!strings.Contains(o.Line, "[redacted]") {
		t.Errorf("%+v", o)
	}
}

// TestTLSByTheClock: a certificate that is good today is not for ever.
func TestTLSByTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ca := newAuthority(t, "shop CA")
		conf := ca.issue(20*day, "shop.example").config()
		tools := Tools{Resolver: anyName{}, Dial: pipe(func(c net.Conn) { _ = tls.Server(c, conf).Handshake() })}
		st := stepOf(t, "    tls: {address: shop.example, ca: "+ca.file+", expect: {days: 14}}\n", "")
		for _, c := range []struct {
			wait    time.Duration
			verdict Verdict
			left    int
		}{{0, OK, 20}, {5 * day, OK, 15}, {day, NG, 14}, {13*day + time.Hour, NG, 0}, {day, NG, -1}} {
			time.Sleep(c.wait)
			o := st.Do(t.Context(), Facts{}, tools)
			if o.Verdict != c.verdict || o.Fields["days_left"] != c.left {
				t.Errorf("%d days left: %s, %q, %v", c.left, o.Verdict, o.Why, o.Fields["days_left"])
			}
		}
	})
}

// TestTLSUnreached: what shows no certificate is UNKNOWN.
func TestTLSUnreached(t *testing.T) {
	for said, want := range map[string]Verdict{"": Unknown, ", unreachable: ng": NG} {
		st := stepOf(t, "    tls: {address: shop.example"+said+"}\n", "")
		for _, err := range []error{syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EHOSTUNREACH, nil} {
			synctest.Test(t, func(t *testing.T) {
				d := &dialer{err: map[string]error{"192.0.2.1:443": err}}
				if o := st.Do(t.Context(), Facts{}, Tools{Resolver: anyName{}, Dial: d.dial}); o.Verdict != want || len(d.asked) != 1 {
					t.Errorf("%v%s: %s, %q", err, said, o.Verdict, o.Why)
				}
			})
		}
	}
	f := Facts{Incident: Incident{Alerts: open(map[string]any{"host": "shop.example"})}}
	o := do(t, "    tls: {host: \"${{ alert.details.host }}\"}\n", "hosts: [\"*.example\"]\n", f, Tools{Resolver: names{"shop.example": {"169.254.169.254"}}})
	if o.Verdict != Unknown || !strings.Contains(o.Why, "metadata") {
		t.Errorf("%s, %q", o.Verdict, o.Why)
	}
}

// polite speaks a protocol line by line and begins TLS at the last answer.
func polite(conf *tls.Config, greeting string, answers ...string) func(net.Conn) {
	return func(c net.Conn) {
		lines := bufio.NewReader(c)
		fmt.Fprint(c, greeting)
		for _, a := range answers {
			if _, err := lines.ReadString('\n'); err != nil {
				return
			}
			fmt.Fprint(c, a)
		}
		shows(conf)(c)
	}
}

func TestStartTLS(t *testing.T) {
	ca := newAuthority(t, "shop CA")
	conf := ca.issue(20*day, "mail.shop.example").config()
	pg := func(answer string) func(net.Conn) {
		return func(c net.Conn) {
			asked := make([]byte, 8)
			if _, err := io.ReadFull(c, asked); err != nil || string(asked[4:]) != "\x04\xd2\x16\x2f" {
				return
			}
			fmt.Fprint(c, answer)
			shows(conf)(c)
		}
	}
	for _, c := range []struct {
		protocol string
		server   func(net.Conn)
		verdict  Verdict
		why      string
	}{
		{"smtp", polite(conf, "220-hello\r\n220 there\r\n", "250-mail\r\n250-STARTTLS\r\n250 OK\r\n", "220 go\r\n"), OK, "19 days left"},
		{"smtp", polite(conf, "220 there\r\n", "250 OK\r\n", "502 what\r\n"), NG, `connected, but no TLS: smtp answers "502 what"`},
		{"smtp", polite(conf, "554 no\r\n"), NG, `connected, but no TLS: smtp answers "554 no"`},
		{"smtp", polite(conf, strings.Repeat("220-x\r\n", 200)), NG, "connected, but no TLS: smtp answers without end"},
		{"smtp", polite(conf, strings.Repeat("2", 5000)), NG, "connected, but no TLS: a line without end"},
		{"imap", polite(conf, "* OK [CAPABILITY] ready\r\n", "* 1 EXISTS\r\na OK begin\r\n"), OK, "19 days left"},
		{"imap", polite(conf, "* BYE\r\n"), NG, `connected, but no TLS: imap answers "* BYE"`},
		{"pop3", polite(conf, "+OK\r\n", "+OK begin\r\n"), OK, "19 days left"},
		{"postgres", pg("S"), OK, "19 days left"},
		{"postgres", pg("N"), NG, `connected, but no TLS: postgres answers "N"`},
		{"postgres", func(c net.Conn) { _, _ = io.ReadFull(c, make([]byte, 8)) }, Unknown, "connected, but the connection was closed before a certificate came"},
	} {
		o := do(t, "    tls: {address: mail.shop.example:1, starttls: "+c.protocol+", ca: "+ca.file+"}\n", "", Facts{}, towards(serve(t, c.server)))
		if o.Verdict != c.verdict || o.Why != c.why {
			t.Errorf("%s: %s, %q; want %s, %q", c.protocol, o.Verdict, o.Why, c.verdict, c.why)
		}
	}
}

func TestTLSShows(t *testing.T) {
	for step, want := range map[string]string{
		"shop.example": "look at the certificate of shop.example:443",
		"{address: '10.0.0.5:8443', server_name: shop.example}": "look at the certificate of 10.0.0.5:8443 for shop.example",
		"{address: '2001:db8::1'}":                              "look at the certificate of [2001:db8::1]:443",
	} {
		if got, err := stepOf(t, "    tls: "+step+"\n", "").Show(Facts{}); got != want || err != nil {
			t.Errorf("%s: %q, %v", step, got, err)
		}
	}
}
