package slack

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

func TestPrivateChannels(t *testing.T) {
	o := Defaults()
	o.Channels = append(o.Channels,
		Channel{ID: "C0MINE0001", Name: "mine", Members: []string{alice, bot}, Private: true},
		Channel{ID: "C0THEIRS01", Name: "theirs", Members: []string{bob}, Private: true})
	run(t, o, func(w *world) {
		list, _, err := w.api.GetConversations(&slack.GetConversationsParameters{Types: []string{"private_channel"}})
		w.ok(err)
		if len(list) != 1 || list[0].ID != "C0MINE0001" || !list[0].IsPrivate || !list[0].IsMember {
			w.Errorf("private channels %+v", list)
		}
		_, _, err = w.api.GetConversations(&slack.GetConversationsParameters{Types: []string{"im"}})
		w.want(err, "missing_scope")
		_, _, _, err = w.api.JoinConversation("C0THEIRS01")
		w.want(err, "channel_not_found")
		_, _, _, err = w.api.JoinConversation("C0MINE0001")
		w.want(err, "method_not_supported_for_channel_type")
		users, _, err := w.api.GetUsersInConversation(&slack.GetUsersInConversationParameters{ChannelID: "C0MINE0001"})
		w.ok(err)
		if !slices.Equal(users, []string{alice, bot}) {
			w.Errorf("members %v", users)
		}
		names := func(user string) (all []string) {
			for _, c := range w.State(user).Channels {
				all = append(all, strings.SplitN(c.Name, "-", 2)[0])
			}
			return all
		}
		if a, b := names(alice), names(bob); !slices.Equal(a, []string{"general", "ops", "mine", "dm"}) ||
			!slices.Equal(b, []string{"general", "ops", "theirs", "dm"}) {
			w.Errorf("Alice sees %v, Bob sees %v", a, b)
		}
		if st := w.State("U0NOBODY01"); len(st.Channels) != 0 {
			w.Errorf("nobody sees %+v", st.Channels)
		}
	})
}

func TestSmallMethods(t *testing.T) {
	run(t, Options{}, func(w *world) {
		b, err := w.api.GetBotInfo(slack.GetBotInfoParameters{Bot: w.opt.BotID})
		w.ok(err)
		if b.UserID != bot || b.AppID != w.opt.AppID {
			w.Errorf("bot %+v", b)
		}
		_, err = w.api.GetBotInfo(slack.GetBotInfoParameters{Bot: "B0NONE"})
		w.want(err, "bot_not_found")
		me, err := w.api.AuthTest()
		w.ok(err)
		if me.UserID != bot || me.TeamID != w.opt.Team.ID || me.BotID != w.opt.BotID {
			w.Errorf("me %+v", me)
		}
		auth := url.Values{"token": {w.opt.BotToken}}
		auth.Set("blocks", `[{"type":"divider"}]`)
		if out := w.form("blocks.validate", auth); out["ok"] != true {
			w.Errorf("good blocks: %v", out)
		}
		auth.Set("blocks", `[{"type":"dancer"}]`)
		if out := w.form("blocks.validate", auth); out["error"] != "invalid_blocks" {
			w.Errorf("bad blocks: %v", out)
		}
		if out := w.form("api.test", url.Values{"error": {"my_error"}}); out["error"] != "my_error" {
			w.Errorf("api.test: %v", out)
		}
		_, _, err = w.api.GetConversations(&slack.GetConversationsParameters{Types: []string{"shoe_box"}})
		w.want(err, "invalid_types")
		_, err = w.api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: ops, Cursor: "?"})
		w.want(err, "invalid_cursor")
	})
}

func TestArgumentsMayBeJSON(t *testing.T) {
	run(t, Options{}, func(w *world) {
		post := func(body string) map[string]any {
			req, err := http.NewRequestWithContext(w.Context(), http.MethodPost, "http://slack.test/api/chat.postMessage", strings.NewReader(body))
			w.ok(err)
			req.Header.Set("Content-Type", "application/json; charset=utf-8")
			req.Header.Set("Authorization", "Bearer "+w.opt.BotToken)
			resp, err := w.http.Do(req)
			w.ok(err)
			defer resp.Body.Close()
			var out map[string]any
			w.ok(json.NewDecoder(resp.Body).Decode(&out))
			return out
		}
		if out := post(`{"channel":"` + ops + `","text":"x","blocks":[{"type":"divider"}],"thread_ts":null}`); out["ok"] != true {
			w.Errorf("answer %v", out)
		}
		if out := post(`{"channel":`); out["error"] != "invalid_json" {
			w.Errorf("answer %v", out)
		}
		if m := w.Messages(ops); len(m) != 1 || !isList(m[0].Blocks) {
			w.Errorf("messages %+v", m)
		}
	})
}

func TestMentionsInRichText(t *testing.T) {
	run(t, Options{}, func(w *world) {
		rich := `[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[
			{"type":"user","user_id":"` + alice + `"},{"type":"text","text":"<@` + carol + `>"}]}]}]`
		out := w.form("chat.postMessage", url.Values{"token": {w.opt.BotToken}, "channel": {ops}, "text": {"x"}, "blocks": {rich}})
		if out["ok"] != true {
			w.Fatalf("answer %v", out)
		}
		if len(w.State(alice).Notifications) != 1 || len(w.State(carol).Notifications) != 0 {
			w.Error("a user element mentions, text does not")
		}
	})
}

func TestACommandsAnswerCanBeReplaced(t *testing.T) {
	run(t, Options{}, func(w *world) {
		defer w.app(func(c *socketmode.Client, e socketmode.Event) {
			if e.Type == socketmode.EventTypeSlashCommand {
				_ = c.Ack(*e.Request, map[string]any{"text": "working"})
			}
		})()
		r, err := w.Command(w.Context(), Command{User: alice, Channel: ops, Command: "/ams"})
		w.ok(err)
		_, _, err = w.api.PostMessage("", slack.MsgOptionReplaceOriginal(r.ResponseURL), slack.MsgOptionText("done", false))
		w.ok(err)
		if m := w.Messages(ops); len(m) != 1 || m[0].Text != "done" || !m[0].Ephemeral {
			w.Errorf("messages %+v", m)
		}
		w.Fault(Fault{Method: "response", CutAfter: true})
		_, _, err = w.api.PostMessage("", slack.MsgOptionResponseURL(r.ResponseURL, "in_channel"), slack.MsgOptionText("lost?", false))
		if err == nil {
			w.Error("an answer that was cut came through")
		}
		if m := w.Messages(ops); len(m) != 2 || m[1].Ephemeral {
			w.Errorf("messages %+v", m)
		}
	})
}

func TestTheHandshakeCanFail(t *testing.T) {
	run(t, Options{}, func(w *world) {
		w.Fault(Fault{Method: "socket", Status: http.StatusBadGateway, Times: 2})
		w.Fault(Fault{Method: "apps.connections.open", Status: http.StatusServiceUnavailable})
		failed := 0
		defer w.app(func(_ *socketmode.Client, e socketmode.Event) {
			if e.Type == socketmode.EventTypeConnectionError {
				failed++
			}
		})()
		time.Sleep(time.Minute)
		synctest.Wait()
		if failed != 3 || w.Connections() != 1 {
			w.Errorf("failed %d times, %d connections", failed, w.Connections())
		}
	})
}

func TestSmallViewErrors(t *testing.T) {
	run(t, Options{}, func(w *world) {
		auth := func(more url.Values) url.Values { more.Set("token", w.opt.BotToken); return more }
		if out := w.form("views.open", auth(url.Values{"view": {"[]"}, "trigger_id": {"x"}})); out["error"] != "invalid_arguments" {
			w.Errorf("a view that is none: %v", out)
		}
		if out := w.form("views.update", auth(url.Values{"view": {"{}"}})); out["error"] != "invalid_arguments" {
			w.Errorf("an update of nothing: %v", out)
		}
	})
}

// Over a real loopback socket, mounted under a path, as the demo does it.
func TestMountedUnderAPath(t *testing.T) {
	s := New(Options{Prefix: "/slack"})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	front := httptest.NewServer(http.StripPrefix("/slack", s.Handler()))
	defer front.Close()
	api := slack.New(s.opt.BotToken, slack.OptionAppLevelToken(s.opt.AppToken), slack.OptionAPIURL(front.URL+"/slack/api/"))
	client := socketmode.New(api)
	running, stop := context.WithCancel(ctx)
	gone := make(chan struct{})
	go func() { defer close(gone); _ = client.RunContext(running) }()
	for e := range client.Events {
		if e.Type == socketmode.EventTypeHello {
			break
		}
	}
	_, ts, err := api.PostMessage(ops, slack.MsgOptionText("x", false), slack.MsgOptionBlocks(buttons("b", "go")))
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		e := <-client.Events
		_ = client.Ack(*e.Request)
	}()
	r, err := s.Click(ctx, Click{User: alice, Channel: ops, MessageTS: ts, ActionID: "go"})
	if err != nil || !r.Acked || !strings.HasPrefix(r.ResponseURL, front.URL+"/slack/response/") {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := api.UploadFile(slack.UploadFileParameters{Filename: "a.txt", FileSize: 1, Content: "x", Channel: ops}); err != nil {
		t.Errorf("upload: %v", err)
	}
	stop()
	<-gone
	cancel()
	<-ended
}
