package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"amsbot/bot"
	"amsbot/bot/outbox"

	"github.com/slack-go/slack"
)

// maxText is how long a message's own text may be, as Slack recommends.
const maxText = 4000

// Receiver does the acts "post" and "reply": messages of bot.MessageArgs. A
// result's Ref is the message's "<channel ID>/<ts>".
type Receiver struct {
	w       *Workspace
	members *Members
}

var _ outbox.Receiver = (*Receiver)(nil)

// Receiver is the workspace as the outbox does acts in it.
func (w *Workspace) Receiver() *Receiver { return &Receiver{w: w, members: w.Members()} }

// Do does the acts one after the other, or in one message those that call people
// together. A message is Done when it stands in Slack; an output that Slack does
// not take leaves it Done, with Why.
func (r *Receiver) Do(ctx context.Context, acts []outbox.Act) []outbox.Result {
	if inOne(acts) {
		return slices.Repeat([]outbox.Result{r.speak(ctx, acts)}, len(acts))
	}
	results := make([]outbox.Result, len(acts))
	for i, act := range acts {
		results[i] = r.do(ctx, act)
	}
	return results
}

// message is an act on its way: what to say, and where.
type message struct {
	act     outbox.Act
	args    bot.MessageArgs
	channel string // its ID
	thread  string // the ts of the message that it answers, "" for none
	text    string
	output  []byte       // for a file
	more    []outbox.Act // that it says, too
	mark    string       // what it is found again by; "" as the act's own
}

func (r *Receiver) do(ctx context.Context, act outbox.Act) outbox.Result {
	if over(ctx) { // the act before it took all the time
		return outbox.Result{State: outbox.Again, Why: r.w.words.Say("slack.why.lost")}
	}
	m, wrong := r.prepare(ctx, act)
	if wrong != nil {
		return *wrong
	}
	ref, known := "", false
	if act.Tries > 0 && m.output != nil {
		// The message may stand already, and only its file is missing.
		if found, ok, err := r.posted(ctx, m); err == nil && ok {
			ref, known = found, true
		}
	}
	if !known {
		result := r.say(ctx, m)
		if result.State != outbox.Done {
			return result
		}
		ref = result.Ref
	}
	return r.attach(ctx, m, ref)
}

// prepare reads an act and gathers what its message needs. Nothing has been
// posted when it returns a result of its own.
func (r *Receiver) prepare(ctx context.Context, act outbox.Act) (message, *outbox.Result) {
	m, wrong := r.locate(ctx, act, false)
	if wrong != nil {
		return m, wrong
	}
	mention, err := r.mention(ctx, m.args)
	if err != nil && act.Tries < 3 { // after that the message matters more
		result := before(classify(err).result(r.w.in(m.args.Channel)))
		return m, &result
	}
	m.text = strings.TrimSpace(mention + " " + m.args.Text)
	inline, output, err := r.output(ctx, m.args.File)
	switch {
	case err != nil:
		m.text += "\n" + escape(r.w.in(m.args.Channel).Say("slack.file.unread"))
	case inline != "":
		m.text = clippedMrkdwn(m.text, maxText-utf8.RuneCountInString(inline)-1) + "\n" + inline
	}
	m.output = output
	m.text = clippedMrkdwn(m.text, maxText)
	if strings.TrimSpace(m.text) == "" {
		return m, &outbox.Result{State: outbox.Refused, Why: r.w.in(m.args.Channel).Say("slack.why.blocks", "no_text")}
	}
	return m, nil
}

// locate reads where an act's message belongs, or where to look for it.
func (r *Receiver) locate(ctx context.Context, act outbox.Act, looking bool) (message, *outbox.Result) {
	m := message{act: act}
	if err := json.Unmarshal(act.Args, &m.args); err != nil {
		return m, &outbox.Result{State: outbox.Refused, Why: r.w.in(m.args.Channel).Say("slack.why.blocks", act.Kind)}
	}
	switch act.Kind {
	case bot.ActReply:
		var ok bool
		if m.channel, m.thread, ok = parseReference(act.Card); !ok {
			if looking && m.args.Broadcast {
				return r.inRoom(ctx, m)
			}
			return m, &outbox.Result{State: outbox.Again, Why: r.w.in(m.args.Channel).Say("slack.thread.nocard")}
		}
	case bot.ActPost:
		return r.inRoom(ctx, m)
	default:
		return m, &outbox.Result{State: outbox.Refused, Why: r.w.in(m.args.Channel).Say("slack.why.code", act.Kind)}
	}
	return m, nil
}

// inRoom has a message stand in its channel, in nobody's thread.
func (r *Receiver) inRoom(ctx context.Context, m message) (message, *outbox.Result) {
	id, err := r.w.channelID(ctx, m.args.Channel)
	if err != nil {
		result := before(r.w.refused(m.args.Channel, err))
		return m, &result
	}
	m.channel = id
	return m, nil
}

// mention is who a message is for: those who are known in Slack are called,
// the others named. Where somebody has to come and nobody could be called,
// whoever is there is. The error says that Slack could not be asked.
func (r *Receiver) mention(ctx context.Context, args bot.MessageArgs) (string, error) {
	var all []string
	var wrong error
	called := false
	for _, p := range args.Mention {
		id, err := r.members.of(ctx, p)
		switch {
		case err == nil:
			all, called = append(all, "<@"+id+">"), true
			continue
		case !isAnswer(err):
			wrong = err
		}
		if name := literal(cmpOr(p.Name, p.Email, p.ID), 80); name != "" {
			all = append(all, name)
		}
	}
	if args.Loud && !called {
		all = append([]string{"<!here>"}, all...)
	}
	return strings.Join(all, " "), wrong
}

// say posts the message with its marker.
func (r *Receiver) say(ctx context.Context, m message) outbox.Result {
	options := []slack.MsgOption{
		slack.MsgOptionText(m.text, false), slack.MsgOptionParse(false),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: actEvent, EventPayload: m.marks()}),
	}
	if m.thread != "" {
		options = append(options, slack.MsgOptionTS(m.thread))
		if m.args.Broadcast {
			options = append(options, slack.MsgOptionBroadcast())
		}
	}
	var ts string
	err := r.w.inChannel(ctx, m.channel, func() (err error) {
		_, ts, err = r.w.api.PostMessageContext(ctx, m.channel, options...)
		return err
	})
	if err != nil {
		return r.w.refused(cmpOr(m.args.Channel, m.channel), err)
	}
	if !isTS(ts) {
		return outbox.Result{State: outbox.Unknown, Why: r.w.in(m.args.Channel).Say("slack.why.lost")}
	}
	return outbox.Result{State: outbox.Done, Ref: reference(m.channel, ts)}
}

// Find says whether the message of an act stands in Slack, and its file too if
// it has one.
func (r *Receiver) Find(ctx context.Context, act outbox.Act) (outbox.Result, bool, error) {
	m, wrong := r.locate(ctx, act, true)
	switch {
	case wrong != nil && wrong.State == outbox.Again && act.Kind == bot.ActReply:
		return outbox.Result{}, false, nil // without a card nothing can have been said
	case wrong != nil:
		return outbox.Result{}, false, fmt.Errorf("slack: find message: %w", errors.New(wrong.Why))
	}
	ref, ok, err := r.posted(ctx, m)
	if err != nil || !ok {
		return outbox.Result{}, false, err
	}
	if _, file, err := r.output(ctx, m.args.File); err == nil && file != nil {
		there, err := r.attached(ctx, m, ref)
		if err != nil || !there {
			return outbox.Result{}, false, err
		}
	}
	return outbox.Result{State: outbox.Done, Ref: ref}, true, nil
}

// posted looks for the message by its marker.
func (r *Receiver) posted(ctx context.Context, m message) (ref string, ok bool, err error) {
	at := place{channel: m.channel, thread: m.thread, since: m.act.At}
	if m.args.Broadcast { // it shows in the channel, in whoever's thread it was said
		at.thread = ""
	}
	found, err := r.w.search(ctx, at, func(msg slack.Message) bool { return speaksOf(msg, m.act) })
	if err != nil {
		return "", false, fmt.Errorf("slack: find message: %w", err)
	}
	if len(found) == 0 {
		return "", false, nil
	}
	return reference(m.channel, found[0].Timestamp), true, nil
}
