package patient

import (
	"errors"
	"fmt"
	"net"
	"net/http"
)

// stance is what the service's port does.
type stance int

const (
	shut  stance = iota // connections are refused
	open                // it serves
	black               // connection attempts are swallowed
)

func doorOf(ailment string) stance {
	switch ailment {
	case "refuses":
		return shut
	case "unreachable":
		return black
	}
	return open
}

// door is the service's port.
type door struct {
	stance   stance
	listener net.Listener
	server   *http.Server
	fillers  []net.Conn // what fills the kernel's queue while it is black
}

// stand opens, closes or blackens the port; nothing happens when it stands so
// already. A black port is, on Linux, a real one whose queue of connections is
// full: the kernel drops every further attempt, and a dialler sees its own
// timeout. Where that cannot be had, connections are made and never answered.
func (p *Patient) stand(want stance) error {
	if p.door.stance == want && (want == shut) == (p.door.listener == nil) {
		return nil
	}
	p.shut()
	if want == shut {
		return nil
	}
	if p.closed {
		return errors.New("patient: open port: the patient is closed")
	}
	l, err := p.opt.Listen()
	if err != nil {
		return fmt.Errorf("patient: open port: %w", err)
	}
	p.address = l.Addr().String()
	p.door.listener, p.door.stance = l, want
	if want == open {
		p.door.server = &http.Server{Handler: p.Handler()}
		p.serve(p.door.server, l)
		return nil
	}
	if p.opt.Lose != nil {
		p.opt.Lose(true)
		return nil
	}
	p.door.fillers = blacken(l)
	return nil
}

// serve lets the server work until it is closed; Close waits for it.
func (p *Patient) serve(srv *http.Server, l net.Listener) {
	p.work.Go(func() { srv.Serve(l) }) // it always ends with ErrServerClosed
}

// shut closes the port and every connection through it.
func (p *Patient) shut() {
	d := p.door
	p.door = door{}
	if d.stance == black && p.opt.Lose != nil {
		p.opt.Lose(false)
	}
	for _, c := range d.fillers {
		c.Close()
	}
	if d.listener != nil {
		d.listener.Close()
	}
	if d.server != nil {
		d.server.Close()
	}
}
