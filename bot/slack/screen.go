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

// Screen shows cards ("card:<incident>", Body bot.Card) and Home tabs
// ("home:<user>", Body bot.Home). A card's reference is "<channel ID>/<ts>".
type Screen struct{ w *Workspace }

var _ outbox.Screen = (*Screen)(nil)

// Screen is the workspace as the outbox shows views on it.
func (w *Workspace) Screen() *Screen { return &Screen{w: w} }

// Show posts or edits a card, or publishes a Home tab. Edits and Home may be
// done twice without harm, so that they are never Unknown, only Again.
func (s *Screen) Show(ctx context.Context, v outbox.View) outbox.Result {
	if v.Skip {
		return outbox.Result{State: outbox.Done, Ref: v.Ref}
	}
	switch body := v.Body.(type) {
	case bot.Card:
		if v.Ref == "" {
			return s.post(ctx, body)
		}
		return s.edit(ctx, v.Ref, body)
	case bot.Home:
		return s.publish(ctx, strings.TrimPrefix(v.Key, homeKey), body)
	}
	return outbox.Result{State: outbox.Refused, Ref: v.Ref, Why: s.w.words.Say("slack.why.blocks", v.Key)}
}

// cardOptions are what post and edit have in common. parse=none keeps Slack
// from making links of what looks like an address; a chat.update would.
func (s *Screen) cardOptions(card bot.Card) slack.MsgOption {
	text, attachments := Message(card, s.w.words)
	return slack.MsgOptionCompose(
		slack.MsgOptionText(text, false),
		slack.MsgOptionAttachments(attachments...),
		slack.MsgOptionParse(false), slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: cardEvent, EventPayload: map[string]any{
			"incident": card.Incident, "version": card.Version,
		}}))
}

func (s *Screen) post(ctx context.Context, card bot.Card) outbox.Result {
	id, err := s.w.channelID(ctx, card.Channel)
	if err != nil {
		return certainly(s.w.refused(card.Channel, err)) // nothing was posted yet
	}
	var ts string
	err = s.w.inChannel(ctx, id, func() (err error) {
		_, ts, err = s.w.api.PostMessageContext(ctx, id, s.cardOptions(card))
		return err
	})
	if err != nil {
		return s.w.refused(card.Channel, err)
	}
	if !isTS(ts) { // an answer that says neither yes nor no
		return outbox.Result{State: outbox.Unknown, Why: s.w.words.Say("slack.why.lost")}
	}
	return outbox.Result{State: outbox.Done, Ref: reference(id, ts)}
}

func (s *Screen) edit(ctx context.Context, ref string, card bot.Card) outbox.Result {
	id, ts, ok := parseReference(ref)
	if !ok {
		return outbox.Result{State: outbox.Refused, Why: s.w.words.Say("slack.why.gone")}
	}
	_, _, _, err := s.w.api.UpdateMessageContext(ctx, id, ts, s.cardOptions(card))
	if err == nil {
		return outbox.Result{State: outbox.Done, Ref: ref}
	}
	result := certainly(s.w.refused(card.Channel, err))
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

func (s *Screen) publish(ctx context.Context, user string, home bot.Home) outbox.Result {
	_, err := s.w.api.PublishViewContext(ctx, slack.PublishViewContextRequest{
		UserID: user, View: HomeView(home, s.w.archive(ctx), s.w.words),
	})
	if err != nil {
		return certainly(classify(err).result(s.w.words))
	}
	return outbox.Result{State: outbox.Done, Ref: homeKey + user}
}

// Find looks for the cards of an incident in their channel, back to the first
// time on the card: it cannot have been posted before. A Home tab has one place
// and is never found, only published again.
func (s *Screen) Find(ctx context.Context, v outbox.View) ([]string, error) {
	if strings.HasPrefix(v.Key, homeKey) {
		return nil, nil
	}
	card, ok := v.Body.(bot.Card)
	if !ok {
		return nil, fmt.Errorf("slack: find %s: it is not drawn", v.Key)
	}
	id, err := s.w.channelID(ctx, card.Channel)
	if errors.Is(err, errNoChannel) {
		return nil, nil // no card stands where there is no channel
	}
	if err != nil {
		return nil, fmt.Errorf("slack: find %s: %w", v.Key, err)
	}
	marked := mark{event: cardEvent, key: "incident", value: strings.TrimPrefix(v.Key, cardKey)}
	found, err := s.w.find(ctx, place{channel: id, since: earliest(card.Times)}, marked)
	if err != nil {
		return nil, fmt.Errorf("slack: find %s: %w", v.Key, err)
	}
	refs := make([]string, 0, len(found))
	for _, m := range found {
		refs = append(refs, reference(id, m.Timestamp))
	}
	return refs, nil
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
		return fmt.Errorf("slack: remove %s: %w", v.Key, err)
	}
	return nil
}

// Lane is the channel, by which Slack counts messages; all of Home is one.
func (s *Screen) Lane(v outbox.View) string {
	if id, _, ok := parseReference(v.Ref); ok {
		return id
	}
	if card, ok := v.Body.(bot.Card); ok {
		return s.w.lane(card.Channel)
	}
	if strings.HasPrefix(v.Key, homeKey) {
		return "home"
	}
	return v.Key
}
