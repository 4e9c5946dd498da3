package slack

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

const (
	// ackTry is how long one attempt to queue an acknowledgement may take: the
	// library's queue is full while it is not connected.
	ackTry = 200 * time.Millisecond
	// waits is how long Slack waits for an acknowledgement.
	waits = 3 * time.Second
	// again is when a connection that Slack refused for good is tried again: a
	// person may have put it right.
	again = time.Minute
)

// link is one Socket Mode connection, renewed for as long as the reader runs.
type link struct {
	reader *Reader
	client *socketmode.Client
	other  *link
	wait   time.Duration // before the first connection

	mu   sync.Mutex
	sent []sent // the acknowledgements of the last seconds

	up    atomic.Bool
	app   atomic.Value // string: our app's ID, as hello said
	noisy bool         // the present outage was logged; listen's alone
}

// sent is an acknowledgement that the library took, which does not mean that it
// left: what is written into a connection that is dying is lost without a word.
type sent struct {
	when time.Time // when its envelope came
	res  socketmode.Response
}

// connect keeps the connection until ctx ends. The library renews it by itself
// and gives up only on what it takes for final.
func (l *link) connect(ctx context.Context) {
	if !pause(ctx, l.wait) {
		return
	}
	for {
		err := l.client.RunContext(ctx)
		l.up.Store(false)
		if ctx.Err() != nil {
			return
		}
		l.refused(err)
		if !pause(ctx, again) {
			return
		}
	}
}

// pause waits; false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return ctx.Err() == nil
	}
}

// listen reads the library's events until ctx ends. It never works: a channel
// that is not read stops the connection's answers to pings, and what waits in
// the socket is lost.
func (l *link) listen(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-l.client.Events:
			l.take(ctx, e)
		}
	}
}

func (l *link) take(ctx context.Context, e socketmode.Event) {
	switch e.Type {
	case socketmode.EventTypeConnecting:
		l.up.Store(false)
		l.resend(ctx)
	case socketmode.EventTypeHello: // it has no envelope to acknowledge
		l.up.Store(true)
		if e.Request != nil {
			l.app.Store(e.Request.ConnectionInfo.AppID)
		}
		if l.noisy {
			l.reader.w.log.Info("slack: connected again")
		}
		l.noisy = false
		l.reader.health(nil)
	case socketmode.EventTypeConnectionError:
		l.up.Store(false)
		if c, ok := e.Data.(*slack.ConnectionErrorEvent); ok {
			l.refused(c.ErrorObj)
		}
	case socketmode.EventTypeErrorBadMessage:
		if bad, ok := e.Data.(*socketmode.ErrorBadMessage); ok {
			l.unreadable(ctx, bad)
		}
	case socketmode.EventTypeErrorWriteFailed:
		l.resend(ctx)
	case socketmode.EventTypeInteractive, socketmode.EventTypeSlashCommand, socketmode.EventTypeEventsAPI:
		if e.Request != nil {
			l.reader.receive(l, e)
		}
	}
}

// refused looks at why there is no connection: a trouble that only a person can
// end is reported, any other is logged once while it lasts.
func (l *link) refused(err error) {
	if err == nil || errors.Is(err, context.Canceled) {
		return
	}
	wrapped := troubled("open a Socket Mode connection", err)
	if problem, ok := errors.AsType[*Problem](wrapped); ok {
		l.reader.health(problem)
		return
	}
	if !l.noisy {
		l.reader.w.log.Warn("slack: not connected, trying again", "error", terse(err))
	}
	l.noisy = true
}

// unreadable acknowledges by hand what the library could not read: it would be
// delivered again and again.
func (l *link) unreadable(ctx context.Context, bad *socketmode.ErrorBadMessage) {
	var head struct {
		EnvelopeID string `json:"envelope_id"`
		Type       string `json:"type"`
	}
	if json.Unmarshal(bad.Message, &head) != nil || head.EnvelopeID == "" {
		l.reader.w.log.Warn("slack: cannot read a message of Slack's", "error", bad.Cause)
		return
	}
	l.reader.w.log.Warn("slack: cannot read a delivery of Slack's; acknowledged unread", "type", line(head.Type, 40), "error", bad.Cause)
	_ = l.queue(ctx, sent{time.Now(), socketmode.Response{EnvelopeID: head.EnvelopeID}})
}

// resend gives the acknowledgements that Slack still waits for, and that may
// have been lost with the connection, to the other one: Slack takes them from
// either, and a second time does no harm.
func (l *link) resend(ctx context.Context) {
	l.mu.Lock()
	lost := l.sent
	l.sent = nil
	l.mu.Unlock()
	for _, s := range lost {
		if time.Since(s.when) >= waits {
			continue
		}
		for _, to := range l.other.ways() {
			if to.queue(ctx, s) == nil {
				break
			}
		}
	}
}

// ways are both connections in the order in which an acknowledgement tries
// them: this one first, unless only the other one stands. A queue of one that
// does not stand leaves when it does.
func (l *link) ways() [2]*link {
	if !l.up.Load() && l.other.up.Load() {
		return [2]*link{l.other, l}
	}
	return [2]*link{l, l.other}
}

// queue hands an acknowledgement to the library. Its callers on the reading
// side must not wait, so that it waits for room only a moment.
func (l *link) queue(ctx context.Context, s sent) error {
	ctx, cancel := context.WithTimeout(ctx, ackTry)
	defer cancel()
	if err := l.client.SendCtx(ctx, s.res); err != nil {
		return err
	}
	l.mu.Lock()
	l.sent = slices.DeleteFunc(append(l.sent, s), func(old sent) bool { return time.Since(old.when) >= waits })
	l.mu.Unlock()
	l.reader.acked()
	return nil
}
