package slack

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/bot"
	simslack "amsbot/bot/sim/slack"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

// A delivery that comes twice, over whichever connection, acts once.
func TestDeliveredTwiceActsOnce(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		d := &doors{}
		_, stop := w.read(d)
		ref := w.show(base(), "")
		w.sim.Duplicate(40)
		for range 20 {
			w.click(alice, ref, "ams.take", "")
		}
		if n := len(d.seen()); n != 20 {
			t.Errorf("%d clicks, want 20", n)
		}
		if _, err := w.sim.Say(bob, ops, "@amsbot", ""); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if n := len(d.questions()); n != 1 {
			t.Errorf("%d questions", n)
		}
		stop()
	})
}

// held delays what is larger than an empty acknowledgement on its way to Slack.
type held struct{ net.Conn }

func (h held) Write(p []byte) (int, error) {
	if len(p) > 100 {
		time.Sleep(time.Second)
	}
	return h.Conn.Write(p)
}

// A command comes once more over the other connection, while its answer is still
// on its way: whichever acknowledgement Slack takes, the answer is in it.
func TestDeliveredTwiceKeepsItsAnswer(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		dial := w.ours.opt.Dialer.NetDialContext
		w.ours.opt.Dialer.NetDialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := dial(ctx, network, address)
			return held{c}, err
		}
		var id string
		d := &doors{act: func(_ context.Context, c bot.Click) (bot.Answer, error) {
			id = c.Once
			return bot.Answer{Done: true, Text: "Paused by Alice."}, nil
		}}
		r, stop := w.read(d)
		answered := make(chan simslack.Result)
		go func() { answered <- w.command(alice, "pause all") }()
		synctest.Wait()
		for _, l := range r.links {
			r.receive(l, socketmode.Event{Data: slack.SlashCommand{}, Request: &socketmode.Request{EnvelopeID: id}})
		}
		if text, _ := payload(t, (<-answered).Payload); text != "Paused by Alice." {
			t.Errorf("Slack was told %q", text)
		}
		if n := len(d.seen()); n != 1 {
			t.Errorf("%d clicks", n)
		}
		stop()
	})
}

// While one connection is renewed the other takes the clicks, and both come back.
func TestConnectionsAreRenewed(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		d := &doors{}
		r, stop := w.read(d)
		ref := w.show(base(), "")
		for i, end := range []func(){
			func() { w.sim.Drop(1) },
			func() { w.sim.Disconnect("refresh_requested") },
			func() { w.sim.Disconnect("warning") },
			func() { w.sim.Drop(-1) },
		} {
			end()
			if i == 0 {
				if r := w.click(alice, ref, "ams.take", ""); !r.Acked {
					t.Errorf("a click in between: %+v", r)
				}
			}
			time.Sleep(time.Minute)
			if w.sim.Connections() != 2 || r.Connected() != 2 {
				t.Errorf("%d: %d connections", i, w.sim.Connections())
			}
			if r := w.click(alice, ref, "ams.take", ""); !r.Acked {
				t.Errorf("%d: %+v", i, r)
			}
		}
		if n := len(d.seen()); n != 5 {
			t.Errorf("%d clicks", n)
		}
		if got := w.reported(); len(got) != 1 || got[0] != nil {
			t.Errorf("reported %v", got)
		}
		stop()
	})
}

// Slack refuses our tokens while we run: reported once, and once more when it
// lets us in again.
func TestLastingTroubleIsReportedOnce(t *testing.T) {
	for _, code := range []string{"invalid_auth", "not_allowed_token_type", "link_disabled", "token_revoked", "missing_scope", "account_inactive",
		"token_expired", "forbidden_team", "access_denied", "org_login_required"} {
		t.Run(code, func(t *testing.T) {
			log := logged(t)
			in(t, simslack.Options{}, func(w *world) {
				_, stop := w.read(&doors{})
				lift := w.sim.Fault(simslack.Fault{Method: "apps.connections.open", Error: code, Times: -1})
				w.sim.Drop(-1)
				time.Sleep(10*time.Minute + 1234567*time.Microsecond) // not at the moment of a try
				got := w.reported()
				if len(got) != 2 || got[0] != nil || got[1] == nil || !strings.Contains(got[1].Error(), code) {
					t.Fatalf("reported %v", got)
				}
				lift()
				time.Sleep(10 * time.Minute)
				if got = w.reported(); len(got) != 3 || got[2] != nil || w.sim.Connections() != 2 {
					t.Errorf("reported %v, %d connections", got, w.sim.Connections())
				}
				if text := log.String(); strings.Count(text, code) != 1 || !strings.Contains(text, "hint=") || !strings.Contains(text, "let in again") {
					t.Errorf("the log says\n%s", text)
				}
				stop()
			})
		})
	}
}

// A Slack that hangs is no lasting trouble, and stops nothing.
func TestHangingSlackIsTriedAgain(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		_, stop := w.read(&doors{})
		w.sim.Fault(simslack.Fault{Method: "apps.connections.open", Hang: true, Times: 2})
		w.sim.Fault(simslack.Fault{Method: "socket", Status: 503, Times: 2})
		w.sim.Drop(-1)
		time.Sleep(2 * time.Minute)
		if got := w.reported(); w.sim.Connections() != 2 || len(got) != 1 || got[0] != nil {
			t.Errorf("%d connections, reported %v", w.sim.Connections(), w.reported())
		}
		stop()
	})
}

// What the library cannot read is acknowledged by hand, or it would come again
// for ever; what is from elsewhere, or of an older amsbot, acts on nothing.
func TestDeliveriesThatMeanNothing(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		d := &doors{}
		_, stop := w.read(d)
		ref := w.show(base(), "")
		inject := func(frame string) {
			if !w.sim.Inject([]byte(frame)) {
				t.Fatal("no connection")
			}
			synctest.Wait()
		}
		press := func(id, team, app, value string) string {
			return fmt.Sprintf(`{"envelope_id":%q,"type":"interactive","accepts_response_payload":true,"payload":{"type":"block_actions",
				"team":{"id":%q},"api_app_id":%q,"user":{"id":%q},"channel":{"id":%q},"container":{"type":"message","channel_id":%q},
				"actions":[{"action_id":"ams.take","block_id":"1","type":"button","value":%q}]}}`, id, team, app, alice, ops, ops, value)
		}
		inject(`{"envelope_id":"e1","type":"new_kind","payload":{}}`)
		inject(`{"envelope_id":"e2","type":"interactive","payload":{"type":7}}`)
		inject(`{"envelope_id":"","type":"interactive","payload":{"type":"block_actions"}}`)
		inject(`not json`)
		inject(`{"envelope_id":"e3","type":"interactive","payload":{"type":"block_actions","actions":[]}}`)
		inject(`{"envelope_id":"e4","type":"interactive","payload":{"type":"shortcut","callback_id":"x"}}`)
		inject(press("e5", "T0ELSEWHERE", "A0AMSBOT01", "1|take|1||k"))
		inject(press("e6", "T0PRETEND1", "A0OTHERAPP", "1|take|1||k"))
		inject(press("e7", "T0PRETEND1", "A0AMSBOT01", "recover everything"))
		stranger := fmt.Sprintf(`"user":{"id":%q,"team_id":"T0ELSEWHERE"}`, bob) // in a channel that is shared
		inject(strings.Replace(press("e8", "T0PRETEND1", "A0AMSBOT01", "1|take|1||k"), fmt.Sprintf(`"user":{"id":%q}`, alice), stranger, 1))
		acked := map[string]bool{}
		for _, a := range w.sim.Acks() {
			acked[a.EnvelopeID] = true
		}
		for i := 1; i <= 8; i++ {
			if !acked[fmt.Sprintf("e%d", i)] {
				t.Errorf("e%d was not acknowledged", i)
			}
		}
		if acked[""] || len(d.seen()) != 0 {
			t.Errorf("acks %v, clicks %+v", acked, d.seen())
		}
		told := strings.Join(w.ephemerals(alice), "\n")
		if !strings.Contains(told, english.Say("slack.foreign")) || !strings.Contains(told, english.Say("slack.stale")) {
			t.Errorf("alice was told %q", told)
		}
		if told := strings.Join(w.ephemerals(bob), "\n"); !strings.Contains(told, english.Say("slack.foreign")) {
			t.Errorf("bob was told %q", told)
		}
		if r := w.click(alice, ref, "ams.take", ""); !r.Acked || len(d.seen()) != 1 {
			t.Errorf("after all that: %+v", r)
		}
		stop()
	})
}

// The connections break while a click is being done: its acknowledgement leaves
// over the next one, in time.
func TestAckOutlivesItsConnection(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		d := &doors{act: func(context.Context, bot.Click) (bot.Answer, error) {
			w.sim.Drop(-1)
			return bot.Answer{Done: true}, nil
		}}
		_, stop := w.read(d)
		ref := w.show(base(), "")
		if r := w.click(alice, ref, "ams.take", ""); !r.Acked || len(d.seen()) != 1 {
			t.Errorf("%+v", r)
		}
		stop()
	})
}
