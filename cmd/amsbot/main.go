// Command amsbot gives every PagerDuty incident its first response and puts the
// result, and the next decision, before people in Slack.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"amsbot/bot/admin"
	"amsbot/cmd/amsbot/app"
)

// The exit codes.
const (
	exitTrouble = 1 // something went wrong while it ran
	exitUsage   = 2 // what amsbot was given is wrong: the command line, the configuration, the scenarios, the database
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is main for tests.
func run(args []string, out, errs io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() { // a second signal ends it at once
		<-ctx.Done()
		stop()
	}()
	root := command()
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errs)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if said := silent(0); errors.As(err, &said) {
		return int(said)
	}
	fmt.Fprintf(errs, "amsbot: %s\n", tidyLines(err.Error()))
	hint := app.Hint(err)
	var usage *usageError
	if errors.As(err, &usage) {
		hint = usage.hint
	}
	if hint != "" {
		fmt.Fprintf(errs, "hint: %s\n", tidyLines(hint))
		if errors.Is(err, admin.ErrNoBot) || errors.Is(err, admin.ErrSilent) { // nothing is wrong with what was typed
			return exitTrouble
		}
		return exitUsage
	}
	return exitTrouble
}

// usageError is a command line that cannot be understood.
type usageError struct {
	err  error
	hint string
}

func (u *usageError) Error() string { return u.err.Error() }
func (u *usageError) Unwrap() error { return u.err }

func command() *cobra.Command {
	root := &cobra.Command{
		Use:   "amsbot",
		Short: "First response to PagerDuty incidents, decided in Slack",
		Long: "amsbot gives every PagerDuty incident its first response by itself and puts\n" +
			"the result, and the next decision, before people in Slack.\n\n" +
			"Try it without an account: amsbot demo",
		SilenceErrors: true, SilenceUsage: true, Version: app.Version(),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				hint := "amsbot --help lists the commands"
				if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
					hint = "did you mean amsbot " + near[0] + "? " + hint
				}
				return &usageError{fmt.Errorf("there is no command %q", args[0]), hint}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &usageError{flagTrouble(err), cmd.CommandPath() + " --help lists the flags"}
	})
	root.SuggestionsMinimumDistance = 2
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(runCommand(), demoCommand(), simCommand(), initCommand(), historyCommand(), backupCommand(), restoreCommand(), verifyFileCommand(), lintCommand(), tryCommand(), testCommand(),
		replayCommand(), schemaCommand(), manifestCommand(), doctorCommand(), healthcheckCommand(), benchCommand(), versionCommand())
	helpKnows(root)
	return root
}

// flagTrouble says what a flag takes, where its value cannot be read.
func flagTrouble(err error) error {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return err
	}
	takes := map[string]string{
		"int": "a whole number", "intSlice": "whole numbers with commas between them", "duration": "a time such as 90s or 10m", "bool": "true or false",
	}[invalid.GetFlag().Value.Type()]
	if takes == "" {
		return err
	}
	return fmt.Errorf("--%s: %q is not %s", invalid.GetFlag().Name, invalid.GetValue(), takes)
}

// helpKnows has `amsbot help` refuse what is no command, as amsbot itself does.
func helpKnows(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	for _, help := range root.Commands() {
		if help.Name() != "help" {
			continue
		}
		help.Args = func(_ *cobra.Command, args []string) error {
			about, rest, err := root.Find(args)
			if err == nil && (len(rest) == 0 || about != root) {
				return nil
			}
			return root.Args(root, args)
		}
	}
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print what this binary was built from",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "amsbot version "+app.Version())
			return err
		},
	}
}

// noArgs is for commands that take flags alone.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return &usageError{fmt.Errorf("%s takes no argument, and %q is one", cmd.Name(), args[0]), cmd.CommandPath() + " --help"}
	}
	return nil
}
