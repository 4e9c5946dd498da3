package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"amsbot/bot/sim"
	"amsbot/bot/sim/pagerduty"
	"amsbot/bot/sim/slack"
	"amsbot/cmd/amsbot/app"
	"amsbot/scenarios"
	"amsbot/scenarios/secret"
	"amsbot/store"
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
	meddle   func(http.RoundTripper) http.RoundTripper // stands between amsbot and its neighbours, if set
	fuse     *fuse                                     // of the amsbot that runs, if it has one
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
	if s.stopBot != nil {
		s.stopBot()
		s.stopBot = nil
	}
}

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
		Tools:    toolsOf(dial),
	}
	n.Around = s.around
	if f := s.fuse; f != nil {
		f.cable = s.cable
		n.HTTP.Transport = asks{way, f}
		n.Dialer.NetDialContext = f.dial(dial, frameOf)
		n.Listen, n.Around = f.listen(s.net.Listen), f.around
		n.Tools = toolsOf(f.dial(dial, stepOf))
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

// raise has the monitoring tool raise an alert about the patient.
func (s *stage) raise(title string, details map[string]any) string {
	s.Helper()
	return s.raiseOn("shop-web", title, "", details)
}

func (s *stage) raiseOn(service, title, key string, details map[string]any) string {
	s.Helper()
	all := map[string]any{"host": host, "address": sim.PatientAddress, "control": sim.PatientControl, "environment": "production"}
	for k, v := range details {
		all[k] = v
	}
	if key == "" {
		key = host + "/health"
	}
	id, err := s.sim.PagerDuty.Raise(pagerduty.Alert{Service: service, Title: title, DedupKey: key, Details: all})
	if err != nil {
		s.Fatalf("raise: %v", err)
	}
	s.incident = id
	return id
}

func (s *stage) ail(name string) {
	s.Helper()
	if err := s.sim.Patient.Ail(name); err != nil {
		s.Fatal(err)
	}
}

// down makes the patient ill, and the monitoring tool raise the incident.
func (s *stage) down() {
	s.Helper()
	s.ail("errors")
	s.raise("Health check of web-1 failed", nil)
}

// until waits, in fake time, until something is so.
func (s *stage) until(what string, so func() bool) {
	s.Helper()
	for range 6000 {
		synctest.Wait()
		if so() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.Fatalf("never: %s\n%s\n%s\n%s", what, s.slackLines(), s.pagerLines(), s.log)
}

// settle waits until nothing has happened for a while.
func (s *stage) settle() {
	s.Helper()
	count := func() int { return len(s.sim.Slack.Calls()) + len(s.writes()) }
	for last, calm := -1, 0; calm < 4; time.Sleep(time.Second) {
		synctest.Wait()
		if n := count(); n == last {
			calm++
		} else {
			last, calm = n, 0
		}
	}
}

// card is the newest card (of the channel) and its buttons' labels.
func (s *stage) card() (slack.Message, []string) {
	all := s.sim.Slack.Messages(room)
	for i := len(all) - 1; i >= 0; i-- {
		if isCard(all[i]) {
			return all[i], labels(elements(all[i]))
		}
	}
	return slack.Message{}, nil
}

func isCard(m slack.Message) bool { return strings.Contains(string(m.Metadata), "amsbot_card") }

func (s *stage) offered(label string) func() bool {
	return func() bool { _, have := s.card(); return slices.Contains(have, label) }
}

// says waits until the newest card's headline contains a text.
func (s *stage) says(text string) {
	s.Helper()
	s.until("the card says "+text, func() bool { m, _ := s.card(); return strings.Contains(m.Text, text) })
}

type element struct {
	Block  string
	Type   string `json:"type"`
	Action string `json:"action_id"`
	Value  string `json:"value"`
	Text   struct {
		Text string `json:"text"`
	} `json:"text"`
	Options []struct {
		Text struct {
			Text string `json:"text"`
		} `json:"text"`
		Value string `json:"value"`
	} `json:"options"`
}

func elements(m slack.Message) []element {
	var attachments []struct {
		Blocks []struct {
			ID       string            `json:"block_id"`
			Type     string            `json:"type"`
			Elements []json.RawMessage `json:"elements"`
		} `json:"blocks"`
	}
	if json.Unmarshal(m.Attachments, &attachments) != nil {
		return nil
	}
	var out []element
	for _, a := range attachments {
		for _, b := range a.Blocks {
			for _, raw := range b.Elements {
				var e element
				if b.Type == "actions" && json.Unmarshal(raw, &e) == nil {
					e.Block = b.ID
					out = append(out, e)
				}
			}
		}
	}
	return out
}

func labels(all []element) []string {
	var out []string
	for _, e := range all {
		if e.Type == "button" {
			out = append(out, e.Text.Text)
		}
		for _, o := range e.Options {
			out = append(out, o.Text.Text)
		}
	}
	return out
}

// press presses a button of the newest card, as somebody, once it is there.
func (s *stage) press(who, label string) {
	s.Helper()
	s.until(label+" is on the card", s.offered(label))
	m, _ := s.card()
	if r := s.click(who, label, m); !r.Acked {
		s.Fatalf("press %s: not acknowledged: %s", label, r.Problem)
	}
}

// click presses a button on a message as somebody has it on their screen.
func (s *stage) click(who, label string, m slack.Message) slack.Result {
	s.Helper()
	for _, e := range elements(m) {
		c := slack.Click{User: who, Channel: m.Channel, MessageTS: m.TS, BlockID: e.Block, ActionID: e.Action, Value: e.Value, Version: m.Version}
		if e.Type == "button" && e.Text.Text == label {
			return s.did(s.sim.Slack.Click(s.ctx, c))
		}
		for _, o := range e.Options {
			if o.Text.Text == label {
				c.Value, c.SelectedOption = "", o.Value
				return s.did(s.sim.Slack.Click(s.ctx, c))
			}
		}
	}
	s.Fatalf("no button %q on %s: %v", label, m.Text, labels(elements(m)))
	return slack.Result{}
}

func (s *stage) did(r slack.Result, err error) slack.Result {
	s.Helper()
	if err != nil {
		s.Fatalf("slack: %v", err)
	}
	return r
}

// ams types /ams in the channel.
func (s *stage) ams(who, text string) {
	s.Helper()
	s.did(s.sim.Slack.Command(s.ctx, slack.Command{User: who, Channel: room, Command: "/ams", Text: text}))
}

// writes are the calls to PagerDuty that changed something, or tried to.
func (s *stage) writes() []pagerduty.Call {
	return slices.DeleteFunc(s.sim.PagerDuty.Calls(), func(c pagerduty.Call) bool {
		return c.Method == http.MethodGet || strings.HasSuffix(c.Path, "/enqueue")
	})
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
func toolsOf(dial func(context.Context, string, string) (net.Conn, error)) scenarios.Tools {
	return scenarios.Tools{
		Resolver: names{},
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			return dial(ctx, network, strings.Replace(address, "10.0.0.1:", host+":", 1))
		},
	}
}

// check reopens the database that the story left behind and verifies it whole.
func (s *stage) check() {
	s.Helper()
	db, err := store.Open(s.config.Database, store.Options{})
	if err != nil {
		s.Fatalf("reopen: %v", err)
	}
	defer db.Close()
	records, err := db.Incidents(s.ctx, store.Filter{})
	if err != nil {
		s.Fatal(err)
	}
	for _, r := range records {
		if err := db.Verify(s.ctx, r.Key); err != nil {
			s.Errorf("verify %s: %v", r.Key, err)
		}
		events, err := db.Events(s.ctx, r.Key)
		if errors.Is(err, store.ErrForgotten) {
			continue
		}
		if err != nil {
			s.Fatal(err)
		}
		s.replay(events)
		s.keepSources(db, events)
	}
}

var incidentID = regexp.MustCompile(`\bQ[A-Z0-9]{13}\b`)

// slackLines is everything in the channel, in order: cards by their last
// headline, then what was said.
func (s *stage) slackLines() string {
	var out []string
	for _, m := range s.sim.Slack.Messages(room) {
		text := strings.NewReplacer("\n", " / ", "\u2060", "").Replace(m.Text)
		kind := "reply"
		switch {
		case isCard(m):
			kind = "card"
		case m.Ephemeral:
			kind = "only " + nameOf(m.To)
		case m.ReplyBroadcast:
			kind = "broadcast"
		case m.ThreadTS == "" || m.ThreadTS == m.TS:
			kind = "message"
		}
		for _, f := range m.Files {
			text += " [" + f.Name + "]"
		}
		out = append(out, kind+": "+text)
	}
	return incidentID.ReplaceAllString(strings.Join(out, "\n"), "Q…")
}

func nameOf(user string) string {
	return map[string]string{aiko: "aiko", ben: "ben", chie: "chie", dan: "dan", eri: "eri"}[user]
}

// pagerLines is everything that amsbot changed in PagerDuty, or tried to.
func (s *stage) pagerLines() string {
	var out []string
	for _, c := range s.writes() {
		from, _, _ := strings.Cut(c.From, "@")
		for _, wish := range wishes(c.Body) {
			out = append(out, fmt.Sprintf("%s: %s -> %d", from, wish, c.Status))
		}
	}
	return incidentID.ReplaceAllString(strings.Join(out, "\n"), "Q…")
}

// wishes say in a few words what a write asks of PagerDuty, for each incident
// by itself: how many go in one call depends on what else waits.
func wishes(body string) (all []string) {
	var b struct {
		Incidents []struct {
			ID          string `json:"id"`
			Status      string `json:"status"`
			Level       int    `json:"escalation_level"`
			Policy      *struct{ ID string }
			Assignments []struct{ Assignee struct{ ID string } }
		}
		Note struct{ Content string }
	}
	if json.Unmarshal([]byte(body), &b) != nil {
		return []string{body}
	}
	if b.Note.Content != "" {
		lines := strings.Split(b.Note.Content, "\n")
		return []string{"note " + lines[0]}
	}
	for _, i := range b.Incidents {
		var words []string
		if i.Status != "" {
			words = append(words, i.Status)
		}
		if i.Level != 0 {
			words = append(words, fmt.Sprintf("level %d", i.Level))
		}
		for _, a := range i.Assignments {
			words = append(words, "assign "+a.Assignee.ID)
		}
		all = append(all, strings.Join(words, ", "))
	}
	if all == nil {
		return []string{""} // of another kind: told all the same
	}
	return all
}

// slack says all that was posted in the channel; nothing else may have been.
func (s *stage) slack(want string) { s.Helper(); s.same("Slack", s.slackLines(), want) }

// pagerduty says all that amsbot changed in PagerDuty; nothing else may have been.
func (s *stage) pagerduty(want string) { s.Helper(); s.same("PagerDuty", s.pagerLines(), want) }

// slackAtOnce and pagerdutyAtOnce are slack and pagerduty for what happened at
// the same time, in whatever order.
func (s *stage) slackAtOnce(want string) {
	s.Helper()
	s.same("Slack", inOrder(s.slackLines()), inOrder(want))
}

func (s *stage) pagerdutyAtOnce(want string) {
	s.Helper()
	s.same("PagerDuty", inOrder(s.pagerLines()), inOrder(want))
}

func inOrder(lines string) string {
	all := strings.Split(strings.TrimSpace(lines), "\n")
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

func (s *stage) same(where, got, want string) {
	s.Helper()
	var lines []string
	for _, l := range strings.Split(strings.TrimSpace(want), "\n") {
		lines = append(lines, strings.TrimSpace(l))
	}
	if want = strings.Join(lines, "\n"); got != want {
		s.Errorf("%s is not as told.\n--- got\n%s\n--- want\n%s\n--- log\n%s", where, got, want, s.log)
	}
}

// recoveries says how often the patient was really told to recover.
func (s *stage) recoveries(n int) {
	s.Helper()
	if got := len(s.sim.Patient.Recoveries()); got != n {
		s.Errorf("the patient was recovered %d times, not %d", got, n)
	}
}
