package scenarios

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"gopkg.in/yaml.v3"
)

// The way to a host, which every kind that asks over the network goes:
//
//   - while it is read, a step makes a route (compiler.route, or an endpoint,
//     which holds one);
//   - a try opens a wire on the route, defers its end, dials through it as
//     often as it has to, and shows it every error: judge says what is no
//     answer, the kind what an answer is worth.
//
// Nothing else of this package connects to anything.

// connectTimeout bounds the resolving of a name and the connecting together.
const connectTimeout = 5 * time.Second

// The causes for which a try is broken off.
var (
	errNoAnswer  = errors.New("no answer in time")
	errNoConnect = errors.New("no connection in time")
)

// route is what a scenario says about the way to a host.
type route struct {
	outside  bool     // the host comes from the incident: hosts decides
	hosts    hostList // the scenario's
	refusing bool     // unreachable: ng: what cannot be reached is NG, not UNKNOWN
	strict   bool     // only an answer is one: refused, reset and silent are UNKNOWN too, as for dns, tls and ssh
}

// route makes the route of a step. outside says whether a value of the incident
// chooses the host, which without hosts is a problem of the node n.
func (c *compiler) route(n *yaml.Node, outside bool) route {
	if outside && c.s.hosts.empty() {
		c.r.fail(n, "list where it may lie: hosts: [\"web-*.shop.example\"], here or in project.yaml",
			"the host comes from the incident, and there are no hosts")
	}
	return route{outside: outside, hosts: c.s.hosts}
}

// unreachableNG reads the key unreachable; nil is not said.
func (c *compiler) unreachableNG(n *yaml.Node) bool {
	return n != nil && c.r.oneOf(n, "unreachable", "ng", "unknown") == "ng"
}

// allows asks hosts about a host before it is resolved. Steps ask it as soon
// as their values are filled in, also when they are only shown.
func (r route) allows(host string) error {
	if !r.outside {
		return nil
	}
	return r.hosts.allowsHost(host)
}

// away is the verdict about a host that cannot be reached.
func (r route) away() Verdict {
	if r.refusing {
		return NG
	}
	return Unknown
}

// wire is the way to the other side during one try. It remembers whether the
// other side was ever reached, which is what tells NG from UNKNOWN.
type wire struct {
	route
	tools  Tools
	ctx    context.Context // ends with the try, with end, or when within is over
	within time.Duration   // from the first connection on; 0: the try's own time
	stop   context.CancelCauseFunc

	mu      sync.Mutex
	reached bool
	timer   *time.Timer
}

// open begins a try. Whoever opens a wire ends it; ctx and everything that was
// dialled end with it.
func (r route) open(ctx context.Context, t Tools, within time.Duration) *wire {
	w := &wire{route: r, tools: t, within: within}
	w.ctx, w.stop = context.WithCancelCause(ctx)
	return w
}

// end closes every connection. It may be called more than once.
func (w *wire) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer != nil {
		w.timer.Stop()
	}
	w.stop(nil)
}

// dial connects to host:port. It resolves the host once, asks hosts about each
// address where the host comes from the incident, and connects to the very
// address that was allowed, so that a name that changes its mind gains nothing.
// The connection is closed when the wire ends, reads and writes under way
// included. Over another way than the network itself (a jump host) it goes by
// a wire whose Tools.Dial is that way. ctx may only shorten the wire's own.
func (w *wire) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, connectTimeout, errNoConnect)
	defer cancel()
	addrs, err := w.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	if addrs, err = w.allowed(addrs); err != nil {
		return nil, err
	}
	for i, a := range addrs {
		// Each address gets its share of the time: one that drops packets
		// must not keep the next from being asked.
		var conn net.Conn
		if conn, err = w.connect(ctx, network, net.JoinHostPort(a.String(), port), len(addrs)-i); err == nil {
			return conn, nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	if ctx.Err() != nil && errors.Is(context.Cause(ctx), errNoConnect) {
		return nil, errNoConnect
	}
	return nil, err
}

// connect dials one address within one share of the time that is left.
func (w *wire) connect(ctx context.Context, network, address string, shares int) (net.Conn, error) {
	if until, ok := ctx.Deadline(); ok && shares > 1 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, time.Until(until)/time.Duration(shares), errNoConnect)
		defer cancel()
	}
	dial := w.tools.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	conn, err := dial(ctx, network, address)
	if err != nil {
		if ctx.Err() != nil && errors.Is(context.Cause(ctx), errNoConnect) {
			return nil, errNoConnect
		}
		return nil, err
	}
	context.AfterFunc(w.ctx, func() { _ = conn.Close() })
	w.connected()
	return conn, nil
}

func (w *wire) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a.Unmap()}, nil
	}
	var r Resolver = net.DefaultResolver
	if w.tools.Resolver != nil {
		r = w.tools.Resolver
	}
	addrs, err := r.LookupNetIP(ctx, "ip", host)
	if err == nil && len(addrs) == 0 {
		err = &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	for i := range addrs {
		addrs[i] = addrs[i].Unmap()
	}
	return addrs, err
}

// allowed returns the addresses that hosts lets in, or why there is none.
func (w *wire) allowed(addrs []netip.Addr) ([]netip.Addr, error) {
	if !w.outside {
		return addrs, nil
	}
	var in []netip.Addr
	var denied error
	for _, a := range addrs {
		if err := w.hosts.allowsAddress(a); err != nil {
			denied = err
			continue
		}
		in = append(in, a)
	}
	if len(in) > 0 {
		return in, nil
	}
	return nil, deniedError{denied}
}

// deniedError is that hosts lets none of a host's addresses in.
type deniedError struct{ error }

// connected starts the clock of within.
func (w *wire) connected() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reached = true
	if w.within > 0 && w.timer == nil {
		w.timer = time.AfterFunc(w.within, func() { w.stop(errNoAnswer) })
	}
}
