package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"amsbot/bot"
	"amsbot/bot/slack"
	"amsbot/scenarios"
)

// lookEvery is how often the folder of scenarios is looked at. It is read when
// two looks in a row agree: what somebody is still writing is not.
const lookEvery = 2 * time.Second

// Reload asks to read the scenarios again, at once and whether or not a file has
// changed. It does not wait; what comes of it is in the log. Asked before Run, it
// is done when amsbot runs.
func (a *App) Reload() {
	select {
	case a.again <- struct{}{}:
	default: // it is asked for already
	}
}

// folder is the folder of scenarios while amsbot runs.
type folder struct {
	*App
	bot   *bot.Bot
	slack *slack.Workspace
	seen  string // how it looked last
	tried string // how it looked when it was read
}

// watch reads the scenarios again when a file has changed, and when Reload
// asks, until ctx ends.
func (a *App) watch(ctx context.Context, p *parts) error {
	f := &folder{App: a, bot: p.bot, slack: p.slack, seen: a.looked, tried: a.looked}
	if _, err := f.bot.Reload(ctx, a.set, bot.ReloadStart); err != nil && ctx.Err() == nil {
		a.log.Error("scenarios that were refused before are not told to be mended", "err", err)
	}
	var looks <-chan time.Time
	if a.config.Scenarios != Embedded {
		ticker := time.NewTicker(lookEvery)
		defer ticker.Stop()
		looks = ticker.C
		a.log.Info("scenarios are read again when a file changes, and at SIGHUP", "folder", a.config.Scenarios)
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-looks:
			f.look(ctx)
		case <-a.again:
			f.asked(ctx)
		}
	}
}

// asked reads the folder because somebody said so.
func (f *folder) asked(ctx context.Context) {
	if f.config.Scenarios == Embedded {
		f.log.Info("the scenarios are amsbot's own examples, which do not change")
		return
	}
	f.read(ctx, bot.ReloadSignal)
}

// look reads the folder if it has changed and somebody has finished with it.
func (f *folder) look(ctx context.Context) {
	now := look(f.config.Scenarios)
	calm := now == f.seen
	f.seen = now
	if calm && now != f.tried {
		f.read(ctx, bot.ReloadChange)
	}
}

// read reads the folder, and puts it in force or says why not.
func (f *folder) read(ctx context.Context, why string) {
	dir := f.config.Scenarios
	now := look(dir)
	set, err := scenarios.Load(dir, scenarios.Options{})
	if look(dir) != now { // it is being written: the looks go on
		f.tried = ""
		return
	}
	f.tried = now
	var problems scenarios.Problems
	lasting := true
	if err != nil {
		problems, lasting = problemsOf(dir, err)
	} else {
		problems = f.check(ctx, set)
	}
	if len(problems) > 0 {
		err = f.refuse(ctx, why, problems)
	} else {
		err = f.take(ctx, why, set)
	}
	if err != nil && ctx.Err() == nil {
		f.log.Error("scenarios cannot be reloaded now; trying again", "err", err)
	}
	if err != nil || !lasting {
		f.tried = ""
	}
}

func (f *folder) take(ctx context.Context, why string, set *scenarios.Set) error {
	what, err := f.bot.Reload(ctx, set, why)
	if err != nil {
		return err
	}
	f.health.set("scenarios", nil)
	list := func(names []string) string { return strings.Join(names, ", ") }
	f.log.Info("scenarios reloaded", "why", why, "scenarios", len(set.Scenarios), "projects", len(set.Projects),
		"new", list(what.New), "changed", list(what.Changed), "gone", list(what.Gone))
	if len(what.GoneProjects) > 0 {
		f.log.Warn("projects are gone: nobody may act on their open incidents through amsbot", "projects", list(what.GoneProjects))
	}
	return nil
}

// loggedMost is how many problems of one refusal are logged.
const loggedMost = 20

func (f *folder) refuse(ctx context.Context, why string, problems scenarios.Problems) error {
	news, err := f.bot.RefuseReload(ctx, bot.Refusal{Folder: f.config.Scenarios, Why: why, Problems: problems})
	if err != nil {
		return err
	}
	text := problems[0].String()
	if n := len(problems); n > 1 {
		text += fmt.Sprintf(" (and %d more)", n-1)
	}
	f.health.set("scenarios", errors.New("refused, those of before stay in force: "+f.mask.Mask(text)))
	if !news && why != bot.ReloadSignal {
		return nil
	}
	f.log.Warn("scenarios refused; those of before stay in force", "why", why, "problems", len(problems))
	for _, p := range problems[:min(len(problems), loggedMost)] {
		f.log.Warn("a problem in the scenarios", "at", p.String())
	}
	return nil
}

// check is what may not come by a reload although the files say it well: a
// channel that other organisations read, as at the start; and what comes of a
// project.yaml that has gone astray: the one project without a name that takes
// every service, or scenarios that fall to the project of a folder above.
func (f *folder) check(ctx context.Context, set *scenarios.Set) scenarios.Problems {
	old := f.bot.Scenarios()
	if set.Implied() && !old.Implied() {
		return scenarios.Problems{{File: "project.yaml", Text: "there is no project.yaml any more, and one project would take every service",
			Hint: "put it back; if it is meant, start amsbot anew"}}
	}
	var wrong scenarios.Problems
	for _, p := range set.Strays(old) {
		wrong = append(wrong, scenarios.Problem{File: p.File(), Text: "the project " + p.Name + " is gone, and its scenarios would be another's",
			Hint: "put project.yaml back, or move them; if it is meant, start amsbot anew"})
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for _, p := range set.Projects {
		known := slices.ContainsFunc(old.Projects, func(q *scenarios.Project) bool {
			return q.Channel == p.Channel && (p.Shared || !q.Shared)
		})
		if p.Channel == "" || known {
			continue
		}
		if err := f.askChannel(ctx, f.slack, p); err != nil {
			wrong = append(wrong, scenarios.Problem{File: p.File(), Text: strings.TrimPrefix(err.Error(), "slack: "), Hint: Hint(err)})
		}
	}
	return wrong
}
