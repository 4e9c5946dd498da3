package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"gopkg.in/yaml.v3"

	"amsbot/bot/sim"
	"amsbot/bot/sim/pagerduty"
	simslack "amsbot/bot/sim/slack"
	"amsbot/cmd/amsbot/app"
)

// world is a simulator on loopback and the scenarios that amsbot meets there:
// as many services as there are channels, each pair a project. It holds the
// first webhook of every incident back, so that the load may send them when and
// as fast as it likes; what follows is passed on at once.
type world struct {
	dir      string // of the configuration and the database
	sim      *sim.Sim
	access   sim.Access
	arrivals *arrivals
	client   *http.Client // sends webhooks
	stop     func() error

	mu      sync.Mutex
	kept    map[string]hook // first webhooks, by the incident's ID
	arrived *sync.Cond
	address string // of the bot; "": what would be passed on is lost
}

// hook is a signed webhook that says that an incident has begun.
type hook struct {
	incident  string
	number    int
	body      []byte
	signature string
}

// channels is how many projects there are, and so channels: at one message a
// second in each, fifty incidents in a few seconds are no storm yet.
const channels = 10

// floorChannel is where the floor posts, out of amsbot's way.
const floorChannel = "C0FLOOR001"

func service(n int) string { return fmt.Sprintf("bench-%d", n%channels) }

func channel(n int) string { return fmt.Sprintf("C0BENCH%03d", n%channels) }

// newWorld makes a world in a folder of its own under dir and serves it.
func newWorld(dir string) (*world, error) {
	dir, err := os.MkdirTemp(dir, "world-")
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w := &world{dir: dir, arrivals: newArrivals(), kept: map[string]hook{}, client: &http.Client{
		Timeout:   30 * time.Second,
		Transport: &http.Transport{MaxIdleConns: 1024, MaxIdleConnsPerHost: 1024},
	}}
	w.arrived = sync.NewCond(&w.mu)
	options := options()
	options.PagerDuty.Client = &http.Client{Transport: w}
	options.PagerDuty.Webhooks = []pagerduty.Webhook{{URL: "http://bot.example/pagerduty/webhook"}}
	w.sim = sim.New(options)
	w.access = w.sim.Access("http://" + l.Addr().String())
	w.sim.Slack.Watch(w.arrivals.slack)
	w.sim.PagerDuty.Watch(w.arrivals.pagerduty)
	if err := w.write(); err != nil {
		l.Close()
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- w.sim.Serve(ctx, l) }()
	w.stop = func() error {
		cancel()
		err := <-over
		w.client.CloseIdleConnections()
		return errors.Join(err, os.RemoveAll(dir))
	}
	return w, nil
}

// options are the simulator's: the people of its shop, on services of ours.
// Nobody is paged on, so that no timer disturbs what is measured.
func options() sim.Options {
	o := sim.Shop()
	o.NoPatient = true
	o.PagerDuty.Services = nil
	members := []string{o.Slack.Bot.ID}
	for _, u := range o.Slack.Users {
		members = append(members, u.ID)
	}
	o.Slack.Channels = append(o.Slack.Channels, simslack.Channel{ID: floorChannel, Name: "floor", Members: members})
	for i := range o.PagerDuty.EscalationPolicies[0].Levels {
		o.PagerDuty.EscalationPolicies[0].Levels[i].Timeout = 0
	}
	for n := range channels {
		o.PagerDuty.Services = append(o.PagerDuty.Services, pagerduty.Service{Name: service(n)})
		o.Slack.Channels = append(o.Slack.Channels, simslack.Channel{ID: channel(n), Name: service(n), Members: members})
	}
	return o
}

// The two scenarios. What is well is found so by its check and resolved; what is
// ill waits for a person, as most do in a storm. Both look at the simulator: a
// check that reaches something real takes as long as that takes.
const scenario = `name: %[1]s-%[2]d
when: {service: %[3]s, title: '/^%[1]s/'}
target: ${{ alert.details.host }}
check:
  - name: answers
    http: {url: %[4]q, expect: {status: %[5]d}}
recover:
  - name: restart
    exec: {command: ["true"]}
then: {ok: [resolve]}
`

const project = `name: bench-%[1]d
services: [%[2]s]
channel: %[3]s
permissions: {run: [everyone], resolve: [everyone], resume: [everyone], override: [everyone]}
first_line: {policy: PSHOPEP, level: 2}
second_line: {policy: PSHOPEP, level: 3}
hosts: [127.0.0.1]
`

// write writes the configuration, the projects and the scenarios.
func (w *world) write() error {
	for n := range channels {
		folder := filepath.Join(w.dir, "scenarios", service(n))
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
		files := map[string]string{"project.yaml": fmt.Sprintf(project, n, service(n), channel(n))}
		for kind, status := range map[string]int{"well": http.StatusOK, "ill": http.StatusTeapot} {
			files[kind+".yaml"] = fmt.Sprintf(scenario, kind, n, service(n), w.access.Control, status)
		}
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
				return err
			}
		}
	}
	c, err := app.ParseConfig("amsbot.example.yaml", app.Example())
	if err != nil {
		return err
	}
	c.Database, c.Scenarios, c.Listen = w.database(), filepath.Join(w.dir, "scenarios"), "127.0.0.1:0"
	c.Slack.APIURL, c.PagerDuty.APIURL = w.access.SlackAPI, w.access.PagerDutyAPI
	c.PagerDuty.Poll = time.Hour // what is held back here is not to be found there
	c.Log.Format = "json"
	text, err := yaml.Marshal(c)
	if err != nil {
		return err
	}
	return os.WriteFile(w.config(), text, 0o600)
}

func (w *world) config() string   { return filepath.Join(w.dir, "amsbot.yaml") }
func (w *world) database() string { return filepath.Join(w.dir, "amsbot.db") }

// environment is all that the bot finds in its own.
func (w *world) environment() []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + w.dir, "TMPDIR=" + w.dir,
		app.EnvSlackBot + "=" + w.access.BotToken, app.EnvSlackApp + "=" + w.access.AppToken,
		app.EnvPagerDuty + "=" + w.access.Token, app.EnvWebhook + "=" + w.access.WebhookSecret,
	}
}

// raise opens n incidents, whose title begins with kind, on all services in
// turn, and answers their first webhooks.
func (w *world) raise(ctx context.Context, kind string, n int) ([]hook, error) {
	hooks := make([]hook, 0, n)
	for i := range n {
		h, err := w.raiseOn(ctx, i, kind, i)
		if err != nil {
			return nil, err
		}
		hooks = append(hooks, h)
	}
	return hooks, nil
}

// raiseOn opens one on a service, of a machine of its own, and answers its first
// webhook.
func (w *world) raiseOn(ctx context.Context, on int, kind string, machine int) (hook, error) {
	id, err := w.sim.PagerDuty.Raise(pagerduty.Alert{
		Service: service(on), Title: fmt.Sprintf("%s: health check of machine %d failed", kind, machine), Source: "bench",
		Details: map[string]any{"host": fmt.Sprintf("machine-%d.bench.example", machine), "check": "health"},
	})
	if err != nil {
		return hook{}, fmt.Errorf("raise an incident: %w", err)
	}
	defer context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.arrived.Broadcast()
	})()
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.kept[id].body == nil {
		if ctx.Err() != nil {
			return hook{}, fmt.Errorf("raise an incident: %w", ctx.Err())
		}
		w.arrived.Wait()
	}
	h := w.kept[id]
	delete(w.kept, id)
	return h, nil
}

// RoundTrip is what the simulator sends webhooks with.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var said struct {
		Event struct {
			Type string `json:"event_type"`
			Data struct {
				ID     string
				Number int
			}
		}
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return nil, err
	}
	h := hook{incident: said.Event.Data.ID, number: said.Event.Data.Number, body: body, signature: r.Header.Get(signature)}
	w.mu.Lock()
	address := w.address
	if said.Event.Type == "incident.triggered" {
		w.kept[h.incident] = h
		w.arrived.Broadcast()
		address = ""
	}
	w.mu.Unlock()
	if address != "" {
		return w.post(r.Context(), address, h)
	}
	return &http.Response{StatusCode: http.StatusAccepted, Body: http.NoBody, Request: r, Header: http.Header{}}, nil
}

const signature = "X-PagerDuty-Signature"

func (w *world) post(ctx context.Context, address string, h hook) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(h.body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(signature, h.signature)
	return w.client.Do(r)
}

// begun waits until a bot that has just started has its socket in Slack and has
// looked for open incidents: what begins from now on reaches it by webhook.
func (w *world) begun(ctx context.Context) error {
	for end := time.Now().Add(nameMost); w.sim.Slack.Connections() == 0 || !w.arrivals.polls(); {
		if time.Now().After(end) || ctx.Err() != nil {
			return errors.New("amsbot opened no socket to Slack, or did not look for open incidents in PagerDuty")
		}
		time.Sleep(5 * time.Millisecond)
	}
	return nil
}

// lead passes on to a bot what is not held back; "" to none.
func (w *world) lead(address string) {
	w.mu.Lock()
	w.address = address
	w.mu.Unlock()
}
