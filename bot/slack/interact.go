package slack

import (
	"context"
	"strings"

	"amsbot/bot"

	"github.com/slack-go/slack"
)

// interaction takes a press of a button or a submitted dialogue; false when
// there is no room for it.
func (r *Reader) interaction(env *envelope, cb slack.InteractionCallback) bool {
	switch cb.Type {
	case slack.InteractionTypeBlockActions:
		return r.pressed(env, cb)
	case slack.InteractionTypeViewSubmission:
		if cb.View.CallbackID == formCallback {
			return r.acts.offer(func(ctx context.Context) { r.submitted(ctx, env, cb) })
		}
	case slack.InteractionTypeMessageAction:
		return r.chosen(env, cb)
	}
	env.ack(nil) // nothing that we draw makes it
	return true
}

// pressed reads which of our elements was pressed, and queues what it asks for.
func (r *Reader) pressed(env *envelope, cb slack.InteractionCallback) bool {
	if len(cb.ActionCallback.BlockActions) == 0 || cb.ActionCallback.BlockActions[0] == nil {
		env.ack(nil)
		return true
	}
	action := cb.ActionCallback.BlockActions[0]
	if !strings.HasPrefix(action.ActionID, actionPrefix) || action.ActionID == actionPrefix+"open" {
		env.ack(nil) // a link is followed by the person's own Slack
		return true
	}
	value := action.Value
	if action.ActionID == overflowAction || action.ActionID == cardAction {
		value = action.SelectedOption.Value
	}
	p, err := parsePress(value)
	switch {
	case err != nil, p.Act == liftPause && p.Offer == 0: // it does not say what was shown
		return r.acts.offer(r.saying(env, cb, "slack.stale"))
	case p.Act == "open":
		env.ack(nil)
		return true
	case asksFirst(p):
		c := clickOf(cb)
		c.Act, c.Incident, c.Offer, c.Override = p.Act, p.Incident, p.Offer, p.Override
		if p.Incident == anyIncident {
			c.Incident = ""
		}
		o := opening{to: whoPressed(cb), trigger: cb.TriggerID, team: teamOf(cb), app: cb.APIAppID, room: cb.Channel.Name, click: c}
		return r.views.offer(func(ctx context.Context) { r.opens(ctx, env, o) })
	}
	return r.acts.offer(func(ctx context.Context) { r.press(ctx, env, cb, p) })
}

// saying is a job that answers with one of our own texts.
func (r *Reader) saying(env *envelope, cb slack.InteractionCallback, key string) func(context.Context) {
	return func(ctx context.Context) {
		to := whoPressed(cb)
		r.answer(ctx, env, to, bot.Answer{Text: escape(r.w.in(to.channel).Say(key))}, nil)
	}
}

// press does what a button says.
func (r *Reader) press(ctx context.Context, env *envelope, cb slack.InteractionCallback, p press) {
	ctx, cancel := context.WithTimeout(ctx, actWithin)
	defer cancel()
	to := whoPressed(cb)
	a, err := r.admit(ctx, env, teamOf(cb), cb.APIAppID)
	switch {
	case err != nil || a.Text != "":
	case p.Act == "why":
		a, err = r.doors.Ask(ctx, bot.Question{
			User: cb.User.ID, Channel: to.channel, Room: r.w.room(ctx, to.channel, cb.Channel.Name), About: "why", Incident: p.Incident,
		})
	default:
		c := clickOf(cb)
		c.Room = r.w.room(ctx, c.Channel, cb.Channel.Name)
		c.Incident, c.Offer, c.Act, c.Override = p.Incident, p.Offer, p.Act, p.Override
		c = lifting(c)
		if c.Act == bot.DoTakeAll || c.Act == bot.DoEscalateAll {
			env.ack(nil) // Slack does not wait until all are written
		}
		a, err = r.doors.Act(ctx, c)
	}
	r.answer(ctx, env, to, a, err)
}

// admit checks that a delivery is from our workspace and our app. The answer
// has a text when it is not; the error is that we could not find out.
func (r *Reader) admit(ctx context.Context, env *envelope, team, app string) (bot.Answer, error) {
	me, err := r.w.identity(ctx)
	if err != nil {
		return bot.Answer{}, err
	}
	ours, _ := env.link.app.Load().(string)
	if team != me.TeamID || ours != "" && app != "" && app != ours {
		r.w.log.Warn("slack: refused what came from another workspace or app", "team", line(team, 20), "app", line(app, 20))
		return bot.Answer{Text: escape(r.w.words.Say("slack.foreign"))}, nil
	}
	return bot.Answer{}, nil
}

// whoPressed is who has to be answered.
func whoPressed(cb slack.InteractionCallback) asker {
	channel := cb.Channel.ID
	if channel == "" {
		channel = cb.Container.ChannelID
	}
	to := asker{user: cb.User.ID, channel: channel, response: cb.ResponseURL}
	// A card with replies names its own thread; whoever presses it there reads
	// the channel.
	if cb.Container.ThreadTs != cb.Container.MessageTs {
		to.thread = cb.Container.ThreadTs
	}
	return to
}

// teamOf is the workspace that a person who clicked belongs to. In a channel that
// is shared with others it need not be the one that the delivery names: who is
// let in there may read, and `everyone` does not mean them.
func teamOf(cb slack.InteractionCallback) string { return cmpOr(cb.User.TeamID, cb.Team.ID) }

// clickOf is who clicked where.
func clickOf(cb slack.InteractionCallback) bot.Click {
	return bot.Click{User: cb.User.ID, Name: nameOf(cb.User), Team: teamOf(cb), Channel: whoPressed(cb).channel}
}

func nameOf(u slack.User) string {
	return line(cmpOr(u.RealName, u.Profile.DisplayName, u.Name, u.ID), 80)
}
