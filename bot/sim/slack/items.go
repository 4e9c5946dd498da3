package slack

import (
	"slices"
	"strings"
)

func addReaction(s *Server, q *request) (reply, *problem) {
	m, p := s.itemOf(q)
	if p != nil {
		return nil, p
	}
	name := strings.Trim(q.args["name"], ":")
	if name == "" {
		return fail("invalid_name")
	}
	i := slices.IndexFunc(m.Reactions, func(r Reaction) bool { return r.Name == name })
	if i < 0 {
		m.Reactions = append(slices.Clone(m.Reactions), Reaction{Name: name})
		i = len(m.Reactions) - 1
	}
	if slices.Contains(m.Reactions[i].Users, s.opt.Bot.ID) {
		return fail("already_reacted")
	}
	m.Reactions[i].Users = append(m.Reactions[i].Users, s.opt.Bot.ID)
	return reply{}, nil
}

func addPin(s *Server, q *request) (reply, *problem) {
	m, p := s.itemOf(q)
	if p != nil {
		return nil, p
	}
	if m.Pinned {
		return fail("already_pinned")
	}
	m.Pinned = true
	return reply{}, nil
}

// itemOf finds the message that a reaction or a pin is for.
func (s *Server) itemOf(q *request) (*message, *problem) {
	c := s.channel(q.args["channel"])
	if c == nil || !c.visible(s.opt.Bot.ID) {
		return nil, &problem{code: "channel_not_found"}
	}
	if !c.has(s.opt.Bot.ID) {
		return nil, &problem{code: "not_in_channel"}
	}
	m := c.find(q.arg("timestamp", q.args["ts"]))
	if m == nil || m.Ephemeral {
		return nil, &problem{code: "message_not_found"}
	}
	return m, nil
}
