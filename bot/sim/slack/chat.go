package slack

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

const (
	maxPostText   = 40000 // longer is cut off
	maxUpdateText = 4000  // longer is refused
)

// postable finds the channel for a message, or says why the bot may not post
// there. A user's ID stands for the direct message with that user.
func (s *Server) postable(name string) (*channel, *problem) {
	c := s.channel(name)
	if c == nil && strings.HasPrefix(name, "U") {
		if u, ok := s.user(name); ok && !u.IsBot && !u.Deleted {
			c = s.openIM(u.ID)
		}
	}
	switch {
	case c == nil || !c.visible(s.opt.Bot.ID):
		return nil, &problem{code: "channel_not_found"}
	case c.Archived:
		return nil, &problem{code: "is_archived"}
	case !c.has(s.opt.Bot.ID) && !s.scoped("chat:write.public"):
		return nil, &problem{code: "not_in_channel"}
	}
	return c, nil
}

func postMessage(s *Server, q *request) (reply, *problem) {
	c, p := s.postable(q.args["channel"])
	if p != nil {
		return nil, p
	}
	m, p := s.compose(q)
	if p != nil {
		return nil, p
	}
	if empty(m) {
		return fail("no_text")
	}
	if r := []rune(m.Text); len(r) > maxPostText {
		m.Text = string(r[:maxPostText])
	}
	if p := s.thread(c, q, &m); p != nil {
		return nil, p
	}
	kept := s.say(c, m)
	return reply{"channel": c.ID, "ts": kept.TS, "message": s.object(kept.Message, true)}, nil
}

// thread puts a message under its root. Only a root's ts is good: with a
// reply's ts Slack makes a thread that nobody finds.
func (s *Server) thread(c *channel, q *request, m *Message) *problem {
	ts := q.args["thread_ts"]
	if ts == "" {
		return nil
	}
	root := c.find(ts)
	switch {
	case root == nil:
		return &problem{code: "thread_not_found"}
	case root.Ephemeral || root.ThreadTS != "" && root.ThreadTS != root.TS:
		return &problem{code: "cannot_reply_to_message"}
	}
	m.ThreadTS, m.ReplyBroadcast = ts, q.yes("reply_broadcast")
	return nil
}

func postEphemeral(s *Server, q *request) (reply, *problem) {
	c := s.channel(q.args["channel"])
	u, ok := s.user(q.args["user"])
	switch {
	case c == nil || !c.visible(s.opt.Bot.ID):
		return fail("channel_not_found")
	case c.Archived:
		return fail("is_archived")
	case !c.has(s.opt.Bot.ID):
		return fail("not_in_channel")
	case !ok || u.Deleted || !c.has(u.ID):
		return fail("user_not_in_channel")
	}
	m, p := s.compose(q)
	if p != nil {
		return nil, p
	}
	if empty(m) {
		return fail("no_text")
	}
	if ts := q.args["thread_ts"]; ts != "" && c.find(ts) != nil {
		m.ThreadTS = ts
	}
	m.Ephemeral, m.To = true, u.ID
	return reply{"message_ts": s.say(c, m).TS}, nil
}

// own finds a message that the bot may change: one of its own.
func (s *Server) own(q *request, not string) (*channel, *message, *problem) {
	c := s.channel(q.args["channel"])
	if c == nil || c.ID != q.args["channel"] || !c.visible(s.opt.Bot.ID) {
		return nil, nil, &problem{code: "channel_not_found"}
	}
	m := c.find(q.args["ts"])
	switch {
	case m == nil || m.Ephemeral:
		return nil, nil, &problem{code: "message_not_found"}
	case m.BotID != s.opt.BotID:
		return nil, nil, &problem{code: not}
	case c.Archived:
		return nil, nil, &problem{code: "is_archived"}
	}
	return c, m, nil
}

func updateMessage(s *Server, q *request) (reply, *problem) {
	c, m, p := s.own(q, "cant_update_message")
	if p != nil {
		return nil, p
	}
	if utf8.RuneCountInString(q.args["text"]) > maxUpdateText {
		return fail("msg_too_long")
	}
	in, p := s.compose(q)
	if p != nil {
		return nil, p
	}
	if empty(in) {
		return fail("no_text")
	}
	next := merged(m.Message, in)
	m.edit(func(was *Message) {
		was.Text, was.Blocks, was.Attachments, was.Metadata = next.Text, next.Blocks, next.Attachments, next.Metadata
		was.ReplyBroadcast = was.ReplyBroadcast || q.yes("reply_broadcast") && was.ThreadTS != "" && was.ThreadTS != was.TS
	})
	return reply{"channel": c.ID, "ts": m.TS, "text": m.Text, "message": s.object(m.Message, true)}, nil
}

// merged is a message after an update: what the call does not name stays, an
// empty array clears.
func merged(was, in Message) Message {
	if in.Text != "" {
		was.Text = in.Text
	}
	if in.Blocks != nil {
		was.Blocks = in.Blocks
	}
	if in.Attachments != nil {
		was.Attachments = in.Attachments
	}
	if in.Metadata != nil {
		was.Metadata = in.Metadata
	}
	return was
}

func deleteMessage(s *Server, q *request) (reply, *problem) {
	c, m, p := s.own(q, "cant_delete_message")
	if p != nil {
		return nil, p
	}
	m.deleted = true
	c.uncount(m)
	return reply{"channel": c.ID, "ts": m.TS}, nil
}

func permalink(s *Server, q *request) (reply, *problem) {
	c := s.channel(q.args["channel"])
	if c == nil || !c.visible(s.opt.Bot.ID) {
		return fail("channel_not_found")
	}
	m := c.find(q.args["message_ts"])
	if m == nil || m.Ephemeral {
		return fail("message_not_found")
	}
	link := "https://" + s.opt.Team.Domain + ".slack.com/archives/" + c.ID + "/p" + strings.Replace(m.TS, ".", "", 1)
	if m.ThreadTS != "" && m.ThreadTS != m.TS {
		link += "?thread_ts=" + url.QueryEscape(m.ThreadTS) + "&cid=" + c.ID
	}
	return reply{"channel": c.ID, "permalink": link}, nil
}
