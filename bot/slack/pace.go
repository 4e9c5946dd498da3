package slack

import (
	"bytes"
	"io"
	"math"
	"net/http"
	"path"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"amsbot/bot/outbox"
)

// paceWait is how long a call waits for its turn at most. One that would have
// to wait for longer is told so, as Slack would, and is not sent.
const paceWait = 3 * time.Second

// perMinute is how many calls of a method Slack lets pass in a minute, in this
// workspace: its tiers 2, 3 and 4, and what is reported for the special ones.
// A method that is not named here is not limited by us.
var perMinute = map[string]int{
	"chat.postMessage": 600, "chat.update": 50, "chat.delete": 50, "chat.postEphemeral": 100,
	"views.open": 100, "views.update": 100, "views.publish": 100,
	"users.info": 100, "users.lookupByEmail": 50, "usergroups.users.list": 20,
	"conversations.info": 50, "conversations.list": 20, "conversations.join": 50,
	"conversations.history": 50, "conversations.replies": 50,
	"files.getUploadURLExternal": 100, "files.completeUploadExternal": 100,
	"auth.test": 600, "apps.connections.open": 50,
}

// Of chat.postMessage a channel takes one a second and a few more at once.
const (
	channelRate  = 1.0
	channelBurst = 4
)

// pace is the transport under the library: it keeps every call below Slack's
// limits, whoever makes it, so that Slack need not say 429; and where Slack says
// it all the same, it rests and goes slower from then on. What the outbox sends
// has passed its gates before, in its order: here it waits for little.
type pace struct {
	next  http.RoundTripper
	heard func(*http.Response) // of every answer; nil: nobody listens

	mu    sync.Mutex
	gates map[string]*outbox.Gate // of methods, and of channels
}

func newPace(next http.RoundTripper) *pace {
	if next == nil {
		next = http.DefaultTransport
	}
	return &pace{next: next, gates: map[string]*outbox.Gate{}}
}

// RoundTrip waits for the call's turn and makes it.
func (p *pace) RoundTrip(r *http.Request) (*http.Response, error) {
	names := gatesOf(r)
	if wait, err := p.wait(r, names); err != nil || wait > 0 {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		if err != nil {
			return nil, err
		}
		return tooMuch(r, wait), nil
	}
	resp, err := p.next.RoundTrip(r)
	if err == nil && p.heard != nil {
		p.heard(resp)
	}
	if err == nil && resp.StatusCode == http.StatusTooManyRequests && len(names) > 0 {
		p.told(names[len(names)-1], resp)
	}
	return resp, err
}

// gatesOf are the names of the gates that a call has to pass: its method's, and
// the channel's that it posts in.
func gatesOf(r *http.Request) []string {
	method := path.Base(r.URL.Path)
	if perMinute[method] == 0 {
		return nil
	}
	if method != "chat.postMessage" || r.GetBody == nil {
		return []string{method}
	}
	body, err := r.GetBody()
	if err != nil {
		return []string{method}
	}
	defer body.Close()
	data, err := io.ReadAll(io.LimitReader(body, 1<<20))
	if err != nil {
		return []string{method}
	}
	for pair := range bytes.SplitSeq(data, []byte("&")) { // the message itself, which is long, is not decoded
		if escaped, ok := bytes.CutPrefix(pair, []byte("channel=")); ok && len(escaped) > 0 {
			return []string{method, "channel " + string(escaped)}
		}
	}
	return []string{method}
}

// wait waits for the call's turn. When that would take too long it answers at
// once how long. Who asked first goes first: a turn is booked, so that nobody
// who waits for a second can be overtaken until Slack seems to be busy.
func (p *pace) wait(r *http.Request, names []string) (time.Duration, error) {
	patience := time.Now().Add(paceWait)
	turn := p.book(names)
	for {
		wait := p.left(names, turn)
		if wait == 0 {
			return 0, nil
		}
		if time.Now().Add(wait).After(patience) {
			p.giveBack(turn)
			return wait, nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-r.Context().Done():
			timer.Stop()
			p.giveBack(turn)
			return 0, &notSent{r.Context().Err()}
		}
	}
}

// book books a turn at each of the gates.
func (p *pace) book(names []string) []outbox.Turn {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	turn := make([]outbox.Turn, len(names))
	for i, name := range names {
		turn[i] = p.gate(name).Book(now)
	}
	return turn
}

// left is how long it is until all turns have come and none of the gates rests.
func (p *pace) left(names []string, turn []outbox.Turn) (wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	for i, name := range names {
		wait = max(wait, turn[i].Left(now), p.gate(name).Rests(now))
	}
	return wait
}

func (p *pace) giveBack(turn []outbox.Turn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	for _, t := range turn {
		t.GiveBack(now)
	}
}

func (p *pace) gate(name string) *outbox.Gate {
	g := p.gates[name]
	if g == nil {
		if most := perMinute[name]; most > 0 {
			// A fifth at once and the rest over the minute, with a little to spare.
			g = outbox.NewGate(rate.Limit(float64(most)*0.76/60), most/5)
		} else {
			g = outbox.NewGate(channelRate, channelBurst)
		}
		p.gates[name] = g
	}
	return g
}

// told is told of Slack's 429.
func (p *pace) told(name string, resp *http.Response) {
	rest := barePause
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && seconds > 0 {
		rest = min(time.Duration(min(seconds, 3600))*time.Second, time.Hour)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.gate(name).Rest(now, now.Add(rest))
}

// tooMuch is what Slack would answer to a call that comes too early.
func tooMuch(r *http.Request, wait time.Duration) *http.Response {
	body := []byte(`{"ok":false,"error":"ratelimited"}`)
	return &http.Response{
		Status: "429 Too Many Requests", StatusCode: http.StatusTooManyRequests, Request: r,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(body)),
		Header: http.Header{
			"Content-Type": {"application/json"},
			"Retry-After":  {strconv.Itoa(max(1, int(math.Ceil(wait.Seconds()))))},
		},
		Body: io.NopCloser(bytes.NewReader(body)),
	}
}

// notSent is why a call was given up before it was sent.
type notSent struct{ cause error }

func (e *notSent) Error() string { return "not sent: " + e.cause.Error() }
func (e *notSent) Unwrap() error { return e.cause }
