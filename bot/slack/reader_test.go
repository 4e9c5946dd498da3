package slack

import (
	"context"
	"errors"
	"fmt"
	"strings"
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
		w.show(failedAgain(), ref)
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
			"": "answer to help", "list": "answer to list", "show 1": "answer to show", "reslove 3": "There is no `reslove`. Did you mean `/ams resolve 3`?",
			"help reslove": "There is no `reslove`. Did you mean `/ams help resolve`?",
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
