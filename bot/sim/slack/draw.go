package slack

import (
	"cmp"
	"slices"
	"time"
)

// State returns what one person sees right now. For an ID that is nobody's it
// is empty but for the workspace.
func (s *Server) State(viewer string) State {
	s.mu.Lock()
	defer s.mu.Unlock()
	me, _ := s.user(viewer)
	st := State{
		Now: time.Now().UTC(), Team: s.opt.Team, Me: me, Bot: s.opt.Bot, Connections: s.connected(),
		Users: slices.Clone(s.users), Groups: slices.Clone(s.groups), Shortcuts: append([]AppShortcut{}, s.opt.Shortcuts...), Channels: []ChannelState{}, Modals: []View{},
		Notifications: append([]Notification{}, s.notified[viewer]...),
		Failures:      append([]Failure{}, s.failures[viewer]...), Pending: []Failure{},
	}
	for _, f := range s.pending[viewer] {
		st.Pending = append(st.Pending, *f)
	}
	for _, v := range s.stacks[viewer] {
		st.Modals = append(st.Modals, v.View)
	}
	if v := s.homes[viewer]; v != nil {
		home := v.View
		st.Home = &home
	}
	if me.ID == "" {
		return st
	}
	for _, c := range s.channels {
		if c.visible(viewer) {
			st.Channels = append(st.Channels, s.seen(c, viewer))
		}
	}
	slices.SortStableFunc(st.Channels, func(a, b ChannelState) int {
		return cmp.Or(cmp.Compare(rank(a.Channel), rank(b.Channel)), cmp.Compare(a.Name, b.Name))
	})
	return st
}

// rank orders public channels before private ones before direct messages.
func rank(c Channel) int {
	switch {
	case c.IM:
		return 2
	case c.Private:
		return 1
	}
	return 0
}

func (s *Server) seen(c *channel, viewer string) ChannelState {
	st := ChannelState{
		Channel: c.Channel, Member: c.has(viewer), With: c.with(viewer),
		Messages: []Message{}, Threads: map[string][]Message{},
	}
	st.Members = slices.Clone(c.Members)
	for _, m := range c.messages {
		if m.deleted || m.Ephemeral && m.To != viewer {
			continue
		}
		reply := m.ThreadTS != "" && m.ThreadTS != m.TS
		if reply {
			st.Threads[m.ThreadTS] = append(st.Threads[m.ThreadTS], m.copy())
		}
		if !reply || m.ReplyBroadcast {
			st.Messages = append(st.Messages, m.copy())
		}
	}
	return st
}

// copy shares nothing that is ever changed in place.
func (m *message) copy() Message {
	out := m.Message
	out.ReplyUsers = slices.Clone(m.ReplyUsers)
	out.Reactions = slices.Clone(m.Reactions)
	for i := range out.Reactions {
		out.Reactions[i].Users = slices.Clone(out.Reactions[i].Users)
	}
	return out
}

// Messages lists everything in a channel (ID or name) that is not deleted,
// replies and everybody's ephemeral messages too, oldest first.
func (s *Server) Messages(channel string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channel(channel)
	if c == nil {
		return nil
	}
	var all []Message
	for _, m := range c.messages {
		if !m.deleted {
			all = append(all, m.copy())
		}
	}
	return all
}

// Versions lists every version of a message, oldest first, deleted or not.
func (s *Server) Versions(channel, ts string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channel(channel)
	if c == nil {
		return nil
	}
	for _, m := range c.messages {
		if m.TS == ts {
			return append(slices.Clone(m.Old), m.copy())
		}
	}
	return nil
}

// Users lists the people of the workspace, bots too.
func (s *Server) Users() []User {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.users)
}
