package scenarios

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	maxBody        = 1 << 20 // bytes of an answer that are read
	maxRedirects   = 5
	connectTimeout = 5 * time.Second
)

// The causes for which a request is broken off.
var (
	errNoAnswer  = errors.New("no answer in time")
	errNoConnect = errors.New("no connection in time")
)

// wire is the way to the server during one try: it knows whether the other
// side was ever reached, which is what tells NG from UNKNOWN.
type wire struct {
	request *request
	tools   Tools
	within  time.Duration
	stop    context.CancelCauseFunc

	mu      sync.Mutex
	reached bool
	denied  error // what hosts refused
	timer   *time.Timer
}

func (a *request) try(ctx context.Context, w *world, t Tools) Outcome {
	began := time.Now()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	req, err := a.build(ctx, w)
	if err != nil {
		return Outcome{Verdict: Unknown, Why: err.Error()}
	}
	way := &wire{request: a, tools: t, within: a.expect.within, stop: stop}
	defer way.end()
	client := &http.Client{Transport: way.transport(), CheckRedirect: way.redirect}
	defer client.CloseIdleConnections()
	res, err := client.Do(req)
	if err != nil {
		return way.judge(ctx, err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, maxBody+1))
	if err != nil {
		o := way.judge(ctx, err)
		o.Fields = map[string]any{"status": res.StatusCode, "ms": int(time.Since(began).Milliseconds())}
		return o
	}
	way.end()
	return a.conclude(readAnswer(res, data, w.mask), w, time.Since(began))
}

// readAnswer keeps of an answer what is judged and shown.
func readAnswer(res *http.Response, data []byte, mask masks) answer {
	a := answer{status: res.StatusCode, header: res.Header}
	if len(data) > maxBody {
		data, a.cut = data[:maxBody], true
	}
	text := string(data)
	if a.cut {
		text = mask.cut(text, false, true)
	} else {
		a.jsonOK = json.Unmarshal(data, &a.json) == nil
	}
	a.body = text
	return a
}

// conclude judges an answer and makes the outcome of it.
func (a *request) conclude(got answer, w *world, took time.Duration) Outcome {
	verdict, why := a.expect.judge(got, w)
	body := w.mask.clean(got.body)
	o := Outcome{Verdict: verdict, Why: why, Line: lastLine(body), Output: []byte(body)}
	headers := map[string]any{}
	for name, values := range got.header {
		headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	o.Fields = map[string]any{"status": got.status, "ms": int(took.Milliseconds()), "headers": headers,
		"body": clipBytes(body, maxOutput)}
	if got.jsonOK && len(got.body) <= maxOutput {
		o.Fields["json"] = plainValue(got.json, newBudget(1), 0)
	}
	return o
}

func (w *wire) transport() *http.Transport {
	return &http.Transport{
		Proxy:                  nil, // a proxy of the environment would dial in our place, unchecked
		DialContext:            w.dial,
		DisableKeepAlives:      true,
		MaxResponseHeaderBytes: maxOutput,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
	}
}

// dial resolves a host, asks hosts about each address and connects to the
// very address that was allowed.
func (w *wire) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, connectTimeout, errNoConnect)
	defer cancel()
	addrs, err := w.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	dial := w.tools.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	var last error
	for _, a := range addrs {
		if w.request.outside {
			if err := w.request.hosts.allowsAddress(a); err != nil {
				last = w.deny(err)
				continue
			}
		}
		conn, err := dial(ctx, network, net.JoinHostPort(a.String(), port))
		if err == nil {
			w.connected()
			return conn, nil
		}
		if ctx.Err() != nil && errors.Is(context.Cause(ctx), errNoConnect) {
			return nil, errNoConnect
		}
		last = err
	}
	return nil, last
}

func (w *wire) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	var r Resolver = net.DefaultResolver
	if w.tools.Resolver != nil {
		r = w.tools.Resolver
	}
	addrs, err := r.LookupNetIP(ctx, "ip", host)
	if err == nil && len(addrs) == 0 {
		err = &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	for i := range addrs {
		addrs[i] = addrs[i].Unmap()
	}
	return addrs, err
}

func (w *wire) deny(err error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.denied = err
	return err
}

// connected starts the clock of `within`.
func (w *wire) connected() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reached = true
	if w.within > 0 && w.timer == nil {
		w.timer = time.AfterFunc(w.within, func() { w.stop(errNoAnswer) })
	}
}

func (w *wire) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer != nil {
		w.timer.Stop()
	}
}

// redirect follows redirects to the same host alone: any other would let a
// server choose whom amsbot asks.
func (w *wire) redirect(req *http.Request, via []*http.Request) error {
	first := via[0].URL
	if req.URL.Host != first.Host || req.URL.Scheme != first.Scheme || len(via) > maxRedirects {
		return http.ErrUseLastResponse
	}
	return nil
}

// judge is RESPONSE.md's table for what is no answer.
func (w *wire) judge(ctx context.Context, err error) Outcome {
	w.mu.Lock()
	reached, denied := w.reached, w.denied
	w.mu.Unlock()
	cause := context.Cause(ctx)
	away := Unknown
	if w.request.refusing {
		away = NG
	}
	var dns *net.DNSError
	switch {
	case denied != nil && !reached:
		return Outcome{Verdict: Unknown, Why: denied.Error()}
	case errors.Is(cause, errNoAnswer):
		return Outcome{Verdict: NG, Why: fmt.Sprintf("connected, no whole answer within %s", w.within)}
	case errors.Is(cause, errTimeout) && reached:
		return Outcome{Verdict: NG, Why: "connected, no whole answer in time"}
	case errors.Is(cause, errTimeout), errors.Is(err, errNoConnect), !reached && timedOut(err):
		return Outcome{Verdict: away, Why: "no connection in time"}
	case cause != nil:
		return Outcome{Verdict: Unknown, Why: "stopped: " + cause.Error()}
	case errors.As(err, &dns):
		return Outcome{Verdict: away, Why: "the name " + dns.Name + " cannot be resolved"}
	case errors.Is(err, syscall.ECONNREFUSED):
		return Outcome{Verdict: NG, Why: "connection refused"}
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return Outcome{Verdict: NG, Why: "connection reset"}
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EADDRNOTAVAIL):
		return Outcome{Verdict: away, Why: "no route to the host"}
	case !reached:
		return Outcome{Verdict: Unknown, Why: "cannot connect: " + inner(err)}
	}
	return judgeReached(err)
}

// judgeReached judges a connection that broke off or did not speak HTTP.
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
