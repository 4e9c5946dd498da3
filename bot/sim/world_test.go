package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"amsbot/bot/sim/pagerduty"
	"amsbot/bot/sim/slack"
)

// world is a Sim in a bubble, with an HTTP client that stands outside of it.
type world struct {
	*Sim
	t      *testing.T
	memory *Memory
	client *http.Client
}

const (
	worldAt = "http://sim.example"
	aiko    = "U0AIKO0001"
	dan     = "U0DAN00001"
)

// inWorld runs f in a bubble in which a world is served, and ends the world.
func inWorld(t *testing.T, change func(*Options), f func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, memory: NewMemory()}
		o := Shop()
		o.Network = w.memory
		if change != nil {
			change(&o)
		}
		w.Sim = New(o)
		transport := &http.Transport{DialContext: w.memory.DialContext}
		w.client = &http.Client{Transport: transport}
		l, err := w.memory.Listen("sim.example:80")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.Serve(ctx, l) }()
		synctest.Wait()
		defer func() {
			transport.CloseIdleConnections()
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("Serve: %v", err)
			}
		}()
		f(w)
	})
}

// call makes one request and returns its status and body.
func (w *world) call(method, path, body string, header ...string) (int, string) {
	w.t.Helper()
	r, err := http.NewRequest(method, worldAt+path, bytes.NewBufferString(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	resp, err := w.client.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// post asks the control API for something that it must do.
func (w *world) post(path, body string) map[string]any {
	w.t.Helper()
	status, text := w.call("POST", "/control/"+path, body)
	if status != http.StatusOK {
		w.t.Fatalf("POST %s %s: %d %s", path, body, status, text)
	}
	var out map[string]any
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// seen is GET /control/state, decoded as far as tests look.
type seen struct {
	People    []person        `json:"people"`
	Slack     slack.State     `json:"slack"`
	PagerDuty pagerduty.State `json:"pagerduty"`
	Patient   *struct {
		Ailment string `json:"ailment"`
		Monitor struct {
			Watching  bool `json:"watching"`
			AutoClear bool `json:"auto_clear"`
		} `json:"monitor"`
	} `json:"patient"`
	Bot *botState `json:"bot"`
}

func (w *world) see(as string) seen {
	w.t.Helper()
	status, text := w.call("GET", "/control/state?as="+as, "")
	if status != http.StatusOK {
		w.t.Fatalf("GET state as %s: %d %s", as, status, text)
	}
	var out seen
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// withBot runs the scripted bot beside the world; webhooks go to it.
func (w *world) withBot() *testBot {
	w.t.Helper()
	b := newTestBot(w.Access(worldAt), w.client, func() string { return PatientControl })
	b.dialer = &websocket.Dialer{NetDialContext: w.memory.DialContext}
	l, err := w.memory.Listen("bot.example:80")
	if err != nil {
		w.t.Fatal(err)
	}
	server := &http.Server{Handler: b}
	ctx, cancel := context.WithCancel(w.t.Context())
	var work sync.WaitGroup
	work.Go(func() { server.Serve(l) })
	work.Go(func() { b.run(ctx) })
	w.t.Cleanup(func() {
		cancel()
		server.Close()
		work.Wait()
	})
	time.Sleep(time.Second)
	return b
}

// toBot sends the account's webhooks to the scripted bot.
func toBot(o *Options) {
	o.PagerDuty.Webhooks = []pagerduty.Webhook{{URL: "http://bot.example/"}}
}

// channel finds a channel of a state by name.
func (s seen) channel(t *testing.T, name string) slack.ChannelState {
	t.Helper()
	for _, c := range s.Slack.Channels {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("%s sees no channel %s", s.Slack.Me.Name, name)
	return slack.ChannelState{}
}
