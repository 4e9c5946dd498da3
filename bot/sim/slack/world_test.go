package slack

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

const (
	alice = "U0ALICE001"
	bob   = "U0BOB00001"
	carol = "U0CAROL001"
	ops   = "C0OPS00001"
	other = "C0GENERAL1" // the bot is not in it
	bot   = "U0AMSBOT01"
)

// pipes is a listener in memory, so that synctest's clock can run.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-p.done:
		return nil, errors.New("connection refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// world is a pretend Slack with real clients, inside a synctest bubble.
type world struct {
	*testing.T
	*Server
	net  *pipes
	http *http.Client
	api  *slack.Client
	stop func()
}

// run makes a world in a bubble, and checks that nothing of it outlives Run.
func run(t *testing.T, o Options, f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, Server: New(o), net: newPipes()}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.Server.Run(ctx) }()
		front := &http.Server{Handler: w.Handler()}
		go func() { _ = front.Serve(w.net) }()
		transport := &http.Transport{DialContext: w.net.dial}
		w.http = &http.Client{Transport: transport, Timeout: 10 * time.Second}
		w.api = w.client(w.opt.BotToken)
		w.stop = sync.OnceFunc(func() {
			cancel()
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("Run: %v", err)
			}
		})
		f(w)
		w.stop()
		transport.CloseIdleConnections()
		_ = front.Close()
	})
}

func (w *world) client(token string) *slack.Client {
	return slack.New(token, slack.OptionAppLevelToken(w.opt.AppToken),
		slack.OptionHTTPClient(w.http), slack.OptionAPIURL("http://slack.test/api/"))
}

// app is a connected Socket Mode client; its events are handed to f, which
// runs in the reading goroutine.
func (w *world) app(f func(c *socketmode.Client, e socketmode.Event)) (stop func()) {
	c := socketmode.New(w.api, socketmode.OptionDialer(&websocket.Dialer{NetDialContext: w.net.dial}))
	ctx, cancel := context.WithCancel(w.Context())
	var both sync.WaitGroup
	both.Go(func() { _ = c.RunContext(ctx) })
	both.Go(func() {
		for {
			select {
			case e := <-c.Events:
				f(c, e)
			case <-ctx.Done():
				return
			}
		}
	})
	synctest.Wait()
	return func() { cancel(); both.Wait() }
}

// acking acknowledges everything that can be.
func acking(c *socketmode.Client, e socketmode.Event) {
	if e.Request != nil && e.Request.EnvelopeID != "" {
		_ = c.Ack(*e.Request)
	}
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// want checks that err is Slack's error code, "" for none.
func (w *world) want(err error, code string) {
	w.Helper()
	switch {
	case err == nil && code != "":
		w.Errorf("no error, want %s", code)
	case err != nil && err.Error() != code:
		w.Errorf("error %v, want %q", err, code)
	}
}

// card posts a message with a button "go" and returns its ts.
func (w *world) card(channel string) string {
	w.Helper()
	_, ts, err := w.api.PostMessage(channel, slack.MsgOptionText("card", false), slack.MsgOptionBlocks(buttons("b1", "go")))
	w.ok(err)
	return ts
}

func buttons(block string, actions ...string) *slack.ActionBlock {
	var all []slack.BlockElement
	for _, a := range actions {
		all = append(all, slack.NewButtonBlockElement(a, "v-"+a, slack.NewTextBlockObject("plain_text", a, false, false)))
	}
	return slack.NewActionBlock(block, all...)
}
