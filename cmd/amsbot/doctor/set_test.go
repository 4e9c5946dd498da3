package doctor_test

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
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

// set is a set-up that is well, and what a test does to it.
type set struct {
	t        *testing.T
	sim      sim.Options
	env      map[string]string
	config   string            // amsbot.yaml
	files    map[string]string // below the folder of scenarios
	running  *admin.Health     // the amsbot that runs, if one does
	mute     error             // why it does not answer
	sendTest bool
	remote   string                                    // the network file system that the database is on
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
		t: t, sim: sim.Shop(), dir: t.TempDir(), config: string(app.Example()),
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
type dialled struct {
	h   *admin.Health
	err error
}

func (d dialled) Health(context.Context) (admin.Health, error) {
	if d.err != nil {
		return admin.Health{}, d.err
	}
	return *d.h, nil
}

func (d dialled) Close() {}

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
		began := time.Now()
		all := doctor.Look(ctx, doctor.Options{
			Config: path, Getenv: func(name string) string { return s.env[name] }, SendTest: s.sendTest,
			Network: app.Network{
				HTTP: &http.Client{Transport: way}, Dialer: &websocket.Dialer{NetDialContext: memory.DialContext},
				Listen: func(_, address string) (net.Listener, error) { return memory.Listen(address) },
				Remote: func(string) string { return s.remote },
			},
			Dial: func(string) (doctor.Bot, error) {
				if s.running == nil && s.mute == nil {
					return nil, admin.ErrNoBot
				}
				return dialled{s.running, s.mute}, nil
			},
		})
		if took := time.Since(began); took > 3*time.Minute {
			t.Errorf("it took %s", took)
		}
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

// lists adds #shop-list, a public channel, and names it in the permissions: in those
// that are said, or else where it counts.
func (s *set) lists(permissions string) {
	s.sim.Slack.Channels = append(s.sim.Slack.Channels, slack.Channel{ID: "C0LIST0001", Name: "shop-list", Members: []string{"U0AMSBOT01", "U0CHIE0001"}})
	s.project("{run: [S0SHOPOPS1, U0CHIE0001]}", cmp.Or(permissions, "{view: [C0LIST0001], run: [C0LIST0001, S0SHOPOPS1], resolve: [C0LIST0001]}"))
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
