package slack

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"amsbot/bot"

	"github.com/slack-go/slack"
)

// openWithin is how long the conductor may take to say what a dialogue asks. Slack
// opens none 3 s after the click: one that is late is opened empty, and drawn when
// it is known.
const openWithin = time.Second

// drawnWithin is how long an acknowledgement may take to be drawn before a call
// draws over it.
const drawnWithin = 300 * time.Millisecond

// anyIncident stands in a button for the incident of an act that is about none.
const anyIncident = "bot"

// asksFirst says whether a button opens a dialogue. What is only confirmed has
// Slack's own, beside the button.
func asksFirst(p press) bool {
	switch p.Act {
	case bot.DoEscalate, bot.DoResolve, bot.DoNote:
		return bot.IsIncident(p.Incident)
	case bot.DoBreakGlass: // of a storm, too
		return true
	case bot.DoPause, bot.DoResume, bot.DoMaintain, bot.DoEndMaintenance:
		return true
	}
	return false
}

// drawAsk is a button that opens the dialogue of an act that is about no incident.
func drawAsk(s *sheet, act, label string) *slack.ButtonBlockElement {
	value := press{Act: act, Incident: anyIncident}.token()
	return slack.NewButtonBlockElement(actionPrefix+act, value, s.sure(label, act, maxLabel))
}

// opening is somebody who wants a dialogue.
type opening struct {
	to      asker
	trigger string
	team    string
	app     string
	room    string // the channel's name, where Slack said it
	click   bot.Click
	find    func(context.Context) (string, error) // the incident, where it has to be looked for
}

// opens opens a dialogue, or says why there is none.
func (r *Reader) opens(ctx context.Context, env *envelope, o opening) {
	ctx, cancel := context.WithTimeout(ctx, actWithin)
	defer cancel()
	type said struct {
		bot.Answer
		err error
	}
	got := make(chan said, 1)
	go func() {
		a, err := r.wish(ctx, env, o)
		got <- said{a, err}
	}()
	about := carried{Channel: o.to.channel, Thread: o.to.thread, Typed: o.click.Typed}
	late := time.NewTimer(openWithin)
	defer late.Stop()
	select {
	case a := <-got:
		if a.err != nil || a.Form == nil {
			r.answer(ctx, env, o.to, a.Answer, a.err)
			return
		}
		r.openView(ctx, env, o, r.drawn(*a.Form, about))
	case <-late.C:
		s := &sheet{words: r.w.in(o.to.channel), left: textLimit}
		id := r.openView(ctx, env, o, plainView(s, "amsbot", s.words.Say("slack.form.wait")))
		if a := <-got; id != "" {
			r.replace(ctx, id, o.to, r.concluded(a.Answer, a.err, about))
		}
	}
}

// wish asks the conductor for a dialogue.
func (r *Reader) wish(ctx context.Context, env *envelope, o opening) (bot.Answer, error) {
	a, err := r.admit(ctx, env, o.team, o.app)
	if err != nil || a.Text != "" {
		return a, err
	}
	c := o.click
	c.Open, c.Team = true, o.team
	if o.find != nil {
		if c.Incident, err = o.find(ctx); err != nil || c.Incident == "" {
			return bot.Answer{Text: escape(r.w.in(o.to.channel).Say("slack.shortcut.none"))}, err
		}
	}
	if c.Channel == "" { // Home is read by one person, as a direct message is
		c.Channel = "D"
	}
	c.Room = r.w.room(ctx, o.to.channel, o.room)
	return r.doors.Act(ctx, c)
}

// drawn is a dialogue that could be drawn, or one that says that it could not.
func (r *Reader) drawn(f bot.Form, about carried) slack.ModalViewRequest {
	w := r.w.in(about.Channel)
	v, err := formView(f, about, w)
	if err != nil {
		r.w.log.Error("slack: a dialogue could not be drawn", "error", err)
		return plainView(&sheet{words: w, left: textLimit}, f.Title, w.Say("slack.failed"))
	}
	return v
}

// openView opens a dialogue before somebody and acknowledges what asked for it; ""
// when Slack did not open it, which the person is told.
func (r *Reader) openView(ctx context.Context, env *envelope, o opening, v slack.ModalViewRequest) (id string) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	opened, err := r.w.api.OpenViewContext(ctx, o.trigger, v)
	if err != nil {
		r.w.log.Warn("slack: could not open a dialogue", "act", o.click.Act, "error", terse(err))
		r.answer(ctx, env, o.to, bot.Answer{Text: r.w.in(o.to.channel).Say("slack.form.gone")}, nil)
		return ""
	}
	env.ack(nil)
	return opened.View.ID
}

// concluded is what takes the place of a dialogue that waits: its fields, or what
// came of it.
func (r *Reader) concluded(a bot.Answer, err error, about carried) slack.ModalViewRequest {
	if err == nil && a.Form != nil {
		return r.drawn(*a.Form, about)
	}
	s := &sheet{words: r.w.in(about.Channel), left: textLimit}
	text := cmpOr(a.Text, escape(s.words.Say("slack.form.done")))
	if err != nil {
		r.w.log.Error("slack: a dialogue failed", "error", err)
		text = escape(s.words.Say("slack.failed"))
	}
	v := plainView(s, "amsbot", "")
	v.Blocks.BlockSet = []slack.Block{s.section(problemBlock, clippedMrkdwn(text, maxEntryText))}
	return v
}

// replace draws an open dialogue anew. Whoever has closed it meanwhile is told.
func (r *Reader) replace(ctx context.Context, id string, to asker, v slack.ModalViewRequest) {
	_, err := r.w.api.UpdateViewContext(ctx, v, "", "", id)
	if err == nil {
		return
	}
	r.w.log.Warn("slack: could not draw a dialogue again", "error", terse(err))
	for _, b := range v.Blocks.BlockSet {
		if s, ok := b.(*slack.SectionBlock); ok && s.Text.Type == slack.MarkdownType {
			r.tell(ctx, to, s.Text.Text, false)
		}
	}
}

// submission is a dialogue that was sent, and may have been acknowledged meanwhile.
type submission struct {
	env   *envelope
	view  slack.View
	about carried
	to    asker
}

// submitted takes a dialogue that somebody sends. What is wrong with it is said in
// it, and it stays open: nothing that was typed is lost.
func (r *Reader) submitted(ctx context.Context, env *envelope, cb slack.InteractionCallback) {
	ctx, cancel := context.WithTimeout(ctx, actWithin)
	defer cancel()
	in := submission{env: env, view: cb.View}
	if err := json.Unmarshal([]byte(cb.View.PrivateMetadata), &in.about); err != nil {
		r.problem(ctx, in, escape(r.w.words.Say("slack.stale")))
		return
	}
	w := r.w.in(in.about.Channel)
	in.to = asker{user: cb.User.ID, channel: in.about.Channel, thread: in.about.Thread}
	env.atLast(updated(redrawn(in.view, escape(w.Say("slack.form.still")), w)), updated(meanwhile(in.view, "slack.form.still", w)))
	a, err := r.admit(ctx, env, teamOf(cb), cb.APIAppID)
	if err == nil && a.Text == "" {
		a, err = r.doors.Act(ctx, r.sent(ctx, in, cb))
	}
	switch {
	case err != nil:
		r.w.log.Error("slack: a dialogue failed", "act", in.about.Act, "error", err)
		r.problem(ctx, in, escape(w.Say("slack.failed")))
	case a.Form != nil:
		in.shows(ctx, r, r.drawn(*a.Form, in.about))
	case len(a.Wrong) > 0:
		r.wrong(ctx, in, a.Wrong)
	case !a.Done:
		r.problem(ctx, in, cmpOr(a.Text, escape(w.Say("slack.failed"))))
	default:
		r.ended(ctx, in, a)
	}
}

// sent is a filled dialogue as the conductor judges it.
func (r *Reader) sent(ctx context.Context, in submission, cb slack.InteractionCallback) bot.Click {
	c := clickOf(cb)
	c.Channel, c.Room = in.about.Channel, r.w.room(ctx, in.about.Channel, "")
	if c.Channel == "" {
		c.Channel = "D"
	}
	c.Act, c.Incident, c.Offer, c.Override, c.Typed = in.about.Act, in.about.Incident, in.about.Offer, in.about.Override, in.about.Typed
	c.Fields, c.Once = filledIn(cb.View, in.about.Act), cb.View.ID
	return c
}

// problem says at the head of a dialogue why it was not done.
func (r *Reader) problem(ctx context.Context, in submission, mrkdwn string) {
	in.shows(ctx, r, redrawn(in.view, mrkdwn, r.w.in(in.about.Channel)))
}

// wrong says what is wrong at which fields.
func (r *Reader) wrong(ctx context.Context, in submission, wrong map[string]string) {
	if in.env.ack(wrongAt(in.about.Act, wrong)) {
		return
	}
	text := ""
	for _, name := range slices.Sorted(maps.Keys(wrong)) {
		text += escape(wrong[name]) + "\n"
	}
	in.shows(ctx, r, redrawn(in.view, text, r.w.in(in.about.Channel)))
}

// ended closes a dialogue that was done.
func (r *Reader) ended(ctx context.Context, in submission, a bot.Answer) {
	if in.env.over() { // it is still open: Slack did not wait for us
		r.replace(ctx, in.view.ID, in.to, r.concluded(bot.Answer{}, nil, in.about))
	}
	r.answer(ctx, in.env, in.to, a, nil)
}

// shows draws a dialogue anew: with the acknowledgement where that is still open and
// takes all of it. An acknowledgement that carries nothing closes the dialogue, as
// if it were done: one that is too large goes after a small one, which Slack has to
// have drawn by then.
func (in submission) shows(ctx context.Context, r *Reader, v slack.ModalViewRequest) {
	if in.env.ack(updated(v)) {
		return
	}
	if in.env.ack(updated(meanwhile(in.view, "slack.form.wait", r.w.in(in.about.Channel)))) {
		pause(ctx, drawnWithin)
	}
	r.replace(ctx, in.view.ID, in.to, typedInto(v, in.view.State))
}

// updated is the acknowledgement that draws a dialogue anew.
func updated(v slack.ModalViewRequest) *slack.ViewSubmissionResponse {
	return slack.NewUpdateViewSubmissionResponse(&v)
}

// errNoRoot says that a reply's thread could not be read.
var errNoRoot = errors.New("slack: the thread has no beginning")
