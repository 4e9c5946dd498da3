package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"amsbot/bot"
	"amsbot/bot/pagerduty"
	"amsbot/bot/words"
)

// intake makes the two ways in which PagerDuty's news come: the poll, and the
// webhook, which is nil where none is expected.
func (a *App) intake(pager *pagerduty.Client, conductor *bot.Bot) (*pagerduty.Webhook, *pagerduty.Poll, error) {
	o := pagerduty.PollOptions{
		Every: a.config.PagerDuty.Poll, Door: conductor, Open: conductor.OpenIDs,
		Health: func(err error) {
			a.health.set("pagerduty", err)
			conductor.Polled(err)
		},
	}
	if a.config.Hooked() {
		webhook, err := pagerduty.NewWebhook(a.secrets.Webhook, conductor, a.log)
		if err != nil {
			return nil, nil, err
		}
		a.health.heard = webhook.Heard
		o.Webhook, o.Mine = webhook, conductor.Watches
		o.Silence = func(ctx context.Context, news bot.Silence) error { return a.silent(conductor.Webhooks(ctx, news)) }
		if err := a.silent(conductor.Silence(context.Background())); err != nil { // of an earlier process
			return nil, nil, err
		}
	}
	poll, err := pager.NewPoll(o)
	return o.Webhook, poll, err
}

// silent has the health say how webhooks fare.
func (a *App) silent(s *bot.Silence, err error) error {
	switch {
	case err != nil:
		return err
	case s == nil:
		a.health.set("webhook", nil)
	default:
		a.health.set("webhook", errors.New(s.Words(words.In(""))))
	}
	return nil
}

// listen opens the address at which webhooks arrive, says where that is, and
// answers what serves them; nothing where none is expected.
func (a *App) listen(webhook *pagerduty.Webhook) (serve func(context.Context) error, where string, err error) {
	if webhook == nil {
		return func(ctx context.Context) error { <-ctx.Done(); return nil }, "none", nil
	}
	l, err := a.net.Listen("tcp", a.config.Listen)
	if err != nil {
		return nil, "", trouble(fmt.Errorf("webhook: %w", err), "choose another address under listen in amsbot.yaml")
	}
	return func(ctx context.Context) error { return a.serve(ctx, l, webhook) }, "http://" + l.Addr().String() + pagerduty.WebhookPath, nil
}

// serve takes webhooks until ctx ends; what is under way is finished.
func (a *App) serve(ctx context.Context, l net.Listener, webhook *pagerduty.Webhook) error {
	mux := http.NewServeMux()
	mux.Handle(pagerduty.WebhookPath, webhook)
	mux.HandleFunc("/", func(rw http.ResponseWriter, r *http.Request) { // nobody who belongs here: no connection is kept
		rw.Header().Set("Connection", "close")
		http.NotFound(rw, r)
	})
	server := &http.Server{
		Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second,
		WriteTimeout: 15 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	over := make(chan error, 1)
	go func() { over <- server.Serve(atMost(l, mostConnections)) }()
	select {
	case err := <-over:
		return fmt.Errorf("webhook: serve: %w", err)
	case <-ctx.Done():
	}
	webhook.Close()
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := server.Shutdown(stop)
	<-over
	return err
}
