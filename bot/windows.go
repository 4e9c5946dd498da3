package bot

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"amsbot/bot/words"
	"amsbot/scenarios"
	"amsbot/store"
)

// windowsMost is how many windows may be set at a time.
const windowsMost = 100

// maintain opens a maintenance window, or ends one before its time. It is public,
// and survives a restart. Opening one needs what a pause needs, to view the
// project: it only brakes. Ending one early needs what lifting a pause needs, to
// resume, also of whoever opened it: automation begins anew.
func (b *Bot) maintain(ctx context.Context, k Click) (Answer, error) {
	if as, err := b.personOf(ctx, k.User); err == nil {
		k.Name = nameOf(k, as)
	}
	r := request{bot: b, ctx: ctx, k: k, w: b.WordsIn(k.Channel, k.Room), set: b.Scenarios()}
	within := r.projects()
	for _, p := range within { // not even the names behind a wall are told
		if may := r.may(p.Name); !may.ok["view"] {
			answer, out := r.refuse(may)
			if _, err := b.DB.Commit(ctx, botStream, func(*store.View) (store.Change, error) { return out, nil }); err != nil {
				return Answer{}, fmt.Errorf("bot: refuse %s: %w", k.Act, err)
			}
			return answer, nil
		}
	}
	switch {
	case k.Open:
		return r.form(within)
	case k.Act == DoEndMaintenance:
		return r.end(within)
	case k.Fields != nil:
		w, wrong := r.filled(within, time.Now())
		if len(wrong) > 0 {
			return Answer{Wrong: wrong}, nil
		}
		return r.commit(w)
	}
	return r.open(within)
}

// request is a person's wish about maintenance windows, on its way to a commit.
type request struct {
	bot *Bot
	ctx context.Context
	k   Click
	w   words.Catalogue
	set *scenarios.Set
}

func (r request) open(within []*scenarios.Project) (Answer, error) {
	now := time.Now()
	wish, problem, args := parseWindow(r.k.Text, now.In(r.zone(within)))
	if problem == "window.when" && len(wish.words) == 0 {
		problem, args = "window.what", nil
	}
	if problem != "" {
		return Answer{Text: r.w.Say(problem, r.written(args)...)}, nil
	}
	scope, said, text := r.aim(wish.words, within)
	if text != "" {
		return Answer{Text: text}, nil
	}
	return r.commit(window{Scope: scope, From: wish.from, Until: wish.until, Why: joined(said, wish.why), User: r.k.User, Name: r.k.Name})
}

// commit opens a window that nothing is wrong with.
func (r request) commit(w window) (Answer, error) {
	w.From, w.Until = w.From.UTC(), w.Until.UTC()
	if !w.From.After(time.Now()) {
		w.From = time.Time{} // from the moment of the commit
	}
	may := r.may(w.Scope.Project)
	var answer Answer
	_, err := r.bot.DB.Commit(r.ctx, botStream, func(v *store.View) (out store.Change, err error) {
		answer, out, err = r.opened(v, w, may)
		return out, err
	})
	if err != nil {
		return Answer{}, fmt.Errorf("bot: open a maintenance window: %w", err)
	}
	return answer, nil
}

// opened is the commit of a window that opens.
func (r request) opened(v *store.View, w window, may permits) (Answer, store.Change, error) {
	all, err := windows(v)
	if err != nil {
		return Answer{}, store.Change{}, err
	}
	if w.From.IsZero() {
		w.From = v.Now()
	}
	once := fitKey("click:" + r.k.Once)
	if r.k.Once != "" && v.Seen(once) {
		return Answer{Done: true}, store.Change{}, nil
	}
	same := slices.IndexFunc(all, func(old window) bool {
		return old.Scope == w.Scope && !old.From.After(w.From) && !old.Until.Before(w.Until)
	})
	switch {
	case !may.can(r.k.Act):
		answer, out := r.refuse(may)
		return answer, out, nil
	case same >= 0:
		return Answer{Text: r.w.Say("window.already", all[same].line(r.w, v.Now()))}, store.Change{}, nil
	case len(all) >= windowsMost:
		return Answer{Text: r.w.Say("window.most", windowsMost)}, store.Change{}, nil
	}
	if _, err := v.Guard(lastWindow, &w.N); err != nil {
		return Answer{}, store.Change{}, err
	}
	w.N++
	out := store.Change{
		Events: []store.NewEvent{{Kind: kindMaintenance, By: r.k.Name, Data: w}},
		Guards: map[string]any{lastWindow: w.N, windowGuard(w.N): w}, Views: homes(v),
		Due: firstEnd(append(all, w), nil),
	}
	if r.k.Once != "" {
		out.Seen = append(out.Seen, once)
	}
	said := func(say words.Catalogue) string {
		return say.Say("window.opened", plain(r.k.Name, 80), plain(w.Scope.words(say), 200), w.span(say, v.Now()), paren(w.Why), w.N)
	}
	out.Events = append(out.Events, r.elsewhere(w, said)...)
	return Answer{Done: true, Public: true, Text: said(r.w)}, out, nil
}

func (r request) end(within []*scenarios.Project) (Answer, error) {
	var answer Answer
	var ended bool
	mays := map[string]permits{"": r.may("")}
	for _, p := range within {
		mays[p.Name] = r.may(p.Name)
	}
	if r.k.Fields != nil {
		r.k.Text = r.k.field("window")
	}
	_, err := r.bot.DB.Commit(r.ctx, botStream, func(v *store.View) (out store.Change, err error) {
		all, err := windows(v)
		if err != nil {
			return out, err
		}
		chosen, text := r.choose(visibleWindows(all, within), within)
		answer, ended = Answer{Text: text}, false
		if text != "" {
			return out, nil
		}
		if may := mays[chosen[0].Scope.Project]; !may.can(r.k.Act) {
			answer, out = r.refuse(may)
			return out, nil
		}
		answer, out = r.ended(all, chosen)
		out.Views, ended = homes(v), true
		return out, nil
	})
	if err != nil {
		return Answer{}, fmt.Errorf("bot: end a maintenance window: %w", err)
	}
	if ended {
		err = r.bot.takeUp(r.ctx)
	}
	return answer, err
}

// ended is the commit of windows that are ended.
func (r request) ended(all, chosen []window) (Answer, store.Change) {
	out := store.Change{Guards: map[string]any{}}
	for _, w := range chosen {
		out.Guards[windowGuard(w.N)] = nil
		out.Events = append(out.Events, store.NewEvent{Kind: kindMaintenanceEnded, By: r.k.Name, Data: windowEnded{window: w, Early: true}})
	}
	out.Due = firstEnd(all, out.Guards)
	key := "window.ended"
	if chosen[0].From.After(time.Now()) {
		key = "window.withdrawn"
	}
	said := func(w words.Catalogue) string {
		return w.Say(key, plain(r.k.Name, 80), plain(chosen[0].Scope.words(w), 200))
	}
	out.Events = append(out.Events, r.elsewhere(chosen[0], said)...)
	text := said(r.w)
	for _, w := range all {
		_, gone := out.Guards[windowGuard(w.N)]
		if wider := w.Scope.Kind == coverAll || w.Scope.Project == chosen[0].Scope.Project; !gone && wider {
			text += "\n" + r.w.Say("window.still", w.line(r.w, time.Now()))
		}
	}
	return Answer{Done: true, Public: true, Text: text}, out
}

// elsewhere tells the channels of the projects that a window is about.
func (r request) elsewhere(w window, said func(words.Catalogue) string) []store.NewEvent {
	if w.Scope.Kind == coverAll {
		return r.bot.elsewhere(r.set, nil, r.k, said)
	}
	i := slices.IndexFunc(r.set.Projects, func(p *scenarios.Project) bool { return p.Name == w.Scope.Project })
	if i < 0 {
		return nil
	}
	return r.bot.elsewhere(r.set, r.set.Projects[i], r.k, said)
}

// choose are the windows that a person wants to end: by number, by what they
// are about, or the only one.
func (r request) choose(all []window, within []*scenarios.Project) ([]window, string) {
	said := typedWords(r.k.Text)
	if len(said) == 0 && len(all) == 1 {
		return all, ""
	}
	var chosen []window
	if len(said) > 0 {
		n, err := strconv.Atoi(strings.TrimPrefix(said[0].text, "#"))
		scope, _, _ := r.aim(said, within)
		for _, w := range all {
			if err == nil && w.N == n || err != nil && w.Scope == scope {
				chosen = append(chosen, w)
			}
		}
	}
	switch {
	case len(chosen) > 0:
		return chosen, ""
	case len(all) == 0:
		return nil, r.w.Say("window.none")
	case len(said) == 0:
		return nil, r.w.Say("window.which") + windowLines(all, r.w)
	}
	return nil, r.w.Say("window.unknown", plain(r.k.Text, 60)) + windowLines(all, r.w)
}

func (r request) refuse(may permits) (Answer, store.Change) {
	text := r.w.Say("refused.permission", r.w.Say("act."+r.k.Act), may.who(r.k.Act, r.w))
	return Answer{Text: text}, r.bot.refusedApart(r.k, text)
}

// may is what the person may do in a project; in everything, "", what each of
// the projects lets them do.
func (r request) may(project string) permits {
	if project != "" {
		return r.bot.mayIn(r.ctx, r.set, &projectView{Name: project}, r.k.User)
	}
	may := r.bot.mayIn(r.ctx, r.set, nil, r.k.User)
	for _, p := range r.set.Projects {
		if one := r.bot.mayIn(r.ctx, r.set, viewOf(p), r.k.User); may.can(r.k.Act) && !one.can(r.k.Act) {
			may = one
		}
	}
	return may
}

// projects are those that a wish can be about: the channel's, and in a direct
// message those that the person may view.
func (r request) projects() []*scenarios.Project {
	if here := here(r.set, r.k.Channel, r.k.Room); here != nil {
		return []*scenarios.Project{here}
	}
	q := Question{User: r.k.User, Channel: r.k.Channel, Room: r.k.Room}
	return slices.DeleteFunc(slices.Clone(r.set.Projects), func(p *scenarios.Project) bool { return !r.bot.sees(r.ctx, q, p.Name) })
}

// written are what fills a text, times and durations as they are read.
func (r request) written(args []any) []any {
	out := slices.Clone(args)
	for i, a := range args {
		switch a := a.(type) {
		case time.Time:
			out[i] = moment(a, r.w)
		case time.Duration:
			out[i] = r.w.Took(a)
		}
	}
	return out
}

// zone is the time zone in which a clock time is meant.
func (r request) zone(within []*scenarios.Project) *time.Location {
	if len(within) != 1 {
		return time.Local
	}
	return zoneOf(r.set, within[0].Name)
}
