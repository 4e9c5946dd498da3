package slack

import (
	"context"

	"amsbot/bot"

	"github.com/slack-go/slack/slackevents"
)

// event takes an event of the Events API. It is acknowledged as soon as it is
// queued: what it asks for is not kept anywhere, and opening Home again or
// asking again is what a person does anyway. false when there is no room; then
// Slack delivers it again.
func (r *Reader) event(env *envelope, e slackevents.EventsAPIEvent) bool {
	name := ""
	if outer, ok := e.Data.(*slackevents.EventsAPICallbackEvent); ok {
		name = "event " + outer.EventID
		if first, _ := r.seen.first(name); !first { // a repetition has an envelope of its own
			env.ack(nil)
			return true
		}
	}
	job := r.eventJob(env, e)
	queue := r.views
	if _, home := e.InnerEvent.Data.(*slackevents.AppHomeOpenedEvent); home {
		queue = r.homes
	}
	if job == nil {
		env.ack(nil)
		return true
	}
	if !queue.offer(job) {
		r.seen.forget(name)
		return false
	}
	return true
}

// eventJob is what an event asks for, nil for nothing.
func (r *Reader) eventJob(env *envelope, e slackevents.EventsAPIEvent) func(context.Context) {
	var to asker
	home := false
	switch inner := e.InnerEvent.Data.(type) {
	case *slackevents.AppHomeOpenedEvent:
		to, home = asker{user: inner.User, channel: inner.Channel}, true
		if inner.Tab != "home" {
			return nil
		}
	case *slackevents.AppMentionEvent:
		if inner.BotID != "" || inner.User == "" {
			return nil
		}
		to = asker{user: inner.User, channel: inner.Channel, thread: inner.ThreadTimeStamp}
	case *slackevents.MessageEvent:
		// Our own messages, edits and joins are messages too.
		if inner.ChannelType != "im" || inner.BotID != "" || inner.SubType != "" || inner.User == "" {
			return nil
		}
		to = asker{user: inner.User, channel: inner.Channel}
	default:
		return nil
	}
	return func(ctx context.Context) {
		env.ack(nil)
		ctx, cancel := context.WithTimeout(ctx, actWithin)
		defer cancel()
		if a, err := r.admit(ctx, env, e.TeamID, e.APIAppID); err != nil || a.Text != "" {
			return // nobody to answer: it was no act of a person of ours
		}
		if home {
			r.home(ctx, to)
			return
		}
		r.help(ctx, to)
	}
}

// help says what amsbot can be asked for, to whoever spoke to it.
func (r *Reader) help(ctx context.Context, to asker) {
	if me, err := r.w.identity(ctx); err == nil && to.user == me.User {
		return // we do not answer ourselves
	}
	a, err := r.doors.Ask(ctx, bot.Question{User: to.user, Channel: to.channel, Room: r.w.room(ctx, to.channel, ""), About: "help"})
	if err != nil {
		r.w.log.Error("slack: help failed", "error", err)
		a = bot.Answer{Text: escape(r.w.in(to.channel).Say("slack.failed"))}
	}
	if a.Text != "" {
		r.tell(ctx, to, clippedMrkdwn(a.Text, maxAnswer), false)
	}
}
