package main

import (
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"amsbot/bot/words"
	"amsbot/cmd/amsbot/app"
)

func demoCommand() *cobra.Command {
	var d app.Demo
	var listen string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show everything on a page, without an account",
		Long: "Run the real bot against a pretend Slack and PagerDuty on loopback, with a small\n" +
			"real web service that can be made ill. The page's address is the first line.\n\n" +
			"With --config your own configuration and scenarios run against them, and only\n" +
			"observe, unless --act is said: then their recoveries really run. Those scenarios\n" +
			"are read again when a file of theirs has changed, and at SIGHUP.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if d.Act && d.Config == "" {
				return &usageError{fmt.Errorf("--act goes with --config"), "the demo's own scenarios act anyway"}
			}
			if d.Language != "" && !words.Known(d.Language) {
				return &usageError{fmt.Errorf("--language %s is not known", d.Language), "say one of " + strings.Join(words.Languages(), ", ")}
			}
			l, err := listenOn(listen)
			if err != nil {
				return err
			}
			if d.Program, err = os.Executable(); err != nil {
				return fmt.Errorf("demo: %w", err)
			}
			hangup := make(chan os.Signal, 1)
			signal.Notify(hangup, syscall.SIGHUP)
			defer signal.Stop(hangup)
			d.Hangup = hangup
			d.Out, d.Errs = cmd.OutOrStdout(), cmd.ErrOrStderr()
			return d.Run(cmd.Context(), l)
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "the `ADDRESS` of the page; port 0 picks a free one")
	cmd.Flags().StringVar(&d.DB, "db", "", "keep the history in this `FILE` (default: a temporary one)")
	cmd.Flags().StringVar(&d.Config, "config", "", "run your own configuration `FILE` and scenarios")
	cmd.Flags().StringVar(&d.Language, "language", "", "the `LANGUAGE` of what people read, en or ja")
	cmd.Flags().BoolVar(&d.Act, "act", false, "with --config: let them recover, too")
	return cmd
}
