package slack

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"amsbot/bot/outbox"

	"github.com/slack-go/slack"
)

// inOne says whether acts are said in one message.
func inOne(acts []outbox.Act) bool {
	return len(acts) > 1 && !slices.ContainsFunc(acts, func(a outbox.Act) bool {
		return !a.Calls || a.Name == "" || a.Card != acts[0].Card
	})
}

// speak says in one message what several acts call people about, and calls
// each of them once.
func (r *Receiver) speak(ctx context.Context, acts []outbox.Act) outbox.Result {
	first, wrong := r.locate(ctx, acts[0], false)
	if wrong != nil {
		return *wrong
	}
	names := []string{acts[0].Name}
	first.args.File = ""
	for _, act := range acts[1:] {
		m, wrong := r.locate(ctx, act, false)
		if wrong != nil {
			return *wrong
		}
		for _, p := range m.args.Mention {
			if !slices.Contains(first.args.Mention, p) {
				first.args.Mention = append(first.args.Mention, p)
			}
		}
		first.args.Loud = first.args.Loud || m.args.Loud
		first.args.Broadcast = first.args.Broadcast || m.args.Broadcast
		names = append(names, act.Name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) })
	for i, name := range names {
		names[i] = literal(name, 20)
	}
	mention, err := r.mention(ctx, first.args)
	if err != nil && acts[0].Tries < 3 { // after that the message matters more
		return before(classify(err).result(r.w.in(first.args.Channel)))
	}
	first.more = acts[1:]
	said := r.w.in(first.args.Channel).Say("slack.together", len(acts), strings.Join(names, ", "))
	first.text = clippedMrkdwn(strings.TrimSpace(mention+" "+said), maxText)
	return r.say(ctx, first)
}

// marks are what a message is found again by. Of what it says for others, too, it
// has short names: Slack takes only so much.
func (m message) marks() map[string]any {
	marks := map[string]any{"act": cmp.Or(m.mark, m.act.Marker())}
	var more []string
	for _, act := range m.more {
		more = append(more, shortMark(act))
	}
	if len(more) > 0 {
		marks["more"] = strings.Join(more, " ")
	}
	return marks
}

// speaksOf says whether a message of ours is that of an act.
func speaksOf(msg slack.Message, act outbox.Act) bool {
	if msg.Metadata.EventType != actEvent {
		return false
	}
	if one, ok := msg.Metadata.EventPayload["act"].(string); ok && one == act.Marker() {
		return true
	}
	more, _ := msg.Metadata.EventPayload["more"].(string)
	return act.Name != "" && slices.Contains(strings.Fields(more), shortMark(act))
}

func shortMark(act outbox.Act) string {
	sum := sha256.Sum256([]byte(act.Marker()))
	return hex.EncodeToString(sum[:6])
}
