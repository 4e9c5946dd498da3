package slack

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
)

// paged cuts a page out of a list by the arguments limit and cursor. The
// cursor is the position, wrapped so that nobody counts with it.
func paged[T any](all []T, q *request) (page []T, next string, p *problem) {
	from := 0
	if c := q.args["cursor"]; c != "" {
		raw, err := base64.URLEncoding.DecodeString(c)
		n, err2 := strconv.Atoi(strings.TrimPrefix(string(raw), "next:"))
		if err != nil || err2 != nil || n < 0 || n > len(all) {
			return nil, "", &problem{code: "invalid_cursor"}
		}
		from = n
	}
	to := min(len(all), from+q.number("limit", 100, 1000))
	if to < len(all) {
		next = base64.URLEncoding.EncodeToString([]byte("next:" + strconv.Itoa(to)))
	}
	return all[from:to], next, nil
}

// known finds a channel that the bot may know of, with the scope for its kind.
func (s *Server) known(q *request, right string) (*channel, *problem) {
	c := s.channel(q.args["channel"])
	if c == nil || c.ID != q.args["channel"] || !c.visible(s.opt.Bot.ID) {
		return nil, &problem{code: "channel_not_found"}
	}
	if scope := c.scope(right); !s.scoped(scope) {
		return nil, &problem{code: "missing_scope", needed: scope}
	}
	return c, nil
}

// scope names the scope that a right needs in this kind of channel.
func (c *channel) scope(right string) string {
	switch {
	case c.IM:
		return "im:" + right
	case c.Private:
		return "groups:" + right
	}
	return "channels:" + right
}

func (s *Server) channelObject(c *channel) map[string]any {
	o := map[string]any{
		"id": c.ID, "is_im": c.IM, "is_channel": !c.Private, "is_group": c.Private && !c.IM, "is_private": c.Private,
		"is_archived": c.Archived, "is_member": c.has(s.opt.Bot.ID), "is_ext_shared": c.Shared, "is_shared": c.Shared,
		"num_members": len(c.Members), "context_team_id": s.opt.Team.ID,
	}
	if c.IM {
		o["user"] = c.with(s.opt.Bot.ID)
		return o
	}
	o["name"], o["name_normalized"] = c.Name, c.Name
	return o
}

// with is the other side of a direct message.
func (c *channel) with(me string) string {
	for _, u := range c.Members {
		if c.IM && u != me {
			return u
		}
	}
	return ""
}

func channelInfo(s *Server, q *request) (reply, *problem) {
	c, p := s.known(q, "read")
	if p != nil {
		return nil, p
	}
	return reply{"channel": s.channelObject(c)}, nil
}

func channelMembers(s *Server, q *request) (reply, *problem) {
	c, p := s.known(q, "read")
	if p != nil {
		return nil, p
	}
	page, next, p := paged(c.Members, q)
	if p != nil {
		return nil, p
	}
	return reply{"members": page, "response_metadata": map[string]any{"next_cursor": next}}, nil
}

func channelList(s *Server, q *request) (reply, *problem) {
	kinds := strings.Split(q.arg("types", "public_channel"), ",")
	needs := map[string]string{"public_channel": "channels:read", "private_channel": "groups:read", "im": "im:read", "mpim": "mpim:read"}
	for _, k := range kinds {
		scope, ok := needs[strings.TrimSpace(k)]
		if !ok {
			return fail("invalid_types")
		}
		if !s.scoped(scope) {
			return nil, &problem{code: "missing_scope", needed: scope}
		}
	}
	var fit []*channel
	for _, c := range s.channels {
		kind := map[bool]string{true: "private_channel", false: "public_channel"}[c.Private]
		if c.IM {
			kind = "im"
		}
		if slices.Contains(kinds, kind) && c.visible(s.opt.Bot.ID) && !(c.Archived && q.yes("exclude_archived")) {
			fit = append(fit, c)
		}
	}
	page, next, p := paged(fit, q)
	if p != nil {
		return nil, p
	}
	all := []any{}
	for _, c := range page {
		all = append(all, s.channelObject(c))
	}
	return reply{"channels": all, "response_metadata": map[string]any{"next_cursor": next}}, nil
}

func channelJoin(s *Server, q *request) (reply, *problem) {
	c := s.channel(q.args["channel"])
	switch {
	case c == nil || c.ID != q.args["channel"] || !c.visible(s.opt.Bot.ID):
		return fail("channel_not_found")
	case c.Private:
		return fail("method_not_supported_for_channel_type")
	case c.Archived:
		return fail("is_archived")
	}
	if !c.has(s.opt.Bot.ID) {
		c.Members = append(c.Members, s.opt.Bot.ID)
	}
	return reply{"channel": s.channelObject(c)}, nil
}

func channelOpen(s *Server, q *request) (reply, *problem) {
	u, ok := s.user(q.args["users"])
	switch {
	case !ok:
		return fail("user_not_found")
	case u.Deleted:
		return fail("user_disabled")
	case u.IsBot:
		return fail("cannot_dm_bot")
	}
	return reply{"channel": map[string]any{"id": s.openIM(u.ID).ID}}, nil
}

// readable finds a channel whose messages the bot may read: it has to be in.
func (s *Server) readable(q *request) (*channel, *problem) {
	c, p := s.known(q, "history")
	if p == nil && !c.has(s.opt.Bot.ID) {
		p = &problem{code: "not_in_channel"}
	}
	return c, p
}

func history(s *Server, q *request) (reply, *problem) {
	c, p := s.readable(q)
	if p != nil {
		return nil, p
	}
	return s.messagePage(c, q, func(m *message) bool {
		return m.ThreadTS == "" || m.ThreadTS == m.TS || m.ReplyBroadcast
	}, true)
}

func replies(s *Server, q *request) (reply, *problem) {
	c, p := s.readable(q)
	if p != nil {
		return nil, p
	}
	at := c.find(q.args["ts"])
	if at == nil || at.Ephemeral {
		return fail("thread_not_found")
	}
	root := cmp.Or(at.ThreadTS, at.TS)
	return s.messagePage(c, q, func(m *message) bool { return m.TS == root || m.ThreadTS == root }, false)
}

// messagePage lists the messages that fit between oldest and latest: newest
// first for a channel, oldest first for a thread.
func (s *Server) messagePage(c *channel, q *request, fits func(*message) bool, newestFirst bool) (reply, *problem) {
	var found []map[string]any
	for _, m := range c.messages {
		if !m.deleted && !m.Ephemeral && fits(m) && within(m.TS, q) {
			found = append(found, s.object(m.Message, q.yes("include_all_metadata")))
		}
	}
	if newestFirst {
		slices.Reverse(found)
	}
	page, next, p := paged(found, q)
	if p != nil {
		return nil, p
	}
	if page == nil {
		page = []map[string]any{}
	}
	return reply{
		"messages": page, "has_more": next != "", "pin_count": 0, "response_metadata": map[string]any{"next_cursor": next},
	}, nil
}

// within compares a ts with oldest and latest; both exclude their own ts
// unless inclusive. Timestamps are compared as numbers of microseconds.
func within(ts string, q *request) bool {
	t, edge := micros(ts), 1
	if q.yes("inclusive") {
		edge = 0
	}
	if v := q.args["oldest"]; v != "" && t < micros(v)+int64(edge) {
		return false
	}
	if v := q.args["latest"]; v != "" && v != "now" && t > micros(v)-int64(edge) {
		return false
	}
	return true
}

// micros reads a ts; what is none is 0.
func micros(ts string) int64 {
	whole, part, _ := strings.Cut(ts, ".")
	part = (part + "000000")[:6]
	n, err := strconv.ParseInt(whole+part, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// Share has a channel shared with another organisation from now on.
func (s *Server) Share(id string) {
	s.do(func() {
		for _, c := range s.channels {
			c.Shared = c.Shared || c.ID == id
		}
	})
}
