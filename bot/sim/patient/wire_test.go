package patient

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
)

// wire is a network of two addresses without sockets.
type wire struct {
	mu   sync.Mutex
	at   map[string]*port
	lost bool
}

type port struct {
	w     *wire
	name  string
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (w *wire) listen(name string) func() (net.Listener, error) {
	return func() (net.Listener, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.at[name] != nil {
			return nil, syscall.EADDRINUSE
		}
		p := &port{w: w, name: name, conns: make(chan net.Conn), done: make(chan struct{})}
		w.at[name] = p
		return p, nil
	}
}

func (p *port) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *port) Close() error {
	p.once.Do(func() {
		p.w.mu.Lock()
		delete(p.w.at, p.name)
		p.w.mu.Unlock()
		close(p.done)
	})
	return nil
}

func (p *port) Addr() net.Addr { return &net.UnixAddr{Name: p.name, Net: "unix"} }

// dial gives up by itself, as a dialler's timeout does: http.Transport goes on
// dialling when the request that wanted the connection has long been given up.
func (w *wire) dial(ctx context.Context, _, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	w.mu.Lock()
	p, lost := w.at[address], w.lost
	w.mu.Unlock()
	if lost {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if p == nil {
		return nil, os.NewSyscallError("connect", syscall.ECONNREFUSED)
	}
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-p.done:
		return nil, os.NewSyscallError("connect", syscall.ECONNREFUSED)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// diary is a pager that only writes down.
type diary struct {
	mu     sync.Mutex
	raised []Alert
	lines  []string
	broken bool
}

func (d *diary) Raise(a Alert) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken {
		return "", errors.New("pager is down")
	}
	d.raised = append(d.raised, a)
	d.lines = append(d.lines, "raise "+a.Service+" "+a.Key)
	return fmt.Sprintf("I%d", len(d.raised)), nil
}

func (d *diary) Clear(service, key string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, "clear "+service+" "+key)
	return nil
}

func (d *diary) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.lines, "\n")
}
