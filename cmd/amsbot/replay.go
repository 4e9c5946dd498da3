package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"amsbot/bot/admin"
	"amsbot/cmd/amsbot/app"
	"amsbot/scenarios"
)

const replayHelp = `Send the incidents of the past through a folder of scenarios and say what would
now go otherwise: which incidents would newly find a scenario, find none, find
another one, be about another target, or take another path. Nothing is run and
nobody is called.

The incidents come from the database of the running bot, through its socket, or
from the file when no bot runs. --since counts back from the newest of them: the
clock plays no part, so the same database and scenarios give the same answer.

Each incident is taken as it was read when its scenario was decided; its first
response only, not what came after a reopening. It is matched, and then
rehearsed: a step that is the same as then (name, definition, and command with
its values) gives the result that it gave then; what people and PagerDuty did
meanwhile is taken as it happened; guards count the recoveries of the rehearsals
before, not what was before --since. Where a step has changed, or never ran,
nobody knows what it would have found: such an incident "cannot be told", unless
that step only gathers, for that changes no path.

The last line is the share of first responses without a person: those that end
as "no fault found" or "recovered by amsbot" with nobody called, nothing pressed
and no person's acknowledgement before; one that came back within 30 minutes is
not among them. It is of all incidents, those that cannot be told included.

It ends with 0 whatever differs, with 2 when the command line, the database or a
scenario is wrong, with 1 when something else went wrong.`

// replayFlags is what the command line of replay says.
type replayFlags struct {
	since, db, config, scenario, format, dir string

	limit int
}

func replayCommand() *cobra.Command {
	var f replayFlags
	cmd := &cobra.Command{
		Use:   "replay [DIR]",
		Short: "Send the incidents of the past through changed scenarios",
		Long:  replayHelp,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return &usageError{fmt.Errorf("replay takes one folder, not %d", len(args)), "amsbot replay --since 30d DIR"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				f.dir = args[0]
			}
			p := &printer{out: cmd.OutOrStdout(), mask: app.EnvironmentMask(os.Getenv)}
			return f.replay(cmd.Context(), p)
		},
	}
	cmd.Flags().StringVar(&f.since, "since", "30d", "how far back from the newest incident: 12h, 30d, 4w")
	cmd.Flags().IntVar(&f.limit, "limit", 0, "only the newest `N` incidents")
	cmd.Flags().StringVar(&f.scenario, "scenario", "", "only incidents that this scenario had, or would have: its `NAME`")
	cmd.Flags().StringVar(&f.format, "format", "text", "text or json")
	cmd.Flags().StringVar(&f.db, "db", "", "the database `FILE` (default: the configuration's)")
	cmd.Flags().StringVar(&f.config, "config", "amsbot.yaml", "the configuration `FILE`")
	return cmd
}

func (f *replayFlags) replay(ctx context.Context, p *printer) error {
	span, err := scenarios.ParseSpan(f.since)
	switch {
	case err != nil || span <= 0:
		return &usageError{fmt.Errorf("replay: --since %q is no time to count back", f.since), "write it like 12h, 30d or 4w"}
	case f.limit < 0:
		return &usageError{fmt.Errorf("replay: --limit %d", f.limit), "say how many incidents, at least 1"}
	}
	if err := knownFormat(f.format); err != nil {
		return err
	}
	set, err := loadScenarios(f.dir, f.config)
	if err != nil {
		return err
	}
	path, err := database(f.db, f.config)
	if err != nil {
		return err
	}
	r := newReplay(set, f.scenario)
	err = withSource(ctx, path, func(s admin.Bot) error { return f.read(ctx, s, r, span) })
	switch {
	case ctx.Err() != nil:
		return errors.New("replay: stopped before all incidents were through")
	case err != nil:
		return err
	}
	if f.scenario != "" && !r.known() {
		return &usageError{fmt.Errorf("replay: no scenario is called %q, now or then", f.scenario), "amsbot lint DIR names the scenarios"}
	}
	out := r.result()
	if f.format == "json" {
		p.json(out)
	} else {
		out.print(p)
	}
	if p.err != nil {
		return fmt.Errorf("replay: print: %w", p.err)
	}
	return nil
}

// read takes the incidents in, the oldest first, a page at a time.
func (f *replayFlags) read(ctx context.Context, s admin.Source, r *replay, back time.Duration) error {
	newest, err := s.Incidents(ctx, admin.Which{Limit: max(f.limit, 1)})
	if err != nil || len(newest) == 0 {
		return err
	}
	from := admin.From{First: newest[0].First.Add(-back)}
	last := newest[len(newest)-1].First // of those that --limit lets in
	if f.limit > 0 && last.After(from.First) {
		from.First = last
	}
	r.out.Since, r.out.Until = from.First, newest[0].First
	for next := &from; next != nil && ctx.Err() == nil; {
		page, err := s.Pasts(ctx, *next)
		if err != nil {
			return err
		}
		for _, one := range page.Incidents {
			if err := r.take(ctx, one); err != nil {
				return err
			}
		}
		next = page.Next
	}
	return ctx.Err()
}
