package sim

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

const (
	// window is how much one direction holds before its writer waits: enough
	// that two sides which both write first do not wait for each other.
	window = 64 << 10

	syncInterval = time.Millisecond
)

// memoryPair makes the two ends of one connection.
func memoryPair(a, b memoryAddr) (near, far *memoryConn) {
	ab, ba := newFlow(), newFlow()
	near = &memoryConn{local: a, remote: b, in: ba, out: ab, reading: newDeadline(), writing: newDeadline()}
	far = &memoryConn{local: b, remote: a, in: ab, out: ba, reading: newDeadline(), writing: newDeadline()}
	return near, far
}

// memoryConn is one end: it reads what the other end wrote.
type memoryConn struct {
	local, remote    memoryAddr
	in, out          *flow
	reading, writing *deadline
	once             sync.Once
}

func (c *memoryConn) Read(p []byte) (int, error) {
	n, err := c.in.read(p, c.reading)
	return n, c.wrap("read", err)
}

func (c *memoryConn) Write(p []byte) (int, error) {
	n, err := c.out.write(p, c.writing)
	return n, c.wrap("write", err)
}

// wrap dresses an error as the net package does; io.EOF stays bare.
func (c *memoryConn) wrap(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return &net.OpError{Op: op, Net: "tcp", Source: c.local, Addr: c.remote, Err: err}
}

// Close ends both directions. What was written before is still read by the
// other end; what the other end writes from now on meets a broken pipe.
func (c *memoryConn) Close() error {
	err := c.wrap("close", net.ErrClosed)
	c.once.Do(func() {
		err = nil
		c.out.finish()
		c.in.abandon()
		c.reading.stop()
		c.writing.stop()
	})
	return err
}

func (c *memoryConn) LocalAddr() net.Addr  { return c.local }
func (c *memoryConn) RemoteAddr() net.Addr { return c.remote }

func (c *memoryConn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

func (c *memoryConn) SetReadDeadline(t time.Time) error {
	if c.in.isAbandoned() {
		return c.wrap("set", net.ErrClosed)
	}
	c.reading.at(t)
	return nil
}

func (c *memoryConn) SetWriteDeadline(t time.Time) error {
	if c.out.isFinished() {
		return c.wrap("set", net.ErrClosed)
	}
	c.writing.at(t)
	return nil
}

// flow is one direction of a connection: a bounded buffer. changed is closed
// and replaced whenever something happened that a waiting end may want.
type flow struct {
	mu        sync.Mutex
	buffer    []byte
	finished  bool // the writing end is closed
	abandoned bool // the reading end is closed
	changed   chan struct{}
}

func newFlow() *flow { return &flow{changed: make(chan struct{})} }

// tell wakes whoever waits; the caller holds mu.
func (f *flow) tell() {
	close(f.changed)
	f.changed = make(chan struct{})
}

func (f *flow) read(p []byte, d *deadline) (int, error) {
	for {
		if d.passed() {
			return 0, os.ErrDeadlineExceeded
		}
		f.mu.Lock()
		switch {
		case f.abandoned:
			f.mu.Unlock()
			return 0, net.ErrClosed
		case len(p) == 0:
			f.mu.Unlock()
			return 0, nil
		case len(f.buffer) > 0:
			n := copy(p, f.buffer)
			f.buffer = f.buffer[n:]
			f.tell()
			f.mu.Unlock()
			return n, nil
		case f.finished:
			f.mu.Unlock()
			return 0, io.EOF
		}
		changed := f.changed
		f.mu.Unlock()
		select {
		case <-changed:
		case <-d.wait():
		}
	}
}

func (f *flow) write(p []byte, d *deadline) (int, error) {
	done := 0
	for {
		if d.passed() {
			return done, os.ErrDeadlineExceeded
		}
		f.mu.Lock()
		switch {
		case f.finished:
			f.mu.Unlock()
			return done, net.ErrClosed
		case f.abandoned:
			f.mu.Unlock()
			return done, os.NewSyscallError("write", syscall.EPIPE)
		}
		if n := min(window-len(f.buffer), len(p)-done); n > 0 {
			f.buffer = append(f.buffer, p[done:done+n]...)
			done += n
			f.tell()
		}
		changed := f.changed
		f.mu.Unlock()
		if done == len(p) {
			return done, nil
		}
		select {
		case <-changed:
		case <-d.wait():
		}
	}
}

// finish says that nothing more will be written.
func (f *flow) finish() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.finished = true
	f.tell()
}

// abandon says that nothing more will be read, and drops what was waiting.
func (f *flow) abandon() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.abandoned, f.buffer = true, nil
	f.tell()
}

func (f *flow) isFinished() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.finished
}

func (f *flow) isAbandoned() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.abandoned
}

// deadline is a moment that can be moved while somebody waits for it. A
// waiter that was woken by a move sees that nothing has passed and waits on.
type deadline struct {
	mu    sync.Mutex
	timer *time.Timer
	late  bool
	fired chan struct{}
}

func newDeadline() *deadline { return &deadline{fired: make(chan struct{})} }

// at moves the deadline; the zero time means never, the past means now.
func (d *deadline) at(t time.Time) {
	if t.IsZero() {
		d.stop()
		return
	}
	d.after(time.Until(t))
}

func (d *deadline) after(wait time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.clear()
	if wait <= 0 {
		d.late = true
		close(d.fired)
		return
	}
	fired := d.fired
	d.timer = time.AfterFunc(wait, func() { d.fire(fired) })
}

// fire marks the deadline as passed, unless it was moved meanwhile.
func (d *deadline) fire(of chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fired == of && !d.late {
		d.late = true
		close(d.fired)
	}
}

// stop takes the deadline away.
func (d *deadline) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.clear()
}

// clear forgets the present deadline and wakes who waited for it, so that it
// waits for the next one; the caller holds mu.
func (d *deadline) clear() {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	if !d.late {
		close(d.fired)
	}
	d.late, d.fired = false, make(chan struct{})
}

func (d *deadline) passed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.late
}

func (d *deadline) wait() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.fired
}
