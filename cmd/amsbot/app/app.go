package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"amsbot/bot"
	"amsbot/bot/outbox"
	"amsbot/bot/pagerduty"
	"amsbot/bot/slack"
	"amsbot/bot/words"
	"amsbot/scenarios"
	"amsbot/scenarios/secret"
	"amsbot/store"
	"github.com/gorilla/websocket"
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
	// Remote names the network file system that the database is on, "" where it is on
	// none; nil: store.Remote.
	Remote func(path string) string
	// Program is amsbot itself. It reads a database that was not closed in order
	// in a process of its own, as what it meets there might end the process; "":
	// this one reads it.
	Program string
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
	reads   time.Duration // how long the file may be read after an unclean stop; 0: lookOverMost

	hurryOnce sync.Once
	hurried   chan struct{} // closed: stop at once
}

// New wires amsbot. It reads the scenarios, and reports all their mistakes, but
// touches neither the database nor the neighbours.
func New(c Config, s Secrets, n Network, log *slog.Logger) (*App, error) {
	a := &App{config: c, secrets: s, net: n, mask: &secret.Masker{}, health: newHealth(), again: make(chan struct{}, 1), hurried: make(chan struct{})}
	if a.net.Listen == nil {
		a.net.Listen = net.Listen
	}
	s.mask(a.mask)
	a.log = masked(log, a.mask)
	a.net.Tools.Mask = a.mask
	if err := s.check(c.Hooked()); err != nil {
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
// then, within 25 s. Before that, any error is one that whoever runs amsbot has
// to see.
func (a *App) Run(ctx context.Context) (err error) {
	rest, err := a.lookOver(ctx)
	if ctx.Err() != nil { // the next start reads the file
		return nil
	}
	if err != nil {
		return err
	}
	db, err := OpenStore(a.config.Database, store.Options{LockWait: 2 * time.Second, Key: a.secrets.History.Bytes(), Around: a.net.Around})
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, db.Close()); err == nil {
			a.log.Info("amsbot has stopped; what is unfinished goes on at the next start")
		}
	}()
	parts, err := a.wire(db)
	if err != nil {
		return err
	}
	if system := a.net.FileSystem(a.config.Database); system != "" {
		a.log.Warn("the database is on a network file system: "+RemoteRisk, "system", system, "hint", RemoteHint)
	}
	if err := a.ask(ctx, parts); err != nil {
		return err
	}
	if err := begin(ctx, db, parts.pager.Now); err != nil && ctx.Err() == nil {
		return err
	}
	serve, where, err := a.listen(parts.webhook)
	if err != nil {
		return err
	}
	a.log.Info(runsLine, "webhook", where, "database", a.config.Database, "scenarios", len(a.set.Scenarios), "observe", a.config.Observe)
	parts.works = append(parts.works, func(ctx context.Context) error { return a.verifyRest(ctx, db, rest) },
		func(ctx context.Context) error { return a.forget(ctx, db, parts.pager.Now, parts.slack.Now) })
	return a.live(ctx, db, parts, serve)
}

// runsLine is what a bot logs when it takes in what comes.
const runsLine = "amsbot runs"

// parts are what runs beside each other on one database.
type parts struct {
	slack   *slack.Workspace
	pager   *pagerduty.Client
	webhook *pagerduty.Webhook
	bot     *bot.Bot
	works   []func(context.Context) error // what takes in, and decides
	leaves  func(context.Context) error   // what delivers
}

func (a *App) wire(db *store.DB) (*parts, error) {
	c := a.config
	with := c.PagerDutyOptions(a.secrets, a.net)
	with.Log = a.log
	pager, err := pagerduty.New(with)
	if err != nil {
		return nil, err
	}
	var conductor *bot.Bot
	of := c.SlackOptions(a.secrets, a.net)
	of.Log, of.Blob, of.Health = a.log, db.Blob, func(err error) { a.health.set("slack", err) }
	of.WordsIn = func(channel, room string) words.Catalogue { return conductor.WordsIn(channel, room) }
	of.Ours = func(channel, room string) bool { return conductor.Ours(channel, room) }
	workspace := slack.New(of)
	var box *outbox.Outbox
	conductor, err = bot.New(bot.Options{
		Downs: func(ctx context.Context) []outbox.Neighbour { return box.Downs(ctx) },
		DB:    db, Scenarios: a.set, Tools: a.net.Tools,
		Incidents: pager, OnCalls: pager, Users: pager, Members: workspace.Members(), People: c.People,
		Account: c.PagerDuty.Account, Self: bot.Person{ID: c.PagerDuty.User, Name: "amsbot", Email: c.PagerDuty.From},
		Ceiling: c.Ceiling(), Fallback: c.fallback(), Language: c.Language, Observe: c.Observe, Log: a.log, Unhooked: !c.Hooked(),
		AllRuns: scenarios.Limit(c.Guards.AllRuns), AtOnce: c.Limits.Steps, OnTarget: c.Limits.PerTarget,
	})
	if err != nil {
		return nil, err
	}
	webhook, poll, err := a.intake(pager, conductor)
	if err != nil {
		return nil, err
	}
	turned := make(chan struct{}, 1)
	box = outbox.New(outbox.Options{
		DB: db, Conductor: conductor, Log: a.log,
		Turned:    func() { nudge(turned) },
		Receivers: map[string]outbox.Receiver{bot.ToPagerDuty: pager, bot.ToSlack: workspace.Receiver()},
		Screens: map[string]outbox.Screen{"card": workspace.Screen(), "home": workspace.Screen(), "index": workspace.Screen(),
			"page": workspace.Screen(), "group": workspace.Screen()},
	})
	a.health.downs = box.Downs
	return &parts{
		slack: workspace, pager: pager, webhook: webhook, bot: conductor,
		works:  []func(context.Context) error{conductor.Run, workspace.Reader(conductor).Run, poll.Run, a.turns(conductor, turned)},
		leaves: box.Run,
	}, nil
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
