package sim

import (
	"context"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
)

// backlog is how many connections may wait to be accepted at one address,
// as in a kernel's listen queue.
const backlog = 128

// Memory is a network without sockets: named addresses that can be listened
// on and dialled, all inside one process. Its connections are buffered and
// know deadlines like TCP's, and everything that waits waits on channels, so
// that real HTTP and WebSocket clients and servers run over it inside a
// testing/synctest bubble, where a real socket would stop the clock. All
// ends of a Memory that is used in a bubble have to be made in that bubble.
//
// The zero value is an empty network, ready to use.
type Memory struct {
	mu    sync.Mutex
	at    map[string]*memoryListener
	lost  map[string]bool
	ports int
}

// NewMemory returns an empty network.
func NewMemory() *Memory { return new(Memory) }

// Listen opens an address such as "web-1.shop.example:8080". Names are not
// looked up: the address is the key. It fails while somebody listens there,
// with the error that the net package gives for an address in use.
func (m *Memory) Listen(address string) (net.Listener, error) {
	if _, _, err := net.SplitHostPort(address); err != nil {
		return nil, fmt.Errorf("sim: listen %q: %w", address, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.at[address] != nil {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Addr: memoryAddr(address),
			Err: os.NewSyscallError("bind", syscall.EADDRINUSE)}
	}
	l := &memoryListener{memory: m, address: memoryAddr(address),
		queue: make(chan *memoryConn, backlog), closed: make(chan struct{})}
	if m.at == nil {
		m.at = map[string]*memoryListener{}
	}
	m.at[address] = l
	return l, nil
}

// Lose makes an address swallow every new connection attempt without an
// answer, as an unplugged machine does, until it is found again with false:
// DialContext then ends only with its context. Open connections stay.
func (m *Memory) Lose(address string, lost bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.lost == nil {
		m.lost = map[string]bool{}
	}
	m.lost[address] = lost
}

// DialContext connects to an address that somebody listens on; it has the
// shape that http.Transport and websocket.Dialer ask for. An address where
// nobody listens refuses the connection with the net package's own error
// (errors.Is syscall.ECONNREFUSED). The context bounds the dialling alone.
func (m *Memory) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	wrong := func(err error) error {
		return &net.OpError{Op: "dial", Net: network, Addr: memoryAddr(address), Err: err}
	}
	if err := ctx.Err(); err != nil {
		return nil, wrong(err)
	}
	m.mu.Lock()
	l, lost := m.at[address], m.lost[address]
	m.ports++
	// Documentation addresses, so that nothing takes the caller for loopback.
	local := memoryAddr(fmt.Sprintf("192.0.2.1:%d", 32768+m.ports%28000))
	m.mu.Unlock()
	if lost {
		<-ctx.Done()
		return nil, wrong(ctx.Err())
	}
	if l == nil {
		return nil, wrong(os.NewSyscallError("connect", syscall.ECONNREFUSED))
	}
	near, far := memoryPair(local, l.address)
	if err := l.enqueue(ctx, far); err != nil {
		return nil, wrong(err)
	}
	return near, nil
}

// memoryListener is one open address.
type memoryListener struct {
	memory  *Memory
	address memoryAddr
	queue   chan *memoryConn

	mu     sync.Mutex // guards against a connection queued after the last look
	once   sync.Once
	closed chan struct{}
}

// enqueue hands a connection to whoever accepts. Like TCP, it does not wait
// for the accept itself, only for room in the queue.
func (l *memoryListener) enqueue(ctx context.Context, c *memoryConn) error {
	for {
		l.mu.Lock()
		select {
		case <-l.closed:
			l.mu.Unlock()
			return os.NewSyscallError("connect", syscall.ECONNREFUSED)
		default:
		}
		select {
		case l.queue <- c:
			l.mu.Unlock()
			return nil
		default:
		}
		l.mu.Unlock()
		if err := l.room(ctx); err != nil {
			return err
		}
	}
}

// room waits a moment for the queue to drain; a full queue is rare enough
// that looking again now and then is simpler than being told.
func (l *memoryListener) room(ctx context.Context) error {
	retry := newDeadline()
	retry.after(syncInterval)
	defer retry.stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-l.closed:
	case <-retry.wait():
	}
	return nil
}

// Accept waits for the next connection; it returns net.ErrClosed (in a
// net.OpError) once the listener is closed.
func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case <-l.closed:
	case c := <-l.queue:
		return c, nil
	}
	return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: l.address, Err: net.ErrClosed}
}

// Close frees the address and cuts what nobody has accepted.
func (l *memoryListener) Close() error {
	err := error(&net.OpError{Op: "close", Net: "tcp", Addr: l.address, Err: net.ErrClosed})
	l.once.Do(func() {
		err = nil
		l.memory.mu.Lock()
		delete(l.memory.at, string(l.address))
		l.memory.mu.Unlock()
		l.mu.Lock()
		close(l.closed)
		l.mu.Unlock()
		for {
			select {
			case c := <-l.queue:
				c.Close()
			default:
				return
			}
		}
	})
	return err
}

func (l *memoryListener) Addr() net.Addr { return l.address }

// memoryAddr is a name and a port; to its users it is a TCP address.
type memoryAddr string

func (memoryAddr) Network() string  { return "tcp" }
func (a memoryAddr) String() string { return string(a) }
