package slack

import (
	"testing"
	"time"

	"amsbot/bot"
	simslack "amsbot/bot/sim/slack"

	"github.com/slack-go/slack"
)

// The shortcut on a reply somewhere in the workspace does not bring us into that
// channel: only a project's is joined to see what its thread hangs on.
func TestShortcutJoinsProjectsOnly(t *testing.T) {
	for _, c := range []struct {
		name   string
		joins  int
		thread func(*world) // what is so before
	}{
		{"no project's", 0, func(w *world) { w.ours.opt.Ours = func(channel, _ string) bool { return channel == ops } }},
		{"nobody says whose", 0, func(*world) {}},
		{"a project's, by its name", 1, func(w *world) { w.ours.opt.Ours = func(_, room string) bool { return room == "general" } }},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, simslack.Options{}, func(w *world) {
				c.thread(w)
				d := &doors{}
				_, stop := w.read(d)
				root, err := w.sim.Say(alice, away, "lunch?", "")
				if err != nil {
					t.Fatal(err)
				}
				ts, err := w.sim.Say(bob, away, "yes", root)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := w.sim.Shortcut(w.Context(), simslack.Shortcut{User: bob, Channel: away, MessageTS: ts, CallbackID: ShortcutCallback}); err != nil {
					t.Fatal(err)
				}
				time.Sleep(5 * time.Second)
				if n := w.calls("conversations.join"); n != c.joins {
					t.Errorf("joined %d times, want %d", n, c.joins)
				}
				if n := w.calls("conversations.replies"); n == 0 {
					t.Error("the thread was not looked at")
				}
				if len(d.seen()) != 0 {
					t.Errorf("asked %v", d.seen())
				}
				want := english.Say("slack.shortcut.none")
				told := 0
				for _, m := range w.sim.Messages(away) {
					if m.Ephemeral && m.To == bob && m.Text == want {
						told++
					}
				}
				if told != 1 {
					t.Errorf("Bob is told %d times that it is about none: %+v", told, w.sim.Messages(away))
				}
				stop()
			})
		})
	}
}

// What is marked with anything but an incident's key is about no incident: messages
// of amsbot's own, cards of storms and of groups.
func TestMarkedIncident(t *testing.T) {
	marked := func(event string, payload map[string]any) slack.Message {
		var m slack.Message
		m.Metadata = slack.SlackMetadata{EventType: event, EventPayload: payload}
		return m
	}
	pressed := func(incident string) slack.Message {
		var m slack.Message
		button := slack.NewButtonBlockElement(actionPrefix+bot.DoTake, press{Act: bot.DoTake, Offer: 3, Incident: incident}.token(), nil)
		m.Attachments = []slack.Attachment{{Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewActionBlock("b", button)}}}}
		return m
	}
	for key, want := range map[string]string{key: key, "bot": "", "storm:shop/web:1": "", "group:shop/1": ""} {
		for name, m := range map[string]slack.Message{
			"a card":    marked(cardEvent, map[string]any{"incident": key}),
			"a message": marked(actEvent, map[string]any{"act": key + "#12"}),
			"a button":  pressed(key),
		} {
			if got := markedIncident(m); got != want {
				t.Errorf("%s of %s is about %q, want %q", name, key, got, want)
			}
		}
	}
}
