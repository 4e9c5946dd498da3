package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"amsbot/cmd/amsbot/app"
)

func runCommand() *cobra.Command {
	var config string
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run the bot",
		Long: "Run the bot with a configuration file.\n\n" +
			"The tokens come from the environment: " + app.EnvSlackBot + ", " + app.EnvSlackApp + ",\n" +
			app.EnvPagerDuty + " and " + app.EnvWebhook + " (or NAME_FILE for a file).\n" +
			app.EnvHistory + ", if set, seals the history: see amsbot history --help.\n\n" +
			"Scenarios and projects are read again when a file of theirs has changed, and at\n" +
			"once at SIGHUP: all of them or, where one has a mistake, none. Incidents under way\n" +
			"keep the version that they began with. The configuration is read at start only.\n\n" +
			"SIGTERM and Ctrl-C stop it in order, within 25 s: webhooks are answered 503, steps\n" +
			"that run may end, what they came to is delivered. A second one stops it at once.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			hangup := make(chan os.Signal, 1) // from the first moment on: it never ends amsbot
			signal.Notify(hangup, syscall.SIGHUP)
			defer signal.Stop(hangup)
			over := make(chan os.Signal, 2)
			signal.Notify(over, os.Interrupt, syscall.SIGTERM)
			defer signal.Stop(over)
			c, err := app.LoadConfig(config)
			if err != nil {
				return err
			}
			s, err := app.ReadSecrets(os.Getenv, c)
			if err != nil {
				return err
			}
			program, err := os.Executable()
			if err != nil {
				return err
			}
			a, err := app.New(c, s, app.Network{Program: program}, logger(cmd.ErrOrStderr(), c.Log))
			if err != nil {
				return err
			}
			slog.SetDefault(a.Log()) // what the packages log themselves goes the same way
			ctx, stop := context.WithCancel(cmd.Context())
			defer stop()
			go each(ctx, hangup, a.Reload)
			ended, end := context.WithCancel(context.WithoutCancel(ctx))
			defer end()
			go second(ended, over, func() { signal.Stop(over); a.Hurry() })
			return a.Run(ctx)
		},
	}
	cmd.Flags().StringVar(&config, "config", "amsbot.yaml", "the configuration `FILE`")
	return cmd
}

// second calls do at the second signal, unless ctx ends before.
func second(ctx context.Context, over <-chan os.Signal, do func()) {
	for range 2 {
		select {
		case <-over:
		case <-ctx.Done():
			return
		}
	}
	do()
}

// each calls do for each signal until ctx ends.
func each(ctx context.Context, signals <-chan os.Signal, do func()) {
	for {
		select {
		case <-signals:
			do()
		case <-ctx.Done():
			return
		}
	}
}

func logger(w io.Writer, c app.LogConfig) *slog.Logger {
	o := &slog.HandlerOptions{Level: app.LogLevel(c.Level)}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}
