package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"testing/synctest"

	"amsbot/bot"
	"amsbot/bot/pagerduty"
	"amsbot/scenarios/secret"
)

// piped is a listener whose connections are pipes.
type piped struct{ come chan net.Conn }

func (p *piped) Accept() (net.Conn, error) {
	c, open := <-p.come
	if !open {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (p *piped) Close() error   { close(p.come); return nil }
func (p *piped) Addr() net.Addr { return &net.UnixAddr{} }

// Connections that somebody opens without end wait until others have ended, and do
// not keep the listener from closing.
func TestConnectionsAreFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := atMost(&piped{make(chan net.Conn, 10)}, 2)
		for range 4 {
			c, other := net.Pipe()
			defer c.Close()
			l.Listener.(*piped).come <- other
		}
		taken := make(chan net.Conn, 4)
		ended := make(chan error, 1)
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					ended <- err
					return
				}
				taken <- c
			}
		}()
		synctest.Wait()
		if len(taken) != 2 {
			t.Errorf("%d connections are taken", len(taken))
		}
		first := <-taken
		for range 2 { // it makes room once
			_ = first.Close()
		}
		synctest.Wait()
		if len(taken) != 2 {
			t.Errorf("%d connections are taken when one of them has ended", len(taken))
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("accepting ended with %v", err)
		}
		close(taken)
		for c := range taken {
			_ = c.Close()
		}
	})
}

type noDoor struct{}

func (noDoor) Receive(context.Context, bot.Hint) error { return nil }

// Whoever asks for anything but the webhook keeps no connection.
func TestStrangersKeepNoConnection(t *testing.T) {
	webhook, err := pagerduty.NewWebhook([]secret.Text{secret.New("0123456789abcdef")}, noDoor{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	a := &App{log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	go func() { ended <- a.serve(ctx, l, webhook) }()
	for path, status := range map[string]int{"/": 404, "/metrics": 404, pagerduty.WebhookPath: 405} {
		answer, err := http.Get("http://" + l.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != status || !answer.Close {
			t.Errorf("%s: %d, the connection is closed: %v", path, answer.StatusCode, answer.Close)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
