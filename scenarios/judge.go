package scenarios

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
)

// judge is RESPONSE.md's table for what is no answer. It reports false where
// the other side was reached and the error is about what it said: that is for
// the kind to judge. It is asked before the wire ends.
func (w *wire) judge(err error) (Outcome, bool) {
	w.mu.Lock()
	reached := w.reached
	w.mu.Unlock()
	cause := context.Cause(w.ctx)
	silent := NG
	if w.strict {
		silent = w.away()
	}
	var dns *net.DNSError
	var denied deniedError
	switch {
	case errors.As(err, &denied):
		return Outcome{Verdict: Unknown, Why: denied.Error()}, true
	case errors.Is(cause, errNoAnswer):
		return Outcome{Verdict: silent, Why: fmt.Sprintf("connected, no whole answer within %s", w.within)}, true
	case errors.Is(cause, errTimeout) && reached:
		return Outcome{Verdict: silent, Why: "connected, no whole answer in time"}, true
	case errors.Is(cause, errTimeout), errors.Is(err, errNoConnect), !reached && timedOut(err):
		return Outcome{Verdict: w.away(), Why: "no connection in time"}, true
	case cause != nil:
		return Outcome{Verdict: Unknown, Why: "stopped: " + cause.Error()}, true
	case errors.As(err, &dns):
		return Outcome{Verdict: w.away(), Why: "the name " + dns.Name + " cannot be resolved"}, true
	case errors.Is(err, syscall.ECONNREFUSED):
		return Outcome{Verdict: silent, Why: "connection refused"}, true
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return Outcome{Verdict: silent, Why: "connection reset"}, true
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EADDRNOTAVAIL):
		return Outcome{Verdict: w.away(), Why: "no route to the host"}, true
	case !reached:
		return Outcome{Verdict: Unknown, Why: "cannot connect: " + inner(err)}, true
	}
	return Outcome{}, false
}

// outcome judges every error of a kind to which a connection that breaks off is
// an answer too: http and tcp.
func (w *wire) outcome(err error) Outcome {
	if o, ok := w.judge(err); ok {
		return o
	}
	return judgeReached(err)
}

// judgeReached judges a connection that broke off or did not speak what it
// should.
func judgeReached(err error) Outcome {
	var expired x509.CertificateInvalidError
	var name x509.HostnameError
	var authority x509.UnknownAuthorityError
	switch {
	case errors.As(err, &expired), errors.As(err, &name):
		return Outcome{Verdict: NG, Why: "certificate: " + inner(err)}
	case errors.As(err, &authority):
		return Outcome{Verdict: Unknown, Why: "certificate: signed by nobody whom amsbot knows"}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return Outcome{Verdict: NG, Why: "connected, but the connection was closed before the answer ended"}
	}
	return Outcome{Verdict: NG, Why: "connected, no usable answer: " + inner(err)}
}

func timedOut(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}

// inner is the text of an error without the method and address around it.
func inner(err error) string {
	text := err.Error()
	if i := strings.LastIndex(text, ": "); i >= 0 && len(text)-i > 4 {
		return text[i+2:]
	}
	return text
}
