package slack

import (
	"context"
	"fmt"
	"slices"
	"time"

	"amsbot/bot/outbox"

	"github.com/slack-go/slack"
)

const (
	// maxPages bounds how far a search goes: 3,000 messages, which Slack's limit lets
	// us read within the time that a call of the outbox has.
	maxPages = 15
	pageSize = 200
	// skew is how far Slack's clock may be behind ours, beside what its answers say.
	skew = 5 * time.Minute
	// soon is how long after its moment a message was posted mostly: however much was
	// said in a channel since then, that time is searched first.
	soon = 30 * time.Minute
	// lately is how far back what is looked for was posted, where no clock says it.
	lately = time.Hour
)

// place is where to look: a channel or, with thread, the thread of a message.
type place struct {
	channel string
	thread  string
	since   time.Time // zero: as far back as the search goes
}

// mark is what our message bears in its metadata.
type mark struct{ event, key, value string }

func (m mark) on(msg slack.Message) bool {
	if msg.Metadata.EventType != m.event {
		return false
	}
	value, ok := msg.Metadata.EventPayload[m.key].(string)
	return ok && value == m.value
}

// find lists our messages with a mark, oldest first. Other apps may write what
// metadata they like, so that only our own messages count.
func (w *Workspace) find(ctx context.Context, at place, marked mark) ([]slack.Message, error) {
	return w.search(ctx, at, marked.on)
}

// search lists our messages that fit, oldest first. It joins a public channel
// if it has to: history is for members.
func (w *Workspace) search(ctx context.Context, at place, fits func(slack.Message) bool) ([]slack.Message, error) {
	me, err := w.identity(ctx)
	if err != nil {
		return nil, markDown(err)
	}
	var found []slack.Message
	cursor, spans := "", w.spans(at)
	for range maxPages {
		var page []slack.Message
		err := w.inChannel(ctx, at.channel, func() (err error) {
			page, cursor, err = w.page(ctx, at, spans[0], cursor)
			return err
		})
		if isCode(err, "thread_not_found", "channel_not_found", "not_in_channel", "missing_scope") {
			// Where we cannot be, nothing of ours stands. Without the right to
			// read (channels:history is optional) nobody can look, and a message
			// that comes twice is better than one that never comes.
			w.log.Warn("slack: cannot look for a message, taken for not posted", "error", terse(err), "needed", needed(err))
			return nil, nil
		}
		if err != nil {
			return nil, markDown(err)
		}
		for _, m := range page {
			if (m.User == me.User || m.BotID != "" && m.BotID == me.BotID) && fits(m) {
				found = append(found, m)
			}
		}
		if cursor != "" {
			continue
		}
		if spans = spans[1:]; len(spans) == 0 {
			return inOrder(found), nil
		}
	}
	// The next try would end here, too, and take from the others' searches what
	// Slack lets us read.
	w.log.Warn("slack: too many messages to look through, what was not found is taken for not posted", "channel", at.channel, "since", at.since)
	return inOrder(found), nil
}

// inOrder puts the oldest first. One that stands where two spans meet is in both.
func inOrder(found []slack.Message) []slack.Message {
	slices.SortStableFunc(found, func(a, b slack.Message) int { return compareTS(a.Timestamp, b.Timestamp) })
	return slices.CompactFunc(found, func(a, b slack.Message) bool { return a.Timestamp == b.Timestamp })
}

// span is a time to search, as timestamps; "" is open.
type span struct{ oldest, latest string }

// spans are the times to search, in this order. Slack lists a channel's newest messages
// first, so that in a busy one those of the moment itself would be the last.
func (w *Workspace) spans(at place) []span {
	if at.since.IsZero() {
		return []span{{}}
	}
	stamp := func(t time.Time) string { return fmt.Sprintf("%d.000000", t.Unix()) }
	begins := w.since(at.since)
	middle := begins.Add(skew + soon)
	if at.thread != "" || !middle.Before(w.ahead.Theirs(time.Now())) {
		return []span{{oldest: stamp(begins)}}
	}
	return []span{{oldest: stamp(begins), latest: stamp(middle)}, {oldest: stamp(middle)}}
}

// markDown marks an error that is no answer of Slack's, for the outbox.
func markDown(err error) error {
	if classify(err).down {
		return fmt.Errorf("%w: %w", outbox.ErrDown, err)
	}
	return err
}

// page reads one page of a channel's or a thread's messages.
func (w *Workspace) page(ctx context.Context, at place, s span, cursor string) ([]slack.Message, string, error) {
	if at.thread != "" {
		messages, _, next, err := w.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
			ChannelID: at.channel, Timestamp: at.thread, Cursor: cursor, Limit: pageSize,
			Oldest: s.oldest, Latest: s.latest, Inclusive: true, IncludeAllMetadata: true,
		})
		return messages, next, err
	}
	h, err := w.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
		ChannelID: at.channel, Cursor: cursor, Limit: pageSize, Oldest: s.oldest, Latest: s.latest, Inclusive: true, IncludeAllMetadata: true,
	})
	if err != nil {
		return nil, "", err
	}
	return h.Messages, h.ResponseMetaData.NextCursor, nil
}

// since is where a search begins for what was posted since a moment. One that has
// still to come was read off a clock that was set back: then it began lately.
func (w *Workspace) since(at time.Time) time.Time {
	early := skew
	if at.After(time.Now()) {
		early = lately
	}
	return w.ahead.Theirs(at).Add(-early)
}

// compareTS orders timestamps: digits, so that a longer one is later.
func compareTS(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
