package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"amsbot/bot"
	"amsbot/bot/admin"
	"amsbot/cmd/amsbot/app"
	"amsbot/store"
)

func historyCommand() *cobra.Command {
	var db, config string
	var asJSON, verify, seal bool
	cmd := &cobra.Command{
		Use:   "history [INCIDENT]",
		Short: "Print incidents, or the history of one",
		Long: "Print the newest incidents, or all that happened with one: its number, its\n" +
			"PagerDuty ID or \"last\"; or with a storm: its key, or \"storm\" for the newest; or,\n" +
			"with \"bot\", what belongs to none: pauses, maintenance, reloads.\n" +
			"Asks the running bot, or reads the file when none runs.\n\n" +
			"--verify compares the history of one, or of all, with what was written, names those\n" +
			"that were damaged or tampered with, and ends with 1 if there are any. Without\n" +
			app.EnvHistory + " it finds damage, not forgery. With that key, --seal seals the\n" +
			"history of a stopped bot for the first time; with NEW,OLD it changes the key.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return &usageError{fmt.Errorf("history takes one incident, not %d", len(args)), "amsbot history, then amsbot history NUMBER"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := database(db, config)
			if err != nil {
				return err
			}
			if seal && (verify || asJSON || len(args) > 0) {
				return &usageError{errors.New("history: --seal seals all of it, and goes with --db and --config alone"), "amsbot history --seal, then amsbot history --verify"}
			}
			if seal {
				return sealHistory(cmd.Context(), cmd.OutOrStdout(), path)
			}
			return withSource(cmd.Context(), path, func(s admin.Bot) error {
				if verify {
					p := &printer{out: cmd.OutOrStdout(), mask: app.EnvironmentMask(os.Getenv)}
					printed := printVerify
					if asJSON {
						printed = printVerifyJSON
					}
					return printed(cmd.Context(), p, s, strings.Join(args, ""))
				}
				if len(args) == 0 {
					return printIncidents(cmd.Context(), cmd.OutOrStdout(), s, asJSON)
				}
				return printHistory(cmd.Context(), cmd.OutOrStdout(), s, args[0], asJSON)
			})
		},
	}
	cmd.Flags().StringVar(&db, "db", "", "the database `FILE` (default: the configuration's)")
	cmd.Flags().StringVar(&config, "config", "amsbot.yaml", "the configuration `FILE`")
	cmd.Flags().BoolVar(&verify, "verify", false, "compare the history with what was written")
	cmd.Flags().BoolVar(&seal, "seal", false, "seal the history of a stopped bot with "+app.EnvHistory)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// database is the file that a command is about: --db, else the configuration's.
func database(db, config string) (string, error) {
	if db != "" {
		return db, nil
	}
	c, err := app.LoadConfig(config)
	if errors.Is(err, fs.ErrNotExist) {
		return "", &usageError{err, "name the database with --db FILE, or the configuration with --config FILE"}
	}
	return c.Database, err
}

// withSource asks the bot that runs on a database, or reads the file.
func withSource(ctx context.Context, path string, fn func(admin.Bot) error) error {
	switch _, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return &usageError{fmt.Errorf("there is no database %s", path), "amsbot run and amsbot demo make one; name it with --db FILE"}
	case err != nil:
		return &usageError{fmt.Errorf("look at the database: %w", err), "name the database with --db FILE"}
	}
	client, err := admin.Dial(path)
	if err == nil {
		defer client.Close()
		return unanswered(fn(client))
	}
	if !errors.Is(err, admin.ErrNoBot) {
		return err
	}
	key, err := app.ReadHistoryKey(os.Getenv)
	if err != nil {
		return err
	}
	db, err := app.OpenStore(path, store.Options{ReadOnly: true, LockWait: time.Second, Key: key.Bytes()})
	if err != nil {
		return err
	}
	return errors.Join(fn(app.FileSource(db)), db.Close())
}

// timesAre is said once, over times without a zone.
const timesAre = "Times are UTC."

func printIncidents(ctx context.Context, out io.Writer, s admin.Source, asJSON bool) error {
	list, err := s.Incidents(ctx, admin.Which{})
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(out, list)
	}
	if len(list) == 0 {
		fmt.Fprintln(out, "No incident yet.")
	} else {
		fmt.Fprintln(out, timesAre)
	}
	for _, i := range list {
		fmt.Fprintf(out, "#%-6d %s  %s\n        %s\n", i.Number, i.First.UTC().Format(time.DateTime), tidy(i.Title), tidy(i.Status))
	}
	return nil
}

func printHistory(ctx context.Context, out io.Writer, s admin.Source, which string, asJSON bool) error {
	h, err := s.History(ctx, which)
	switch none := errors.Is(err, admin.ErrNoIncident); {
	case none && which == "storm":
		return &usageError{errors.New("history: there was no storm yet"),
			"a storm is many targets of one scenario at once; an index, in a crowded channel, stands for incidents of any kind, which amsbot history lists"}
	case none && !bot.IsIncident(which):
		return &usageError{fmt.Errorf("history: there is no storm %q", which),
			"amsbot history storm prints the newest; amsbot history NUMBER --json names the one that held an incident"}
	case none:
		return &usageError{fmt.Errorf("history: there is no incident %q", which), "amsbot history lists the incidents"}
	case err != nil:
		return err
	}
	if asJSON {
		return writeJSON(out, h)
	}
	for _, line := range h.Card {
		fmt.Fprintln(out, tidy(line))
	}
	if len(h.Card) > 0 {
		fmt.Fprintln(out)
	}
	if len(h.Events) > 0 {
		fmt.Fprintln(out, timesAre)
	}
	for _, e := range h.Events {
		if e.Text != "" {
			fmt.Fprintf(out, "%s  %s\n", e.At.UTC().Format(time.DateTime), tidy(e.Text))
		}
	}
	return nil
}
