package main

import (
	"io"
	"log/slog"
	"os"

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
			app.EnvPagerDuty + " and " + app.EnvWebhook + " (or NAME_FILE for a file).",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := app.LoadConfig(config)
			if err != nil {
				return err
			}
			s, err := app.ReadSecrets(os.Getenv)
			if err != nil {
				return err
			}
			a, err := app.New(c, s, app.Network{}, logger(cmd.ErrOrStderr(), c.Log))
			if err != nil {
				return err
			}
			slog.SetDefault(a.Log()) // what the packages log themselves goes the same way
			return a.Run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&config, "config", "amsbot.yaml", "the configuration `FILE`")
	return cmd
}

func logger(w io.Writer, c app.LogConfig) *slog.Logger {
	o := &slog.HandlerOptions{Level: app.LogLevel(c.Level)}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}
