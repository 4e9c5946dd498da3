package slack

import (
	"context"
	"log/slog"

	"amsbot/bot"

	"github.com/slack-go/slack"
)

// maxAnswer is how long an answer to a person may be.
const maxAnswer = 9000

// asker is who gets an answer, and where.
type asker struct {
	user     string
	channel  string // "" for the Home tab: then it is a direct message
	thread   string // where the answer is shown, if the click was in a thread
	response string // Slack's address for answers to this one, "" if it has none
	inAck    bool   // the acknowledgement itself can carry the answer
}

// answer tells a person what came of what they did: in the acknowledgement
// where that is possible and still open, else by Slack's address for answers,
// else as a message that only they see.
func (r *Reader) answer(ctx context.Context, env *envelope, to asker, a bot.Answer, err error) {
	if err != nil {
		slog.Error("slack: a click or question failed", "error", err)
		a = bot.Answer{Text: escape(r.w.in(to.channel).Say("slack.failed"))}
	}
	text := clippedMrkdwn(a.Text, maxAnswer)
	if text != "" && to.inAck && env.ack(said(text, a.Public)) {
		return
	}
	env.ack(nil)
	if text != "" {
		r.tell(ctx, to, text, a.Public)
	}
}

// tell says something to a person outside of an acknowledgement. It is tried by
// each way once: an answer is not worth more, for what matters is on the card.
func (r *Reader) tell(ctx context.Context, to asker, text string, public bool) {
	options := []slack.MsgOption{
		slack.MsgOptionText(text, false), slack.MsgOptionParse(false),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
	}
	var err error
	if to.response != "" {
		kind := slack.ResponseTypeEphemeral
		if public {
			kind = slack.ResponseTypeInChannel
		}
		// The library replaces nothing unless it is told to.
		_, _, _, err = r.w.api.SendMessageContext(ctx, "", slack.MsgOptionResponseURL(to.response, kind), slack.MsgOptionText(text, false))
		if err == nil {
			return
		}
	}
	direct := to.channel == "" || to.channel[0] == 'D'
	if to.thread != "" && !direct {
		options = append(options, slack.MsgOptionTS(to.thread))
	}
	switch {
	case direct: // a direct message is seen by nobody else
		where := to.channel
		if where == "" {
			where = to.user
		}
		_, _, err = r.w.api.PostMessageContext(ctx, where, options...)
	case public:
		_, _, err = r.w.api.PostMessageContext(ctx, to.channel, options...)
	default:
		err = r.w.inChannel(ctx, to.channel, func() error {
			_, err := r.w.api.PostEphemeralContext(ctx, to.channel, to.user, options...)
			return err
		})
	}
	if err != nil {
		slog.Warn("slack: an answer did not reach its person", "user", to.user, "error", terse(err))
	}
}
