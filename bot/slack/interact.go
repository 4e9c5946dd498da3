package slack

import (
	"context"
	"encoding/json"
	"log/slog"
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
		if cb.View.CallbackID == noteCallback {
			return r.acts.offer(func(ctx context.Context) { r.noted(ctx, env, cb) })
		}
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
	case err != nil:
		return r.acts.offer(r.saying(env, cb, "slack.stale"))
	case p.Act == "open":
		env.ack(nil)
		return true
	case p.Act == bot.DoNote:
		return r.views.offer(func(ctx context.Context) { r.openNote(ctx, env, cb, p.Incident) })
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
		slog.Warn("slack: refused what came from another workspace or app", "team", line(team, 20), "app", line(app, 20))
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

// openNote opens the Add Note dialogue. Slack gives 3 s from the click.
func (r *Reader) openNote(ctx context.Context, env *envelope, cb slack.InteractionCallback, incident string) {
	to := whoPressed(cb)
	r.dialogue(ctx, env, to, cb.TriggerID, noted{Incident: incident, Channel: to.channel, Thread: to.thread})
}

// dialogue opens Add Note for somebody and acknowledges what asked for it.
func (r *Reader) dialogue(ctx context.Context, env *envelope, to asker, trigger string, about noted) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	view, err := noteView(about, r.w.in(to.channel))
	if err == nil {
		_, err = r.w.api.OpenViewContext(ctx, trigger, view)
	}
	if err == nil {
		env.ack(nil)
		return
	}
	slog.Warn("slack: could not open Add Note", "error", terse(err))
	r.answer(ctx, env, to, bot.Answer{Text: r.w.in(to.channel).Say("slack.note.gone")}, nil)
}

// noted takes a submitted note. What is wrong with it is said in the dialogue,
// which stays open, for as long as Slack waits.
func (r *Reader) noted(ctx context.Context, env *envelope, cb slack.InteractionCallback) {
	ctx, cancel := context.WithTimeout(ctx, actWithin)
	defer cancel()
	var about noted
	if err := json.Unmarshal([]byte(cb.View.PrivateMetadata), &about); err != nil {
		r.inDialogue(ctx, env, asker{user: cb.User.ID}, r.w.words.Say("slack.failed"))
		return
	}
	to := asker{user: cb.User.ID, channel: about.Channel, thread: about.Thread}
	text := noteText(cb)
	if text == "" {
		r.inDialogue(ctx, env, to, r.w.in(to.channel).Say("slack.note.empty"))
		return
	}
	a, err := r.admit(ctx, env, teamOf(cb), cb.APIAppID)
	if err == nil && a.Text == "" {
		c := clickOf(cb)
		c.Channel, c.Incident, c.Act, c.Text, c.Once = about.Channel, about.Incident, bot.DoNote, text, cb.View.ID
		c.Room = r.w.room(ctx, c.Channel, "")
		a, err = r.doors.Act(ctx, c)
	}
	switch {
	case err != nil:
		slog.Error("slack: a note failed", "error", err)
		r.inDialogue(ctx, env, to, r.w.in(to.channel).Say("slack.failed"))
	case !a.Done:
		r.inDialogue(ctx, env, to, unescaped(a.Text))
	default:
		r.answer(ctx, env, to, a, nil)
	}
}

// inDialogue says under the dialogue's field what is wrong, or to the person
// alone when the dialogue is closed already.
func (r *Reader) inDialogue(ctx context.Context, env *envelope, to asker, text string) {
	text = line(cmpOr(text, r.w.in(to.channel).Say("slack.failed")), 300)
	wrong := slack.NewErrorsViewSubmissionResponse(map[string]string{noteBlock: text})
	if !env.ack(wrong) {
		r.tell(ctx, to, escape(text), false)
	}
}

// noteText is what was written, without what surrounds it.
func noteText(cb slack.InteractionCallback) string {
	if cb.View.State == nil {
		return ""
	}
	return strings.TrimSpace(clip(clean(cb.View.State.Values[noteBlock][noteInput].Value, maxNote+1), maxNote))
}
