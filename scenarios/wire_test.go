package scenarios

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// dialer stands for the network: it remembers what it was asked for.
type dialer struct {
	asked []string
	err   map[string]error // by host:port; nil: it hangs
	conn  map[string]net.Conn
}

func (d *dialer) dial(ctx context.Context, _, address string) (net.Conn, error) {
	d.asked = append(d.asked, address)
	if c := d.conn[address]; c != nil {
		return c, nil
	}
	if err := d.err[address]; err != nil {
		return nil, &net.OpError{Op: "dial", Err: err}
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

// TestWireTriesEveryAddress: an address that swallows packets does not keep
// the next from being asked, and all together keep to one bound.
func TestWireTriesEveryAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		defer here.Close()
		d := &dialer{conn: map[string]net.Conn{"192.0.2.3:80": there}}
		way := route{}.open(context.Background(), Tools{Dial: d.dial, Resolver: names{"a.example": {"192.0.2.1", "192.0.2.2", "192.0.2.3"}}}, 0)
		began := time.Now()
		conn, err := way.dial(way.ctx, "tcp", "a.example:80")
		if err != nil || conn != there || time.Since(began) >= connectTimeout || len(d.asked) != 3 {
			t.Errorf("%v after %s, asked %v", err, time.Since(began), d.asked)
		}
		d.conn, began = nil, time.Now()
		_, err = way.dial(way.ctx, "tcp", "a.example:80")
		if !errors.Is(err, errNoConnect) || time.Since(began) != connectTimeout {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		way.end()
		synctest.Wait()
		if _, err := here.Write([]byte("x")); err == nil {
			t.Error("the end of the wire left its connection open")
		}
	})
}

// turncoat is a name server whose answer differs the second time.
type turncoat struct{ answers []string }

func (r *turncoat) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	a := netip.MustParseAddr(r.answers[0])
	r.answers = r.answers[1:]
	return []netip.Addr{a}, nil
}

// TestWireHosts: what a host that an incident names may turn out to be.
func TestWireHosts(t *testing.T) {
	load := func(list string) hostList {
		s := loadOne(t, head+"hosts: "+list+"\ncheck: [{name: c, exec: [ls]}]\n", Options{})
		return s.hosts
	}
	for _, c := range []struct {
		hosts    string
		answers  []string
		asked    string
		why      string
		verdicts Verdict
	}{
		{`["a.example"]`, []string{"10.0.0.1", "10.0.0.2"}, "10.0.0.1:80 10.0.0.2:80", "connection refused", NG},
		{`["a.example", 10.0.0.0/30]`, []string{"10.9.0.1", "10.0.0.2"}, "10.0.0.2:80", "connection refused", NG},
		{`["a.example", 10.0.0.0/30]`, []string{"10.9.0.1"}, "", "the address 10.9.0.1 lies in no network of hosts", Unknown},
		{`["a.example"]`, []string{"169.254.169.254"}, "", "loopback, link-local or a metadata service", Unknown},
		{`["a.example"]`, []string{"::ffff:169.254.169.254"}, "", "the address 169.254.169.254 is loopback", Unknown},
		{`["a.example"]`, []string{"::ffff:10.0.0.1"}, "10.0.0.1:80", "connection refused", NG},
		{`["a.example"]`, []string{"2002:a9fe:a9fe::1"}, "", "loopback, link-local or a metadata service", Unknown},
		{`["a.example"]`, []string{"2002:a00:1::1"}, "[2002:a00:1::1]:80", "connection refused", NG},
		{`["a.example"]`, []string{"64:ff9b::7f00:1"}, "", "loopback, link-local or a metadata service", Unknown},
		{`["a.example"]`, []string{"100.100.100.200"}, "", "loopback, link-local or a metadata service", Unknown},
		{`["a.example", 0.0.0.0/0]`, []string{"127.0.0.1"}, "", "loopback, link-local or a metadata service", Unknown},
		{`["a.example", 127.0.0.0/8]`, []string{"127.0.0.1"}, "127.0.0.1:80", "connection refused", NG},
	} {
		refused := func(context.Context, string, string) (net.Conn, error) { return nil, syscall.ECONNREFUSED }
		d := &dialer{}
		tools := Tools{Resolver: names{"a.example": c.answers}, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			d.asked = append(d.asked, address)
			return refused(ctx, network, address)
		}}
		way := route{outside: true, hosts: load(c.hosts)}.open(context.Background(), tools, 0)
		_, err := way.dial(way.ctx, "tcp", "a.example:80")
		o, ok := way.judge(err)
		if strings.Join(d.asked, " ") != c.asked || !ok || o.Verdict != c.verdicts || !strings.Contains(o.Why, c.why) {
			t.Errorf("%s %v: asked %v, %+v", c.hosts, c.answers, d.asked, o)
		}
		way.end()
	}
}

// TestWireRebinding: each connection is to the address that was asked about,
// and a second answer is asked about anew.
func TestWireRebinding(t *testing.T) {
	d := &dialer{err: map[string]error{"10.0.0.1:80": syscall.ECONNREFUSED}}
	tools := Tools{Dial: d.dial, Resolver: &turncoat{[]string{"10.0.0.1", "127.0.0.1"}}}
	way := route{outside: true, hosts: hostList{names: []string{"a.example"}}}.open(context.Background(), tools, 0)
	defer way.end()
	for range 2 {
		_, err := way.dial(way.ctx, "tcp", "a.example:80")
		if err == nil {
			t.Fatal("connected")
		}
	}
	if fmt.Sprint(d.asked) != "[10.0.0.1:80]" {
		t.Errorf("asked %v", d.asked)
	}
}

// TestWireStrict: for kinds to which only an answer is one, a refusal is none.
func TestWireStrict(t *testing.T) {
	for _, err := range []error{syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EHOSTUNREACH} {
		for _, refusing := range []bool{false, true} {
			way := route{strict: true, refusing: refusing}.open(context.Background(), Tools{}, 0)
			o, ok := way.judge(err)
			if want := (route{refusing: refusing}).away(); !ok || o.Verdict != want {
				t.Errorf("%v: %+v, want %s", err, o, want)
			}
			way.end()
		}
	}
}

// anyName resolves every name to an address of documentation.
type anyName struct{}

func (anyName) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("192.0.2.1")}, nil
}

// steady connects to one server whatever is dialled.
type steady struct{ server string }

func (s *steady) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, network, s.server)
}

// pipe connects everybody to a server in memory.
func pipe(say func(net.Conn)) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go func() {
			defer here.Close()
			say(here)
		}()
		return there, nil
	}
}
