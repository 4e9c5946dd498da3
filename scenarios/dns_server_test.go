package scenarios

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// zone is what the name server of the tests knows.
const zone = `
shop.example.         300 IN A 192.0.2.10
shop.example.          60 IN A 192.0.2.11
shop.example.         300 IN AAAA 2001:db8::10
www.shop.example.     300 IN CNAME shop.example.
shop.example.         300 IN MX 10 Mail.shop.example.
shop.example.         300 IN NS ns1.shop.example.
shop.example.         300 IN TXT "v=spf1 -all" " and more"
quote.shop.example.   300 IN TXT "say \"\195\164\" \\ once"
hostile.shop.example. 300 IN TXT "\027[31mred \226\128\174 s3cr3t-value-9"
_sip._tcp.shop.example. 300 IN SRV 10 5 5060 sip.shop.example.
10.2.0.192.in-addr.arpa. 300 IN PTR shop.example.
shop.example.         300 IN SOA ns1.shop.example. ops.shop.example. 7 3600 600 86400 60
shop.example.         300 IN CAA 0 issue "letsencrypt.org"
`

// nameServer answers from the zone, and oddly to names that ask for it.
func nameServer(t *testing.T) string {
	t.Helper()
	var known []dns.RR
	for line := range strings.Lines(strings.TrimSpace(zone)) {
		rr, err := dns.NewRR(line)
		if err != nil {
			t.Fatal(err)
		}
		known = append(known, rr)
	}
	return serveNames(t, func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		_, tcp := w.RemoteAddr().(*net.TCPAddr)
		asked := q.Question[0]
		switch first, _, _ := strings.Cut(strings.ToLower(asked.Name), "."); first {
		case "silent":
			return
		case "broken":
			m.Rcode = dns.RcodeServerFailure
		case "refused":
			m.Rcode = dns.RcodeRefused
		case "other":
			m.Question[0].Name = "else.example."
		case "noise":
			_, _ = w.Write([]byte{byte(q.Id >> 8), byte(q.Id), 0x80, 0, 0, 1, 0, 9, 0, 0, 0, 0, 0xff})
			return
		case "long":
			for i := range 200 {
				m.Answer = append(m.Answer, &dns.A{Hdr: dns.RR_Header{Name: asked.Name, Rrtype: dns.TypeA, Class: dns.ClassINET}, A: net.IPv4(10, 0, 0, byte(i))})
			}
			if !tcp {
				m.Truncate(512)
			}
		case "part":
			m.Answer, m.Truncated = known[:1], true
		case "late":
			time.Sleep(60 * time.Millisecond)
			m.Answer = known[:1]
		default:
			m.Rcode = dns.RcodeNameError
			for name := asked.Name; name != ""; {
				next := ""
				for _, rr := range known {
					if !strings.EqualFold(rr.Header().Name, name) {
						continue
					}
					m.Rcode = dns.RcodeSuccess
					if alias, ok := rr.(*dns.CNAME); ok && asked.Qtype != dns.TypeCNAME {
						m.Answer, next = append(m.Answer, rr), alias.Target
					} else if rr.Header().Rrtype == asked.Qtype {
						m.Answer = append(m.Answer, rr)
					}
				}
				name = next
			}
		}
		_ = w.WriteMsg(m)
	})
}

// serveNames serves DNS on loopback, by UDP and by TCP on one port.
func serveNames(t *testing.T, h dns.HandlerFunc) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p, err := net.ListenPacket("udp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*dns.Server{{Listener: l, Handler: h}, {PacketConn: p, Handler: h}} {
		started, done := make(chan struct{}), make(chan struct{})
		s.NotifyStartedFunc = func() { close(started) }
		go func() {
			defer close(done)
			_ = s.ActivateAndServe()
		}()
		<-started
		t.Cleanup(func() { _ = s.Shutdown(); <-done })
	}
	return l.Addr().String()
}
