package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"amsbot/bot/admin"
)

func healthcheckCommand() *cobra.Command {
	var db, config string
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask the running bot whether it is well",
		Long: "Ask the running bot whether it is well: exit code 0 if it can take incidents\n" +
			"in, 1 if not. A neighbour that is away is told, and does not count: it comes back;\n" +
			"nor do changed scenarios that are refused: those of before stay in force.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			path, err := database(db, config)
			if err != nil {
				return err
			}
			client, err := admin.Dial(path)
			if errors.Is(err, admin.ErrNoBot) {
				return &usageError{fmt.Errorf("healthcheck: %w: %s", admin.ErrNoBot, path), "amsbot run starts it; --db or --config name its database"}
			}
			if err != nil {
				return fmt.Errorf("healthcheck: %w", err)
			}
			defer client.Close()
			h, err := client.Health(cmd.Context())
			if err != nil {
				return unanswered(fmt.Errorf("healthcheck: %w", err))
			}
			for _, p := range h.Parts {
				word := "ok"
				if !p.OK {
					word = tidy(p.Why)
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%-10s %s\n", p.Name, word)
			}
			if !h.OK {
				return errors.New("healthcheck: amsbot cannot take incidents in; it does so again by itself when what stands behind database is mended")
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&db, "db", "", "the database `FILE` (default: the configuration's)")
	cmd.Flags().StringVar(&config, "config", "amsbot.yaml", "the configuration `FILE`")
	return cmd
}

// unanswered says what to do about a bot that does not answer.
func unanswered(err error) error {
	if errors.Is(err, admin.ErrSilent) {
		return &usageError{err, "it hangs, or its machine has too much to do: look at its log; stopped and started again, it goes on with what is unfinished"}
	}
	return err
}
