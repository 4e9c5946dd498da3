package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"amsbot/bot/sim"
	"amsbot/bot/sim/pagerduty"
	simslack "amsbot/bot/sim/slack"
	"amsbot/cmd/amsbot/app"
)

// mortal is one process of amsbot.
type mortal struct {
	cmd  *exec.Cmd
	over chan struct{}
	mu   sync.Mutex
	said bytes.Buffer
}

func (l *mortal) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.said.Write(p)
}

func (l *mortal) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.said.String()
}

// kill ends it as nothing can be ended more, and waits until it is gone.
func (l *mortal) kill() {
	_ = l.cmd.Process.Kill()
	<-l.over
}

// target is a world in which processes are killed: the simulator, with a gate
// before it that kills amsbot at a request.
type target struct {
	*testing.T
	name   string
	leave  func() // ends the simulator
	dir    string
	sim    *sim.Sim
	env    []string
	listen string

	mu     sync.Mutex
	life   *mortal
	at     string // "POST /slack/api/chat.postMessage", "webhook"; "": nowhere
	after  bool
	killed bool
}

// Errorf says where it was killed.
func (g *target) Errorf(format string, args ...any) {
	g.Helper()
	g.T.Errorf("killed "+g.name+": "+format, args...)
}

// Fatalf ends this one's telling, and no other's.
func (g *target) Fatalf(format string, args ...any) {
	g.Helper()
	g.Errorf(format, args...)
	runtime.Goexit()
}

// must is Fatalf where the world itself does not work.
func (g *target) must(err error) {
	g.Helper()
	if err != nil {
		g.Fatalf("%v", err)
	}
}

// ServeHTTP is the gate.
func (g *target) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !g.hits(r.Method + " " + r.URL.Path) {
		g.sim.ServeHTTP(w, r)
		return
	}
	if g.after {
		g.sim.ServeHTTP(httptest.NewRecorder(), r)
	}
	g.current().kill()
	panic(http.ErrAbortHandler)
}

// RoundTrip is the gate of webhooks.
func (g *target) RoundTrip(r *http.Request) (*http.Response, error) {
	hit := g.hits("webhook")
	if hit && !g.after {
		g.current().kill()
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if hit && g.after {
		g.current().kill()
	}
	return resp, err
}

func (g *target) hits(what string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.killed || g.at == "" || !regexp.MustCompile("^"+g.at+"$").MatchString(what) {
		return false
	}
	g.killed = true
	return true
}

func (g *target) current() *mortal {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.life
}

func newTarget(t *testing.T, name, scenario string) *target {
	t.Helper()
	g := &target{T: t, name: name, dir: t.TempDir()}
	free, err := net.Listen("tcp", ownLoopback()+":0")
	g.must(err)
	g.listen = free.Addr().String()
	g.must(free.Close())
	o := sim.Shop()
	o.PagerDuty.Webhooks = []pagerduty.Webhook{{URL: "http://" + g.listen + "/pagerduty/webhook"}}
	o.PagerDuty.Client = &http.Client{Transport: g}
	for i := range o.PagerDuty.EscalationPolicies[0].Levels {
		o.PagerDuty.EscalationPolicies[0].Levels[i].Timeout = 0
	}
	o.Patient.RestartTakes = 400 * time.Millisecond
	g.sim = sim.New(o)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	g.must(err)
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- g.sim.Serve(ctx, l) }()
	gate := httptest.NewServer(g)
	g.leave = func() {
		gate.CloseClientConnections()
		cancel()
		if err := <-over; err != nil {
			g.Errorf("sim: %v", err)
		}
		gate.Close()
	}
	g.configure(gate.URL, scenario)
	g.sim.Patient.Monitor.Watch(false)
	return g
}

// ownLoopback is an address of this machine that nobody else is likely to use: a
// port there stays free while its process is started anew.
func ownLoopback() string {
	if runtime.GOOS != "linux" { // others have one
		return "127.0.0.1"
	}
	return fmt.Sprintf("127.%d.%d.%d", 1+rand.IntN(250), rand.IntN(250), 1+rand.IntN(250))
}

// end kills what still runs, and lets the simulator end on its own time.
func (g *target) end(worlds *sync.WaitGroup) {
	if l := g.current(); l != nil {
		l.kill()
	}
	worlds.Go(g.leave)
}

func (g *target) write(name, text string) {
	g.Helper()
	path := filepath.Join(g.dir, name)
	g.must(os.MkdirAll(filepath.Dir(path), 0o755))
	g.must(os.WriteFile(path, []byte(text), 0o644))
}

func (g *target) configure(base, scenario string) {
	g.Helper()
	a := g.sim.Access(base)
	g.env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + g.dir, app.EnvSlackBot + "=" + a.BotToken, app.EnvSlackApp + "=" + a.AppToken,
		app.EnvPagerDuty + "=" + a.Token, app.EnvWebhook + "=" + a.WebhookSecret,
	}
	config := string(app.Example())
	for _, c := range [][2]string{
		{`api_url: ""                       # "" is Slack's own`, "api_url: " + a.SlackAPI},
		{`api_url: ""                       # "" is PagerDuty's own`, "api_url: " + a.PagerDutyAPI},
		{"scenarios: scenarios", "scenarios: " + g.dir + "/scenarios"}, {"127.0.0.1:8081", g.listen},
		{"poll: 30s", "poll: 1s"}, {"database: amsbot.db", "database: " + g.dir + "/amsbot.db"},
	} {
		if !strings.Contains(config, c[0]) {
			g.Fatalf("the example has no %s", c[0])
		}
		config = strings.Replace(config, c[0], c[1], 1)
	}
	g.write("amsbot.yaml", config)
	g.write("scenarios/shop/project.yaml", `name: shop
services: [shop-web]
hosts: [127.0.0.1]
channel: C0SHOPOPS1
permissions: {run: [everyone], resolve: [everyone]}
first_line: {policy: PSHOPEP, level: 2}
second_line: {policy: PSHOPEP, level: 3}
`)
	g.write("scenarios/shop/web.yaml", scenario)
}

// start starts a process, which kills itself where kill says.
func (g *target) start(kill string) {
	g.Helper()
	g.startAs(killEnv + "=" + kill)
}

// startAs starts this test binary as what an environment makes of it.
func (g *target) startAs(env string) {
	g.Helper()
	exe, err := os.Executable()
	g.must(err)
	l := &mortal{cmd: exec.Command(exe, "--config", g.dir+"/amsbot.yaml"), over: make(chan struct{})}
	l.cmd.Env, l.cmd.Stdout, l.cmd.Stderr = append(g.env, env), l, l
	g.mu.Lock()
	g.life = l
	g.mu.Unlock()
	g.must(l.cmd.Start())
	go func() { _ = l.cmd.Wait(); close(l.over) }()
}

func (g *target) until(what string, so func() bool) {
	g.Helper()
	for end := time.Now().Add(patient); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			g.Fatalf("never: %s\n%s", what, g.current().text())
		}
	}
}

func (g *target) dead() bool {
	select {
	case <-g.current().over:
		return true
	default:
		return false
	}
}

// press presses a button wherever it is.
func (g *target) press(label string) {
	for _, m := range g.sim.Slack.Messages("C0SHOPOPS1") {
		for _, e := range buttonsOf(m) {
			if e.Text.Text == label {
				_, _ = g.sim.Slack.Click(g.Context(), simslack.Click{User: "U0AIKO0001", Channel: m.Channel, MessageTS: m.TS,
					BlockID: e.Block, ActionID: e.Action, Value: e.Value, Version: m.Version})
				for _, v := range g.sim.Slack.State("U0AIKO0001").Modals { // Resolve asks for a note
					_, _ = g.sim.Slack.Submit(g.Context(), simslack.Submit{User: "U0AIKO0001", ViewID: v.ID})
					_ = g.sim.Slack.CloseView(g.Context(), "U0AIKO0001", v.ID, true)
				}
			}
		}
	}
}

// says says whether a message says something.
func (g *target) says(text string) bool {
	return slices.ContainsFunc(g.sim.Slack.Messages("C0SHOPOPS1"), func(m simslack.Message) bool { return strings.Contains(m.Text, text) })
}

type button struct {
	Block  string `json:"-"`
	Action string `json:"action_id"`
	Value  string `json:"value"`
	Text   struct {
		Text string `json:"text"`
	} `json:"text"`
}

func buttonsOf(m simslack.Message) (all []button) {
	var attachments []struct {
		Blocks []struct {
			ID       string            `json:"block_id"`
			Type     string            `json:"type"`
			Elements []json.RawMessage `json:"elements"`
		} `json:"blocks"`
	}
	_ = json.Unmarshal(m.Attachments, &attachments)
	for _, a := range attachments {
		for _, b := range a.Blocks {
			for _, raw := range b.Elements {
				var e button
				if b.Type == "actions" && json.Unmarshal(raw, &e) == nil {
					e.Block = b.ID
					all = append(all, e)
				}
			}
		}
	}
	return all
}
