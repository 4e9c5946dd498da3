package scenarios

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
)

// half is one direction of a connection that buffers, as the network does.
type half struct {
	mu     sync.Mutex
	cond   *sync.Cond
	data   []byte
	closed bool
}

func newHalf() *half {
	h := &half{}
	h.cond = sync.NewCond(&h.mu)
	return h
}

func (h *half) Read(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(h.data) == 0 && !h.closed {
		h.cond.Wait()
	}
	if len(h.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p, h.data)
	h.data = h.data[n:]
	h.cond.Broadcast()
	return n, nil
}

func (h *half) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(h.data) > 1<<20 && !h.closed {
		h.cond.Wait()
	}
	if h.closed {
		return 0, syscall.EPIPE
	}
	h.data = append(h.data, p...)
	h.cond.Broadcast()
	return len(p), nil
}

func (h *half) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	h.cond.Broadcast()
}

// duplex is one end of a connection.
type duplex struct {
	net.Conn // what ssh does not use of a connection is nil
	in, out  *half
	over     atomic.Bool // closed by this side
}

func (d *duplex) Read(p []byte) (int, error)  { return d.own(d.in.Read, p) }
func (d *duplex) Write(p []byte) (int, error) { return d.own(d.out.Write, p) }
func (d *duplex) RemoteAddr() net.Addr        { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 9), Port: 22} }
func (d *duplex) LocalAddr() net.Addr         { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 4} }

// own reads or writes; what this side has closed says so, as a socket does.
func (d *duplex) own(do func([]byte) (int, error), p []byte) (int, error) {
	n, err := do(p)
	if d.over.Load() {
		return 0, net.ErrClosed
	}
	return n, err
}

func (d *duplex) Close() error {
	d.over.Store(true)
	d.in.close()
	d.out.close()
	return nil
}

func connection() (near, far net.Conn) {
	a, b := newHalf(), newHalf()
	return &duplex{in: a, out: b}, &duplex{in: b, out: a}
}
