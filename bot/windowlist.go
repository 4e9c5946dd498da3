package bot

import (
	"context"
	"fmt"
	"slices"

	"amsbot/bot/words"
	"amsbot/scenarios"
	"amsbot/store"
)

// visibleWindows are those that may be spoken of: projects are walls.
func visibleWindows(all []window, within []*scenarios.Project) []window {
	return slices.DeleteFunc(slices.Clone(all), func(w window) bool {
		return w.Scope.Kind != coverAll && !slices.ContainsFunc(within, func(p *scenarios.Project) bool { return p.Name == w.Scope.Project })
	})
}

// planned are the windows that matter where a question is asked.
func (b *Bot) planned(ctx context.Context, q Question) ([]window, error) {
	var all []window
	err := b.DB.Read(ctx, botStream, func(v *store.View) (err error) {
		all, err = windows(v)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("bot: list maintenance windows: %w", err)
	}
	return slices.DeleteFunc(all, func(w window) bool { return w.Scope.Kind != coverAll && !b.sees(ctx, q, w.Scope.Project) }), nil
}

// maintenance answers which windows are set.
func (b *Bot) maintenance(ctx context.Context, q Question, w words.Catalogue) (Answer, error) {
	all, err := b.planned(ctx, q)
	if err != nil {
		return Answer{}, err
	}
	if len(all) == 0 {
		return Answer{Done: true, Text: w.Say("window.none") + "\n" + w.Say("window.how")}, nil
	}
	return Answer{Done: true, Text: w.Say("window.head") + windowLines(all, w)}, nil
}
