package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"

	"amsbot/bot"
	"amsbot/bot/admin"
	"amsbot/bot/outbox"
	"amsbot/bot/pagerduty"
	"amsbot/bot/slack"
	"amsbot/bot/words"
	"amsbot/scenarios"
	"amsbot/scenarios/secret"
	"amsbot/store"
)

// Network is how the world is reached; the zero value is the real one. Stories
// give in-memory listeners and dialers.
type Network struct {
	HTTP   *http.Client
	Dialer *websocket.Dialer
	Listen func(network, address string) (net.Listener, error)
	Tools  scenarios.Tools
	// NoSocket leaves the unix socket for the command line out.
	NoSocket bool
	// Around stands around the commits of the database, as store.Options says.
	Around func(what string, commit func() error) error
}

// App is amsbot, wired. Make it with New and run it once.
type App struct {
	config  Config
	secrets Secrets
	net     Network
	log     *slog.Logger
	mask    *secret.Masker
	looked  string         // the scenarios' folder as it looked before it was read
	set     *scenarios.Set // read at the start
	again   chan struct{}  // asks to read them again
	health  *health
	opened  func(*store.DB)
}

// New wires amsbot. It reads the scenarios, and reports all their mistakes, but
// touches neither the database nor the neighbours.
func New(c Config, s Secrets, n Network, log *slog.Logger) (*App, error) {
	a := &App{config: c, secrets: s, net: n, mask: &secret.Masker{}, health: newHealth(), again: make(chan struct{}, 1)}
	if a.net.Listen == nil {
		a.net.Listen = net.Listen
	}
	s.mask(a.mask)
	a.log = masked(log, a.mask)
	a.net.Tools.Mask = a.mask
	if err := s.check(); err != nil {
		return nil, err
	}
	a.looked = look(c.Scenarios)
	var err error
	if a.set, err = LoadScenarios(c.Scenarios); err != nil {
		return nil, err
	}
	if !bot.MayRun(c.Ceiling()) {
		return nil, trouble(errors.New("permissions.run: nobody is given Run Recovery"),
			"name Slack users or groups under permissions.run in amsbot.yaml; `everyone` has to be said")
	}
	return a, nil
}

// Log is amsbot's log: no secret that amsbot knows stands in it.
func (a *App) Log() *slog.Logger { return a.log }

// LoadScenarios reads a folder of scenarios, or the embedded examples.
func LoadScenarios(dir string) (*scenarios.Set, error) {
	if dir == Embedded {
		return scenarios.LoadFS(scenarios.Examples(), scenarios.Options{})
	}
	set, err := scenarios.Load(dir, scenarios.Options{})
	var problems scenarios.Problems
	switch {
	case errors.As(err, &problems):
		return nil, trouble(err, "nothing was started; mend the lines above and start again")
	case err != nil:
		return nil, err
	}
	return set, nil
}

// Run opens the database, lets everything run until ctx ends, and returns nil
// then. Before that, any error is one that whoever runs amsbot has to see.
func (a *App) Run(ctx context.Context) (err error) {
	db, err := OpenStore(a.config.Database, store.Options{LockWait: 2 * time.Second, Key: a.secrets.History.Bytes(), Around: a.net.Around})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if a.opened != nil {
		a.opened(db)
	}
	parts, err := a.wire(db)
	if err != nil {
		return err
	}
	if err := a.ask(ctx, parts); err != nil {
		return err
	}
	listener, err := a.net.Listen("tcp", a.config.Listen)
	if err != nil {
		return trouble(fmt.Errorf("webhook: %w", err), "choose another address under listen in amsbot.yaml")
	}
	a.log.Info("amsbot runs", "webhook", "http://"+listener.Addr().String()+pagerduty.WebhookPath,
		"database", a.config.Database, "scenarios", len(a.set.Scenarios), "observe", a.config.Observe)
	group, ctx := errgroup.WithContext(ctx)
	for _, run := range parts.runs {
		group.Go(func() error { return run(ctx) })
	}
	group.Go(func() error { return a.serve(ctx, listener, parts.webhook) })
	group.Go(func() error { return a.watch(ctx, parts) })
	if !a.net.NoSocket {
		group.Go(func() error { return admin.Serve(ctx, a.config.Database, &source{app: a, db: db}) })
	}
	if err := group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// parts are what runs beside each other on one database.
type parts struct {
	slack   *slack.Workspace
	pager   *pagerduty.Client
	webhook *pagerduty.Webhook
	bot     *bot.Bot
	runs    []func(context.Context) error
}

func (a *App) wire(db *store.DB) (*parts, error) {
	c := a.config
	pager, err := pagerduty.New(pagerduty.Options{
		Token: a.secrets.PagerDuty, APIURL: c.PagerDuty.APIURL, User: c.PagerDuty.User, From: c.PagerDuty.From, HTTP: a.net.HTTP,
	})
	if err != nil {
		return nil, err
	}
	workspace := slack.New(slack.Options{
		BotToken: a.secrets.SlackBot, AppToken: a.secrets.SlackApp, APIURL: c.Slack.APIURL,
		HTTP: a.net.HTTP, Dialer: a.net.Dialer, Words: words.In(c.Language), Blob: db.Blob,
		Health: func(err error) { a.health.set("slack", err) },
	})
	var box *outbox.Outbox
	conductor, err := bot.New(bot.Options{
		Downs: func(ctx context.Context) []outbox.Neighbour { return box.Downs(ctx) },
		DB:    db, Scenarios: a.set, Tools: a.net.Tools,
		Incidents: pager, OnCalls: pager, Users: pager, Members: workspace.Members(),
		Account: c.PagerDuty.Account, Self: bot.Person{ID: c.PagerDuty.User, Name: "amsbot", Email: c.PagerDuty.From},
		Ceiling: c.Ceiling(), Fallback: c.fallback(), Language: c.Language, Observe: c.Observe, Log: a.log,
		AllRuns: scenarios.Limit(c.Guards.AllRuns),
	})
	if err != nil {
		return nil, err
	}
	webhook, err := pagerduty.NewWebhook(a.secrets.Webhook, conductor)
	if err != nil {
		return nil, err
	}
	poll, err := pager.NewPoll(pagerduty.PollOptions{
		Every: c.PagerDuty.Poll, Door: conductor, Open: conductor.OpenIDs,
		Health: func(err error) { a.health.set("pagerduty", err) },
	})
	if err != nil {
		return nil, err
	}
	turned := make(chan struct{}, 1)
	box = outbox.New(outbox.Options{
		DB: db, Conductor: conductor, Log: a.log,
		Turned: func() {
			select {
			case turned <- struct{}{}:
			default:
			}
		},
		Receivers: map[string]outbox.Receiver{bot.ToPagerDuty: pager, bot.ToSlack: workspace.Receiver()},
		Screens:   map[string]outbox.Screen{"card": workspace.Screen(), "home": workspace.Screen()},
	})
	a.health.downs = box.Downs
	return &parts{
		slack: workspace, pager: pager, webhook: webhook, bot: conductor,
		runs: []func(context.Context) error{conductor.Run, box.Run, workspace.Reader(conductor).Run, poll.Run, turns(conductor, turned)},
	}, nil
}

// turns records it when a neighbour goes down or comes back.
func turns(b *bot.Bot, turned <-chan struct{}) func(context.Context) error {
	return func(ctx context.Context) error {
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-turned:
				if err := b.Turned(ctx); err != nil && ctx.Err() == nil {
					slog.Warn("nobody is told of a neighbour", "err", err)
				}
			}
		}
	}
}

func (c *Config) fallback() *bot.Target {
	if f := c.PagerDuty.Fallback; f != nil {
		return &bot.Target{Policy: f.Policy, Level: f.Level, Users: f.Users}
	}
	return nil
}

// ask asks both neighbours who we are. What a person has to put right ends the
// start; a neighbour that does not answer does not: amsbot is of use without it.
func (a *App) ask(ctx context.Context, p *parts) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	_, slackErr := p.slack.Check(ctx)
	all := []error{a.asked("slack", slackErr), a.asked("pagerduty", p.pager.Check(ctx))}
	for _, project := range a.set.Projects {
		if slackErr == nil && project.Channel != "" {
			all = append(all, a.askChannel(ctx, p.slack, project))
		}
	}
	return errors.Join(all...)
}

// askChannel refuses a channel that other organisations read, unless the project
// says that it is meant. One that cannot be asked about (yet) is no reason not
// to start.
func (a *App) askChannel(ctx context.Context, w *slack.Workspace, p *scenarios.Project) error {
	err := w.CheckChannel(ctx, p.Channel, p.Shared)
	if err == nil || Hint(err) != "" {
		return err
	}
	a.log.Warn("a project's channel cannot be read; invite amsbot to it", "project", p.Name, "channel", p.Channel, "err", err)
	return nil
}

// asked is what a neighbour's answer means for the start.
func (a *App) asked(name string, err error) error {
	if err == nil || Hint(err) != "" {
		return err
	}
	a.log.Warn("a neighbour does not answer; going on without it", "neighbour", name, "err", err)
	a.health.set(name, err)
	return nil
}

// serve takes webhooks until ctx ends; what is under way is finished.
func (a *App) serve(ctx context.Context, l net.Listener, webhook *pagerduty.Webhook) error {
	mux := http.NewServeMux()
	mux.Handle(pagerduty.WebhookPath, webhook)
	server := &http.Server{
		Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second,
		WriteTimeout: 15 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	over := make(chan error, 1)
	go func() { over <- server.Serve(l) }()
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
