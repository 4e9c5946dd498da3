package slack

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

func TestCommands(t *testing.T) {
	o := Defaults()
	o.CommandsRaw = []string{"/raw"}
	run(t, o, func(w *world) {
		var got []slack.SlashCommand
		var answer any
		defer w.app(func(c *socketmode.Client, e socketmode.Event) {
			if e.Type == socketmode.EventTypeSlashCommand {
				got = append(got, e.Data.(slack.SlashCommand))
				_ = c.Ack(*e.Request, answer)
			}
		})()
		do := func(command, text string, payload any) Result {
			answer = payload
			r, err := w.Command(w.Context(), Command{User: alice, Channel: ops, Command: command, Text: text})
			w.ok(err)
			return r
		}
		r := do("/ams", " show @bob @ops #ops <x> https://a.b/c ", map[string]any{"text": "only you"})
		want := "show <@" + bob + "|bob> <!subteam^S0OPS00001|@ops> <#" + ops + "|ops> &lt;x&gt; <https://a.b/c>"
		if c := got[0]; c.Text != want || c.UserID != alice || c.ChannelID != ops || c.ChannelName != "ops" || c.TriggerID != r.TriggerID {
			w.Errorf("command %+v", c)
		}
		do("/raw", "show @bob <x>", map[string]any{"text": "everybody", "response_type": "in_channel"})
		if got[1].Text != "show @bob <x>" {
			w.Errorf("raw text %q", got[1].Text)
		}
		do("/ams", "nothing", nil)
		m := w.Messages(ops)
		if len(m) != 2 || !m[0].Ephemeral || m[0].To != alice || m[0].Text != "only you" || m[1].Ephemeral || m[1].Text != "everybody" {
			w.Errorf("messages %+v", m)
		}
		do("/ams", "bad", map[string]any{"blocks": []any{map[string]any{"type": "alert"}}})
		if m := w.Messages(ops); len(m) != 3 || m[2].User != slackbot || !strings.Contains(m[2].Text, "invalid_blocks") {
			w.Errorf("a bad answer: %+v", m)
		}
		for name, c := range map[string]Command{
			"in a thread":      {User: alice, Channel: ops, Command: "/ams", ThreadTS: "1.000001"},
			"unknown":          {User: alice, Channel: ops, Command: "/other"},
			"not in a channel": {User: alice, Channel: w.Server.openIM(bob).ID, Command: "/ams"},
		} {
			if _, err := w.Command(w.Context(), c); !errors.Is(err, ErrRefused) && !errors.Is(err, ErrNotThere) {
				w.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestCommandWithoutAnAnswer(t *testing.T) {
	run(t, Options{}, func(w *world) {
		defer w.app(func(*socketmode.Client, socketmode.Event) {})()
		r, err := w.Command(w.Context(), Command{User: alice, Channel: ops, Command: "/ams", Text: "help"})
		w.ok(err)
		m := w.Messages(ops)
		if r.Acked || r.After != ackWithin || len(m) != 1 || m[0].To != alice || !strings.Contains(m[0].Text, "operation_timeout") {
			w.Errorf("%+v, messages %+v", r, m)
		}
	})
}

func TestResponseURLs(t *testing.T) {
	run(t, Options{}, func(w *world) {
		defer w.app(acking)()
		ts := w.card(ops)
		press := func() string {
			r, err := w.Click(w.Context(), Click{User: alice, Channel: ops, MessageTS: ts, ActionID: "go"})
			w.ok(err)
			return r.ResponseURL
		}
		post := func(u string, options ...slack.MsgOption) error {
			_, _, err := w.api.PostMessage(ops, append(options, slack.MsgOptionResponseURL(u, "ephemeral"))...)
			return err
		}
		u := press()
		w.ok(post(u, slack.MsgOptionText("only Alice", false)))
		m := w.Messages(ops)
		if len(m) != 2 || !m[1].Ephemeral || m[1].To != alice {
			w.Errorf("messages %+v", m)
		}
		w.ok(post(u, slack.MsgOptionText("replaced", false), slack.MsgOptionReplaceOriginal(u)))
		if m := w.Messages(ops); m[0].Text != "replaced" || isList(m[0].Blocks) {
			w.Errorf("original %+v", m[0])
		}
		for range 3 {
			w.ok(post(u, slack.MsgOptionText("again", false)))
		}
		if err := post(u, slack.MsgOptionText("a sixth time", false)); !status(http.StatusNotFound)(err) {
			w.Errorf("the sixth use: %v", err)
		}
		ts = w.card(ops)
		u = press()
		w.ok(post(u, slack.MsgOptionDeleteOriginal(u)))
		if v := w.State(alice).Channels[1].Messages; v[len(v)-1].TS == ts {
			w.Error("the original is still there")
		}
		ts = w.card(ops)
		u = press()
		time.Sleep(answerLife + time.Second)
		if err := post(u, slack.MsgOptionText("late", false)); !status(http.StatusNotFound)(err) {
			w.Errorf("after half an hour: %v", err)
		}
		if err := post("http://slack.test/response/none", slack.MsgOptionText("x", false)); !status(http.StatusNotFound)(err) {
			w.Errorf("an unknown one: %v", err)
		}
	})
}

func TestNotifications(t *testing.T) {
	run(t, Options{}, func(w *world) {
		count := func(user string) int { return len(w.State(user).Notifications) }
		check := func(what string, a, b, c int) {
			w.Helper()
			if count(alice) != a || count(bob) != b || count(carol) != c {
				w.Errorf("%s: notifications %d %d %d, want %d %d %d", what, count(alice), count(bob), count(carol), a, b, c)
			}
		}
		post := func(options ...slack.MsgOption) string {
			w.Helper()
			time.Sleep(time.Second)
			_, ts, err := w.api.PostMessage(ops, options...)
			w.ok(err)
			return ts
		}
		text := func(s string) slack.MsgOption { return slack.MsgOptionText(s, false) }
		mrkdwn := func(s string) slack.MsgOption {
			return slack.MsgOptionBlocks(slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", s, false, false), nil, nil))
		}
		post(text("nobody"))
		check("no mention", 0, 0, 0)
		root := post(text("<@" + alice + "> look"))
		check("a mention", 1, 0, 0)
		post(text("<!subteam^S0OPS00001>"))
		check("a group", 2, 1, 0)
		post(text("<!here>"))
		check("here", 3, 2, 1)
		post(text("fallback <@"+alice+">"), mrkdwn("no mention in the blocks"))
		check("the fallback of blocks", 3, 2, 1)
		post(text("fallback"), mrkdwn("<@"+carol+"> in the blocks"))
		check("in blocks", 3, 2, 2)
		post(text("&lt;@" + alice + "&gt;"))
		check("escaped", 3, 2, 2)
		_, _, _, err := w.api.UpdateMessage(ops, root, text("<@"+bob+"> <!channel>"))
		w.ok(err)
		check("an edit", 3, 2, 2)
		_, err = w.api.PostEphemeral(ops, bob, text("<@"+bob+">"))
		w.ok(err)
		check("ephemeral", 3, 2, 2)
		post(text("a reply"), slack.MsgOptionTS(root))
		check("a thread that nobody follows", 3, 2, 2)
		_, err = w.Say(bob, ops, "I am on it", root)
		w.ok(err)
		post(text("a reply"), slack.MsgOptionTS(root))
		check("a thread that Bob follows", 3, 3, 2)
		post(text("<@"+carol+"> a reply"), slack.MsgOptionTS(root))
		check("a mention in a thread", 3, 4, 3)
		_, _, err = w.api.PostMessage(other, text("<@"+alice+">"))
		w.ok(err)
		check("elsewhere", 4, 4, 3)
		_, _, err = w.api.PostMessage(alice, text("hello"))
		w.ok(err)
		check("a direct message", 5, 4, 3)
		if n := w.State(alice).Notifications; n[0].Why != "mention" || n[1].Why != "group" || n[2].Why != "here" || n[4].Why != "dm" {
			w.Errorf("reasons %+v", n)
		}
	})
}
