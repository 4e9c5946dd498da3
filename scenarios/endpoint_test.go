package scenarios

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
)

// watched is a network that notes which names were looked up and which
// addresses were dialled. Every name has an address that hosts lists.
type watched struct{ names, dialled []string }

func (w *watched) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	w.names = append(w.names, host)
	return []netip.Addr{netip.MustParseAddr("10.1.0.1")}, nil
}

func (w *watched) dial(_ context.Context, _, address string) (net.Conn, error) {
	w.dialled = append(w.dialled, address)
	return nil, syscall.ECONNREFUSED
}

// FuzzHosts puts a value of an incident at every place that leads somewhere:
// whatever it is, nothing that hosts does not list is looked up or dialled.
func FuzzHosts(f *testing.F) {
	for _, seed := range []string{"web-1.shop.example", "web-1.shop.example:8080", "http://web-1.shop.example/x", "10.1.2.3:80",
		"[::ffff:10.1.0.1]:80", "http://[::ffff:a9fe:a9fe]/", "169.254.169.254:80", "0x7f.1:80", "2130706433", "127.1:53",
		"http://web-1.shop.example@evil.test/", "web-1.shop.example.evil.test:1", "evil.test#.shop.example", "http://evil.test\\.shop.example/",
		"[10.1.0.1%25eth0]:80", "web-1.shop.example:80:80", "WEB-1.SHOP.EXAMPLE.", "ｗeb-1.shop.example:1", "web-1。shop.example:1"} {
		f.Add(seed)
	}
	const where = "hosts: [\"*.shop.example\", 10.1.0.0/16]\n"
	load := func(step string) *Step {
		s, err := Pin([]Source{{"s.yaml", []byte(head + where + "check:\n  - {name: c, timeout: 1s, " + step + "}\n")}}, Options{})
		if err != nil {
			f.Fatal(err)
		}
		return s.Check[0]
	}
	const value = "\"${{ alert.details.x }}\""
	steps := []*Step{load("http: " + value), load("http: \"http://${{ alert.details.x }}/a\""), load("http: \"https://${{ alert.details.x }}:8443/a\""),
		load("tcp: " + value), load("tcp: \"${{ alert.details.x }}:22\""), load("tcp: {host: " + value + ", port: 22}"),
		load("tls: " + value), load("tls: {host: 10.1.0.9, server_name: " + value + "}"), load("dns: {name: shop.example, server: " + value + "}")}
	within := netip.MustParsePrefix("10.1.0.0/16")
	f.Fuzz(func(t *testing.T, x string) {
		facts := Facts{Incident: Incident{Alerts: open(map[string]any{"x": x})}}
		for _, st := range steps {
			w := &watched{}
			o := st.Do(t.Context(), facts, Tools{Resolver: w, Dial: w.dial})
			for _, name := range w.names {
				if !strings.HasSuffix(strings.ToLower(strings.TrimSuffix(name, ".")), ".shop.example") {
					t.Errorf("%s with %q looked up %q", st.Kind, x, name)
				}
			}
			for _, d := range w.dialled {
				if a, err := netip.ParseAddrPort(d); err != nil || !within.Contains(a.Addr()) {
					t.Errorf("%s with %q dialled %q", st.Kind, x, d)
				}
			}
			if o.Verdict == OK {
				t.Errorf("%s with %q: %+v", st.Kind, x, o)
			}
		}
	})
}
