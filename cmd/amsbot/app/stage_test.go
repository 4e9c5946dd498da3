package app_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"amsbot/bot/sim"
	"amsbot/bot/sim/pagerduty"
	"amsbot/cmd/amsbot/app"
	"amsbot/scenarios"
	"amsbot/scenarios/secret"
)

// The people of the simulator's shop, and its channel.
const (
	aiko = "U0AIKO0001" // operator, first line
	ben  = "U0BEN00001" // operator
	chie = "U0CHIE0001" // second line, may override
	dan  = "U0DAN00001" // may look
	room = "C0SHOPOPS1"
	host = "web-1.shop.example"
)

// project is the shop's project.yaml in stories.
const project = `name: shop
services: [shop-web, shop-db, shop-queue, shop-edge, shop-mail]
hosts: ["*.shop.example", 10.0.0.0/8]
channel: C0SHOPOPS1
permissions: {run: [S0SHOPOPS1, U0CHIE0001], resolve: [S0SHOPOPS1, U0CHIE0001], resume: [S0SHOPOPS1], override: [U0CHIE0001]}
first_line: {policy: PSHOPEP, level: 2}
second_line: {policy: PSHOPEP, level: 3}
`

// webDown is the scenario of most stories; head goes before its steps.
func webDown(autonomy string, rest ...string) string {
	return `name: web-down
autonomy: ` + autonomy + `
when: {service: shop-web, title: '/^Health check/'}
target: ${{ alert.details.host }}
check:
  - name: health
    http: {url: "http://${{ alert.details.address }}/healthz", expect: {status: 200}}
    timeout: 2s
recover:
  - name: restart
    http: {method: POST, url: "http://${{ alert.details.control }}/restart"}
    timeout: 10s
    idempotent: true
recheck: {settle: 1s, every: 1s, stable: 2, within: 10s}
` + strings.Join(rest, "\n") + "\n"
}

// stage is where a story is played: the real amsbot and the real client
// libraries against the simulator, over a network without sockets, in a bubble
// of fake time. A story ends by saying every message and every act that there
// was; whatever it does not name fails it.
type stage struct {
	*testing.T
	ctx      context.Context
	net      *sim.Memory
	sim      *sim.Sim
	config   app.Config
	secrets  app.Secrets
	app      *app.App // that runs
	stopBot  func()
	log      *logBook
	incident string                                    // the last one that was raised
	cable    *cable                                    // of the amsbot that runs
	around   func(string, func() error) error          // stands around the commits, if set
	lives    []life                                    // of amsbot, one after another
	remote   func(string) string                       // names the file system of the database, if set
	meddle   func(http.RoundTripper) http.RoundTripper // stands between amsbot and its neighbours, if set
	fuse     *fuse                                     // of the amsbot that runs, if it has one
	lag      atomic.Int64                              // how long a step takes to reach a host, in nanoseconds
}

type option func(*sim.Options, *app.Config)

// asked are the tests that have said whether they run beside others.
var asked sync.Map

// alone keeps a test of stories from running beside others; it is called before
// the first story.
func alone(t *testing.T) { asked.Store(t, true) }

// story plays fn with these scenario files, by name, beside project.yaml. The
// bot runs already; when fn returns all must have been told. Tests of stories
// run beside each other: each has a world of its own.
func story(t *testing.T, files map[string]string, fn func(*stage), options ...option) {
	t.Helper()
	if _, again := asked.LoadOrStore(t, true); !again {
		t.Parallel()
	}
	dir := t.TempDir()
	if files["project.yaml"] == "" {
		files["project.yaml"] = project
	}
	for name, text := range files {
		path := filepath.Join(dir, "shop", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	db := filepath.Join(t.TempDir(), "amsbot.db")
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, dir, db, options)
		s.start()
		fn(s)
		s.stop()
		s.check()
	})
}

// one is a story with one scenario.
func one(scenario string) map[string]string { return map[string]string{"web.yaml": scenario} }

func newStage(t *testing.T, dir, db string, options []option) *stage {
	s := &stage{T: t, net: sim.NewMemory(), log: &logBook{}}
	o := sim.Shop()
	o.Network = s.net
	o.Slack.Seed = 1
	o.PagerDuty.Webhooks = []pagerduty.Webhook{{URL: "http://bot.example:80/pagerduty/webhook"}}
	s.config = app.DemoConfig()
	s.config.Scenarios, s.config.Database, s.config.Listen = dir, db, "bot.example:80"
	s.config.Permissions.View = nil
	s.config.PagerDuty.Fallback = nil
	for _, f := range options {
		f(&o, &s.config)
	}
	s.sim = sim.New(o)
	access := s.sim.Access("http://sim.example")
	s.config.Slack.APIURL, s.config.PagerDuty.APIURL = access.SlackAPI, access.PagerDutyAPI
	s.secrets = app.Secrets{
		SlackBot: secret.New(access.BotToken), SlackApp: secret.New(access.AppToken),
		PagerDuty: secret.New(access.Token), Webhook: []secret.Text{secret.New(access.WebhookSecret)},
	}
	l, err := s.net.Listen("sim.example:80")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s.ctx = ctx
	over := make(chan error, 1)
	go func() { over <- s.sim.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-over; err != nil && ctx.Err() == nil {
			t.Errorf("sim: %v", err)
		}
	})
	s.sim.Patient.Monitor.Watch(false)
	return s
}

// start starts amsbot, anew if it ran before.
func (s *stage) start() {
	s.Helper()
	s.run()
	s.until("amsbot is connected", func() bool { return s.sim.Slack.Connections() == 2 })
}

// run starts amsbot and waits for nothing.
func (s *stage) run() {
	s.Helper()
	ctx, cancel := context.WithCancel(s.ctx)
	a, err := app.New(s.config, s.secrets, s.network(), slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		s.Fatalf("new: %v", err)
	}
	s.app = a
	s.lives = append(s.lives, life{from: time.Now()})
	over, f := make(chan error, 1), s.fuse
	go func() { over <- a.Run(ctx) }()
	s.stopBot = func() {
		cancel()
		if err := <-over; err != nil && (f == nil || !f.dead()) {
			s.Errorf("amsbot ended: %v", err)
		}
	}
}

// stop stops amsbot as SIGTERM does.
func (s *stage) stop() {
	if s.stopBot == nil {
		return
	}
	last := &s.lives[len(s.lives)-1]
	last.to = time.Now()
	if s.fuse != nil && s.fuse.dead() {
		last.to = s.fuse.blownAt
	}
	s.stopBot()
	s.stopBot = nil
}

// life is from when to when amsbot ran.
type life struct{ from, to time.Time }

// away passes days in which amsbot does not run, and nothing in it ticks: what it
// knows afterwards is what it has written down.
func (s *stage) away(d time.Duration) {
	s.Helper()
	s.stop()
	s.pass(d)
	s.start()
}

func (s *stage) network() app.Network {
	s.cable = &cable{open: map[net.Conn]bool{}}
	dial := s.cable.dial(s.net.DialContext)
	transport := &http.Transport{DialContext: dial, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute}
	s.Cleanup(transport.CloseIdleConnections)
	var way http.RoundTripper = transport
	if s.meddle != nil {
		way = s.meddle(transport)
	}
	n := app.Network{
		HTTP:     &http.Client{Transport: way, Timeout: 20 * time.Second},
		Dialer:   &websocket.Dialer{NetDialContext: dial, HandshakeTimeout: 10 * time.Second},
		Listen:   func(_, address string) (net.Listener, error) { return s.net.Listen(address) },
		NoSocket: true,
		Tools:    s.toolsOf(dial),
	}
	n.Around, n.Remote = s.around, s.remote
	if f := s.fuse; f != nil {
		f.cable = s.cable
		n.HTTP.Transport = asks{way, f}
		n.Dialer.NetDialContext = f.dial(dial, frameOf)
		n.Listen, n.Around = f.listen(s.net.Listen), f.around
		if s.around != nil {
			n.Around = func(what string, commit func() error) error {
				return f.around(what, func() error { return s.around(what, commit) })
			}
		}
		n.Tools = s.toolsOf(f.dial(dial, stepOf))
	}
	return n
}

// names is the stories' name service: every host of the shop has an address.
type names struct{}

func (names) LookupNetIP(_ context.Context, _, name string) ([]netip.Addr, error) {
	if strings.TrimSuffix(name, ".") == host {
		return []netip.Addr{netip.MustParseAddr("10.0.0.1")}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

// logBook keeps what amsbot logs, for when a story fails.
type logBook struct {
	mu   sync.Mutex
	text strings.Builder
}

var _ io.Writer = (*logBook)(nil)

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// toolsOf reaches the hosts of the shop in the story's network.
func (s *stage) toolsOf(dial func(context.Context, string, string) (net.Conn, error)) scenarios.Tools {
	return scenarios.Tools{
		Resolver: names{},
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			select {
			case <-time.After(time.Duration(s.lag.Load())):
			case <-ctx.Done():
				return nil, ctx.Err()
			}
			return dial(ctx, network, strings.Replace(address, "10.0.0.1:", host+":", 1))
		},
	}
}
