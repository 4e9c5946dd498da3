package patient

import (
	"net"
	"syscall"
	"time"
)

// blacken shortens the listener's queue to nothing and fills it, so that the
// kernel answers no further attempt to connect. It returns the connections that
// fill it; nil when the listener is no TCP socket.
func blacken(l net.Listener) []net.Conn {
	t, ok := l.(*net.TCPListener)
	if !ok {
		return nil
	}
	raw, err := t.SyscallConn()
	if err != nil {
		return nil
	}
	if err := raw.Control(func(fd uintptr) { err = syscall.Listen(int(fd), 0) }); err != nil {
		return nil
	}
	if err != nil {
		return nil
	}
	var fillers []net.Conn
	for range 8 {
		c, err := net.DialTimeout("tcp", l.Addr().String(), 50*time.Millisecond)
		if err != nil {
			return fillers
		}
		fillers = append(fillers, c)
	}
	return fillers
}
