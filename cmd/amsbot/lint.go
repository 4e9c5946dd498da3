package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"github.com/spf13/cobra"

	"amsbot/scenarios"
)

func lintCommand() *cobra.Command {
	var format string
	var quiet bool
	cmd := &cobra.Command{
		Use:   "lint [DIR]",
		Short: "Check a folder of scenarios, and say what each would do",
		Long: "Check a folder of scenarios: every problem at once, as FILE:LINE:COL. Where there\n" +
			"is none, say in words what each scenario is for and what it would do, and warn\n" +
			"of what is most likely not meant: what is never chosen, services that nothing\n" +
			"covers. Exit code 0 without problems, 2 with some or where there is no such folder,\n" +
			"1 if a file cannot be read. Warnings change no exit code. DIR is scenarios, unless\n" +
			"it is said.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return &usageError{fmt.Errorf("lint takes one folder, not %d", len(args)), "amsbot lint DIR reads the folders below it too"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "scenarios"
			if len(args) == 1 {
				dir = args[0]
			}
			if format != "text" && format != "json" {
				return &usageError{fmt.Errorf("lint: there is no format %q", format), "--format text or --format json"}
			}
			l, err := lint(dir)
			if err != nil {
				return fmt.Errorf("lint: %w", err)
			}
			if format == "json" {
				err = writeJSON(cmd.OutOrStdout(), l)
			} else {
				err = l.printText(cmd.OutOrStdout(), quiet)
			}
			if err != nil {
				return fmt.Errorf("lint: %w", err)
			}
			if n := len(l.Problems); n > 0 {
				hint := "amsbot loads none of the folder until they are mended"
				if info, err := os.Stat(dir); err != nil || !info.IsDir() {
					hint = "amsbot lint DIR reads a folder of scenarios, and those below it"
				}
				return &usageError{fmt.Errorf("lint: %s in %s", counted(n, "problem"), dir), hint}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "how it is printed: `text` or json")
	cmd.Flags().BoolVarP(&quiet, "quiet", "q", false, "print problems and warnings alone")
	return cmd
}

// linted is what lint prints, as JSON has it.
type linted struct {
	Problems  []place   `json:"problems"`
	Warnings  []place   `json:"warnings"`
	Scenarios []inWords `json:"scenarios"`
}

// place is a problem or a warning.
type place struct {
	File string `json:"file"`
	Line int    `json:"line,omitempty"`
	Col  int    `json:"col,omitempty"`
	Text string `json:"text"`
	Hint string `json:"hint,omitempty"`
	line string
}

// inWords is what one scenario is for.
type inWords struct {
	Project  string   `json:"project"`
	Name     string   `json:"name"`
	About    string   `json:"description,omitempty"`
	Autonomy string   `json:"autonomy"`
	Words    []string `json:"words"`
}

// lint reads a folder. The error is what hindered the reading.
func lint(dir string) (*linted, error) {
	l := &linted{Problems: []place{}, Warnings: []place{}, Scenarios: []inWords{}}
	set, err := scenarios.Load(dir, scenarios.Options{})
	var problems scenarios.Problems
	switch {
	case errors.As(err, &problems):
		l.Problems = places(problems)
		return l, nil
	case err != nil:
		return nil, err
	}
	warnings := set.Warnings()
	for i, w := range warnings {
		warnings[i].File = path.Join(dir, w.File)
	}
	l.Warnings = places(warnings)
	for _, s := range set.Scenarios {
		l.Scenarios = append(l.Scenarios, inWords{s.Project.Name, s.Name, s.Description, string(s.Autonomy), s.Describe()})
	}
	return l, nil
}

func places(all scenarios.Problems) []place {
	out := make([]place, len(all))
	for i, p := range all {
		out[i] = place{p.File, p.Line, p.Col, p.Text, p.Hint, p.String()}
	}
	return out
}

func (l *linted) printText(w io.Writer, quiet bool) error {
	var b strings.Builder
	for _, p := range l.Problems {
		b.WriteString(tidy(p.line) + "\n")
	}
	project := ""
	for i, s := range l.Scenarios {
		if quiet {
			break
		}
		if s.Project != project || i == 0 {
			project = s.Project
			fmt.Fprintf(&b, "project %s\n\n", tidy(project))
		}
		head := fmt.Sprintf("%s (%s)", tidy(s.Name), s.Autonomy)
		if s.About != "" {
			head += ": " + tidy(s.About)
		}
		b.WriteString(wrapped(head, "    "))
		for _, line := range s.Words {
			b.WriteString("\n" + wrapped("  "+tidy(line), "    "))
		}
		b.WriteString("\n\n")
	}
	for _, p := range l.Warnings {
		b.WriteString("warning: " + tidy(p.line) + "\n")
	}
	if !quiet && len(l.Problems) == 0 {
		fmt.Fprintf(&b, "%s, no problem, %s\n", counted(len(l.Scenarios), "scenario"), counted(len(l.Warnings), "warning"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// counted is "1 warning" or "2 warnings".
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
