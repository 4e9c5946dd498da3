package slack

import (
	"context"
	"fmt"
	"strings"

	"amsbot/bot"

	"github.com/slack-go/slack"
)

// ShortcutCallback is the callback_id of the app's message shortcut: on a card, or
// on a message in a card's thread, it offers what can be done now.
const ShortcutCallback = "ams_act"

// chosen takes a message shortcut; false when there is no room for it.
func (r *Reader) chosen(env *envelope, cb slack.InteractionCallback) bool {
	if cb.CallbackID != ShortcutCallback {
		env.ack(nil)
		return true
	}
	to := asker{user: cb.User.ID, channel: cb.Channel.ID, response: cb.ResponseURL}
	if cb.Message.ThreadTimestamp != cb.Message.Timestamp {
		to.thread = cb.Message.ThreadTimestamp
	}
	c := clickOf(cb)
	c.Channel, c.Act = cb.Channel.ID, bot.DoChoose
	o := opening{to: to, trigger: cb.TriggerID, team: teamOf(cb), app: cb.APIAppID, room: cb.Channel.Name, click: c}
	o.find = func(ctx context.Context) (string, error) { return r.incidentOf(ctx, cb.Channel, cb.Message) }
	return r.views.offer(func(ctx context.Context) { r.opens(ctx, env, o) })
}

// incidentOf is the incident that a message is about: that of the card, of what
// amsbot says in its thread, or of the card that the thread hangs on; "" if it is
// about none. Only our own messages count: whatever marks another's bears is not ours.
func (r *Reader) incidentOf(ctx context.Context, in slack.Channel, m slack.Message) (string, error) {
	me, err := r.w.identity(ctx)
	if err != nil {
		return "", err
	}
	ours := func(m slack.Message) bool { return m.User == me.User || m.BotID != "" && m.BotID == me.BotID }
	if ours(m) {
		if key := markedIncident(m); key != "" {
			return key, nil
		}
	}
	if m.ThreadTimestamp == "" || m.ThreadTimestamp == m.Timestamp {
		return "", nil
	}
	room := r.w.room(ctx, in.ID, in.Name)
	root, err := r.w.rootOf(ctx, in.ID, m.ThreadTimestamp, r.w.opt.Ours != nil && r.w.opt.Ours(in.ID, room))
	if err != nil || !ours(root) {
		return "", err
	}
	return markedIncident(root), nil
}

// markedIncident is the incident that our message is marked with: in its metadata,
// else in its buttons, since Slack does not hand over metadata everywhere.
func markedIncident(m slack.Message) string {
	payload := m.Metadata.EventPayload
	if key, ok := payload["incident"].(string); ok && m.Metadata.EventType == cardEvent && isIncident(key) {
		return key
	}
	if marker, ok := payload["act"].(string); ok && m.Metadata.EventType == actEvent {
		if i := strings.LastIndexByte(marker, '#'); i > 0 && isIncident(marker[:i]) {
			return marker[:i]
		}
	}
	for _, a := range m.Attachments {
		for _, b := range a.Blocks.BlockSet {
			if key := pressedIncident(b); key != "" {
				return key
			}
		}
	}
	return ""
}

// isIncident says whether what a message is marked with is an incident's key: we
// mark what is about a storm, a group or amsbot itself just as well.
func isIncident(key string) bool { return strings.HasPrefix(key, bot.IncidentKeys) }

// pressedIncident is the incident that a row of buttons is about; "" for none.
func pressedIncident(b slack.Block) string {
	row, ok := b.(*slack.ActionBlock)
	if !ok || row.Elements == nil {
		return ""
	}
	var values []string
	for _, e := range row.Elements.ElementSet {
		switch e := e.(type) {
		case *slack.ButtonBlockElement:
			values = append(values, e.Value)
		case *slack.OverflowBlockElement:
			for _, o := range e.Options {
				values = append(values, o.Value)
			}
		}
	}
	for _, v := range values {
		if p, err := parsePress(v); err == nil && isIncident(p.Incident) {
			return p.Incident
		}
	}
	return ""
}

// rootOf is the message that a thread hangs on. We join a channel for it only where
// join says so: whoever asks about any thread of the workspace does not bring us
// there. Where we are not, there is nothing of ours, and it is the zero message.
func (w *Workspace) rootOf(ctx context.Context, channel, thread string, join bool) (root slack.Message, err error) {
	read := func() error {
		all, _, _, err := w.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
			ChannelID: channel, Timestamp: thread, Limit: 1, Inclusive: true, IncludeAllMetadata: true,
		})
		switch {
		case err != nil:
			return err
		case len(all) == 0:
			return errNoRoot
		}
		root = all[0]
		return nil
	}
	if join {
		err = w.inChannel(ctx, channel, read)
	} else if err = read(); isCode(err, "not_in_channel") {
		return slack.Message{}, nil
	}
	if err != nil {
		return slack.Message{}, fmt.Errorf("slack: read the beginning of a thread: %w", err)
	}
	return root, nil
}
