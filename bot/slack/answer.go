package slack

import (
	"context"
	"strings"

	"amsbot/bot"
	"amsbot/bot/words"

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
		r.w.log.Error("slack: a click or question failed", "error", err)
		a = bot.Answer{Text: escape(r.w.in(to.channel).Say("slack.failed"))}
	}
	say := spoken{text: clippedMrkdwn(a.Text, maxAnswer), public: a.Public}
	if a.Card != nil {
		say = r.shown(ctx, a, r.w.in(a.Card.Channel))
	}
	if say.text != "" && to.inAck && env.ack(say.payload()) {
		return
	}
	env.ack(nil)
	if say.text != "" {
		r.say(ctx, to, say)
	}
}

// spoken is what a person is told.
type spoken struct {
	text        string // mrkdwn that is escaped already
	attachments []slack.Attachment
	public      bool
}

// payload is it as the acknowledgement of a slash command carries it.
func (s spoken) payload() map[string]any {
	p := said(s.text, s.public)
	if len(s.attachments) > 0 {
		p["attachments"] = s.attachments
	}
	return p
}

// shown is a card as an answer: what offers something is the card that stands in
// the channel, and there is a way to it.
func (r *Reader) shown(ctx context.Context, a bot.Answer, w words.Catalogue) spoken {
	card := *a.Card
	var links []bot.Button
	if channel, ts, ok := parseReference(a.CardAt); ok {
		if to, key := cardAddress(bot.HomeLine{Channel: channel, CardTS: ts}, r.w.archive(ctx)); to != "" {
			links = append(links, bot.Button{Act: "open", Label: w.Say(key), URL: to})
		}
	}
	card.Links = append(links, card.Links...)
	text, attachments := Message(card, w)
	// An answer has no way to ask Slack to leave addresses alone, as a message has.
	text = strings.NewReplacer("://", ":\u2060//", "@", "@\u2060").Replace(text)
	return spoken{text: text, attachments: attachments}
}

// tell says a text to a person outside of an acknowledgement.
func (r *Reader) tell(ctx context.Context, to asker, text string, public bool) {
	r.say(ctx, to, spoken{text: text, public: public})
}

// say says something to a person outside of an acknowledgement. It is tried by
// each way once: an answer is not worth more, for what matters is on the card.
func (r *Reader) say(ctx context.Context, to asker, say spoken) {
	what := slack.MsgOptionCompose(slack.MsgOptionText(say.text, false), slack.MsgOptionAttachments(say.attachments...))
	options := []slack.MsgOption{
		what, slack.MsgOptionParse(false),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
	}
	var err error
	if to.response != "" {
		kind := slack.ResponseTypeEphemeral
		if say.public {
			kind = slack.ResponseTypeInChannel
		}
		// The library replaces nothing unless it is told to.
		_, _, _, err = r.w.api.SendMessageContext(ctx, "", slack.MsgOptionResponseURL(to.response, kind), what)
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
	case say.public:
		_, _, err = r.w.api.PostMessageContext(ctx, to.channel, options...)
	default:
		err = r.w.inChannel(ctx, to.channel, func() error {
			_, err := r.w.api.PostEphemeralContext(ctx, to.channel, to.user, options...)
			return err
		})
	}
	if err != nil {
		r.w.log.Warn("slack: an answer did not reach its person", "user", to.user, "error", terse(err))
	}
}
