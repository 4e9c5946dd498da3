package bot

import (
	"context"
	"fmt"
	"time"

	"amsbot/bot/words"
	"amsbot/scenarios"
	"amsbot/store"
)

// whyMost is how long the reason of a pause or a window may be.
const whyMost = 500

// pauseForm is the dialogue of Pause or Resume, with what this person may pause or
// resume from where they are.
func (b *Bot) pauseForm(ctx context.Context, k Click) (Answer, error) {
	w := b.WordsIn(k.Channel, k.Room)
	r := request{bot: b, ctx: ctx, k: k, w: w, set: b.Scenarios()}
	within := r.projects()
	scopes := b.pausable(ctx, r, within)
	now, err := b.stopsNow(ctx)
	if err != nil {
		return Answer{}, err
	}
	var choices []Choice
	for _, s := range scopes {
		held := now.of(s.Value)
		if s.Note = held.words(w); (s.Note != "") == (k.Act == DoResume) && len(choices) < choicesMost {
			choices = append(choices, s)
		}
	}
	if len(choices) == 0 {
		return b.noScope(ctx, r, within)
	}
	f := &Form{Act: k.Act, Title: w.Say("form." + k.Act), Send: w.Say("form.send." + k.Act), Text: w.Say("form.about." + k.Act)}
	why := Entry{Name: "text", Kind: EntryText, Label: w.Say("form.why"), Most: whyMost, Optional: k.Act == DoResume}
	first := preset(choices, within)
	if k.Act == DoResume { // just what is shown here
		for i, c := range choices {
			if choices[i].Value = now.of(c.Value).choice(c.Value); c.Value == first {
				first = choices[i].Value
			}
		}
	}
	f.Fields = []Entry{{Name: "scope", Kind: EntryChoice, Label: w.Say("form.scope"), Choices: choices, Value: first}, why}
	return Answer{Form: f}, nil
}

// noScope says why there is nothing to pause or to resume: nothing is paused, or
// the person may not.
func (b *Bot) noScope(ctx context.Context, r request, within []*scenarios.Project) (Answer, error) {
	if len(within) == 0 {
		return Answer{Text: r.w.Say("scope.which", r.w.Say("act."+r.k.Act))}, nil
	}
	if may := b.mayPause(ctx, r.set, within[0], r.k); !may.can(r.k.Act) {
		answer, out := r.refuse(may)
		_, err := b.DB.Commit(ctx, botStream, func(*store.View) (store.Change, error) { return out, nil })
		if err != nil {
			return Answer{}, fmt.Errorf("bot: refuse %s: %w", r.k.Act, err)
		}
		return answer, nil
	}
	return Answer{Text: r.w.Say("form.none." + r.k.Act)}, nil
}

// pausable are the scopes in which a person may do the act.
func (b *Bot) pausable(ctx context.Context, r request, within []*scenarios.Project) []Choice {
	var out, inside []Choice
	if b.mayPause(ctx, r.set, nil, r.k).can(r.k.Act) {
		out = append(out, Choice{Value: coverAll, Label: r.w.Say("cover.all")})
	}
	for _, p := range within {
		if !b.mayPause(ctx, r.set, p, r.k).can(r.k.Act) {
			continue
		}
		out = append(out, Choice{Value: projectScope(p.Name), Label: cut(r.w.Say("cover.project", p.Name), 75)})
		for _, s := range r.set.Scenarios {
			if s.Project == p {
				inside = append(inside, Choice{Value: scenarioScope(p.Name, s.Name), Label: cut(r.w.Say("cover.scenario", s.Name, p.Name), 75)})
			}
		}
	}
	return append(out, inside...)
}

// preset is the choice that stands there at first: the channel's own project, else
// none.
func preset(choices []Choice, within []*scenarios.Project) string {
	if len(within) == 1 && picked(choices, projectScope(within[0].Name)) {
		return projectScope(within[0].Name)
	}
	if len(choices) == 1 && choices[0].Value != coverAll {
		return choices[0].Value
	}
	return ""
}

// pauseFilled takes a filled dialogue into the click.
func (k *Click) pauseFilled(w words.Catalogue) map[string]string {
	wrong := map[string]string{}
	if k.chosen(k.field("scope")); k.Scope == "" {
		wrong["scope"] = w.Say("form.scope.empty")
	}
	k.Text = oneLine(k.field("text"))
	whyWrong(wrong, k.Text, k.Act != DoResume, w)
	return wrong
}

// whyWrong says what is wrong with a reason.
func whyWrong(wrong map[string]string, why string, needed bool, w words.Catalogue) {
	switch {
	case why == "" && needed:
		wrong["text"] = w.Say("form.why.empty")
	case len([]rune(why)) > whyMost:
		wrong["text"] = w.Say("form.text.long", whyMost)
	}
}

// Until when a window is open, as its dialogue offers it.
var lengths = []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 24 * time.Hour}

// atMoment is the choice of a time that is said in a field of its own.
const atMoment = "at"

// form is the dialogue that opens a maintenance window, or ends one.
func (r request) form(within []*scenarios.Project) (Answer, error) {
	if len(within) == 0 {
		return Answer{Text: r.w.Say("window.nowhere")}, nil
	}
	f := &Form{Act: r.k.Act, Title: r.w.Say("form." + r.k.Act), Send: r.w.Say("form.send." + r.k.Act), Text: r.w.Say("form.about." + r.k.Act)}
	if r.k.Act == DoEndMaintenance {
		return r.endForm(f, within)
	}
	scopes := r.coverable(within)
	if len(scopes) == 0 {
		answer, out := r.refuse(r.may(within[0].Name))
		_, err := r.bot.DB.Commit(r.ctx, botStream, func(*store.View) (store.Change, error) { return out, nil })
		return answer, err
	}
	now := time.Now().In(r.zone(within))
	var until []Choice
	for _, d := range lengths {
		until = append(until, Choice{Value: d.String(), Label: r.w.Say("form.for", r.w.Took(d)), Note: now.Add(d).Format("2006-01-02 15:04 MST")})
	}
	until = append(until, Choice{Value: atMoment, Label: r.w.Say("form.for.at")})
	zone := r.w.Say("form.zone", now.Format("15:04 MST"))
	f.Fields = []Entry{
		{Name: "scope", Kind: EntryChoice, Label: r.w.Say("form.cover"), Choices: scopes, Value: preset(scopes, within)},
		{Name: "target", Kind: EntryLine, Label: r.w.Say("form.target"), Hint: r.w.Say("form.target.hint"), Most: 255, Optional: true},
		{Name: "for", Kind: EntryChoice, Label: r.w.Say("form.length"), Choices: until, Value: time.Hour.String()},
		{Name: "until", Kind: EntryMoment, Label: r.w.Say("form.until"), Hint: zone, Optional: true},
		{Name: "from", Kind: EntryMoment, Label: r.w.Say("form.from"), Hint: r.w.Say("form.from.hint"), Optional: true},
		{Name: "text", Kind: EntryText, Label: r.w.Say("form.why"), Most: whyMost},
	}
	return Answer{Form: f}, nil
}

// coverable is all that a person may open a window on, but targets, of which
// nobody has a list.
func (r request) coverable(within []*scenarios.Project) []Choice {
	var out, inside []Choice
	if r.may("").can(r.k.Act) {
		out = append(out, Choice{Value: coverAll, Label: r.w.Say("cover.all")})
	}
	for _, c := range r.known(within) {
		choice := Choice{Value: c.value(), Label: cut(c.words(r.w), 75)}
		switch {
		case !r.may(c.Project).can(r.k.Act) || len(choice.Value) > 150:
		case c.Kind == coverProject:
			out = append(out, choice)
		default:
			inside = append(inside, choice)
		}
	}
	out = append(out, inside...)
	return out[:min(len(out), choicesMost)]
}

// value is what a window is about, as a choice carries it; of everything, a project and
// a scenario it is the scope of a pause, too.
func (s covered) value() string {
	switch s.Kind {
	case coverAll:
		return coverAll
	case coverProject:
		return projectScope(s.Project)
	}
	return s.Kind + ":" + s.Project + "/" + s.Name
}

func (r request) endForm(f *Form, within []*scenarios.Project) (Answer, error) {
	all, err := r.bot.planned(r.ctx, Question{User: r.k.User, Channel: r.k.Channel, Room: r.k.Room})
	if err != nil {
		return Answer{}, err
	}
	zone := r.zone(within)
	var choices []Choice
	for _, w := range visibleWindows(all, within) {
		if len(choices) < choicesMost {
			label := fmt.Sprintf("%d: %s", w.N, w.Scope.words(r.w))
			choices = append(choices, Choice{Value: fmt.Sprint(w.N), Label: cut(label, 75), Note: cut(wallClock(w.Until, zone)+", "+w.Name, 75)})
		}
	}
	if len(choices) == 0 {
		return Answer{Text: r.w.Say("window.none")}, nil
	}
	f.Fields = []Entry{{Name: "window", Kind: EntryChoice, Label: r.w.Say("form.window"), Choices: choices, Value: choices[0].Value}}
	return Answer{Form: f}, nil
}
