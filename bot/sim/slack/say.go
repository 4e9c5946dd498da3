package slack

import (
	"context"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Command is a person typing a slash command.
type Command struct {
	User    string `json:"user"`
	Channel string `json:"channel"`
	// ThreadTS is set when it is typed in a thread, where Slack refuses it.
	ThreadTS string `json:"thread_ts,omitempty"`
	Command  string `json:"command"` // with its slash
	Text     string `json:"text"`    // as typed: "show @alice"
}

// Command runs a slash command and waits for the app's acknowledgement, at
// most 3 s. A message in it is shown as it asks; a missing one makes Slackbot
// say so.
func (s *Server) Command(ctx context.Context, in Command) (Result, error) {
	defer s.changed()
	return s.wait(ctx, func(r *Result) (*envelope, error) {
		u, c, err := s.speaker(in.User, in.Channel)
		raw := slices.Contains(s.opt.CommandsRaw, in.Command)
		switch {
		case err != nil:
			return nil, err
		case !raw && !slices.Contains(s.opt.Commands, in.Command):
			return nil, refuse(ErrRefused, "%s is not a valid command", in.Command)
		case in.ThreadTS != "":
			return nil, refuse(ErrRefused, "%s is not supported in threads", in.Command)
		}
		text := strings.TrimSpace(in.Text)
		if !raw {
			text = s.escaped(text)
		}
		r.TriggerID = s.newTrigger(u.ID, "")
		a := answerURL{user: u.ID, channel: c.ID}
		r.ResponseURL = s.newAnswer(a)
		mine := s.answers[r.ResponseURL[strings.LastIndexByte(r.ResponseURL, '/')+1:]]
		name := c.Name
		if c.IM {
			name = "directmessage"
		} else if c.Private {
			name = "privategroup"
		}
		payload := map[string]any{
			"token": "pretend", "team_id": s.opt.Team.ID, "team_domain": s.opt.Team.Domain, "channel_id": c.ID,
			"channel_name": name, "user_id": u.ID, "user_name": u.Name, "command": in.Command, "text": text,
			"api_app_id": s.opt.AppID, "is_enterprise_install": "false", "response_url": r.ResponseURL, "trigger_id": r.TriggerID,
		}
		bad := func(reason string) {
			s.say(c, Message{
				User: slackbot, Ephemeral: true, To: u.ID,
				Text: in.Command + " failed with the error \"" + reason + "\"",
			})
		}
		return s.watched(&envelope{
			kind: "slash_commands", payload: payload, missed: bad,
			answered: func(payload json.RawMessage) { s.commandAnswer(mine, payload, bad) },
		}, Failure{User: u.ID, Channel: c.ID, Command: in.Command}), nil
	})
}

// commandAnswer shows the message that an acknowledgement carries.
func (s *Server) commandAnswer(a *answerURL, payload json.RawMessage, bad func(string)) {
	if len(payload) == 0 || string(payload) == "null" || string(payload) == "{}" {
		return
	}
	var in answer
	if json.Unmarshal(payload, &in) != nil {
		bad("invalid_command_response")
		return
	}
	if p := s.respond(a, in, false); p != nil {
		bad(p.code)
	}
}

// speaker finds a person and the channel that they can speak in.
func (s *Server) speaker(user, channel string) (User, *channel, error) {
	u, err := s.person(user)
	if err != nil {
		return u, nil, err
	}
	c := s.channel(channel)
	switch {
	case c == nil || !c.visible(u.ID):
		return u, nil, refuse(ErrNotThere, "channel %q", channel)
	case !c.has(u.ID):
		return u, nil, refuse(ErrRefused, "%s is not in %s", u.Name, c.Name)
	case c.Archived:
		return u, nil, refuse(ErrRefused, "%s is archived", c.Name)
	}
	return u, c, nil
}

var typed = regexp.MustCompile(`https?://[^\s<>|]+|[@#][\pL\pN._-]+`)

// escaped writes typed text as should_escape does: & < > escaped, @user,
// @group, #channel and links as tokens with a label.
func (s *Server) escaped(text string) string {
	text = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
	return typed.ReplaceAllStringFunc(text, func(word string) string {
		name := word[1:]
		switch word[0] {
		case '@':
			for _, u := range s.users {
				if u.Name == name {
					return "<@" + u.ID + "|" + u.Name + ">"
				}
			}
			for _, g := range s.groups {
				if g.Handle == name {
					return "<!subteam^" + g.ID + "|@" + g.Handle + ">"
				}
			}
		case '#':
			if c := s.channel(name); c != nil && !c.IM {
				return "<#" + c.ID + "|" + c.Name + ">"
			}
		default:
			return "<" + word + ">"
		}
		return word
	})
}

// Say posts a message as a person: text as typed, "@amsbot help". In a thread
// threadTS is its root. The app hears of it (app_mention, message.im) where it
// is a member and has the scope. It returns the message's ts.
func (s *Server) Say(user, channel, text, threadTS string) (string, error) {
	s.mu.Lock()
	defer s.changed()
	defer s.mu.Unlock()
	if s.stopped {
		return "", ErrStopped
	}
	u, c, err := s.speaker(user, channel)
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(text) == "" {
		return "", refuse(ErrRefused, "an empty message")
	}
	if threadTS != "" && c.find(threadTS) == nil {
		return "", refuse(ErrNotThere, "thread %q", threadTS)
	}
	text = strings.NewReplacer("@here", "<!here>", "@channel", "<!channel>").Replace(unlabelled.ReplaceAllString(s.escaped(text), "<$1>"))
	m := s.say(c, Message{User: u.ID, Text: text, ThreadTS: threadTS})
	s.tell(c, m.Message)
	return m.TS, nil
}

var unlabelled = regexp.MustCompile(`<([@!][^<>|]+)\|[^<>]*>`)

// tell sends the events that a person's message makes.
func (s *Server) tell(c *channel, m Message) {
	if !c.has(s.opt.Bot.ID) {
		return
	}
	e := s.object(m, false)
	e["channel"] = c.ID
	switch {
	case c.IM && s.scoped("im:history"):
		e["channel_type"] = "im"
		s.event(e)
	case !c.IM && slices.Contains(mentions(m), "@"+s.opt.Bot.ID) && s.scoped("app_mentions:read"):
		e["type"] = "app_mention"
		s.event(e)
	}
}

// OpenHome is a person opening the app's Home tab. It returns at once; the app
// publishes when it has heard of it.
func (s *Server) OpenHome(user string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.person(user)
	if err != nil {
		return err
	}
	e := map[string]any{"type": "app_home_opened", "user": u.ID, "channel": s.openIM(u.ID).ID, "tab": "home"}
	if v := s.homes[u.ID]; v != nil {
		e["view"] = v.View.View
	}
	s.event(e)
	return nil
}

// Reload is a person reloading Slack: their ephemeral messages, open modals
// and warning signs are gone, and nobody is told.
func (s *Server) Reload(user string) {
	s.do(func() {
		for _, c := range s.channels {
			for _, m := range c.messages {
				if m.Ephemeral && m.To == user {
					m.deleted = true
				}
			}
		}
		s.closeAll(user)
		delete(s.failures, user)
	})
}

// AppShortcut is a message shortcut as the app's manifest names it.
type AppShortcut struct {
	CallbackID string `json:"callback_id"`
	Name       string `json:"name"`
}

// Shortcut is a person choosing a message shortcut of the app.
type Shortcut struct {
	User       string `json:"user"`
	Channel    string `json:"channel"`
	MessageTS  string `json:"message_ts"`
	CallbackID string `json:"callback_id"`
}

// Shortcut runs a message shortcut and waits for the acknowledgement.
func (s *Server) Shortcut(ctx context.Context, in Shortcut) (Result, error) {
	return s.wait(ctx, func(r *Result) (*envelope, error) {
		u, c, err := s.speaker(in.User, in.Channel)
		if err != nil {
			return nil, err
		}
		m := c.find(in.MessageTS)
		switch {
		case m == nil || m.Ephemeral:
			return nil, refuse(ErrNotThere, "message %q", in.MessageTS)
		case !slices.ContainsFunc(s.opt.Shortcuts, func(x AppShortcut) bool { return x.CallbackID == in.CallbackID }):
			return nil, refuse(ErrNotThere, "shortcut %q", in.CallbackID)
		}
		r.TriggerID = s.newTrigger(u.ID, "")
		r.ResponseURL = s.newAnswer(answerURL{user: u.ID, channel: c.ID})
		p := s.about("message_action", u)
		maps.Copy(p, map[string]any{
			"callback_id": in.CallbackID, "trigger_id": r.TriggerID, "response_url": r.ResponseURL,
			"channel": place(c), "message": s.object(m.Message, true), "message_ts": m.TS,
		})
		return s.watched(&envelope{kind: "interactive", payload: p}, Failure{User: u.ID, Channel: c.ID, MessageTS: m.TS}), nil
	})
}
