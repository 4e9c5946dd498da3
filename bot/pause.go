package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"amsbot/bot/words"
	"amsbot/scenarios"
	"amsbot/store"
)

// pause stops runs before their next step that changes anything, or lets them
// go on. It is public, and survives a restart.
func (b *Bot) pause(ctx context.Context, k Click) (Answer, error) {
	w := b.WordsIn(k.Channel, k.Room)
	if k.Open {
		return b.pauseForm(ctx, k)
	}
	if k.Fields != nil {
		if wrong := k.pauseFilled(w); len(wrong) > 0 {
			return Answer{Wrong: wrong}, nil
		}
	}
	set := b.Scenarios()
	k = k.scoped(set)
	scope, project, text := scopeOf(set, k, w)
	if text != "" && k.Act == DoResume {
		var err error
		if scope, project, err = b.leftBehind(ctx, set, k); err != nil {
			return Answer{}, fmt.Errorf("bot: %s: %w", k.Act, err)
		}
	}
	if text != "" && project == nil {
		return Answer{Text: w.Join(text, b.scopeMeant(ctx, set, k, w))}, nil
	}
	if as, err := b.personOf(ctx, k.User); err == nil {
		k.Name = nameOf(k, as)
	}
	may := b.mayPause(ctx, set, project, k)
	if !may.can(k.Act) {
		return b.mayNotPause(ctx, k, may, project)
	}
	var told []string
	for _, p := range set.Projects {
		if b.sees(ctx, Question{User: k.User, Channel: k.Channel, Room: k.Room}, p.Name) {
			told = append(told, p.Name)
		}
	}
	var answer Answer
	_, err := b.DB.Commit(ctx, botStream, func(v *store.View) (out store.Change, err error) {
		if out, answer, err = k.pauses(v, scope, w); err == nil && k.Act == DoResume {
			var still string
			still, err = narrower(v, scope, told, w)
			answer.Text += still
		}
		if answer.Public {
			out.Events = append(out.Events, b.elsewhere(set, project, k, func(w words.Catalogue) string { return k.stopped(scope, w) })...)
		}
		return out, err
	})
	if err != nil {
		return Answer{}, fmt.Errorf("bot: %s %s: %w", k.Act, scope, err)
	}
	return answer, nil
}

// scoped is a click whose reason begins with the name of a scenario of this
// channel: that scenario is meant, and not the whole project.
func (k Click) scoped(set *scenarios.Set) Click {
	here := here(set, k.Channel, k.Room)
	first, rest, _ := strings.Cut(strings.TrimSpace(k.Text), " ")
	if k.Scope != "" || here == nil {
		return k
	}
	for _, sc := range set.Scenarios {
		if sc.Project == here && (strings.EqualFold(first, sc.Name) || strings.EqualFold(first, here.Name+"/"+sc.Name)) {
			k.Scope, k.Text = coverScenario+":"+sc.Name, strings.TrimSpace(rest)
		}
	}
	return k
}

// scopeMeant asks whether another scope was meant, of those that the person can
// know; "" where none is near.
func (b *Bot) scopeMeant(ctx context.Context, set *scenarios.Set, k Click, w words.Catalogue) string {
	kind, typed, _ := strings.Cut(k.Scope, ":")
	q := Question{User: k.User, Channel: k.Channel, Room: k.Room}
	here := here(set, k.Channel, k.Room)
	var known []string
	add := func(of string, p *scenarios.Project, names ...string) {
		if of == kind && b.sees(ctx, q, p.Name) {
			known = append(known, names...)
		}
	}
	for _, p := range set.Projects {
		add("project", p, p.Name)
	}
	for _, sc := range set.Scenarios {
		full := sc.Project.Name + "/" + sc.Name
		if here != nil && !strings.Contains(typed, "/") {
			full = sc.Name
		}
		add("scenario", sc.Project, full)
	}
	if meant := Nearest(typed, known); meant != "" {
		return w.Say("find.mean", plain(kind+":"+meant, 120))
	}
	return ""
}

// mayPause is what somebody may in a project; about everything, what they may in
// every one.
func (b *Bot) mayPause(ctx context.Context, set *scenarios.Set, project *scenarios.Project, k Click) permits {
	may := b.mayIn(ctx, set, viewOf(project), k.User)
	if project != nil {
		return may
	}
	for _, p := range set.Projects {
		if one := b.mayIn(ctx, set, viewOf(p), k.User); may.can(k.Act) && !one.can(k.Act) {
			may = one
		}
	}
	return may
}

// mayNotPause refuses a pause. That there is a project behind a wall is not told, but
// in its own channel.
func (b *Bot) mayNotPause(ctx context.Context, k Click, may permits, project *scenarios.Project) (Answer, error) {
	w, set := b.WordsIn(k.Channel, k.Room), b.Scenarios()
	no := Answer{Text: w.Say("refused.permission", w.Say("act."+k.Act), may.who(k.Act, w))}
	if project != nil && !may.ok["view"] && here(set, k.Channel, k.Room) == nil {
		kind, rest, _ := strings.Cut(k.Scope, ":")
		no.Text = w.Join(w.Say("scope.unknown", kind, plain(rest, 80)), b.scopeMeant(ctx, set, k, w))
	}
	out := b.refusedApart(k, no.Text) // counted once, however often the commit is decided
	_, err := b.DB.Commit(ctx, botStream, func(*store.View) (store.Change, error) { return out, nil })
	if err != nil {
		return Answer{}, fmt.Errorf("bot: refuse %s: %w", k.Act, err)
	}
	return no, nil
}

// pauses decides what Pause or Resume of a scope changes, and how it is answered.
func (k Click) pauses(v *store.View, scope string, w words.Catalogue) (store.Change, Answer, error) {
	guard := pauseGuard(scope)
	now, err := holdsOf(v, scope)
	switch {
	case err != nil:
		return store.Change{}, Answer{}, err
	case k.Act == DoPause && now.paused != nil:
		return store.Change{}, Answer{Text: w.Say("paused.already", scope, plain(now.paused.Name, 80))}, nil
	case k.Act == DoResume && now.number() == 0:
		still, err := standing(v, scope, w)
		return store.Change{}, Answer{Text: w.Say("resumed.already", scope) + still}, err
	case k.Act == DoResume && now.since(k.Offer, scope, w) != "":
		return store.Change{}, Answer{Text: now.since(k.Offer, scope, w)}, nil
	}
	p := paused{Scope: scope, Why: k.Text, User: k.User, Name: k.Name}
	if r, _ := v.Record(); k.Act == DoPause {
		p.N, p.At = r.Seq+1, v.Now()
	}
	kind, guards, said, more := kindPaused, map[string]any{guard: p, liftedGuard(scope): nil}, k.stopped(scope, w), ""
	if k.Act == DoResume {
		kind, guards = kindResumed, map[string]any{guard: nil}
		if now.paused != nil { // else only its breaker is lifted, and who lifted a pause before is still on cards
			guards[liftedGuard(scope)] = lifted{Scope: scope, Name: k.Name, At: v.Now(), Pos: v.End()}
		}
		if more, err = standing(v, scope, w); err != nil {
			return store.Change{}, Answer{}, err
		}
		if now.tripped != nil {
			guards[breakerGuard(scope)] = nil
			more += "\n" + w.Say("resumed.breaker")
		}
	}
	cards, err := pauseCards(v, scope)
	if err != nil {
		return store.Change{}, Answer{}, err
	}
	yes := Answer{Done: true, Public: true, Text: said + more + k.endless(scope, w)}
	return store.Change{Events: []store.NewEvent{{Kind: kind, By: k.Name, Data: p}}, Guards: guards, Views: append(cards, homes(v)...)}, yes, nil
}

// stopped says who paused or resumed what, and why.
func (k Click) stopped(scope string, w words.Catalogue) string {
	what := scope + paren(k.Text)
	if k.Act == DoResume {
		return w.Say("resumed.done", plain(k.Name, 80), what)
	}
	return w.Say("paused.done", plain(k.Name, 80), what, scope)
}

// narrower are the pauses within a scope that hold a part of it all the same, a line
// each, of the projects that may be told of.
func narrower(v *store.View, scope string, told []string, w words.Catalogue) (string, error) {
	all, err := guardsOf[paused](v, pauseGuards)
	var out string
	for _, p := range all {
		kind, rest, _ := strings.Cut(p.Scope, ":")
		project, _, _ := strings.Cut(rest, "/")
		if slices.Contains(told, project) && (scope == coverAll || kind == coverScenario && scope == projectScope(project)) {
			out += "\n" + plain(p.words(w, "resumed.still"), 300)
		}
	}
	return out, err
}

// standing are the wider pauses that hold a scope all the same, a line each.
func standing(v *store.View, scope string, w words.Catalogue) (string, error) {
	wider := []string{coverAll}
	if kind, rest, _ := strings.Cut(scope, ":"); kind == coverScenario {
		project, _, _ := strings.Cut(rest, "/")
		wider = append(wider, projectScope(project))
	}
	var out string
	for _, s := range wider {
		var p paused
		switch on, err := v.Guard(pauseGuard(s), &p); {
		case err != nil:
			return "", err
		case on && s != scope:
			out += "\n" + plain(p.words(w, "resumed.still"), 300)
		}
	}
	return out, nil
}

// scopeOf is what a pause is about: what was said, else the project of the
// channel. A scenario of that project needs no project before its name.
func scopeOf(set *scenarios.Set, k Click, w words.Catalogue) (scope string, project *scenarios.Project, problem string) {
	here := here(set, k.Channel, k.Room)
	kind, rest, _ := strings.Cut(k.Scope, ":")
	name, scenario, whole := strings.Cut(rest, "/")
	switch {
	case kind == "" && here != nil:
		return projectScope(here.Name), here, ""
	case kind == "":
		return "", nil, w.Say("scope.which", w.Say("act."+k.Act))
	case kind == coverAll:
		return coverAll, nil, ""
	case kind == coverScenario && !whole && here != nil:
		name, scenario = here.Name, name
	}
	for _, p := range set.Projects {
		if p.Name != name || here != nil && here != p { // a wall
			continue
		}
		if kind == coverProject {
			return k.Scope, p, ""
		}
		for _, s := range set.Scenarios {
			if s.Project == p && s.Name == scenario {
				return scenarioScope(p.Name, s.Name), p, ""
			}
		}
	}
	return "", nil, w.Say("scope.unknown", kind, plain(rest, 80))
}

// leftBehind is the scope of a scenario that is gone from its project, and that is
// paused or left to people all the same: incidents that began with it still run it.
func (b *Bot) leftBehind(ctx context.Context, set *scenarios.Set, k Click) (scope string, project *scenarios.Project, err error) {
	kind, rest, _ := strings.Cut(k.Scope, ":")
	name, scenario, whole := strings.Cut(rest, "/")
	here := here(set, k.Channel, k.Room)
	if !whole && here != nil {
		name, scenario = here.Name, name
	}
	i := slices.IndexFunc(set.Projects, func(p *scenarios.Project) bool { return p.Name == name && (here == nil || here == p) })
	if kind != coverScenario || i < 0 {
		return "", nil, nil
	}
	scope = scenarioScope(name, scenario)
	err = b.DB.Read(ctx, botStream, func(v *store.View) error {
		held, err := holdsOf(v, scope)
		if err == nil && held.number() != 0 {
			project = set.Projects[i]
		}
		return err
	})
	return scope, project, err
}
