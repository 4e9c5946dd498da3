package slack

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"
)

func TestAcksOnAnyConnection(t *testing.T) {
	run(t, Options{}, func(w *world) {
		a, b := w.dialLine(), w.dialLine()
		defer a.Close()
		defer b.Close()
		a.next()
		b.next()
		w.ok(w.OpenHome(alice))
		f, from := a.next(), b
		if f == nil {
			f, from = b.next(), a
		}
		if f == nil {
			w.Fatal("no event")
		}
		from.ack(f, nil) // on the one that did not get it
		time.Sleep(time.Hour)
		if again := from.next(); again != nil || len(w.Acks()) != 1 || w.Acks()[0].Unknown {
			w.Errorf("delivered again: %v, acks %+v", again, w.Acks())
		}
	})
}

func TestEventsAreRedelivered(t *testing.T) {
	run(t, Options{}, func(w *world) {
		l := w.dialLine()
		defer l.Close()
		l.next()
		start := time.Now()
		w.ok(w.OpenHome(alice))
		var at []time.Duration
		var ids, envelopes []string
		for range 4 {
			f := <-l.frames
			at = append(at, time.Since(start))
			p := f["payload"].(map[string]any)
			ids = append(ids, p["event_id"].(string))
			envelopes = append(envelopes, f["envelope_id"].(string))
			if n := f["retry_attempt"].(float64); int(n) != len(at)-1 || (f["retry_reason"] == "timeout") != (n > 0) {
				w.Errorf("attempt %d: %v %v", len(at), n, f["retry_reason"])
			}
		}
		want := []time.Duration{0, 3 * time.Second, 66 * time.Second, 369 * time.Second}
		slices.Sort(envelopes)
		if !slices.Equal(at, want) || len(slices.Compact(ids)) != 1 || len(slices.Compact(envelopes)) != 4 {
			w.Errorf("delivered at %v, events %v", at, ids)
		}
		time.Sleep(time.Hour)
		if f := l.next(); f != nil {
			w.Errorf("a fifth delivery: %v", f)
		}
	})
}

func TestEventsWaitForASocket(t *testing.T) {
	run(t, Options{}, func(w *world) {
		w.ok(w.OpenHome(alice))
		time.Sleep(30 * time.Second)
		var got []int
		defer w.app(func(c *socketmode.Client, e socketmode.Event) {
			if e.Type == socketmode.EventTypeEventsAPI {
				got = append(got, e.Request.RetryAttempt)
			}
			acking(c, e)
		})()
		time.Sleep(time.Hour)
		synctest.Wait()
		if !slices.Equal(got, []int{2}) {
			w.Errorf("got attempts %v, want the one after a minute", got)
		}
	})
}

func TestInteractionsAreNeverRedelivered(t *testing.T) {
	run(t, Options{}, func(w *world) {
		ts := w.card(ops)
		click := Click{User: alice, Channel: ops, MessageTS: ts, ActionID: "go"}
		r, err := w.Click(w.Context(), click)
		w.ok(err)
		if r.Acked || r.Problem != "dispatch_failed" || r.After != 0 {
			w.Errorf("without a socket: %+v", r)
		}
		l := w.dialLine()
		defer l.Close()
		l.next()
		r, err = w.Click(w.Context(), click)
		w.ok(err)
		if r.Acked || r.Problem != "operation_timeout" || r.After != ackWithin {
			w.Errorf("without an ack: %+v", r)
		}
		f := l.next()
		l.ack(f, nil) // too late
		time.Sleep(time.Hour)
		if again := l.next(); again != nil {
			w.Errorf("delivered again: %v", again)
		}
		st := w.State(alice)
		if len(st.Failures) != 2 || st.Failures[1].ActionID != "go" || st.Failures[1].MessageTS != ts || len(st.Pending) != 0 {
			w.Errorf("failures %+v", st.Failures)
		}
		if acks := w.Acks(); len(acks) != 1 || !acks[0].Unknown {
			w.Errorf("acks %+v", acks)
		}
	})
}

func TestLargeAcksAreDropped(t *testing.T) {
	run(t, Options{}, func(w *world) {
		l := w.dialLine()
		defer l.Close()
		l.next()
		for _, c := range []struct {
			size  int
			acked bool
		}{{maxAck, false}, {maxAck - 1, true}} {
			done := make(chan Result, 1)
			go func() {
				r, err := w.Command(w.Context(), Command{User: alice, Channel: ops, Command: "/ams", Text: "help"})
				if err != nil {
					w.Error(err)
				}
				done <- r
			}()
			f := l.next()
			frame, err := json.Marshal(map[string]any{"envelope_id": f["envelope_id"], "payload": map[string]any{"text": ""}})
			w.ok(err)
			text := strings.Repeat("x", c.size-len(frame))
			frame, err = json.Marshal(map[string]any{"envelope_id": f["envelope_id"], "payload": map[string]any{"text": text}})
			w.ok(err)
			if len(frame) != c.size {
				w.Fatalf("%d bytes", len(frame))
			}
			w.ok(l.WriteMessage(websocket.TextMessage, frame))
			if r := <-done; r.Acked != c.acked {
				w.Errorf("%d bytes: %+v", c.size, r)
			}
		}
	})
}

func TestEventsOfMessages(t *testing.T) {
	o := Defaults()
	run(t, o, func(w *world) {
		var got []any
		defer w.app(func(c *socketmode.Client, e socketmode.Event) {
			if e.Type == socketmode.EventTypeEventsAPI {
				got = append(got, e.Data.(slackevents.EventsAPIEvent).InnerEvent.Data)
			}
			acking(c, e)
		})()
		dm := w.Server.openIM(alice).ID
		root := w.card(ops)
		say := func(channel, text, thread string) string {
			ts, err := w.Say(alice, channel, text, thread)
			w.ok(err)
			synctest.Wait()
			return ts
		}
		say(ops, "nothing for you", "")
		say(other, "@amsbot not here", "")
		say(ops, "@amsbot list <b>", root)
		say(dm, "help", "")
		w.ok(w.OpenHome(alice))
		synctest.Wait()
		if len(got) != 3 {
			w.Fatalf("%d events: %+v", len(got), got)
		}
		m, ok := got[0].(*slackevents.AppMentionEvent)
		if !ok || m.User != alice || m.Text != "<@"+bot+"> list &lt;b&gt;" || m.ThreadTimeStamp != root || m.Channel != ops {
			w.Errorf("mention %+v", got[0])
		}
		im, ok := got[1].(*slackevents.MessageEvent)
		if !ok || im.ChannelType != "im" || im.Text != "help" || im.Channel != dm {
			w.Errorf("message %+v", got[1])
		}
		home, ok := got[2].(*slackevents.AppHomeOpenedEvent)
		if !ok || home.User != alice || home.Tab != "home" {
			w.Errorf("home %+v", got[2])
		}
	})
}
