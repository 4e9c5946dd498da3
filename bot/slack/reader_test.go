package slack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/bot"
	simslack "amsbot/bot/sim/slack"
)

// click presses a button of a card, as the person sees it.
func (w *world) click(user, ref, action, option string) simslack.Result {
	w.Helper()
	_, ts, _ := parseReference(ref)
	r, err := w.sim.Click(w.Context(), simslack.Click{User: user, Channel: ops, MessageTS: ts, ActionID: action, SelectedOption: option})
	if err != nil {
		w.Fatal(err)
	}
	synctest.Wait()
	return r
}

func (w *world) command(user, text string) simslack.Result {
	w.Helper()
	r, err := w.sim.Command(w.Context(), simslack.Command{User: user, Channel: ops, Command: "/ams", Text: text})
	if err != nil {
		w.Fatal(err)
	}
	synctest.Wait()
	return r
}

func TestButtonIsAClick(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		d := &doors{act: func(_ context.Context, c bot.Click) (bot.Answer, error) {
			if c.User == bob {
				return bot.Answer{Text: "Alice was first, at 9:31."}, nil
			}
			return bot.Answer{Done: true}, nil
		}}
		_, stop := w.read(d)
		ref := w.show(base(), "")
		if r := w.click(alice, ref, "ams.recover", ""); !r.Acked || r.After > 100*time.Millisecond {
			t.Errorf("%+v", r)
		}
		w.click(bob, ref, "ams.recover", "")
		w.click(alice, ref, "ams.more", press{Act: bot.DoCheck, Offer: 6, Incident: key}.token())
		want := []bot.Click{
			{User: alice, Name: "alice", Team: "T0PRETEND1", Channel: ops, Room: "ops", Incident: key, Offer: 11, Act: bot.DoRecover},
			{User: bob, Name: "bob", Team: "T0PRETEND1", Channel: ops, Room: "ops", Incident: key, Offer: 11, Act: bot.DoRecover},
			{User: alice, Name: "alice", Team: "T0PRETEND1", Channel: ops, Room: "ops", Incident: key, Offer: 6, Act: bot.DoCheck},
		}
		if got := d.seen(); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("clicks\n%+v, want\n%+v", got, want)
		}
		if got := w.ephemerals(bob); len(got) != 1 || got[0] != "Alice was first, at 9:31." {
			t.Errorf("bob was told %q", got)
		}
		if got := w.ephemerals(alice); len(got) != 0 {
			t.Errorf("alice was told %q", got)
		}
		c := states()["bad"]
		w.show(c, ref)
		w.click(alice, ref, "ams.again", "")
		if got := d.seen()[3]; !got.Override || got.Offer != 30 {
			t.Errorf("%+v", got)
		}
		stop()
		w.wellAcked()
	})
}

func TestWhyAndLinks(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		d := &doors{}
		_, stop := w.read(d)
		ref := w.show(base(), "")
		w.click(alice, ref, "ams.more", press{Act: "why", Incident: key}.token())
		w.click(alice, ref, "ams.more", press{Act: "open", Incident: key}.token())
		if q := d.questions(); len(q) != 1 || q[0] != (bot.Question{User: alice, Channel: ops, Room: "ops", About: "why", Incident: key}) {
			t.Errorf("%+v", q)
		}
		if got := w.ephemerals(alice); len(got) != 1 || got[0] != "answer to why" {
			t.Errorf("%q", got)
		}
		stop()
		w.wellAcked()
		if len(w.sim.State(alice).Failures) != 0 || len(d.seen()) != 0 {
			t.Errorf("%+v, %+v", w.sim.State(alice).Failures, d.seen())
		}
	})
}

// A click that takes longer than Slack waits is acknowledged in time, and its
// outcome is told afterwards.
func TestSlowClickIsAckedInTime(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		d := &doors{act: func(ctx context.Context, _ bot.Click) (bot.Answer, error) {
			time.Sleep(7 * time.Second)
			return bot.Answer{Done: true, Text: "Done after all."}, ctx.Err()
		}}
		_, stop := w.read(d)
		ref := w.show(base(), "")
		if r := w.click(alice, ref, "ams.take", ""); !r.Acked || r.After < ackWithin || r.After > ackWithin+100*time.Millisecond {
			t.Errorf("%+v", r)
		}
		if r := w.command(bob, "take 1234"); !r.Acked || r.After > ackWithin+100*time.Millisecond {
			t.Errorf("%+v", r)
		}
		time.Sleep(10 * time.Second)
		for _, who := range []string{alice, bob} {
			if got := w.ephemerals(who); len(got) != 1 || got[0] != "Done after all." {
				t.Errorf("%s was told %q", who, got)
			}
		}
		stop()
		w.wellAcked()
	})
}

func TestCommandIsAnswered(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		d := &doors{act: func(_ context.Context, c bot.Click) (bot.Answer, error) {
			return bot.Answer{Done: true, Text: "Paused by Alice.", Public: true}, nil
		}}
		_, stop := w.read(d)
		for text, want := range map[string]string{
			"": "answer to help", "list": "answer to list", "show 1": "answer to show", "reslove 3": "There is no `reslove`. Did you mean `/ams resolve`?",
			"resolve": "Say which incident, by its number: `/ams resolve 1234`. `/ams list` names the open ones.",
		} {
			if got, kind := payload(t, w.command(alice, text).Payload); got != want || kind != "ephemeral" {
				t.Errorf("%q: %q, %q", text, got, kind)
			}
		}
		if got, kind := payload(t, w.command(alice, "pause all deploying").Payload); got != "Paused by Alice." || kind != "in_channel" {
			t.Errorf("%q, %q", got, kind)
		}
		c := d.seen()
		if len(c) != 1 || c[0].Act != bot.DoPause || c[0].Scope != "all" || c[0].Text != "deploying" || c[0].Once == "" || c[0].User != alice {
			t.Errorf("%+v", c)
		}
		d.ask = func(context.Context, bot.Question) (bot.Answer, error) {
			return bot.Answer{Done: true, Text: strings.Repeat("長い ", 4000)}, nil
		}
		if r := w.command(bob, "list"); !r.Acked { // more than an acknowledgement carries
			t.Errorf("%+v", r)
		}
		if got := w.ephemerals(bob); len(got) != 1 || !strings.HasSuffix(got[0], cut) {
			t.Errorf("bob was told %d things", len(got))
		}
		stop()
		w.wellAcked()
	})
}

// What goes wrong inside is one sentence for people.
func TestErrorsAreOneSentence(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		wrong := errors.New("store: commit: disk full at /var/lib/secret")
		d := &doors{
			act: func(context.Context, bot.Click) (bot.Answer, error) { return bot.Answer{Text: "half"}, wrong },
			ask: func(context.Context, bot.Question) (bot.Answer, error) { return bot.Answer{}, wrong },
		}
		_, stop := w.read(d)
		ref := w.show(base(), "")
		w.click(alice, ref, "ams.take", "")
		text, _ := payload(t, w.command(alice, "list").Payload)
		for _, told := range append(w.ephemerals(alice), text) {
			if told != english.Say("slack.failed") {
				t.Errorf("%q", told)
			}
		}
		if n := len(w.ephemerals(alice)); n != 2 {
			t.Errorf("told %d times", n)
		}
		stop()
	})
}

// modal is the dialogue that a person has open.
func (w *world) modal(user string) *simslack.View {
	if open := w.sim.State(user).Modals; len(open) > 0 {
		return &open[len(open)-1]
	}
	return nil
}

func (w *world) submit(user, note string) simslack.Result {
	w.Helper()
	r, err := w.sim.Submit(w.Context(), simslack.Submit{User: user, Values: noteValues(note)})
	if err != nil {
		w.Fatal(err)
	}
	synctest.Wait()
	return r
}

func TestNote(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		answer := bot.Answer{Text: "You may not &amp; Bob may."}
		d := &doors{act: func(context.Context, bot.Click) (bot.Answer, error) { return answer, nil }}
		_, stop := w.read(d)
		ref := w.show(base(), "")
		w.click(alice, ref, "ams.more", press{Act: bot.DoNote, Incident: key}.token())
		open := w.modal(alice)
		if open == nil || len(d.seen()) != 0 {
			t.Fatalf("no dialogue, or a click: %+v", d.seen())
		}
		w.submit(alice, " \n ")
		if v := w.modal(alice); v == nil || v.Errors[noteBlock] != english.Say("slack.note.empty") || len(d.seen()) != 0 {
			t.Errorf("%+v", v)
		}
		w.submit(alice, "the plug was out")
		if v := w.modal(alice); v == nil || v.Errors[noteBlock] != "You may not & Bob may." {
			t.Errorf("%+v", v)
		}
		answer = bot.Answer{Done: true, Text: "Noted."}
		w.submit(alice, " the plug was out\n")
		if w.modal(alice) != nil {
			t.Error("the dialogue is still open")
		}
		want := bot.Click{User: alice, Name: "alice", Team: "T0PRETEND1", Channel: ops, Room: "ops", Incident: key, Act: bot.DoNote, Text: "the plug was out", Once: open.ID}
		if got := d.seen(); len(got) != 2 || got[1] != want {
			t.Errorf("%+v", got)
		}
		if got := w.ephemerals(alice); len(got) != 1 || got[0] != "Noted." {
			t.Errorf("%q", got)
		}
		w.command(bob, "note 1234")
		if w.modal(bob) == nil {
			t.Fatal("no dialogue for the command")
		}
		w.submit(bob, "by command")
		if got := d.seen(); len(got) != 3 || got[2].Incident != "1234" || got[2].Text != "by command" || got[2].User != bob {
			t.Errorf("%+v", got)
		}
		stop()
		w.wellAcked()
	})
}

func TestNoteThatCouldNotBeKept(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		var slow time.Duration
		d := &doors{act: func(context.Context, bot.Click) (bot.Answer, error) {
			time.Sleep(slow)
			return bot.Answer{}, errors.New("disk full")
		}}
		_, stop := w.read(d)
		ref := w.show(base(), "")
		w.click(alice, ref, "ams.more", press{Act: bot.DoNote, Incident: key}.token())
		w.submit(alice, "x")
		if v := w.modal(alice); v == nil || v.Errors[noteBlock] != english.Say("slack.failed") {
			t.Errorf("%+v", v)
		}
		slow = 5 * time.Second
		w.submit(alice, "x")
		time.Sleep(slow)
		if got := w.ephemerals(alice); len(got) != 1 || got[0] != english.Say("slack.failed") {
			t.Errorf("%q", got)
		}
		w.sim.Fault(simslack.Fault{Method: "views.open", Slow: 4 * time.Second})
		if r := w.click(alice, ref, "ams.more", press{Act: bot.DoNote, Incident: key}.token()); !r.Acked {
			t.Errorf("%+v", r)
		}
		time.Sleep(5 * time.Second)
		if got := w.ephemerals(alice); len(got) != 2 || !strings.Contains(got[1], "did not open") {
			t.Errorf("%q", got)
		}
		stop()
	})
}

func TestHomeAndHelp(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		d := &doors{}
		_, stop := w.read(d)
		if err := w.sim.OpenHome(alice); err != nil {
			t.Fatal(err)
		}
		if _, err := w.sim.Say(bob, ops, "@amsbot what can you do?", ""); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		home := w.sim.State(alice).Home
		if home == nil || !strings.Contains(string(home.View), "#1 Web is down") || !strings.Contains(string(home.View), ".slack.com/archives/"+ops+"/p1700000000000100") {
			t.Errorf("home %+v", home)
		}
		if got := w.ephemerals(bob); len(got) != 1 || got[0] != "answer to help" {
			t.Errorf("%q", got)
		}
		var dm string
		for _, c := range w.sim.State(bob).Channels {
			if c.IM {
				dm = c.ID
			}
		}
		if _, err := w.sim.Say(bob, dm, "help", ""); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		said := 0
		for _, m := range w.sim.Messages(dm) {
			if m.BotID != "" {
				said++
			}
		}
		if said != 1 || len(d.questions()) != 2 {
			t.Errorf("amsbot spoke %d times, asked %+v", said, d.questions())
		}
		stop()
		w.wellAcked()
	})
}

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
		if len(w.reported()) != 1 || w.reported()[0] != nil {
			if len(w.reported()) != 0 {
				t.Errorf("reported %v", w.reported())
			}
		}
		stop()
	})
}

// Slack refuses our tokens while we run: reported once, and once more when it
// lets us in again.
func TestLastingTroubleIsReportedOnce(t *testing.T) {
	for _, code := range []string{"invalid_auth", "not_allowed_token_type", "link_disabled", "token_revoked", "missing_scope", "account_inactive"} {
		t.Run(code, func(t *testing.T) {
			in(t, simslack.Options{}, func(w *world) {
				_, stop := w.read(&doors{})
				lift := w.sim.Fault(simslack.Fault{Method: "apps.connections.open", Error: code, Times: -1})
				w.sim.Drop(-1)
				time.Sleep(10 * time.Minute)
				got := w.reported()
				if len(got) != 1 || got[0] == nil || !strings.Contains(got[0].Error(), code) {
					t.Fatalf("reported %v", got)
				}
				lift()
				time.Sleep(10 * time.Minute)
				if got = w.reported(); len(got) != 2 || got[1] != nil || w.sim.Connections() != 2 {
					t.Errorf("reported %v, %d connections", got, w.sim.Connections())
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
		if w.sim.Connections() != 2 || len(w.reported()) != 0 {
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
		acked := map[string]bool{}
		for _, a := range w.sim.Acks() {
			acked[a.EnvelopeID] = true
		}
		for i := 1; i <= 7; i++ {
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
		if r := w.click(alice, ref, "ams.take", ""); !r.Acked || len(d.seen()) != 1 {
			t.Errorf("after all that: %+v", r)
		}
		stop()
	})
}

// Stopping takes nothing more in, finishes what people pressed, and lets the
// last acknowledgements leave.
func TestStoppingLosesNoAnswer(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		d := &doors{act: func(ctx context.Context, _ bot.Click) (bot.Answer, error) {
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
			}
			return bot.Answer{Done: true}, ctx.Err()
		}}
		_, stop := w.read(d)
		ref := w.show(base(), "")
		_, ts, _ := parseReference(ref)
		var pressed sync.WaitGroup
		for range 20 {
			pressed.Go(func() {
				r, err := w.sim.Click(w.Context(), simslack.Click{User: alice, Channel: ops, MessageTS: ts, ActionID: "ams.take"})
				if err != nil || !r.Acked {
					t.Errorf("%+v, %v", r, err)
				}
			})
		}
		synctest.Wait()
		began := time.Now()
		go func() {
			time.Sleep(500 * time.Millisecond)
			got, _ := payload(t, w.command(bob, "list").Payload)
			if got != english.Say("slack.stopping") {
				t.Errorf("while stopping: %q", got)
			}
		}()
		stop()
		pressed.Wait()
		if took := time.Since(began); took < 3*time.Second || took > drainWithin {
			t.Errorf("stopping took %s", took)
		}
		if n := len(d.seen()); n != 20 {
			t.Errorf("%d clicks", n)
		}
		w.wellAcked()
	})
}

// A click that never ends does not keep the bot from stopping.
func TestStoppingGivesUpInTime(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		d := &doors{act: func(ctx context.Context, _ bot.Click) (bot.Answer, error) {
			<-ctx.Done()
			return bot.Answer{}, ctx.Err()
		}}
		_, stop := w.read(d)
		w.click(alice, w.show(base(), ""), "ams.take", "")
		began := time.Now()
		stop()
		if took := time.Since(began); took > drainWithin+time.Second {
			t.Errorf("stopping took %s", took)
		}
	})
}

// More clicks than there is room for: those that are not taken show their
// pressers so, and a command says it in words.
func TestMoreThanThereIsRoomFor(t *testing.T) {
	in(t, simslack.Options{NoLimits: true}, func(w *world) {
		release := make(chan struct{})
		d := &doors{act: func(context.Context, bot.Click) (bot.Answer, error) { <-release; return bot.Answer{Done: true}, nil }}
		_, stop := w.read(d)
		ref := w.show(base(), "")
		_, ts, _ := parseReference(ref)
		var all sync.WaitGroup
		var mu sync.Mutex
		taken, refused := 0, 0
		for range actWorkers + actQueue + 30 {
			all.Go(func() {
				r, err := w.sim.Click(w.Context(), simslack.Click{User: alice, Channel: ops, MessageTS: ts, ActionID: "ams.take"})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if r.Acked {
					taken++
				} else {
					refused++
				}
			})
		}
		synctest.Wait()
		if got, _ := payload(t, w.command(bob, "list").Payload); got != english.Say("slack.busy") {
			t.Errorf("%q", got)
		}
		w.click(bob, ref, "ams.more", press{Act: bot.DoNote, Incident: key}.token())
		if w.modal(bob) == nil {
			t.Error("a dialogue waits for other people's clicks")
		}
		all.Wait()
		close(release)
		if taken != actWorkers+actQueue || refused != 30 {
			t.Errorf("%d taken, %d refused", taken, refused)
		}
		synctest.Wait()
		if n := len(d.seen()); n != taken {
			t.Errorf("%d clicks", n)
		}
		stop()
	})
}

// Where Slack's address for answers fails, the person is told another way.
func TestAnswerByAnotherWay(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		d := &doors{act: func(context.Context, bot.Click) (bot.Answer, error) { return bot.Answer{Text: "No."}, nil }}
		_, stop := w.read(d)
		ref := w.show(base(), "")
		w.sim.Fault(simslack.Fault{Method: "response", Status: 500})
		w.click(alice, ref, "ams.take", "")
		if got := w.ephemerals(alice); len(got) != 1 || got[0] != "No." || w.calls("chat.postEphemeral") != 1 {
			t.Errorf("%q", got)
		}
		stop()
	})
}

// A private channel's name is not in what Slack sends; it is looked up once.
func TestRoomOfAPrivateChannel(t *testing.T) {
	o := simslack.Defaults()
	o.Channels = append(o.Channels, simslack.Channel{ID: "C0PRIVATE1", Name: "war-room", Private: true, Members: []string{alice, "U0AMSBOT01"}})
	in(t, o, func(w *world) {
		d := &doors{}
		_, stop := w.read(d)
		for range 3 {
			if _, err := w.sim.Command(w.Context(), simslack.Command{User: alice, Channel: "C0PRIVATE1", Command: "/ams", Text: "list"}); err != nil {
				t.Fatal(err)
			}
		}
		for _, q := range d.questions() {
			if q.Room != "war-room" {
				t.Errorf("%+v", q)
			}
		}
		if n := w.calls("conversations.info"); n != 1 {
			t.Errorf("asked %d times", n)
		}
		stop()
	})
}

// noteValues is what a person writes into Add Note.
func noteValues(text string) simslack.Values {
	return simslack.Values{noteBlock: {noteInput: {Value: text}}}
}
