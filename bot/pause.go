package bot

import (
	"context"
	"fmt"
	"strings"

	"amsbot/bot/words"
	"amsbot/scenarios"
	"amsbot/store"
)

// pause stops runs before their next step that changes anything, or lets them
// go on. It is public, and survives a restart.
func (b *Bot) pause(ctx context.Context, k Click) (Answer, error) {
	w := b.wordsOf(k.Channel, k.Room)
	set := b.Scenarios()
	scope, project, text := scopeOf(set, k, w)
	if text != "" {
		return Answer{Text: text}, nil
	}
	if as, err := b.personOf(ctx, k.User); err == nil {
		k.Name = nameOf(k, as)
	}
	may := b.mayIn(ctx, set, viewOf(project), k.User)
	if project == nil { // everything: what each project lets this person do
		for _, p := range set.Projects {
			if one := b.mayIn(ctx, set, viewOf(p), k.User); may.can(k.Act) && !one.can(k.Act) {
				may = one
			}
		}
	}
	var answer Answer
	_, err := b.DB.Commit(ctx, botStream, func(v *store.View) (store.Change, error) {
		guard := pauseGuard(scope)
		var now paused
		on, err := v.Guard(guard, &now)
		switch {
		case err != nil:
			return store.Change{}, err
		case !may.can(k.Act):
			answer = Answer{Text: w.Say("refused.permission", w.Say("act."+k.Act), may.who(k.Act, w))}
			return store.Change{Events: []store.NewEvent{{Kind: kindRefused, By: k.Name, Data: refused{Act: k.Act, User: k.User, Name: k.Name, Why: answer.Text}}}}, nil
		case k.Act == DoPause && on:
			answer = Answer{Text: w.Say("paused.already", scope, plain(now.Name, 80))}
			return store.Change{}, nil
		case k.Act == DoResume && !on:
			answer = Answer{Text: w.Say("resumed.already", scope)}
			return store.Change{}, nil
		}
		p := paused{Scope: scope, Why: k.Text, User: k.User, Name: k.Name}
		kind, value := kindPaused, any(p)
		if k.Act == DoResume {
			kind, value = kindResumed, nil
		}
		what := scope
		if k.Text != "" {
			what += " (" + plain(k.Text, 200) + ")"
		}
		answer = Answer{Done: true, Public: true, Text: w.Say(kind+".done", plain(k.Name, 80), what)}
		if k.Act == DoResume {
			still, err := standing(v, scope, w)
			if err != nil {
				return store.Change{}, err
			}
			answer.Text += still
		}
		return store.Change{
			Events: []store.NewEvent{{Kind: kind, By: k.Name, Data: p}},
			Guards: map[string]any{guard: value}, Views: homes(v),
		}, nil
	})
	if err != nil {
		return Answer{}, fmt.Errorf("bot: %s %s: %w", k.Act, scope, err)
	}
	return answer, nil
}

// standing are the wider pauses that hold a scope all the same, a line each.
func standing(v *store.View, scope string, w words.Catalogue) (string, error) {
	wider := []string{"all"}
	if kind, rest, _ := strings.Cut(scope, ":"); kind == "scenario" {
		project, _, _ := strings.Cut(rest, "/")
		wider = append(wider, "project:"+project)
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
		return "project:" + here.Name, here, ""
	case kind == "":
		return "", nil, w.Say("scope.which", w.Say("act."+k.Act))
	case kind == "all":
		return "all", nil, ""
	case kind == "scenario" && !whole && here != nil:
		name, scenario = here.Name, name
	}
	for _, p := range set.Projects {
		if p.Name != name || here != nil && here != p { // a wall
			continue
		}
		if kind == "project" {
			return k.Scope, p, ""
		}
		for _, s := range set.Scenarios {
			if s.Project == p && s.Name == scenario {
				return "scenario:" + p.Name + "/" + s.Name, p, ""
			}
		}
	}
	return "", nil, w.Say("scope.unknown", kind, plain(rest, 80))
}

// pauses are the pauses that matter where the question is asked.
func (b *Bot) pauses(ctx context.Context, q Question) ([]paused, error) {
	var out []paused
	err := b.DB.Read(ctx, botStream, func(v *store.View) error {
		all, err := v.Guards(pauseGuards)
		if err != nil {
			return err
		}
		for _, scope := range sortedKeys(all) {
			var p paused
			if !decode(all[scope], &p) {
				continue
			}
			_, rest, _ := strings.Cut(p.Scope, ":")
			project, _, _ := strings.Cut(rest, "/")
			if p.Scope == "all" || b.sees(ctx, q, project) {
				out = append(out, p)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("bot: list pauses: %w", err)
	}
	return out, nil
}

// words say what is paused, by whom and why: raw, whoever shows them escapes.
func (p paused) words(w words.Catalogue, key string) string {
	text := w.Say(key, p.Scope, p.Name)
	if p.Why != "" {
		text += ": " + p.Why
	}
	return text
}
