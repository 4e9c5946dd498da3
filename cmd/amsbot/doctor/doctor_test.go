package doctor_test

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"amsbot/bot/admin"
	"amsbot/bot/sim"
	"amsbot/bot/sim/pagerduty"
	"amsbot/bot/sim/slack"
	"amsbot/cmd/amsbot/app"
	"amsbot/cmd/amsbot/doctor"
)

var update = flag.Bool("update", false, "write the golden file anew")

// set is a set-up that is well, and what a test does to it.
type set struct {
	sim      sim.Options
	env      map[string]string
	config   string            // amsbot.yaml
	files    map[string]string // below the folder of scenarios
	running  *admin.Health     // the amsbot that runs, if one does
	sendTest bool
	way      func(http.RoundTripper) http.RoundTripper // to the neighbours
	before   func(*sim.Sim)
	dir      string
}

const project = `name: shop
services: [shop-web]
hosts: ["*.shop.example"]
channel: C0SHOPOPS1
permissions: {run: [S0SHOPOPS1, U0CHIE0001]}
first_line: {policy: PSHOPEP, level: 2}
second_line: {policy: Shop, level: 3}
`

const scenario = `name: web-down
when: {service: shop-web}
target: ${{ alert.details.host }}
check:
  - name: health
    http: {url: "http://web-1.shop.example/healthz", expect: {status: 200}}
`

func wellSet(t *testing.T) *set {
	s := &set{
		sim: sim.Shop(), dir: t.TempDir(), config: string(app.Example()),
		files: map[string]string{"shop/project.yaml": project, "shop/web.yaml": scenario},
	}
	s.sim.NoPatient = true
	s.sim.PagerDuty.Webhooks = []pagerduty.Webhook{{ID: "PSUB001", URL: "http://bot.example:80/pagerduty/webhook"}}
	s.env = map[string]string{
		app.EnvSlackBot: s.sim.Slack.BotToken, app.EnvSlackApp: s.sim.Slack.AppToken,
		app.EnvPagerDuty: s.sim.PagerDuty.Token, app.EnvWebhook: s.sim.PagerDuty.Secrets[0],
	}
	s.edit(`api_url: ""                       # "" is Slack's own`, "api_url: http://sim.example/slack/api/")
	s.edit(`api_url: ""                       # "" is PagerDuty's own`, "api_url: http://sim.example/pagerduty")
	s.edit("127.0.0.1:8081", "bot.example:80")
	s.edit("run: [everyone]", "run: [S0SHOPOPS1, U0CHIE0001]")
	return s
}

// edit changes amsbot.yaml.
func (s *set) edit(old, with string) {
	if !strings.Contains(s.config, old) {
		panic("amsbot.yaml has no " + old)
	}
	s.config = strings.Replace(s.config, old, with, 1)
}

// dialled is the amsbot that runs.
type dialled struct{ h admin.Health }

func (d dialled) Health(context.Context) (admin.Health, error) { return d.h, nil }
func (d dialled) Close()                                       {}

// look asks the doctor, in fake time, and answers a line for each finding.
func (s *set) look(t *testing.T) (lines []string, well bool) {
	t.Helper()
	path := filepath.Join(s.dir, "amsbot.yaml")
	write(t, path, s.config)
	for name, text := range s.files {
		write(t, filepath.Join(s.dir, "scenarios", name), text)
	}
	synctest.Test(t, func(t *testing.T) {
		memory := sim.NewMemory()
		s.sim.Network = memory
		world := sim.New(s.sim)
		l, err := memory.Listen("sim.example:80")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		over := make(chan error, 1)
		go func() { over <- world.Serve(ctx, l) }()
		transport := &http.Transport{DialContext: memory.DialContext}
		defer func() { cancel(); <-over; transport.CloseIdleConnections() }()
		var way http.RoundTripper = transport
		if s.way != nil {
			way = s.way(transport)
		}
		if s.before != nil {
			s.before(world)
		}
		all := doctor.Look(ctx, doctor.Options{
			Config: path, Getenv: func(name string) string { return s.env[name] }, SendTest: s.sendTest,
			Network: app.Network{
				HTTP: &http.Client{Transport: way}, Dialer: &websocket.Dialer{NetDialContext: memory.DialContext},
				Listen: func(_, address string) (net.Listener, error) { return memory.Listen(address) },
			},
			Dial: func(string) (doctor.Bot, error) {
				if s.running == nil {
					return nil, admin.ErrNoBot
				}
				return dialled{*s.running}, nil
			},
		})
		well = doctor.Well(all)
		for _, f := range all {
			line := fmt.Sprintf("%s: %s %s: %s", f.Group, f.State, f.What, f.Why)
			if f.Next != "" {
				line += " -> " + f.Next
			}
			lines = append(lines, strings.ReplaceAll(line, s.dir, "DIR"))
		}
		for _, secret := range s.env {
			if len(secret) > 8 && strings.Contains(strings.Join(lines, "\n"), secret) {
				t.Errorf("a secret is printed:\n%s", strings.Join(lines, "\n"))
			}
		}
	})
	return lines, well
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

var free = regexp.MustCompile(`\d+ [KMG]B are free`)

// TestWell: nothing is wrong, and each line says what was looked at.
func TestWell(t *testing.T) {
	s := wellSet(t)
	s.sendTest = true
	lines, well := s.look(t)
	got := free.ReplaceAllString(strings.Join(lines, "\n")+"\n", "N GB are free")
	want, err := os.ReadFile("testdata/well.golden")
	if *update {
		write(t, "testdata/well.golden", got)
	}
	if err != nil || got != string(want) || !well {
		t.Errorf("well %v, %v; it is not testdata/well.golden:\n%s", well, err, got)
	}
}

// A fault is one line that says what to do; nothing else is NG or UNKNOWN by it.
func TestFaults(t *testing.T) {
	for name, c := range map[string]struct {
		fault func(*set)
		want  []string // the beginnings of all lines that are not OK
		next  string   // part of what to do
	}{
		"bot token of the wrong kind": {func(s *set) { s.env[app.EnvSlackBot] = s.env[app.EnvSlackApp] }, []string{
			"Slack: NG bot token: the bot token is an app token (it begins with xapp-)",
			"Slack: UNKNOWN scopes, channels and groups: ",
		}, "Bot User OAuth Token"},
		"app token of the wrong kind": {func(s *set) { s.env[app.EnvSlackApp] = s.env[app.EnvSlackBot] }, []string{
			"Slack: NG app token: the app token is a bot token (it begins with xoxb-)",
		}, "App-Level Token"},
		"bot token that Slack refuses": {func(s *set) { s.env[app.EnvSlackBot] = "xoxb-revoked-long-ago" }, []string{
			"Slack: NG bot token: ask who we are: invalid_auth", "Slack: UNKNOWN scopes, channels and groups: ",
		}, "install the app into the workspace again"},
		"Socket Mode is off": {func(s *set) {
			s.before = func(w *sim.Sim) {
				w.Slack.Fault(slack.Fault{Method: "apps.connections.open", Error: "link_disabled", Times: -1})
			}
		}, []string{"Slack: NG app token: open a Socket Mode connection: link_disabled"}, "switch Socket Mode on"},
		"a scope is missing": {func(s *set) { s.lack("usergroups:read") }, []string{
			"Slack: NG scope usergroups:read: it is missing; with it amsbot reads who is in the groups that permissions name",
			"Slack: NG user group S0SHOPOPS1 of permissions: it cannot be read: read user group S0SHOPOPS1: missing_scope",
		}, "amsbot manifest"},
		"not in the channel": {func(s *set) { s.channel(func(c *slack.Channel) { c.Members = nil }) }, []string{
			"Slack: NG channel #shop-ops (C0SHOPOPS1) of project shop: amsbot is not in it",
		}, "/invite @amsbot"},
		"an archived channel": {func(s *set) { s.channel(func(c *slack.Channel) { c.Archived = true }) }, []string{
			"Slack: NG channel #shop-ops (C0SHOPOPS1) of project shop: it is archived",
		}, "shop/project.yaml"},
		"an archived channel, by its name": {func(s *set) {
			s.channel(func(c *slack.Channel) { c.Archived = true })
			s.project("C0SHOPOPS1", "'#shop-ops'")
		}, []string{"Slack: NG channel #shop-ops of project shop: it is archived"}, "unarchive it"},
		"a shared channel": {func(s *set) { s.channel(func(c *slack.Channel) { c.Shared = true }) }, []string{
			"Slack: NG channel #shop-ops (C0SHOPOPS1) of project shop: it is shared with other organisations, and amsbot does not start",
		}, "shared: true"},
		"no such channel": {func(s *set) { s.project("C0SHOPOPS1", "'#shop-opps'") }, []string{
			"Slack: NG channel #shop-opps of project shop: Slack knows none, or it is private",
		}, "channel: in shop/project.yaml"},
		"no channel": {func(s *set) { s.project("channel: C0SHOPOPS1\n", "") }, []string{
			"Slack: NG channel of project shop: it names none",
		}, "channel:"},
		"an unknown user group": {func(s *set) { s.project("[S0SHOPOPS1,", "[S0GONE0001, S0SHOPOPS1,") }, []string{
			"Slack: NG user group S0GONE0001 of permissions: Slack knows none",
		}, "permissions"},
		"an unknown user": {func(s *set) { s.project("U0CHIE0001", "U0GONE0001") }, []string{
			"Slack: NG user U0GONE0001 of permissions: Slack knows none",
		}, "permissions"},
		"no paid plan": {func(s *set) { s.sim.Slack.NoPaidPlan = true }, []string{
			"Slack: NG user group S0SHOPOPS1 of permissions: it cannot be read: read user group S0SHOPOPS1: plan_upgrade_required",
		}, "user IDs"},
		"Slack is away": {func(s *set) {
			s.before = func(w *sim.Sim) { w.Slack.Fault(slack.Fault{Method: "*", Hang: true, Times: -1}) }
		}, []string{
			"Slack: UNKNOWN bot token: ", "Slack: UNKNOWN app token: ", "Slack: UNKNOWN scopes, channels and groups: ",
			"This machine: UNKNOWN clock, beside Slack: ",
		}, "whether this machine reaches it"},

		"a token that PagerDuty refuses": {func(s *set) { s.env[app.EnvPagerDuty] = "no-such-token" }, []string{
			"PagerDuty: NG token: check token: Authentication Failed", "PagerDuty: UNKNOWN rights, services and levels: ",
		}, "REST API key"},
		"a token that only reads": {func(s *set) {
			s.sim.PagerDuty.Tokens = []pagerduty.Token{{Name: "reader", Secret: "reads-only-token", ReadOnly: true}}
			s.env[app.EnvPagerDuty] = "reads-only-token"
		}, []string{"PagerDuty: NG changing incidents: "}, "not read-only"},
		"an unknown From": {func(s *set) { s.edit("from: amsbot@shop.example", "from: nobody@shop.example") }, []string{
			"PagerDuty: NG user PAMSBOT with From nobody@shop.example: check user PAMSBOT: its login address is not nobody@shop.example",
			"PagerDuty: NG changing incidents: change an incident that does not exist: Requester User Not Found",
		}, "pagerduty.from"},
		"an unknown user of amsbot's": {func(s *set) { s.edit("user: PAMSBOT", "user: PNOBODY") }, []string{
			"PagerDuty: NG user PNOBODY with From amsbot@shop.example: read user PNOBODY: Not Found",
		}, "pagerduty.user"},
		"an unknown service": {func(s *set) { s.project("[shop-web]", "[shop-web, shop-wbe]") }, []string{
			"PagerDuty: NG service shop-wbe of project shop: PagerDuty knows none",
		}, "letter for letter"},
		"an unknown policy": {func(s *set) { s.project("policy: Shop,", "policy: Shopp,") }, []string{
			"PagerDuty: NG second_line of project shop: level 3 of Shopp: PagerDuty knows no such escalation policy",
		}, "letter for letter"},
		"a level that there is not": {func(s *set) { s.project("level: 3", "level: 4") }, []string{
			"PagerDuty: NG second_line of project shop: level 4 of Shop: the policy has 3 levels",
		}, "add one"},
		"an empty level": {func(s *set) { s.sim.PagerDuty.EscalationPolicies[0].Levels[2].Users = nil }, []string{
			"PagerDuty: NG second_line of project shop: level 3 of Shop: nobody is on call there now",
		}, "schedule"},
		"amsbot as its own second line": {func(s *set) { s.project("level: 3", "level: 1") }, []string{
			"PagerDuty: NG second_line of project shop: level 1 of Shop: nobody but amsbot is on call there",
		}, "people"},
		"a level that never ends": {func(s *set) { s.sim.PagerDuty.EscalationPolicies[0].Levels[0].Timeout = 0 }, []string{
			"PagerDuty: NG level 1 of escalation policy Shop: amsbot is alone on it, and it does not time out",
		}, "short timeout"},

		"no webhook": {func(s *set) { s.sim.PagerDuty.Webhooks = nil }, []string{
			"PagerDuty: NG webhook subscription: none leads to an address that ends in /pagerduty/webhook",
		}, "webhook: none"},
		"a webhook that is off": {func(s *set) { s.sim.PagerDuty.Webhooks[0].Inactive = true }, []string{
			"PagerDuty: NG webhook subscription PSUB001 to http://bot.example:80/pagerduty/webhook: it is switched off",
			"PagerDuty: UNKNOWN webhook secret: no subscription delivers",
		}, "switch it on"},
		"a webhook that tells too little": {func(s *set) {
			s.sim.PagerDuty.Webhooks[0].Events = []string{"incident.triggered", "incident.acknowledged", "incident.unacknowledged",
				"incident.escalated", "incident.reassigned", "incident.delegated", "incident.resolved"}
		}, []string{
			"PagerDuty: NG webhook subscription PSUB001 to http://bot.example:80/pagerduty/webhook: it does not tell of incident.reopened",
		}, "all incident events"},
		"a webhook of another service": {func(s *set) { s.sim.PagerDuty.Webhooks[0].Service = "PSHOPDB" }, []string{
			"PagerDuty: NG webhooks of service shop-web: no subscription tells of it",
		}, "create one"},
		"another secret": {func(s *set) { s.sendTest, s.env[app.EnvWebhook] = true, "another-secret-entirely" }, []string{
			"PagerDuty: NG webhook secret of subscription PSUB001: a webhook came that was signed with another",
		}, "create the subscription anew"},
		"a webhook that leads elsewhere": {func(s *set) {
			s.sendTest = true
			s.sim.PagerDuty.Webhooks[0].URL = "http://elsewhere.example:80/pagerduty/webhook"
		}, []string{
			"PagerDuty: UNKNOWN webhook secret of subscription PSUB001: PagerDuty's test event has not come within 15s",
		}, "leads to bot.example:80"},

		"a clock that is ahead":  {func(s *set) { s.way = dated(-2 * time.Hour) }, ahead, "timedatectl"},
		"a clock that is behind": {func(s *set) { s.way = dated(2 * time.Hour) }, behind, "set-ntp"},
		"a folder that cannot be written": {func(s *set) { s.edit("database: amsbot.db", "database: /proc/amsbot.db") }, []string{
			"This machine: NG database /proc/amsbot.db: its folder cannot be written: ",
			"This machine: NG disk of the database: only 0 KB are free",
		}, "let amsbot's user write it"},
		"a database that is none": {func(s *set) { s.files["../amsbot.db"] = strings.Repeat("no database\n", 5000) }, []string{
			"This machine: NG database DIR/amsbot.db: open DIR/amsbot.db: ",
		}, "name amsbot's own database"},

		"a broken scenario": {func(s *set) { s.files["shop/web.yaml"] = strings.Replace(scenario, "check:", "chekc:", 1) }, []string{
			"Slack: UNKNOWN channels: ", "PagerDuty: UNKNOWN services and lines: ",
			"Scenarios: NG folder DIR/scenarios: ",
		}, "amsbot lint DIR/scenarios"},
		"nobody may recover": {func(s *set) { s.edit("run: [S0SHOPOPS1, U0CHIE0001]", "run: []") }, []string{
			"Scenarios: NG who may press Run Recovery: nobody, and amsbot does not start",
		}, "permissions.run"},
		"nobody in common": {func(s *set) {
			s.edit("run: [S0SHOPOPS1, U0CHIE0001]", "run: [U0AIKO0001]")
			s.project("[S0SHOPOPS1, U0CHIE0001]", "[U0CHIE0001]")
		}, []string{"Scenarios: NG who may press Run Recovery in project shop: nobody"}, "in both"},

		"a typing mistake in amsbot.yaml": {func(s *set) { s.edit("listen:", "lisen:") }, []string{
			"Configuration: NG DIR/amsbot.yaml: line 17: there is no key lisen here",
			"Configuration: UNKNOWN everything else: ",
		}, "amsbot init"},
		"a variable that is not set": {func(s *set) { delete(s.env, app.EnvSlackApp) }, []string{
			"Configuration: NG secrets in the environment: SLACK_APP_TOKEN is not set",
			"Slack: NG app token: there is no app token",
		}, "NAME_FILE"},
		"no token for PagerDuty": {func(s *set) { delete(s.env, app.EnvPagerDuty) }, []string{
			"Configuration: NG secrets in the environment: PAGERDUTY_TOKEN is not set",
			"PagerDuty: UNKNOWN token, rights and levels: ", "This machine: UNKNOWN clock, beside PagerDuty: ",
		}, "NAME_FILE"},
		"what runs is unwell": {func(s *set) {
			s.running = &admin.Health{OK: true, Version: "1.0", PID: 7, Parts: []admin.Part{{Name: "database", OK: true}, {Name: "scenarios", Why: "2 problems"}}}
			s.running.Heard.Signed = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
		}, []string{"This machine: NG scenarios of the amsbot that runs: 2 problems"}, "healthcheck"},
		"what runs heard another secret": {func(s *set) {
			s.running = &admin.Health{OK: true, Version: "1.0", PID: 7, Heard: admin.Heard{Refused: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}}
		}, []string{"PagerDuty: NG webhook secret: the newest webhook was signed with another"}, "the secret that PagerDuty showed"},
	} {
		t.Run(name, func(t *testing.T) {
			s := wellSet(t)
			c.fault(s)
			lines, well := s.look(t)
			var wrong []string
			for _, line := range lines {
				if strings.Contains(line, "webhook secret: it is not tested -> amsbot doctor --send-test") {
					continue
				}
				if !regexp.MustCompile(`^[A-Za-z ]+: OK `).MatchString(line) {
					wrong = append(wrong, line)
				}
			}
			same := slices.EqualFunc(wrong, c.want, strings.HasPrefix)
			if !same || well || !strings.Contains(strings.Join(wrong, "\n"), c.next) {
				t.Errorf("well %v, want %q and %q, got\n%s", well, c.want, c.next, strings.Join(lines, "\n"))
			}
			for _, line := range wrong {
				if !strings.Contains(line, " -> ") {
					t.Errorf("nobody is told what to do: %s", line)
				}
			}
		})
	}
}

var (
	ahead  = []string{"This machine: NG clock, beside Slack: it is 2h0m0s ahead", "This machine: NG clock, beside PagerDuty: it is 2h0m0s ahead"}
	behind = []string{"This machine: NG clock, beside Slack: it is 2h0m0s behind", "This machine: NG clock, beside PagerDuty: it is 2h0m0s behind"}
)

// lack takes a scope from the bot token.
func (s *set) lack(scope string) {
	s.sim.Slack.Scopes = slices.DeleteFunc(slices.Clone(slack.Defaults().Scopes), func(x string) bool { return x == scope })
}

// channel changes #shop-ops.
func (s *set) channel(change func(*slack.Channel)) { change(&s.sim.Slack.Channels[0]) }

// project changes project.yaml.
func (s *set) project(old, with string) {
	if !strings.Contains(s.files["shop/project.yaml"], old) {
		panic("project.yaml has no " + old)
	}
	s.files["shop/project.yaml"] = strings.Replace(s.files["shop/project.yaml"], old, with, 1)
}

// dated lets the neighbours' clocks differ from ours.
func dated(by time.Duration) func(http.RoundTripper) http.RoundTripper {
	return func(next http.RoundTripper) http.RoundTripper {
		return trip(func(r *http.Request) (*http.Response, error) {
			resp, err := next.RoundTrip(r)
			if err == nil {
				resp.Header.Set("Date", time.Now().Add(by).UTC().Format(http.TimeFormat))
			}
			return resp, err
		})
	}
}

type trip func(*http.Request) (*http.Response, error)

func (f trip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
