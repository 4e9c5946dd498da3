package slack

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"
)

// form calls a method as any client would, and returns Slack's answer.

func (w *world) form(method string, args url.Values, header ...string) map[string]any {
	w.Helper()
	req, err := http.NewRequestWithContext(w.Context(), http.MethodPost, "http://slack.test/api/"+method, strings.NewReader(args.Encode()))
	w.ok(err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := w.http.Do(req)
	w.ok(err)
	defer resp.Body.Close()
	var out map[string]any
	w.ok(json.NewDecoder(resp.Body).Decode(&out))
	return out
}

func TestTokens(t *testing.T) {
	run(t, Options{}, func(w *world) {
		for _, c := range []struct{ method, token, want string }{
			{"auth.test", "", "not_authed"},
			{"auth.test", "xoxb-wrong", "invalid_auth"},
			{"auth.test", w.opt.BotToken, ""},
			{"auth.test", w.opt.AppToken, ""},
			{"chat.postMessage", w.opt.AppToken, "not_allowed_token_type"},
			{"apps.connections.open", w.opt.BotToken, "not_allowed_token_type"},
			{"apps.connections.open", w.opt.AppToken, ""},
			{"api.test", "", ""},
			{"no.such", w.opt.BotToken, "unknown_method"},
		} {
			inForm := w.form(c.method, url.Values{"token": {c.token}})
			inHeader := w.form(c.method, nil, "Authorization", "Bearer "+c.token)
			for _, out := range []map[string]any{inForm, inHeader} {
				if got, _ := out["error"].(string); got != c.want || out["ok"] != (c.want == "") {
					w.Errorf("%s with %q: %v", c.method, c.token, out)
				}
			}
		}
		for _, c := range w.Calls() {
			if strings.Contains(fmt.Sprint(c), w.opt.BotToken) || strings.Contains(fmt.Sprint(c), w.opt.AppToken) {
				w.Errorf("a token in the record of %s", c.Method)
			}
		}
	})
}

func TestScopesAreNeeded(t *testing.T) {
	run(t, Options{Scopes: []string{"chat:write"}}, func(w *world) {
		_, err := w.api.GetUserInfo(alice)
		var detail slack.SlackErrorResponse
		if !errors.As(err, &detail) || detail.Err != "missing_scope" || detail.Needed != "users:read" || detail.Provided != "chat:write" {
			w.Errorf("users.info: %#v", err)
		}
		_, _, _, err = w.api.JoinConversation(other)
		w.want(err, "missing_scope")
		_, err = w.api.GetUserGroups()
		w.want(err, "missing_scope")
		_, _, err = w.api.PostMessage(other, slack.MsgOptionText("x", false))
		w.want(err, "not_in_channel") // for want of chat:write.public
	})
}

func TestWhereTheBotMayPost(t *testing.T) {
	o := Defaults()
	o.Channels = append(o.Channels,
		Channel{ID: "C0OLD00001", Name: "old", Members: []string{alice, bot}, Archived: true},
		Channel{ID: "C0SECRET01", Name: "secret", Members: []string{alice}, Private: true})
	run(t, o, func(w *world) {
		text := slack.MsgOptionText("x", false)
		for channel, want := range map[string]string{
			ops: "", "#ops": "", other: "", alice: "", "C0OLD00001": "is_archived", "C0SECRET01": "channel_not_found",
			"C0NOWHERE1": "channel_not_found", "U0NOBODY01": "channel_not_found", "": "channel_not_found",
		} {
			_, _, err := w.api.PostMessage(channel, text)
			if err != nil && err.Error() != want || err == nil && want != "" {
				w.Errorf("post to %q: %v, want %q", channel, err, want)
			}
		}
		_, err := w.api.PostEphemeral(ops, carol, text)
		w.ok(err)
		_, err = w.api.PostEphemeral(ops, "U0NOBODY01", text)
		w.want(err, "user_not_in_channel")
		_, err = w.api.PostEphemeral(other, alice, text)
		w.want(err, "not_in_channel")
		_, _, _, err = w.api.JoinConversation(other)
		w.ok(err)
		_, err = w.api.PostEphemeral(other, alice, text)
		w.ok(err)
	})
}

func TestMessageSizes(t *testing.T) {
	run(t, Options{}, func(w *world) {
		_, _, err := w.api.PostMessage(ops)
		w.want(err, "no_text")
		_, ts, err := w.api.PostMessage(ops, slack.MsgOptionText(long(40001), false))
		w.ok(err)
		if n := len([]rune(w.Messages(ops)[0].Text)); n != 40000 {
			w.Errorf("%d characters kept", n)
		}
		_, _, _, err = w.api.UpdateMessage(ops, ts, slack.MsgOptionText(long(4001), false))
		w.want(err, "msg_too_long")
		_, _, _, err = w.api.UpdateMessage(ops, ts, slack.MsgOptionText(long(4000), false))
		w.ok(err)
		var blocks []slack.Block
		for range 5 {
			blocks = append(blocks, slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", long(2700), false, false), nil, nil))
		}
		_, _, err = w.api.PostMessage(ops, slack.MsgOptionBlocks(blocks...))
		w.want(err, "msg_blocks_too_long")
		_, _, err = w.api.PostMessage(ops, slack.MsgOptionBlocks(blocks[:4]...))
		w.ok(err)
		_, _, err = w.api.PostMessage(ops, slack.MsgOptionBlocks(slack.NewHeaderBlock(slack.NewTextBlockObject("plain_text", long(151), false, false))))
		var detail slack.SlackErrorResponse
		want := "must be less than 151 characters [json-pointer:/blocks/0/text/text]"
		if !errors.As(err, &detail) || detail.Err != "invalid_blocks" || len(detail.Errors) != 1 || *detail.Errors[0].Message != want ||
			!slices.Equal(detail.ResponseMetadata.Messages, []string{"[ERROR] " + want}) {
			w.Errorf("invalid blocks: %#v", err)
		}
	})
}

func TestUpdateAndDelete(t *testing.T) {
	run(t, Options{}, func(w *world) {
		meta := slack.SlackMetadata{EventType: "card", EventPayload: map[string]any{"incident": "P1"}}
		_, ts, err := w.api.PostMessage(ops, slack.MsgOptionText("one", false), slack.MsgOptionBlocks(buttons("b", "go")),
			slack.MsgOptionAttachments(slack.Attachment{Color: "#f00", Fallback: "f", Blocks: slack.Blocks{BlockSet: []slack.Block{buttons("c", "stop")}}}),
			slack.MsgOptionMetadata(meta))
		w.ok(err)
		hers, err := w.Say(alice, ops, "hello", "")
		w.ok(err)
		text := slack.MsgOptionText("two", false)
		_, _, _, err = w.api.UpdateMessage(ops, hers, text)
		w.want(err, "cant_update_message")
		_, _, err = w.api.DeleteMessage(ops, hers)
		w.want(err, "cant_delete_message")
		_, _, _, err = w.api.UpdateMessage(ops, "1.000001", text)
		w.want(err, "message_not_found")
		_, _, _, err = w.api.UpdateMessage("#ops", ts, text)
		w.want(err, "channel_not_found")
		_, _, _, err = w.api.UpdateMessage(ops, ts)
		w.want(err, "no_text")

		_, _, _, err = w.api.UpdateMessage(ops, ts, text)
		w.ok(err)
		m := w.Messages(ops)[0]
		if m.Text != "two" || !isList(m.Blocks) || !isList(m.Attachments) || !strings.Contains(string(m.Metadata), "P1") || m.Edited == nil {
			w.Errorf("what an update does not name must stay: %+v", m)
		}
		_, _, _, err = w.api.UpdateMessage(ops, ts, text, slack.MsgOptionBlocks(), slack.MsgOptionAttachments([]slack.Attachment{}...))
		w.ok(err)
		if m := w.Messages(ops)[0]; isList(m.Blocks) || len(w.Versions(ops, ts)) != 3 {
			w.Errorf("an empty list must clear: %+v", m)
		}
		w.form("chat.update", url.Values{"token": {w.opt.BotToken}, "channel": {ops}, "ts": {ts}, "text": {"x"}, "attachments": {"[]"}})
		if m := w.Messages(ops)[0]; isList(m.Attachments) {
			w.Errorf("an empty list must clear: %+v", m)
		}
		_, _, err = w.api.DeleteMessage(ops, ts)
		w.ok(err)
		_, _, _, err = w.api.UpdateMessage(ops, ts, text)
		w.want(err, "message_not_found")
		_, err = w.api.PostEphemeral(ops, alice, text)
		w.ok(err)
		ephemeral := w.Messages(ops)[1]
		_, _, _, err = w.api.UpdateMessage(ops, ephemeral.TS, text)
		w.want(err, "message_not_found")
	})
}

func TestThreadsAndHistory(t *testing.T) {
	run(t, Options{}, func(w *world) {
		root := w.card(ops)
		_, first, err := w.api.PostMessage(ops, slack.MsgOptionText("reply", false), slack.MsgOptionTS(root))
		w.ok(err)
		_, second, err := w.api.PostMessage(ops, slack.MsgOptionText("loud", false), slack.MsgOptionTS(root), slack.MsgOptionBroadcast())
		w.ok(err)
		_, _, err = w.api.PostMessage(ops, slack.MsgOptionText("x", false), slack.MsgOptionTS(first))
		w.want(err, "cannot_reply_to_message")
		_, _, err = w.api.PostMessage(ops, slack.MsgOptionText("x", false), slack.MsgOptionTS("1.000001"))
		w.want(err, "thread_not_found")

		all, _, _, err := w.api.GetConversationReplies(&slack.GetConversationRepliesParameters{ChannelID: ops, Timestamp: root})
		w.ok(err)
		if len(all) != 3 || all[0].Timestamp != root || all[0].ReplyCount != 2 || all[2].Timestamp != second {
			w.Errorf("replies %+v", all)
		}
		h, err := w.api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: ops})
		w.ok(err)
		if len(h.Messages) != 2 || h.Messages[0].Timestamp != second || h.Messages[1].Timestamp != root {
			w.Errorf("history %+v", h.Messages)
		}
		h, err = w.api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: ops, Oldest: root, Limit: 1})
		w.ok(err)
		if len(h.Messages) != 1 || h.Messages[0].Timestamp != second {
			w.Errorf("since the root: %+v", h.Messages)
		}
		_, err = w.api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: other})
		w.want(err, "not_in_channel")
		link, err := w.api.GetPermalink(&slack.PermalinkParameters{Channel: ops, Ts: first})
		w.ok(err)
		if want := "/archives/" + ops + "/p" + strings.Replace(first, ".", "", 1) + "?thread_ts=" + root; !strings.Contains(link, want) {
			w.Errorf("permalink %s", link)
		}
		st := w.State(alice).Channels[1]
		if len(st.Messages) != 2 || len(st.Threads[root]) != 2 {
			w.Errorf("what Alice sees: %+v", st)
		}
		_, _, err = w.api.DeleteMessage(ops, second)
		w.ok(err)
		if m := w.Messages(ops)[0]; m.Replies != 1 || m.LatestReply != first {
			w.Errorf("counts after a deletion: %+v", m)
		}
	})
}
