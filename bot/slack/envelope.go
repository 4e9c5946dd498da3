package slack

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"
)

// maxAckBytes is how large the payload of an acknowledgement may be. Slack
// drops one of 20 KiB without a word; what is larger goes by another way.
const maxAckBytes = 16 * 1024

// An answer is kept for a while after it was given, in case its envelope comes
// once more.
const (
	keptAnswers = 512
	answerLife  = time.Minute
)

// envelope is one delivery. It is acknowledged exactly once: with its answer if
// that comes in time, else without.
type envelope struct {
	link *link
	id   string
	when time.Time

	mu    sync.Mutex
	acked bool
	timer *time.Timer
	late  any // what the acknowledgement carries when it cannot wait for the answer
}

// receive takes a delivery from a connection: it is put aside for a worker, and
// will be acknowledged in time whether or not that worker is done. What comes
// twice, over whichever connection, is done once.
func (r *Reader) receive(l *link, e socketmode.Event) {
	id := e.Request.EnvelopeID
	if id == "" {
		return
	}
	env := &envelope{link: l, id: id, when: time.Now()}
	if first, done := r.seen.first("envelope " + id); !first {
		if done {
			env.again()
		}
		return
	}
	env.start()
	queued := false
	switch data := e.Data.(type) {
	case slack.InteractionCallback:
		queued = r.interaction(env, data)
	case slack.SlashCommand:
		queued = r.command(env, data)
	case slackevents.EventsAPIEvent:
		queued = r.event(env, data)
	default:
		env.ack(nil)
		return
	}
	if !queued {
		r.refuse(env, e)
	}
}

// refuse answers what there is no room for. A slash command can be told so, and
// that holds for its second delivery too; a button that is not acknowledged shows
// its presser that nothing was done; an event comes again by itself.
func (r *Reader) refuse(env *envelope, e socketmode.Event) {
	if cmd, ok := e.Data.(slack.SlashCommand); ok {
		key := "slack.busy"
		if r.acts.stopping() {
			key = "slack.stopping"
		}
		env.ack(said(r.w.in(cmd.ChannelID).Say(key), false))
		return
	}
	r.seen.forget("envelope " + env.id)
	env.drop()
	if !r.acts.stopping() {
		r.w.log.Warn("slack: too many clicks wait; one was not taken")
	}
}

// start begins the time within which the envelope has to be acknowledged.
func (e *envelope) start() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.timer = time.AfterFunc(ackWithin, func() { e.ack(e.lastly()) })
}

// atLast says what the acknowledgement is to carry when the answer is late: the
// first of these that Slack would take.
func (e *envelope) atLast(payloads ...any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if i := slices.IndexFunc(payloads, small); i >= 0 {
		e.late = payloads[i]
	}
}

func (e *envelope) lastly() any {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.late
}

// over says whether the envelope was acknowledged.
func (e *envelope) over() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.acked
}

// ack acknowledges the envelope, with a payload or nil; false when the payload
// did not go with it: that was done before, Slack would not take it, or there is
// no connection. It waits for each connection a moment and no longer.
func (e *envelope) ack(payload any) bool {
	if !small(payload) {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.acked {
		return false
	}
	e.acked = true
	e.timer.Stop()
	if payload != nil {
		e.link.reader.answers.put(e.id, payload, nil)
	}
	for _, l := range e.link.ways() {
		s := sent{e.when, socketmode.Response{EnvelopeID: e.id, Payload: payload}}
		if l.queue(context.Background(), s) == nil {
			l.reader.seen.done("envelope " + e.id)
			return true
		}
	}
	e.link.reader.w.log.Warn("slack: an acknowledgement could not be sent: not connected")
	return false
}

// again acknowledges an envelope that was acknowledged before: that was lost, or
// is still on its way over the other connection. Slack takes whichever comes
// first, so that this one carries the answer as well.
func (e *envelope) again() {
	payload, _, _ := e.link.reader.answers.get(e.id)
	e.start()
	e.ack(payload)
}

// drop lets the envelope go without an acknowledgement.
func (e *envelope) drop() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.acked = true
	e.timer.Stop()
}

// small says whether a payload is one that Slack takes.
func small(payload any) bool {
	if payload == nil {
		return true
	}
	raw, err := json.Marshal(payload)
	return err == nil && len(raw) <= maxAckBytes
}

// said is the payload that answers a slash command.
func said(text string, public bool) map[string]any {
	kind := slack.ResponseTypeEphemeral
	if public {
		kind = slack.ResponseTypeInChannel
	}
	return map[string]any{"response_type": kind, "text": text}
}
