package app_test

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
)

// asks stands around the requests to Slack and PagerDuty.
type asks struct {
	http.RoundTripper
	fuse *fuse
}

func (a asks) RoundTrip(r *http.Request) (*http.Response, error) {
	path := r.URL.Path
	if strings.Contains(path, "/upload") {
		path = "/slack/upload"
	}
	e, err := a.fuse.enter(r.Method + " " + incidentID.ReplaceAllString(path, "*"))
	if err != nil {
		return nil, err
	}
	resp, err := a.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if err := a.fuse.leave(e); err != nil {
		resp.Body.Close()
		return nil, err
	}
	return resp, nil
}

// line is a connection whose writes are effects, as far as name says so.
type line struct {
	net.Conn
	fuse *fuse
	name func(p []byte) string // "": none

	mu   sync.Mutex
	read []byte // of a webhook, until it is answered
	hook bool
}

func (l *line) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	if l.hook {
		l.mu.Lock()
		l.read = append(l.read, p[:n]...)
		l.mu.Unlock()
	}
	return n, err
}

func (l *line) Write(p []byte) (int, error) {
	name := l.name(p)
	if name == "" {
		return l.Conn.Write(p)
	}
	e, err := l.fuse.enter(name)
	if err != nil {
		return 0, err
	}
	n, err := l.Conn.Write(p)
	if err != nil {
		return n, err
	}
	if name == "answer 202" {
		l.answered()
	}
	return n, l.fuse.leave(e)
}

// answered notes which incident's webhook PagerDuty will not send again. That of a note
// does not say whose incident it is: one that is not known is left to the poll.
func (l *line) answered() {
	l.mu.Lock()
	id := hookIncident.FindSubmatch(l.read)
	if bytes.Contains(l.read, []byte(`"incident.annotated"`)) {
		id = nil
	}
	l.read = nil
	l.mu.Unlock()
	l.fuse.mu.Lock()
	defer l.fuse.mu.Unlock()
	if id != nil {
		l.fuse.answered[string(id[1])] = true
	}
}

func answerOf(p []byte) string {
	if status, ok := bytes.CutPrefix(p, []byte("HTTP/1.1 ")); ok && len(status) > 3 {
		return "answer " + string(status[:3])
	}
	return ""
}

// frameOf names text frames to Slack, which are acknowledgements; others only say
// that the connection lives.
func frameOf(p []byte) string {
	switch {
	case bytes.HasPrefix(p, []byte("GET ")):
		return "socket"
	case len(p) > 0 && p[0]&0x0f == 1:
		return "ack"
	}
	return ""
}

func stepOf(p []byte) string {
	first, _, _ := strings.Cut(string(p), " HTTP/1.1\r\n")
	if len(first) == len(p) || strings.Count(first, " ") != 1 {
		return ""
	}
	return "step " + first
}

type dialer func(ctx context.Context, network, address string) (net.Conn, error)

func (f *fuse) dial(dial dialer, name func([]byte) string) dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &line{Conn: conn, fuse: f, name: name}, nil
	}
}

// door is where webhooks come in; it shuts with the power.
type door struct {
	net.Listener
	fuse *fuse
}

func (d door) Accept() (net.Conn, error) {
	conn, err := d.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if !d.fuse.cable.hold(conn) {
		conn.Close()
	}
	return &line{Conn: conn, fuse: d.fuse, name: answerOf, hook: true}, nil
}

// listen is where a fuse's amsbot listens.
func (f *fuse) listen(listen func(string) (net.Listener, error)) func(_, address string) (net.Listener, error) {
	return func(_, address string) (net.Listener, error) {
		l, err := listen(address)
		if err != nil {
			return nil, err
		}
		if !f.cable.holdListener(l) {
			l.Close()
		}
		return door{l, f}, nil
	}
}
