package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"

	"github.com/spf13/cobra"

	"amsbot/bot"
	"amsbot/bot/pagerduty"
	"amsbot/cmd/amsbot/app"
	"amsbot/scenarios"
)

const testHelp = `Play the tests that stand beside the scenarios, in files NAME.test.yaml: an
incident, made-up results of its steps, what people press, and what has to come
of it. The first response is the real one, in a made-up time; no step is run and
nobody is called.

  amsbot test --new web-down DIR > DIR/web-down.test.yaml    a file to start from
  amsbot test DIR
  amsbot test --run 'web-down.*helps' --verbose DIR

A failure shows what was expected beside what came, and the card as an operator
would have seen it. Last comes which branches of each scenario no test takes.

DIR is a folder of scenarios, or "examples" for those within amsbot. Without it
scenarios is taken.

It ends with 0 when every test is as expected, with 1 when one is not, and with
2 when the scenarios or the tests themselves are wrong.`

// testFlags is what the command line of test says.
type testFlags struct {
	run, format, fresh string
	verbose            bool
}

func testCommand() *cobra.Command {
	var f testFlags
	cmd := &cobra.Command{
		Use:   "test [DIR]",
		Short: "Play the tests of a folder of scenarios",
		Long:  testHelp,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return &usageError{fmt.Errorf("test takes one folder, not %d", len(args)), "amsbot test DIR reads the folders below it too"}
			}
			return knownFormat(f.format)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "scenarios"
			if len(args) == 1 {
				dir = args[0]
			}
			set, err := loadScenarios(dir, "")
			if err != nil {
				return err
			}
			p := &printer{out: cmd.OutOrStdout(), mask: app.EnvironmentMask(os.Getenv)}
			if f.fresh != "" {
				return printNew(p, set, f.fresh)
			}
			return f.test(cmd.Context(), p, dir, set)
		},
	}
	cmd.Flags().StringVar(&f.run, "run", "", "play only the tests whose \"FILE: NAME\" fits this `REGEXP`")
	cmd.Flags().StringVar(&f.format, "format", "text", "text or json")
	cmd.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "print the whole story of every test")
	cmd.Flags().StringVar(&f.fresh, "new", "", "print a file of tests of a `SCENARIO` to start from")
	return cmd
}

// tested is what test prints.
type tested struct {
	dir      string
	played   []bot.Played
	coverage []bot.Coverage
}

func (f *testFlags) test(ctx context.Context, p *printer, dir string, set *scenarios.Set) error {
	folder := scenarios.Examples()
	if dir != app.Embedded {
		folder = os.DirFS(dir)
	}
	only, err := regexp.Compile(f.run)
	if err != nil {
		return &usageError{fmt.Errorf("test: --run: %w", err), "write a regular expression, such as 'web-down'"}
	}
	all, err := scenarios.ReadFixtures(folder, set)
	var problems scenarios.Problems
	if errors.As(err, &problems) {
		for i := range problems {
			problems[i].File = path.Join(dir, problems[i].File)
		}
		return &usageError{problems, "mend the lines above and try again"}
	}
	if err != nil {
		return fmt.Errorf("test: %w", err)
	}
	t := &tested{dir: dir}
	o := bot.FixtureOptions{Scenarios: set, All: all, Read: readBeside(folder)}
	for _, x := range all {
		if !only.MatchString(x.ID()) {
			continue
		}
		t.played = append(t.played, bot.PlayFixture(ctx, x, o))
		if ctx.Err() != nil {
			return errors.New("test: stopped")
		}
	}
	if len(t.played) == 0 {
		return f.nothing(dir, len(all))
	}
	if f.run == "" { // of some tests nothing can be said
		t.coverage = bot.Cover(set, t.played)
	}
	if f.format == "json" {
		t.printJSON(p)
	} else {
		t.print(p, f.verbose)
	}
	if p.err != nil {
		return fmt.Errorf("test: %w", p.err)
	}
	if t.failed() > 0 {
		return silent(exitTrouble)
	}
	return nil
}

func (f *testFlags) nothing(dir string, all int) error {
	if all > 0 {
		return &usageError{fmt.Errorf("test: no test fits %q", f.run), "amsbot test " + dir + " plays all of them and names them"}
	}
	return &usageError{fmt.Errorf("test: there are no tests in %s", dir), "amsbot test --new SCENARIO " + dir + " prints some to start from; they stand beside the scenario in a file NAME.test.yaml"}
}

// readBeside reads an incident_file of a folder.
func readBeside(folder fs.FS) func(string) (scenarios.Incident, error) {
	return func(name string) (scenarios.Incident, error) {
		info, err := fs.Stat(folder, name)
		if err != nil {
			return scenarios.Incident{}, fmt.Errorf("read the incident: %w", err)
		}
		if !info.Mode().IsRegular() {
			return scenarios.Incident{}, fmt.Errorf("%s: it is no file", name)
		}
		if info.Size() > pagerduty.MostIncident {
			return scenarios.Incident{}, fmt.Errorf("%s: it is longer than %d bytes", name, pagerduty.MostIncident)
		}
		data, err := fs.ReadFile(folder, name)
		if err != nil {
			return scenarios.Incident{}, fmt.Errorf("read the incident: %w", err)
		}
		a, err := understand(data)
		if err != nil {
			return scenarios.Incident{}, fmt.Errorf("%s: %w; %s", name, err, incidentHint)
		}
		return a.incident, nil
	}
}

// printNew prints tests of one scenario to start from.
func printNew(p *printer, set *scenarios.Set, name string) error {
	var names []string
	for _, sc := range set.Scenarios {
		if sc.Name == name || sc.Project.Name+"/"+sc.Name == name {
			if _, err := p.out.Write(scenarios.NewFixture(sc)); err != nil {
				return fmt.Errorf("test: %w", err)
			}
			return nil
		}
		names = append(names, sc.Name)
	}
	return &usageError{fmt.Errorf("test: there is no scenario %q", name), cmp.Or(scenarios.DidYouMean(name, names), "amsbot lint DIR lists them")}
}

// place is where something of a test stands, for an editor to open.
func (t *tested) place(x *scenarios.Fixture, line int) string {
	return fmt.Sprintf("%s:%d", filepath.Join(t.dir, x.File), line)
}

func (t *tested) failed() int {
	n := 0
	for _, p := range t.played {
		if !p.OK() {
			n++
		}
	}
	return n
}
