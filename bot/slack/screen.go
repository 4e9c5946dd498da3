package slack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"amsbot/bot"
	"amsbot/bot/outbox"

	"github.com/slack-go/slack"
)

// The keys of the views that a Screen shows begin with these.
const (
	cardKey = "card:"
	homeKey = "home:"
)

// The event types of the metadata by which our messages are found again.
const (
	cardEvent = "amsbot_card"
	actEvent  = "amsbot_act"
)

// Screen shows cards ("card:<incident>", Body bot.Card), the indexes of crowded
// channels ("index:<channel>", Body bot.Index; "page:<number>:<channel>", Body
// bot.IndexPage; "group:<what>:<channel>", Body bot.Group) and Home tabs
// ("home:<user>", Body bot.Home). What stands in a channel has the reference "<channel ID>/<ts>".
type Screen struct{ w *Workspace }

var _ outbox.Screen = (*Screen)(nil)

// Screen is the workspace as the outbox shows views on it.
func (w *Workspace) Screen() *Screen { return &Screen{w: w} }

// Show posts or edits what stands in a channel, or publishes a Home tab. Edits and Home may be
// done twice without harm, so that they are never Unknown, only Again.
func (s *Screen) Show(ctx context.Context, v outbox.View) outbox.Result {
	if v.Skip {
		return outbox.Result{State: outbox.Done, Ref: v.Ref}
	}
	switch body := v.Body.(type) {
	case bot.Card:
		return s.put(ctx, v.Ref, body.Channel, s.cardOptions(body))
	case bot.Index:
		return s.put(ctx, v.Ref, body.Channel, s.indexOptions(v, body))
	case bot.IndexPage:
		return s.showPage(ctx, v, body)
	case bot.Group:
		return s.put(ctx, v.Ref, body.Channel, s.groupOptions(v, body))
	case bot.Home:
		return s.publish(ctx, strings.TrimPrefix(v.Key, homeKey), body)
	}
	return outbox.Result{State: outbox.Refused, Ref: v.Ref, Why: s.w.words.Say("slack.why.blocks", v.Key)}
}

// cardOptions are what posting and editing a card have in common.
func (s *Screen) cardOptions(card bot.Card) slack.MsgOption {
	text, attachments := Message(card, s.w.in(card.Channel))
	return ours(text, attachments, slack.SlackMetadata{EventType: cardEvent, EventPayload: map[string]any{
		"incident": card.Incident, "version": card.Version,
	}})
}

// ours is a message that is drawn by us. parse=none keeps Slack from making links
// of what looks like an address; a chat.update would.
func ours(text string, attachments []slack.Attachment, marked slack.SlackMetadata) slack.MsgOption {
	return slack.MsgOptionCompose(
		slack.MsgOptionText(text, false),
		slack.MsgOptionAttachments(attachments...),
		slack.MsgOptionParse(false), slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
		slack.MsgOptionMetadata(marked))
}

// put posts a message into a channel, or edits the one that stands at ref.
func (s *Screen) put(ctx context.Context, ref, channel string, options slack.MsgOption) outbox.Result {
	if ref == "" {
		return s.post(ctx, channel, options)
	}
	return s.edit(ctx, ref, channel, options)
}

func (s *Screen) post(ctx context.Context, channel string, options slack.MsgOption) outbox.Result {
	id, err := s.w.channelID(ctx, channel)
	if err != nil {
		return before(s.w.refused(channel, err))
	}
	var ts string
	err = s.w.inChannel(ctx, id, func() (err error) {
		_, ts, err = s.w.api.PostMessageContext(ctx, id, options)
		return err
	})
	if err != nil {
		return s.w.refused(channel, err)
	}
	if !isTS(ts) { // an answer that says neither yes nor no
		return outbox.Result{State: outbox.Unknown, Why: s.w.in(channel).Say("slack.why.lost")}
	}
	return outbox.Result{State: outbox.Done, Ref: reference(id, ts)}
}

func (s *Screen) edit(ctx context.Context, ref, channel string, options slack.MsgOption) outbox.Result {
	id, ts, ok := parseReference(ref)
	if !ok {
		return outbox.Result{State: outbox.Refused, Why: s.w.in(channel).Say("slack.why.gone")}
	}
	_, _, _, err := s.w.api.UpdateMessageContext(ctx, id, ts, options)
	if err == nil {
		return outbox.Result{State: outbox.Done, Ref: ref}
	}
	result := certainly(s.w.refused(channel, err))
	if !classify(err).place {
		result.Ref = ref // it stands there all the same
	}
	return result
}

// certainly makes of an unknown outcome one that may simply be tried again.
func certainly(r outbox.Result) outbox.Result {
	if r.State == outbox.Unknown {
		r.State = outbox.Again
	}
	return r
}

// before is what becomes of a message where something had to be asked for it first:
// nothing was posted yet, and Slack limits each method by itself.
func before(r outbox.Result) outbox.Result {
	r.Alone = true
	return certainly(r)
}

func (s *Screen) publish(ctx context.Context, user string, home bot.Home) outbox.Result {
	err := s.w.publish(ctx, user, home)
	if err != nil {
		return certainly(classify(err).result(s.w.words))
	}
	return outbox.Result{State: outbox.Done, Ref: homeKey + user}
}

// Find looks for the messages of a view in their channel, back to the first time
// on it, or to its Since where that is later: it cannot have been posted before. A
// Home tab has one place and is never found, only published again.
func (s *Screen) Find(ctx context.Context, v outbox.View) ([]string, error) {
	if strings.HasPrefix(v.Key, homeKey) {
		return nil, nil
	}
	at, marked, ok := standing(v)
	if !ok {
		return nil, fmt.Errorf("slack: find %s: it is not drawn", v.Key)
	}
	id, err := s.w.channelID(ctx, at.channel)
	if errors.Is(err, errNoChannel) {
		return nil, nil // nothing stands where there is no channel
	}
	if err != nil {
		return nil, fmt.Errorf("slack: find %s: %w", v.Key, err)
	}
	at.channel = id
	found, err := s.w.find(ctx, at, marked)
	if err != nil {
		return nil, fmt.Errorf("slack: find %s: %w", v.Key, err)
	}
	refs := make([]string, 0, len(found))
	for _, m := range found {
		refs = append(refs, reference(id, m.Timestamp))
	}
	return refs, nil
}

// firstShown is when a card can have been posted first. An incident may be weeks
// older than what we know of it; what we wrote by a clock that was set back since
// says nothing.
func firstShown(card bot.Card, since time.Time) time.Time {
	opened := earliest(card.Times)
	if since.After(opened) && since.Before(time.Now()) {
		return since
	}
	return opened
}

// earliest is the first of a card's times; zero if it has none.
func earliest(times []bot.Moment) time.Time {
	var first time.Time
	for _, m := range times {
		if !m.At.IsZero() && (first.IsZero() || m.At.Before(first)) {
			first = m.At
		}
	}
	return first
}

// Remove deletes a message; one that is gone already is removed.
func (s *Screen) Remove(ctx context.Context, v outbox.View, ref string) error {
	id, ts, ok := parseReference(ref)
	if !ok {
		return fmt.Errorf("slack: remove %s: %q is no reference", v.Key, ref)
	}
	_, _, err := s.w.api.DeleteMessageContext(ctx, id, ts)
	if err != nil && !isCode(err, "message_not_found", "channel_not_found") {
		if r := classify(err); r.state == outbox.Again && !r.down {
			err = &outbox.Wait{After: r.after, Err: err}
		}
		return fmt.Errorf("slack: remove %s: %w", v.Key, markDown(err))
	}
	return nil
}

// Lane is the channel, by which Slack counts messages; all of Home is one.
func (s *Screen) Lane(v outbox.View) string {
	if id, _, ok := parseReference(v.Ref); ok {
		return id
	}
	if at, _, ok := standing(v); ok {
		return s.w.lane(at.channel)
	}
	if strings.HasPrefix(v.Key, homeKey) {
		return "home"
	}
	return v.Key
}
