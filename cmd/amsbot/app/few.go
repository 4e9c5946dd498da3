package app

import (
	"net"
	"sync"
)

// mostConnections is how many connections the webhook's address takes at once, about
// 20 KB each. Whoever comes then waits until one has ended: who opens them without
// end fills neither the memory nor the table of open files, which steps need, too.
const mostConnections = 1000

// few is a listener whose connections are few.
type few struct {
	net.Listener
	room   chan struct{}
	closed chan struct{}
	close  func()
}

func atMost(l net.Listener, connections int) *few {
	f := &few{Listener: l, room: make(chan struct{}, connections), closed: make(chan struct{})}
	f.close = sync.OnceFunc(func() { close(f.closed) })
	return f
}

// Accept waits until there is room, and then for a connection.
func (f *few) Accept() (net.Conn, error) {
	select {
	case f.room <- struct{}{}:
	case <-f.closed:
		return nil, net.ErrClosed
	}
	c, err := f.Listener.Accept()
	if err != nil {
		<-f.room
		return nil, err
	}
	return &guest{Conn: c, leave: sync.OnceFunc(func() { <-f.room })}, nil
}

// Close ends an Accept, also one that waits for room.
func (f *few) Close() error {
	f.close()
	return f.Listener.Close()
}

// guest is a connection that makes room when it is closed.
type guest struct {
	net.Conn
	leave func()
}

// Close may be called twice.
func (g *guest) Close() error {
	defer g.leave()
	return g.Conn.Close()
}
