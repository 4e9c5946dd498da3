package bot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"amsbot/bot/words"
	"amsbot/scenarios"
	"amsbot/store"
)

// usedLast is the incident for which a scenario was chosen last.
type usedLast struct {
	Number int       `json:"number"`
	At     time.Time `json:"at"`
}

func usedGuard(project, scenario string) string { return fitKey("used:" + project + "/" + scenario) }

// projectsHere are the projects of which somebody is told where they ask.
func (b *Bot) projectsHere(ctx context.Context, q Question) []string {
	var names []string
	for _, p := range b.Scenarios().Projects {
		if b.sees(ctx, q, p.Name) {
			names = append(names, p.Name)
		}
	}
	return names
}

// scenarioList says which scenarios there are, or those of a name: what each does,
// who starts its recovery, what holds it now, and when it was used last.
func (b *Bot) scenarioList(ctx context.Context, q Question, w words.Catalogue) (Answer, error) {
	set, names := b.Scenarios(), b.projectsHere(ctx, q)
	if len(names) == 0 {
		return Answer{Text: w.Say("scenarios.nowhere")}, nil
	}
	var here []*scenarios.Scenario
	for _, sc := range set.Scenarios {
		if slices.Contains(names, sc.Project.Name) {
			here = append(here, sc)
		}
	}
	if len(here) == 0 {
		return Answer{Done: true, Text: w.Say("scenarios.none", plain(strings.Join(names, ", "), 300))}, nil
	}
	chosen := alike(here, strings.ToLower(strings.TrimSpace(q.Text)))
	if len(chosen) == 0 {
		return Answer{Text: noScenario(here, q.Text, w)}, nil
	}
	var lines []string
	if b.Observe {
		lines = append(lines, w.Say("capped.observe"))
	}
	err := b.DB.Read(ctx, botStream, func(v *store.View) error {
		listed, err := scenarioLines(v, chosen, len(names) > 1, w)
		lines = append(lines, listed...)
		return err
	})
	if err != nil {
		return Answer{}, fmt.Errorf("bot: list scenarios: %w", err)
	}
	return Answer{Done: true, Text: strings.Join(firstLines(lines), "\n")}, nil
}

// scenarioLines are a line per scenario, under their project's name where they are
// headed. What holds all of them, or all of a project, is said once.
func scenarioLines(v *store.View, all []*scenarios.Scenario, headed bool, w words.Catalogue) ([]string, error) {
	holds, err := scopeHolds(v, covered{Kind: coverAll}, w)
	lines := bold(holds)
	project := ""
	for _, sc := range all {
		if err == nil && sc.Project.Name != project {
			project = sc.Project.Name
			if headed {
				lines = append(lines, "*"+plain(project, 60)+"*")
			}
			holds, err = scopeHolds(v, covered{Kind: coverProject, Project: project}, w)
			lines = append(lines, bold(holds)...)
		}
		if err != nil {
			return nil, err
		}
		line, err := scenarioLine(v, sc, w)
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	return lines, nil
}

func bold(texts []string) []string {
	var out []string
	for _, text := range texts {
		out = append(out, "*"+text+"*")
	}
	return out
}

// alike are the scenarios that have a word in their name; of "", all.
func alike(all []*scenarios.Scenario, word string) []*scenarios.Scenario {
	var out []*scenarios.Scenario
	for _, sc := range all {
		name := strings.ToLower(sc.Project.Name + "/" + sc.Name)
		if strings.Contains(name, word) {
			out = append(out, sc)
		}
	}
	return out
}

func noScenario(all []*scenarios.Scenario, typed string, w words.Catalogue) string {
	var names []string
	for _, sc := range all {
		names = append(names, sc.Name)
	}
	if meant := Nearest(typed, names); meant != "" {
		return w.Say("scenarios.mean", plain(typed, 60), plain(meant, 60))
	}
	return w.Say("scenarios.unknown", plain(typed, 60), plain(strings.Join(names, ", "), 400))
}

// scenarioLine is one scenario in a line.
func scenarioLine(v *store.View, sc *scenarios.Scenario, w words.Catalogue) (string, error) {
	autonomy := sc.Autonomy
	if len(sc.Recover) == 0 && autonomy != scenarios.Observe {
		autonomy = "check"
	}
	line := fmt.Sprintf("• *%s* · %s · %s", plain(sc.Name, 80), w.Say("autonomy."+string(autonomy)), cmp.Or(plain(sc.Description, 160), does(sc, w)))
	var used usedLast
	switch known, err := v.Guard(usedGuard(sc.Project.Name, sc.Name), &used); {
	case err != nil:
		return "", err
	case known:
		line += " · " + w.Say("scenarios.used", used.Number, moment(used.At, w))
	default:
		line += " · " + w.Say("scenarios.unused")
	}
	held, err := scenarioHolds(v, sc, w)
	return strings.Join(append([]string{line}, bold(held)...), " · "), err
}

// does is in a few words what a scenario does whose author does not say it.
func does(sc *scenarios.Scenario, w words.Catalogue) string {
	names := func(steps []*scenarios.Step) string {
		var out []string
		for _, s := range steps {
			out = append(out, s.Name)
		}
		return plain(strings.Join(out, ", "), 80)
	}
	if len(sc.Recover) == 0 {
		return w.Say("scenarios.looks", names(sc.Check))
	}
	return w.Say("scenarios.does", names(sc.Check), names(sc.Recover))
}

// scenarioHolds are what keeps a scenario, and nothing more, from recovering now,
// each in a few words.
func scenarioHolds(v *store.View, sc *scenarios.Scenario, w words.Catalogue) ([]string, error) {
	out, err := scopeHolds(v, covered{Kind: coverScenario, Project: sc.Project.Name, Name: sc.Name}, w)
	if err != nil {
		return nil, err
	}
	scope := scenarioScope(sc.Project.Name, sc.Name)
	var br breaker
	if on, err := v.Guard(breakerGuard(scope), &br); err != nil {
		return nil, err
	} else if on && br.Tripped {
		out = append(out, w.Say("scenarios.breaker", br.Failed))
	}
	var storm brake
	if on, err := v.Guard(fitKey(stormKeys+sc.Project.Name+"/"+sc.Name), &storm); err != nil {
		return nil, err
	} else if on && storm.Storm != "" {
		out = append(out, w.Say("scenarios.storm"))
	}
	return out, nil
}

// scopeHolds are the pause and the windows of this very scope, not of one around
// it, that hold recoveries now.
func scopeHolds(v *store.View, s covered, w words.Catalogue) ([]string, error) {
	scope := s.value()
	var out []string
	var p paused
	if on, err := v.Guard(pauseGuard(scope), &p); err != nil {
		return nil, err
	} else if on {
		out = append(out, w.Say("scenarios.paused", plain(scope, 100), plain(p.Name, 80))+paren(p.Why))
	}
	all, err := windows(v)
	for _, one := range all {
		if one.Scope == s && !one.From.After(v.Now()) {
			out = append(out, w.Say("scenarios.maintenance", moment(one.Until, w)))
		}
	}
	return out, err
}
