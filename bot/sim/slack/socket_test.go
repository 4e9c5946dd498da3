package slack

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack/socketmode"
)

// line is a raw socket: what it received is in frames, newest last.

type line struct {
	*websocket.Conn
	frames chan map[string]any
}

// dialLine opens a socket by hand. It answers pings and reads frames until it

// is closed.

func (w *world) dialLine() *line {
	w.Helper()
	_, u, err := w.client(w.opt.BotToken).StartSocketModeContext(w.Context())
	w.ok(err)
	l := &line{Conn: w.dialURL(u), frames: make(chan map[string]any, 100)}
	go func() {
		defer close(l.frames)
		for {
			var f map[string]any
			if l.ReadJSON(&f) != nil {
				return
			}
			l.frames <- f
		}
	}()
	synctest.Wait()
	return l
}

func (w *world) dialURL(u string) *websocket.Conn {
	w.Helper()
	d := websocket.Dialer{NetDialContext: w.net.dial}
	conn, _, err := d.DialContext(w.Context(), u, nil)
	w.ok(err)
	return conn
}

// next is the next frame, nil when there is none now.

func (l *line) next() map[string]any {
	synctest.Wait()
	select {
	case f := <-l.frames:
		return f
	default:
		return nil
	}
}

func (l *line) ack(f map[string]any, payload any) {
	_ = l.WriteJSON(map[string]any{"envelope_id": f["envelope_id"], "payload": payload})
	synctest.Wait()
}

func TestHelloComesFirstAndTicketsAreSingleUse(t *testing.T) {
	run(t, Options{}, func(w *world) {
		_, u, err := w.client(w.opt.BotToken).StartSocketModeContext(w.Context())
		w.ok(err)
		first := w.dialURL(u)
		defer first.Close()
		var hello map[string]any
		w.ok(first.ReadJSON(&hello))
		if hello["type"] != "hello" || hello["num_connections"] != float64(1) {
			w.Errorf("hello %v", hello)
		}
		d := websocket.Dialer{NetDialContext: w.net.dial}
		if _, resp, err := d.DialContext(w.Context(), u, nil); err == nil || resp == nil || resp.StatusCode != http.StatusForbidden {
			w.Errorf("the second use of a ticket: %v %v", resp, err)
		}
		second := w.dialLine()
		defer second.Close()
		if f := second.next(); f["num_connections"] != float64(2) {
			w.Errorf("second hello %v", f)
		}
		_, u, err = w.client(w.opt.BotToken).StartSocketModeContext(w.Context())
		w.ok(err)
		time.Sleep(ticketLife + time.Second)
		if _, _, err := d.DialContext(w.Context(), u, nil); err == nil {
			w.Error("an old ticket was taken")
		}
	})
}

func TestPingsComeInTime(t *testing.T) {
	run(t, Options{}, func(w *world) {
		connects := 0
		defer w.app(func(c *socketmode.Client, e socketmode.Event) {
			if e.Type == socketmode.EventTypeConnected {
				connects++
			}
		})()
		time.Sleep(time.Hour)
		synctest.Wait()
		if connects != 1 || w.Connections() != 1 {
			w.Errorf("%d connects in an hour", connects)
		}
		time.Sleep(4 * time.Hour)
		synctest.Wait()
		if connects != 2 || w.Connections() != 1 {
			w.Errorf("%d connects in five hours, want one refresh", connects)
		}
	})
}

func TestTenSocketsAndNotOneMore(t *testing.T) {
	run(t, Options{}, func(w *world) {
		var all []*line
		for range maxSockets {
			l := w.dialLine()
			defer l.Close()
			all = append(all, l)
		}
		spare := w.dialLine()
		defer spare.Close()
		if f := spare.next(); f["type"] != "disconnect" || f["reason"] != "too_many_websockets" {
			w.Errorf("the eleventh got %v", f)
		}
		if w.Connections() != maxSockets {
			w.Errorf("%d connections", w.Connections())
		}
		for range 50 {
			w.ok(w.OpenHome(alice))
		}
		used := 0
		synctest.Wait()
		for _, l := range all {
			l.next() // hello
			if f := l.next(); f != nil {
				used++
			}
		}
		if used < 5 || spare.next() != nil {
			w.Errorf("events went to %d of ten sockets", used)
		}
		time.Sleep(farewellTime + time.Second)
		if _, open := <-spare.frames; open {
			w.Error("the eleventh is still open")
		}
	})
}

func TestDisconnectsAndReconnects(t *testing.T) {
	for _, reason := range []string{"warning", "refresh_requested", "link_disabled", "too_many_websockets", ""} {
		t.Run(reason, func(t *testing.T) {
			run(t, Options{}, func(w *world) {
				connects := 0
				defer w.app(func(c *socketmode.Client, e socketmode.Event) {
					if e.Type == socketmode.EventTypeConnected {
						connects++
					}
					acking(c, e)
				})()
				told := 0
				if reason == "" {
					told = w.Drop(-1)
				} else {
					told = w.Disconnect(reason)
				}
				time.Sleep(time.Minute)
				synctest.Wait()
				if told != 1 || connects != 2 || w.Connections() != 1 {
					w.Errorf("told %d, %d connects, %d open", told, connects, w.Connections())
				}
				r, err := w.Click(w.Context(), Click{User: alice, Channel: ops, MessageTS: w.card(ops), ActionID: "go"})
				w.ok(err)
				if !r.Acked {
					w.Errorf("after it: %+v", r)
				}
			})
		})
	}
}

func TestAClientThatStaysIsCut(t *testing.T) {
	run(t, Options{}, func(w *world) {
		l := w.dialLine()
		defer l.Close()
		l.next()
		w.Disconnect("refresh_requested")
		if f := l.next(); f["type"] != "disconnect" || f["reason"] != "refresh_requested" {
			w.Errorf("frame %v", f)
		}
		time.Sleep(farewellTime + time.Second)
		if _, open := <-l.frames; open || w.Connections() != 0 {
			w.Error("still open")
		}
	})
}

func TestDuplicateAndMalformedFrames(t *testing.T) {
	run(t, Options{}, func(w *world) {
		clicks, bad := 0, 0
		defer w.app(func(c *socketmode.Client, e socketmode.Event) {
			switch e.Type {
			case socketmode.EventTypeInteractive:
				clicks++
			case socketmode.EventTypeErrorBadMessage, socketmode.EventTypeIncomingError:
				bad++
			}
			acking(c, e)
		})()
		w.Duplicate(1)
		ts := w.card(ops)
		for range 2 {
			_, err := w.Click(w.Context(), Click{User: alice, Channel: ops, MessageTS: ts, ActionID: "go"})
			w.ok(err)
		}
		synctest.Wait()
		if clicks != 3 {
			w.Errorf("%d deliveries of two clicks, one doubled", clicks)
		}
		if !w.Inject([]byte(`{"type":"novelty","envelope_id":"x","payload":{}}`)) || !w.Inject([]byte(`{"type":`)) {
			w.Error("not injected")
		}
		synctest.Wait()
		if bad < 1 {
			w.Error("the client saw nothing bad")
		}
	})
}

func TestPrefixIsInEveryAddress(t *testing.T) {
	s := New(Options{Prefix: "slack/"})
	q := &request{args: map[string]string{"filename": "a.txt", "length": "1"}}
	r, err := http.NewRequest(http.MethodPost, "http://127.0.0.1:8080/slack/api/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	q.base = s.base(r)
	up, p := uploadURL(s, q)
	open, p2 := connectionsOpen(s, q)
	if p != nil || p2 != nil || !strings.HasPrefix(up["upload_url"].(string), "http://127.0.0.1:8080/slack/upload/") ||
		!strings.HasPrefix(open["url"].(string), "ws://127.0.0.1:8080/slack/socket?ticket=") {
		t.Errorf("%v %v", up, open)
	}
}
