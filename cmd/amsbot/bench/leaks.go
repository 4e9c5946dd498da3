package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"time"

	"amsbot/bot/pagerduty"
	"amsbot/cmd/amsbot/app"
)

// leaks runs amsbot within this process, lets some incidents through, stops it
// and counts what it leaves behind.
func (b *bench) leaks(ctx context.Context, p *Part) error {
	w, err := newWorld(b.Dir)
	if err != nil {
		return err
	}
	defer func() { _ = w.stop() }()
	said := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler)) // what it says beside its log is not for whoever measures
	defer slog.SetDefault(said)
	if _, err := w.raise(ctx, "well", 1); err != nil { // now the simulator runs
		return err
	}
	time.Sleep(b.settle())
	before := counted()
	if err := b.within(ctx, w); err != nil {
		return err
	}
	after := counted()
	for end := time.Now().Add(5 * time.Second); after.over(before) && time.Now().Before(end); after = counted() {
		time.Sleep(50 * time.Millisecond) // the simulator still lets go of its ends
	}
	p.add(
		row("goroutines left after stop", Count, float64(max(after.goroutines-before.goroutines, 0))).exactly(0),
		row("open files left after stop", Count, float64(max(after.files-before.files, 0))).exactly(0),
	)
	return nil
}

type counts struct{ goroutines, files int }

func (c counts) over(other counts) bool {
	return c.goroutines > other.goroutines || c.files > other.files
}

func counted() counts {
	c := counts{goroutines: runtime.NumGoroutine()}
	if w, err := weigh(os.Getpid()); err == nil {
		c.files = w.files
	}
	return c
}

// within runs amsbot here until the incidents have their results.
func (b *bench) within(ctx context.Context, w *world) (err error) {
	address, stop, err := w.inside(ctx)
	if err != nil {
		return err
	}
	w.lead(address)
	hooks, err := w.raise(ctx, "well", b.pick(20, 5))
	if err != nil {
		return errors.Join(err, stop())
	}
	sent, _ := w.load(ctx, address, hooks, len(hooks))
	_, refused := answered(sent)
	w.await(ctx, sent, nameMost)
	w.lead("")
	err = stop()
	w.client.CloseIdleConnections()
	if err == nil && refused != nil {
		err = fmt.Errorf("amsbot within this process: %w", refused)
	}
	return err
}

// inside starts amsbot within this process; the caller stops it.
func (w *world) inside(ctx context.Context) (address string, stop func() error, err error) {
	c, err := app.LoadConfig(w.config())
	if err != nil {
		return "", nil, err
	}
	s, err := app.ReadSecrets(w.getenv, c)
	if err != nil {
		return "", nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	listening := make(chan net.Listener, 1)
	a, err := app.New(c, s, app.Network{
		HTTP: &http.Client{Transport: transport},
		Listen: func(network, address string) (net.Listener, error) {
			l, err := net.Listen(network, address)
			if err == nil && network == "tcp" {
				listening <- l
			}
			return l, err
		},
	}, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		return "", nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	over := make(chan error, 1)
	go func() { over <- a.Run(ctx) }()
	select {
	case l := <-listening:
		if err := w.begun(ctx); err != nil {
			cancel()
			<-over
			return "", nil, err
		}
		return "http://" + l.Addr().String() + pagerduty.WebhookPath, func() error {
			cancel()
			err := <-over
			transport.CloseIdleConnections()
			return err
		}, nil
	case err := <-over:
		cancel()
		return "", nil, err
	}
}

// getenv is what the bot finds in its environment under a name.
func (w *world) getenv(name string) string {
	for _, e := range w.environment() {
		if value, ok := strings.CutPrefix(e, name+"="); ok {
			return value
		}
	}
	return ""
}
