package slack

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// channel is a channel with everything that was ever said in it.
type channel struct {
	Channel
	messages  []*message
	followers map[string][]string // who follows the thread of that root
}

// message is one message with all its versions; the embedded one is newest.
type message struct {
	Message
	Old     []Message
	deleted bool
}

func (c *channel) has(user string) bool { return slices.Contains(c.Members, user) }

// find returns the message with that ts that is not deleted, nil if none.
func (c *channel) find(ts string) *message {
	for _, m := range c.messages {
		if m.TS == ts && !m.deleted {
			return m
		}
	}
	return nil
}

// visible says whether a user may see the channel at all.
func (c *channel) visible(user string) bool { return !c.Private || c.has(user) }

// root finds the root of a thread; a reply leads to its root.
func (c *channel) root(ts string) *message {
	m := c.find(ts)
	if m != nil && m.ThreadTS != "" && m.ThreadTS != m.TS {
		return c.find(m.ThreadTS)
	}
	return m
}

// say adds a message to a channel: it gets its ts, joins its thread, and
// notifies whom it must.
func (s *Server) say(c *channel, m Message) *message {
	m.Channel, m.TS, m.Version = c.ID, s.ts(), 1
	if m.ThreadTS != "" {
		if root := c.root(m.ThreadTS); root != nil {
			m.ThreadTS = root.TS
			if !m.Ephemeral {
				s.reply(c, root, m)
			}
		}
	}
	kept := &message{Message: m}
	c.messages = append(c.messages, kept)
	if !m.Ephemeral {
		s.notify(c, m)
	}
	return kept
}

// reply counts a reply on its root and makes its author a follower.
func (s *Server) reply(c *channel, root *message, m Message) {
	root.ThreadTS = root.TS
	root.Replies++
	root.LatestReply = m.TS
	if !slices.Contains(root.ReplyUsers, m.User) {
		root.ReplyUsers = append(root.ReplyUsers, m.User)
	}
	c.follow(root.TS, root.User, m.User)
}

func (c *channel) follow(root string, users ...string) {
	for _, u := range users {
		if u != "" && !slices.Contains(c.followers[root], u) {
			c.followers[root] = append(c.followers[root], u)
		}
	}
}

// edit makes a new version of a message and keeps the old one.
func (m *message) edit(change func(*Message)) {
	m.Old = append(m.Old, m.Message)
	change(&m.Message)
	m.Version++
	now := time.Now().UTC()
	m.Edited = &now
}

// version returns the message as it was in that version.
func (m *message) version(n int) (Message, bool) {
	if n == 0 || n == m.Version {
		return m.Message, true
	}
	for _, old := range m.Old {
		if old.Version == n {
			return old, true
		}
	}
	return Message{}, false
}

// uncount takes a deleted reply out of its thread's counts.
func (c *channel) uncount(m *message) {
	if m.ThreadTS == "" || m.ThreadTS == m.TS || m.Ephemeral {
		return
	}
	root := c.find(m.ThreadTS)
	if root == nil {
		return
	}
	root.Replies--
	root.LatestReply, root.ReplyUsers = "", nil
	for _, other := range c.messages {
		if other.ThreadTS == root.TS && other != root && !other.deleted && !other.Ephemeral {
			root.LatestReply = other.TS
			if !slices.Contains(root.ReplyUsers, other.User) {
				root.ReplyUsers = append(root.ReplyUsers, other.User)
			}
		}
	}
}

// object is how a message looks to an app: in answers, events and payloads.
func (s *Server) object(m Message, metadata bool) map[string]any {
	o := map[string]any{"type": "message", "ts": m.TS, "user": m.User, "text": m.Text, "team": s.opt.Team.ID}
	set := func(key string, value any, is bool) {
		if is {
			o[key] = value
		}
	}
	set("bot_id", m.BotID, m.BotID != "")
	set("app_id", s.opt.AppID, m.BotID != "")
	set("thread_ts", m.ThreadTS, m.ThreadTS != "")
	set("blocks", m.Blocks, len(m.Blocks) > 0)
	set("attachments", m.Attachments, len(m.Attachments) > 0)
	set("metadata", m.Metadata, metadata && len(m.Metadata) > 0)
	set("reply_count", m.Replies, m.Replies > 0)
	set("reply_users", m.ReplyUsers, m.Replies > 0)
	set("latest_reply", m.LatestReply, m.Replies > 0)
	set("subtype", "thread_broadcast", m.ReplyBroadcast)
	set("is_ephemeral", true, m.Ephemeral)
	set("pinned_to", []string{m.Channel}, m.Pinned)
	if m.Edited != nil {
		o["edited"] = map[string]any{"user": m.User, "ts": stamp(*m.Edited)}
	}
	if len(m.Reactions) > 0 {
		var all []map[string]any
		for _, r := range m.Reactions {
			all = append(all, map[string]any{"name": r.Name, "users": r.Users, "count": len(r.Users)})
		}
		o["reactions"] = all
	}
	if len(m.Files) > 0 {
		var all []map[string]any
		for _, f := range m.Files {
			all = append(all, map[string]any{"id": f.ID, "name": f.Name, "title": f.Title, "mimetype": f.Mimetype, "size": f.Size})
		}
		o["files"], o["upload"] = all, true
	}
	return o
}

// stamp writes a time the way a ts does.
func stamp(t time.Time) string {
	us := t.UnixMicro()
	return fmt.Sprintf("%d.%06d", us/1e6, us%1e6)
}

// isList says whether raw is a JSON array with something in it.
func isList(raw json.RawMessage) bool {
	var list []json.RawMessage
	return json.Unmarshal(raw, &list) == nil && len(list) > 0
}
