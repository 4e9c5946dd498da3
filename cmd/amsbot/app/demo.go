package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"

	hooks "amsbot/bot/pagerduty"
	"amsbot/bot/sim"
	"amsbot/bot/sim/pagerduty"
	simslack "amsbot/bot/sim/slack"
	"amsbot/scenarios"
)

// Demo runs the real bot, as a process of its own, against the simulator.
type Demo struct {
	Program  string // this binary
	DB       string // where the history is kept; "": a temporary file
	Config   string // the user's own configuration; "": the demo's
	Language string // of what people read; "": the configuration's
	Act      bool   // with Config: let scenarios recover
	Out      io.Writer
	Errs     io.Writer
	Hangup   <-chan os.Signal // passed on to the bot, which reads its scenarios again; nil: none
}

// Run shows the page on l until ctx ends. The first line that it prints is the
// page's address.
func (d *Demo) Run(ctx context.Context, l net.Listener) (err error) {
	dir, err := os.MkdirTemp("", "amsbot-demo-")
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	c, options, err := d.world(dir)
	if err != nil {
		return err
	}
	c.Language = cmp.Or(d.Language, c.Language)
	c.Listen = "127.0.0.1:0" // whatever is free each time: the child's line says which
	child := newChild(ctx, d.Program, d.Errs)
	options.Bot = child
	options.PagerDuty.Webhooks = []pagerduty.Webhook{{URL: "http://amsbot" + hooks.WebhookPath}}
	options.PagerDuty.Client = &http.Client{Transport: &http.Transport{DialContext: child.dial}}
	s := sim.New(options)
	access := s.Access("http://" + l.Addr().String())
	c.Slack.APIURL, c.PagerDuty.APIURL = access.SlackAPI, access.PagerDutyAPI
	file := filepath.Join(dir, "amsbot.yaml")
	if err := writeConfig(file, c); err != nil {
		return err
	}
	child.args = []string{"run", "--config", file}
	child.env = []string{
		EnvSlackBot + "=" + access.BotToken, EnvSlackApp + "=" + access.AppToken,
		EnvPagerDuty + "=" + access.Token, EnvWebhook + "=" + access.WebhookSecret,
	}
	fmt.Fprintln(d.Out, access.Page)
	over := make(chan error, 1)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() { over <- s.Serve(ctx, l) }()
	go child.passOn(ctx, d.Hangup)
	if err := child.Start(); err != nil && ctx.Err() == nil {
		return err
	}
	defer child.stop()
	if err := child.started(); err != nil {
		stop()
		return errors.Join(err, <-over)
	}
	if ctx.Err() == nil {
		fmt.Fprintf(d.Out, "Open it in a browser and make the patient ill. Ctrl-C ends it.\n"+
			"History: amsbot history --db %s\n", c.Database)
	}
	return <-over
}

// world is the configuration that the bot runs with, and what it meets.
func (d *Demo) world(dir string) (Config, sim.Options, error) {
	db := d.DB
	if db == "" {
		db = filepath.Join(dir, "amsbot.db")
	}
	db, err := filepath.Abs(db)
	if err != nil {
		return Config{}, sim.Options{}, fmt.Errorf("demo: %w", err)
	}
	options := sim.Shop()
	if d.Config == "" {
		c := DemoConfig()
		c.Database = db
		return c, options, nil
	}
	c, err := LoadConfig(d.Config)
	if err != nil {
		return Config{}, sim.Options{}, err
	}
	set, err := LoadScenarios(c.Scenarios)
	if err != nil {
		return Config{}, sim.Options{}, err
	}
	if c.Scenarios != Embedded {
		if c.Scenarios, err = filepath.Abs(c.Scenarios); err != nil {
			return Config{}, sim.Options{}, fmt.Errorf("demo: %w", err)
		}
	}
	c.Database, c.Observe = db, !d.Act
	return c, seeded(options, c, set), nil
}

// DemoConfig is the configuration of the demo's own world, without addresses.
func DemoConfig() Config {
	c, err := ParseConfig("amsbot.example.yaml", Example())
	if err != nil {
		panic(err) // the embedded example is tested
	}
	c.Scenarios = Embedded
	return c
}

// seeded puts the services, channels and amsbot's user of a user's own
// configuration into the pretended world.
func seeded(o sim.Options, c Config, set *scenarios.Set) sim.Options {
	o.NoPatient = c.Scenarios != Embedded
	o.PagerDuty.Account = c.PagerDuty.Account
	for i, u := range o.PagerDuty.Users {
		if u.Silent {
			o.PagerDuty.Users[i].ID, o.PagerDuty.Users[i].Email = c.PagerDuty.User, c.PagerDuty.From
			o.PagerDuty.EscalationPolicies[0].Levels[0].Users = []string{c.PagerDuty.User}
		}
	}
	if !o.NoPatient {
		return o
	}
	o.PagerDuty.Services = nil
	everybody := append([]string{o.Slack.Bot.ID}, memberIDs(o.Slack.Users)...)
	for _, p := range set.Projects {
		for _, name := range p.Services {
			o.PagerDuty.Services = append(o.PagerDuty.Services, service(name))
		}
		o.PagerDuty.EscalationPolicies = withPolicies(o.PagerDuty.EscalationPolicies, p.FirstLine, p.SecondLine)
		if p.Channel != "" {
			o.Slack.Channels = append(o.Slack.Channels, channel(p.Channel, p.Name, everybody))
		}
	}
	return o
}

func memberIDs(users []simslack.User) []string {
	var ids []string
	for _, u := range users {
		ids = append(ids, u.ID)
	}
	return ids
}

// service has the name or, where the project says an ID, the ID.
func service(name string) pagerduty.Service {
	if pagerDutyID.MatchString(name) {
		return pagerduty.Service{ID: name, Name: name}
	}
	return pagerduty.Service{Name: name}
}

func channel(said, project string, members []string) simslack.Channel {
	if name, ok := strings.CutPrefix(said, "#"); ok {
		return simslack.Channel{ID: "C0" + strings.ToUpper(keep(name)), Name: name, Members: members}
	}
	return simslack.Channel{ID: said, Name: project, Members: members}
}

func keep(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(name))
}

// withPolicies adds the policies that lines name and the world does not have.
func withPolicies(have []pagerduty.EscalationPolicy, lines ...scenarios.Line) []pagerduty.EscalationPolicy {
	for _, l := range lines {
		known := l.Policy == ""
		for _, p := range have {
			known = known || p.ID == l.Policy || p.Name == l.Policy
		}
		if known {
			continue
		}
		p := have[0]
		p.ID, p.Name = "", l.Policy
		if pagerDutyID.MatchString(l.Policy) {
			p.ID = l.Policy
		}
		have = append(have, p)
	}
	return have
}

func writeConfig(path string, c Config) error {
	data, err := yaml.Marshal(c)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	return nil
}
