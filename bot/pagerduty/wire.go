package pagerduty

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"amsbot/bot/outbox"
)

const (
	mostAnswer = 16 << 20 // of a page of alerts; one alert is at most 512 KiB
	mostError  = 64 << 10
	mostReset  = 10 * time.Minute
)

var errTooLarge = errors.New("the answer is too large")

// trip is what the wire saw of one call. The library keeps neither the headers
// of an answer nor the cause of a failure.
type trip struct {
	asked, got atomic.Bool // a connection was wanted; there was one
	dial       bool        // the failure says itself that it was no connection
	status     int
	code       int
	message    string
	reset      time.Duration // of a 429; 0: not said
}

type tripKey struct{}

// watch makes the trip see calls made with the context.
func (t *trip) watch(ctx context.Context) context.Context {
	ctx = context.WithValue(ctx, tripKey{}, t)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { t.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { t.got.Store(true) },
	})
}

// failed makes the error of the call.
func (t *trip) failed(what call, cause error) *callError {
	return &callError{
		verb: what.verb, write: what.write, status: t.status, code: t.code, message: t.message, after: t.reset,
		unsent: t.status == 0 && (t.dial || t.asked.Load() && !t.got.Load() || errors.Is(cause, errNoBudget)), cause: cause,
	}
}

// wire is the transport under the library: it notes on the call's trip what
// came, tells the budget of limits, and bounds answers.
type wire struct {
	next  http.RoundTripper
	spend *budget
	ahead *outbox.Ahead
	most  int64 // bytes of an answer
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	next := w.next
	if next == nil {
		next = http.DefaultTransport
	}
	t, _ := r.Context().Value(tripKey{}).(*trip)
	if t == nil {
		t = &trip{}
	}
	resp, err := next.RoundTrip(r)
	if err != nil {
		var op *net.OpError
		var dns *net.DNSError
		t.dial = errors.As(err, &op) && op.Op == "dial" || errors.As(err, &dns)
		return nil, err
	}
	t.status = resp.StatusCode
	w.ahead.Heard(resp)
	resp.Body = &bounded{ReadCloser: resp.Body, left: w.most}
	if resp.StatusCode/100 == 2 {
		return resp, nil
	}
	t.read(resp)
	if resp.StatusCode == http.StatusTooManyRequests {
		w.spend.limited(t.reset)
	}
	return resp, nil
}

// read takes what an error says, whatever its content type: the library loses
// the code where that is not exactly application/json.
func (t *trip) read(resp *http.Response) {
	if seconds, err := strconv.Atoi(strings.TrimSpace(resp.Header.Get("Ratelimit-Reset"))); err == nil && seconds > 0 {
		t.reset = min(time.Duration(min(seconds, 86400))*time.Second, mostReset)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, mostError))
	if err != nil {
		body = nil // a cut error is still the error that its status says
	}
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	var answer struct {
		Error struct {
			Code    whole
			Message text
			Errors  list[text]
		}
	}
	if json.Unmarshal(body, &answer) != nil {
		return
	}
	t.code = int(answer.Error.Code)
	t.message = answer.Error.Message.line(200)
	if len(answer.Error.Errors) > 0 {
		t.message = strings.TrimSpace(t.message + ": " + answer.Error.Errors[0].line(200))
	}
}

// bounded fails where an answer goes on for too long, instead of filling memory.
type bounded struct {
	io.ReadCloser
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLarge
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	return n, err
}
