package app_test

import (
	"strings"

	"amsbot/bot/sim/slack"
)

// patience is for how many seconds a person of a branch waits to see whether what
// they did was heard.
const patience = 20

// presses is a person who presses a button whenever a card has it, and again after
// a while if it is still there: the click may have been lost. A dialogue that it
// opens they send as it stands.
func presses(who, label string) func(*stage, int) {
	return fills(who, label, nil, func(*stage) bool { return true })
}

// fills is presses with what they type into the dialogue, as long as something is so.
func fills(who, label string, values slack.Values, while func(*stage) bool) func(*stage, int) {
	last := -patience
	return func(s *stage, now int) {
		if now-last < patience || !while(s) {
			return
		}
		for _, m := range s.sim.Slack.Messages(room) {
			for _, c := range clicks(m, label) {
				last, c.User = now, who
				_, _ = s.sim.Slack.Click(s.ctx, c) // nobody may be there to hear it
				s.sendAny(who, values)
			}
		}
	}
}

// clicks are those on what a message has of this label, by nobody yet: on buttons
// that begin with it, and on what is in a menu.
func clicks(m slack.Message, label string) (all []slack.Click) {
	for _, e := range elements(m) {
		c := slack.Click{Channel: m.Channel, MessageTS: m.TS, BlockID: e.Block, ActionID: e.Action, Value: e.Value, Version: m.Version}
		if e.Type == "button" && strings.HasPrefix(e.Text.Text, label) {
			all = append(all, c)
		}
		for _, o := range e.Options {
			if o.Text.Text == label {
				c.Value, c.SelectedOption = "", o.Value
				all = append(all, c)
			}
		}
	}
	return all
}

// sendAny sends the dialogue that a person has open, filled in, and says whether
// amsbot took it.
func (s *stage) sendAny(who string, values slack.Values) (taken bool) {
	for _, v := range s.sim.Slack.State(who).Modals {
		r, err := s.sim.Slack.Submit(s.ctx, slack.Submit{User: who, ViewID: v.ID, Values: values})
		taken = err == nil && r.Acked
		_ = s.sim.Slack.CloseView(s.ctx, who, v.ID, true) // where nobody took it
	}
	return taken
}

// types is a person who types a command once something is so.
func types(who, command string, when func(*stage) bool) func(*stage, int) {
	done := false
	return func(s *stage, _ int) {
		if !done && when(s) {
			r, err := s.sim.Slack.Command(s.ctx, slack.Command{User: who, Channel: room, Command: "/ams", Text: command})
			done = err == nil && r.Acked
		}
	}
}

// answers is types with a command that opens a dialogue, and what they type there.
func answers(who, command string, values slack.Values, when func(*stage) bool) func(*stage, int) {
	done := false
	return func(s *stage, _ int) {
		if !done && when(s) {
			_, _ = s.sim.Slack.Command(s.ctx, slack.Command{User: who, Channel: room, Command: "/ams", Text: command})
			done = s.sendAny(who, values)
		}
	}
}

// chooses is a person who uses the shortcut on the newest card as long as something
// is so, chooses an act there, and sends its dialogue as it stands.
func chooses(who, act string, while func(*stage) bool) func(*stage, int) {
	last := -patience
	return func(s *stage, now int) {
		m, _ := s.card()
		if now-last < patience || !while(s) {
			return
		}
		last = now
		_, _ = s.sim.Slack.Shortcut(s.ctx, slack.Shortcut{User: who, Channel: m.Channel, MessageTS: m.TS, CallbackID: "ams_act"})
		for _, v := range s.sim.Slack.State(who).Modals {
			if value := choiceOf(v, act); value != "" {
				_, _ = s.sim.Slack.Submit(s.ctx, slack.Submit{User: who, ViewID: v.ID, Values: filled("choose", map[string]string{"act": value})})
			}
		}
		s.sendAny(who, nil)
	}
}

// from does it from a second on.
func from(second int, do func(*stage, int)) func(*stage, int) {
	return func(s *stage, now int) {
		if now >= second {
			do(s, now)
		}
	}
}
