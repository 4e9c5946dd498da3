package slack

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/bot"
	"amsbot/bot/outbox"
	"amsbot/bot/sim"
	simslack "amsbot/bot/sim/slack"
	"amsbot/scenarios/secret"

	"github.com/gorilla/websocket"
)

const (
	alice = "U0ALICE001"
	bob   = "U0BOB00001"
	ops   = "C0OPS00001"
	away  = "C0GENERAL1" // the bot is not in it
	key   = "pd:acme:Q1WEB"
)

// world is a pretend Slack and our side of it, in a bubble without sockets.
type world struct {
	*testing.T
	sim  *simslack.Server
	ours *Workspace

	mu      sync.Mutex
	blobs   map[string][]byte
	reports []error
}

// in makes a world, runs f in it, and checks that all of it stops.
func in(t *testing.T, o simslack.Options, f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, sim: simslack.New(o), blobs: map[string][]byte{}}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.sim.Run(ctx) }()
		memory := sim.NewMemory()
		l, err := memory.Listen("slack.test:80")
		if err != nil {
			t.Fatal(err)
		}
		front := &http.Server{Handler: w.sim.Handler()}
		go func() { _ = front.Serve(l) }()
		transport := &http.Transport{DialContext: memory.DialContext}
		d := simslack.Defaults()
		w.ours = New(Options{
			BotToken: secret.New(d.BotToken), AppToken: secret.New(d.AppToken), APIURL: "http://slack.test/api",
			HTTP: &http.Client{Transport: transport}, Dialer: &websocket.Dialer{NetDialContext: memory.DialContext},
			Blob: w.blob, Health: w.report,
		})
		t.Cleanup(func() {
			cancel()
			<-ended
			transport.CloseIdleConnections()
			_ = front.Close()
		})
		f(w)
	})
}

func (w *world) blob(_ context.Context, hash string) ([]byte, error) {
	b, ok := w.blobs[hash]
	if !ok {
		return nil, errors.New("no such blob")
	}
	return b, nil
}

func (w *world) report(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reports = append(w.reports, err)
}

// reported is what Health was told.
func (w *world) reported() []error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]error(nil), w.reports...)
}

// calls counts the calls of a method.
func (w *world) calls(method string) (n int) {
	for _, c := range w.sim.Calls() {
		if c.Method == method {
			n++
		}
	}
	return n
}

// last is the newest call of a method.
func (w *world) last(method string) simslack.Call {
	w.Helper()
	all := w.sim.Calls()
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Method == method {
			return all[i]
		}
	}
	w.Fatalf("%s was never called", method)
	return simslack.Call{}
}

// show shows a card and wants it done.
func (w *world) show(card bot.Card, ref string) string {
	w.Helper()
	r := w.ours.Screen().Show(w.Context(), outbox.View{Key: cardKey + card.Incident, Version: card.Version, Ref: ref, Body: card})
	if r.State != outbox.Done {
		w.Fatalf("show: %+v; %v", r, w.sim.Calls()[len(w.sim.Calls())-1])
	}
	return r.Ref
}

// doors answers clicks and questions as a test wants, and keeps them.
type doors struct {
	mu      sync.Mutex
	clicks  []bot.Click
	asked   []bot.Question
	act     func(context.Context, bot.Click) (bot.Answer, error)
	ask     func(context.Context, bot.Question) (bot.Answer, error)
	refresh error // of RefreshHome
}

func (d *doors) Act(ctx context.Context, c bot.Click) (bot.Answer, error) {
	d.mu.Lock()
	d.clicks = append(d.clicks, c)
	d.mu.Unlock()
	if d.act == nil {
		return bot.Answer{Done: true}, nil
	}
	return d.act(ctx, c)
}

func (d *doors) Ask(ctx context.Context, q bot.Question) (bot.Answer, error) {
	d.mu.Lock()
	d.asked = append(d.asked, q)
	d.mu.Unlock()
	if d.ask == nil {
		return bot.Answer{Done: true, Text: "answer to " + q.About}, nil
	}
	return d.ask(ctx, q)
}

func (d *doors) RefreshHome(context.Context, string) error { return d.refresh }

func (d *doors) Home(context.Context, string) (bot.Home, error) {
	return bot.Home{Updated: time.Now(), Open: []bot.HomeLine{{Number: 1, Title: "#1 Web is down", Channel: ops, CardTS: "1700000000.000100"}}}, nil
}

func (d *doors) seen() []bot.Click {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]bot.Click(nil), d.clicks...)
}

func (d *doors) questions() []bot.Question {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]bot.Question(nil), d.asked...)
}

// read runs a reader with both connections standing; stop ends it.
func (w *world) read(d *doors) (r *Reader, stop func()) {
	w.Helper()
	r = w.ours.Reader(d)
	ctx, cancel := context.WithCancel(w.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	time.Sleep(apart + time.Second)
	synctest.Wait()
	if n := w.sim.Connections(); n != 2 {
		w.Fatalf("%d connections, want 2", n)
	}
	return r, sync.OnceFunc(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			w.Errorf("Run: %v", err)
		}
	})
}

// wellAcked checks that every acknowledgement was one that Slack waited for.
func (w *world) wellAcked() {
	w.Helper()
	for _, a := range w.sim.Acks() {
		if a.Unknown || a.Dropped {
			w.Errorf("acknowledgement %+v", a)
		}
	}
}

// payload is an acknowledgement's or answer's text.
func payload(t *testing.T, raw json.RawMessage) (text, kind string) {
	t.Helper()
	var p struct {
		Text string `json:"text"`
		Type string `json:"response_type"`
	}
	if len(raw) > 0 && json.Unmarshal(raw, &p) != nil {
		t.Fatalf("payload %s", raw)
	}
	return p.Text, p.Type
}

// ephemerals are the texts that only this person sees.
func (w *world) ephemerals(user string) (all []string) {
	for _, m := range w.sim.Messages(ops) {
		if m.Ephemeral && m.To == user {
			all = append(all, m.Text)
		}
	}
	return all
}
