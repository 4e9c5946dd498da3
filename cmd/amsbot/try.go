package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"amsbot/cmd/amsbot/app"
	"amsbot/scenarios"
)

// exitNone is try's exit code where no scenario fits.
const exitNone = 3

const tryHelp = `Hold a real incident against a folder of scenarios: which one it gets and why,
why not the others, and what would then be done, every command with its values
filled in. Nothing is changed and nobody is called.

  amsbot try --incident incident.json DIR    an incident from a file, - for stdin
  amsbot try --number last DIR               an incident of the running bot

The file may be what PagerDuty's REST API answers (GET /incidents/ID, best with
the "alerts" of GET /incidents/ID/alerts put beside the "incident":
jq -s '.[0] + .[1]' incident.json alerts.json), the body of a V3 webhook, or what
amsbot history NUMBER --json prints. What a file does not say is named, with the
conditions that cannot hold because of it.

DIR is a folder of scenarios, or "examples" for those within amsbot. Without it
the configuration's is taken.

With --run the steps of check and gather are run for real, from this machine, as
the bot would run them: waits are waited for, secrets are read and masked. No
step of recover ever runs. Ctrl-C stops what runs.

It ends with 0 when a scenario fits, whatever its steps find; with 3 when none
does, and the incident would be handed over; with 2 when the command line, the
file or a scenario is wrong; with 1 when something else went wrong, or Ctrl-C
stopped it.`

// tryFlags is what the command line of try says.
type tryFlags struct {
	incident, number, scenarios, format, db, config string

	run bool
}

func tryCommand() *cobra.Command {
	var f tryFlags
	cmd := &cobra.Command{
		Use:   "try (--incident FILE | --number N) [DIR]",
		Short: "Hold a real incident against scenarios, and see what would be done",
		Long:  tryHelp,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return &usageError{fmt.Errorf("try takes one folder, not %d", len(args)), "amsbot try --incident FILE DIR"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(args); err != nil {
				return err
			}
			return f.try(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&f.incident, "incident", "", "the incident's JSON: a `FILE`, or - for stdin")
	cmd.Flags().StringVar(&f.number, "number", "", "an incident of the database: its number `N`, its ID or \"last\"")
	cmd.Flags().StringVar(&f.scenarios, "scenarios", "", "the `DIR` of scenarios, if it is not the argument")
	cmd.Flags().BoolVar(&f.run, "run", false, "run the steps of check and gather, which only read")
	cmd.Flags().StringVar(&f.format, "format", "text", "text or json")
	cmd.Flags().StringVar(&f.db, "db", "", "with --number: the database `FILE` (default: the configuration's)")
	cmd.Flags().StringVar(&f.config, "config", "amsbot.yaml", "the configuration `FILE`")
	return cmd
}

// check completes the flags and refuses what contradicts itself.
func (f *tryFlags) check(args []string) error {
	switch {
	case f.incident == "" && f.number == "":
		return &usageError{errors.New("try: no incident is named"), "say --incident FILE, or --number last for the newest of the bot's database"}
	case f.incident != "" && f.number != "":
		return &usageError{errors.New("try: --incident and --number both name an incident"), "leave one of them out"}
	case len(args) > 0 && f.scenarios != "":
		return &usageError{errors.New("try: two folders of scenarios are named"), "leave --scenarios or the argument out"}
	}
	if len(args) > 0 {
		f.scenarios = args[0]
	}
	return knownFormat(f.format)
}

// knownFormat refuses a --format that no command prints.
func knownFormat(format string) error {
	if format != "text" && format != "json" {
		return &usageError{fmt.Errorf("there is no format %q", format), "--format text or --format json"}
	}
	return nil
}

func (f *tryFlags) try(ctx context.Context, in io.Reader, out io.Writer) error {
	set, err := loadScenarios(f.scenarios, f.config)
	if err != nil {
		return err
	}
	asked, err := f.read(ctx, in)
	if err != nil {
		return err
	}
	p := &printer{out: out, mask: app.EnvironmentMask(os.Getenv)}
	t := newTrial(set, asked)
	if f.format == "text" {
		t.print(p)
	}
	if f.run && t.Fits {
		if err := f.runSteps(ctx, t, p); err != nil {
			return err
		}
	}
	if f.format == "json" {
		p.json(t)
	}
	switch {
	case p.err != nil:
		return fmt.Errorf("try: print: %w", p.err)
	case !t.Fits:
		return silent(exitNone)
	}
	return nil
}

// runSteps runs what only reads, and prints as it goes.
func (f *tryFlags) runSteps(ctx context.Context, t *trial, p *printer) error {
	tell := func(foundStep) {}
	if f.format == "text" {
		p.say("")
		p.say("Run just now:")
		tell = func(s foundStep) { s.print(p) }
	}
	t.run(ctx, scenarios.Tools{Mask: p.mask}, tell)
	if ctx.Err() != nil {
		return errors.New("try: stopped before all steps had run")
	}
	if f.format == "text" {
		t.printNext(p)
	}
	return nil
}

// loadScenarios reads the folder that was named, else the configuration's.
func loadScenarios(dir, config string) (*scenarios.Set, error) {
	if dir == "" {
		c, err := app.LoadConfig(config)
		if err != nil {
			return nil, &usageError{err, "name the folder of scenarios, or the configuration with --config FILE"}
		}
		dir = c.Scenarios
	}
	set, err := app.LoadScenarios(dir)
	var problems scenarios.Problems
	if errors.As(err, &problems) {
		return nil, &usageError{problems, "mend the lines above and try again"}
	}
	return set, err
}
