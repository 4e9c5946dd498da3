package slack

import (
	"encoding/json"

	"amsbot/bot"
	"amsbot/bot/outbox"
)

var (
	_ outbox.Paced = (*Receiver)(nil)
	_ outbox.Owned = (*Receiver)(nil)
	_ outbox.Owned = (*Screen)(nil)
)

// Neighbour is Slack.
func (r *Receiver) Neighbour() string { return bot.ToSlack }

// Neighbour is Slack.
func (s *Screen) Neighbour() string { return bot.ToSlack }

// Lane is the channel that the act posts in, so that messages and cards are
// counted together, as Slack counts them. A reply goes where the card stands,
// which need not be where the incident's cards would go by now.
func (r *Receiver) Lane(act outbox.Act) string {
	if channel, _, ok := parseReference(act.Card); ok && act.Kind == bot.ActReply {
		return channel
	}
	var args bot.MessageArgs
	if json.Unmarshal(act.Args, &args) != nil {
		return ""
	}
	return r.w.lane(args.Channel)
}
