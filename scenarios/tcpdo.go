package scenarios

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

const maxReceived = 16 << 10 // bytes of what comes back that are read

// show is the address and what is sent.
func (a *exchange) show(w *world) (string, error) {
	address, err := a.fill(w)
	if err != nil {
		return "", err
	}
	line := "connect to " + address
	if a.secure {
		line += " with TLS"
	}
	if a.send == nil {
		return line, nil
	}
	said, err := a.said(w)
	if err != nil {
		return "", err
	}
	return line + ", send " + strconv.Quote(clip(said, 200)), nil
}

// said fills in what is sent. In most protocols a space or a line break begins
// something new, so that a value of the incident has neither.
func (a *exchange) said(w *world) (string, error) {
	for _, p := range a.send.parts {
		if p.expr == nil || !p.expr.tainted {
			continue
		}
		v, err := p.expr.value(w)
		if err != nil {
			return "", err
		}
		s, err := textOf(v)
		if err != nil {
			return "", fmt.Errorf("${{ %s }}: %w", p.expr.source, err)
		}
		if s == "" || strings.ContainsFunc(s, notInWord) {
			return "", fmt.Errorf("send: %q comes from the incident and is no plain word", clip(s, 60))
		}
	}
	return a.send.fill(w, nil)
}

func notInWord(r rune) bool {
	return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:/@+=,", r)
}

// prepared is an exchange with its values.
type prepared struct {
	address, said string
	conf          *tls.Config
}

func (a *exchange) prepare(w *world) (p prepared, err error) {
	if p.address, err = a.fill(w); err != nil {
		return p, err
	}
	if a.send != nil {
		if p.said, err = a.said(w); err != nil {
			return p, err
		}
	}
	if a.secure {
		host, _, _ := net.SplitHostPort(p.address)
		p.conf, err = a.tls.config(w, host)
	}
	return p, err
}

func (a *exchange) try(ctx context.Context, w *world, t Tools) Outcome {
	began := time.Now()
	p, err := a.prepare(w)
	if err != nil {
		return Outcome{Verdict: Unknown, Why: err.Error()}
	}
	way := a.open(ctx, t, a.within)
	defer way.end()
	conn, err := way.dial(way.ctx, "tcp", p.address)
	if err != nil {
		return way.outcome(err)
	}
	if p.conf != nil {
		secured := tls.Client(conn, p.conf)
		if err = secured.HandshakeContext(way.ctx); err != nil {
			return way.outcome(err)
		}
		conn = secured
	}
	got, err := a.talk(conn, p.said)
	o := a.judge(way, got, err)
	// Reading ends where enough has come, be it in the middle of a secret.
	received := w.mask.clean(w.mask.cut(string(got.data), false, !errors.Is(err, io.EOF)))
	o.Line, o.Output = lastLine(received), []byte(received)
	o.Fields = map[string]any{"ms": int(time.Since(began).Milliseconds()), "received": received}
	return o
}

// heard is what came back.
type heard struct {
	data  []byte
	found bool // what is expected is in it
	cut   bool // there was more
}

// talk sends, and reads until what is expected has come, the other side has
// said all, or nobody waits any longer.
func (a *exchange) talk(conn net.Conn, said string) (got heard, err error) {
	if said != "" {
		if _, err := io.WriteString(conn, said); err != nil {
			return got, err
		}
	}
	if a.expect == nil {
		return got, nil
	}
	room := make([]byte, maxReceived)
	for n := 0; ; {
		more, err := conn.Read(room[n:])
		n += more
		got.data = room[:n]
		if more > 0 && a.expect.inside(string(got.data)) {
			got.found = true
			return got, nil
		}
		if err != nil {
			return got, err
		}
		if n == len(room) {
			got.cut = true
			return got, nil
		}
	}
}

// judge holds what came back against what is expected.
func (a *exchange) judge(way *wire, got heard, err error) Outcome {
	switch {
	case got.found:
		return Outcome{Verdict: OK, Why: "connected, and what came back is as expected"}
	case got.cut:
		return Outcome{Verdict: Unknown, Why: fmt.Sprintf("more than %d bytes came back, what is expected is not among the first", maxReceived)}
	case err == nil:
		return Outcome{Verdict: OK, Why: "connected"}
	}
	if len(got.data) == 0 {
		return way.outcome(err)
	}
	cause := context.Cause(way.ctx)
	switch {
	case errors.Is(cause, errNoAnswer), errors.Is(cause, errTimeout):
		return Outcome{Verdict: NG, Why: "what came back is not what is expected, and no more came in time"}
	case cause == nil && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)):
		return Outcome{Verdict: NG, Why: "what came back is not what is expected, and then the connection was closed"}
	}
	return way.outcome(err)
}
