package scenarios

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// link is the SSH connection to a machine during one try, with all that it
// goes through. Until a command runs, the end of the try ends it.
type link struct {
	world   *world
	tools   Tools
	ctx     context.Context // of every connection; outlives the try by its grace
	stop    context.CancelCauseFunc
	keep    func() bool // from now on the end of the try does not end the link
	client  *ssh.Client
	mu      sync.Mutex
	clients []*ssh.Client
}

// newLink begins a try. Whoever makes a link closes it.
func newLink(ctx context.Context, w *world, t Tools) *link {
	l := &link{world: w, tools: t}
	l.ctx, l.stop = context.WithCancelCause(context.WithoutCancel(ctx))
	l.keep = context.AfterFunc(ctx, func() { l.stop(context.Cause(ctx)) })
	return l
}

// cut ends all connections, whatever is under way on them.
func (l *link) cut() {
	l.keep()
	l.stop(nil)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.clients {
		_ = c.Close() // the first goes to the network itself: the others follow
	}
}

// close cuts the link and waits until nothing of it is left.
func (l *link) close() {
	l.cut()
	for _, c := range l.clients {
		_ = c.Wait()
	}
}

// hop is one machine to log in to.
type hop struct {
	route
	access
	address string
	dial    func(ctx context.Context, network, address string) (net.Conn, error) // nil: the network itself
	named   bool                                                                 // dial resolves the name
}

// connect logs in to the machine, through the jump host where there is one.
func (l *link) connect(a *remote, address string) *trouble {
	target := hop{route: a.route, access: a.access, address: address}
	if j := a.jump; j != nil {
		client, bad := l.login(hop{route: route{strict: true}, access: j.access, address: j.address()})
		if bad != nil {
			bad.why = "jump host " + j.host + ": " + bad.why
			return bad
		}
		target.dial = client.DialContext
		host, _, err := net.SplitHostPort(address)
		_, literal := netip.ParseAddr(host)
		// Networks can only be held against an address that amsbot knows.
		target.named = err == nil && literal != nil && !(a.outside && len(a.hosts.networks) > 0)
	}
	client, bad := l.login(target)
	if bad != nil && a.jump != nil {
		bad.why = "behind the jump host: " + bad.why
	}
	l.client = client
	return bad
}

// login connects to a machine, verifies its key, and only then shows a key of
// its own.
func (l *link) login(h hop) (*ssh.Client, *trouble) {
	keys, err := readHostKeys(h.knownHosts, h.address)
	if err != nil {
		return nil, asTrouble(err)
	}
	own, err := h.login(l.ctx, l.world)
	if err != nil {
		return nil, asTrouble(err)
	}
	defer own.ends()
	tools := l.tools
	if h.dial != nil {
		tools.Dial = h.dial
	}
	way := h.open(l.ctx, tools, 0)
	conn, err := h.conn(way)
	if err != nil {
		l.settle(way)
		bad := way.lost(err)
		way.end()
		return nil, bad
	}
	config := &ssh.ClientConfig{User: h.user, Auth: []ssh.AuthMethod{own.method}, ClientVersion: "SSH-2.0-amsbot",
		HostKeyCallback: keys.verify, HostKeyAlgorithms: keys.algorithms}
	c, channels, requests, err := ssh.NewClientConn(conn, h.address, config)
	if err != nil {
		l.settle(way)
		bad := whyNoLogin(way, err, keys, own)
		way.end()
		return nil, bad
	}
	client := ssh.NewClient(c, channels, requests)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clients = append(l.clients, client)
	return client, nil
}

// settle waits until a wire knows why the link ended: a jump host's connection
// may be closed, and be noticed, before the word is around.
func (l *link) settle(way *wire) {
	if l.ctx.Err() != nil {
		<-way.ctx.Done()
	}
}

// conn goes the way to the machine.
func (h hop) conn(way *wire) (net.Conn, error) {
	if !h.named {
		return way.dial(way.ctx, "tcp", h.address)
	}
	ctx, cancel := context.WithTimeoutCause(way.ctx, connectTimeout, errNoConnect)
	defer cancel()
	return way.connect(ctx, "tcp", h.address, 1)
}

// lost puts an error of the network into words.
func (w *wire) lost(err error) *trouble {
	var refused *ssh.OpenChannelError
	switch {
	case errors.As(err, &refused) && refused.Reason == ssh.Prohibited:
		return &trouble{why: "the jump host does not forward there (AllowTcpForwarding, PermitOpen or permitopen forbid it)"}
	case errors.As(err, &refused):
		return &trouble{why: "not reached from there: " + refused.Message}
	}
	if o, ok := w.judge(err); ok {
		return &trouble{why: o.Why}
	}
	return &trouble{why: inner(err)}
}

func asTrouble(err error) *trouble {
	var bad *trouble
	if errors.As(err, &bad) {
		return bad
	}
	return &trouble{why: err.Error()}
}

// whyNoLogin puts a broken handshake into words.
func whyNoLogin(way *wire, err error, keys *hostKeys, own *login) *trouble {
	name := knownhosts.Normalize(keys.address)
	var common *ssh.AlgorithmNegotiationError
	switch cause := context.Cause(way.ctx); {
	case keys.refused != nil:
		return keys.refused
	case errors.Is(cause, errTimeout):
		return &trouble{why: "connected to " + name + ", but the SSH login was not done in time"}
	case cause != nil:
		return &trouble{why: "stopped: " + cause.Error()}
	case errors.As(err, &common) && common.What == "host key":
		return &trouble{why: name + " has no key of a kind that " + keys.file + " lists for it (" + strings.Join(common.SupportedAlgorithms, ", ") +
			"); it offers " + strings.Join(common.RequestedAlgorithms, ", ") + ": add the line of one of those"}
	case errors.As(err, &common):
		return &trouble{why: name + " and amsbot have no " + common.What + " in common; it offers " + strings.Join(common.RequestedAlgorithms, ", ")}
	case strings.Contains(err.Error(), "unable to authenticate"):
		return own.denied(name)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE),
		errors.Is(err, net.ErrClosed): // by the library, which could not write: nobody else has closed it
		return &trouble{why: "connected to " + name + ", but it closed the connection during the SSH login"}
	}
	if o, ok := way.judge(err); ok {
		return &trouble{why: o.Why}
	}
	return &trouble{why: "connected to " + name + ", but the SSH login failed: " + inner(err)}
}
