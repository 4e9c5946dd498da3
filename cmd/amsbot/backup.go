package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"amsbot/bot/admin"
	"amsbot/cmd/amsbot/app"
)

func backupCommand() *cobra.Command {
	var db, config string
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Copy the database while the bot runs",
		Long: "Write a copy of the database, as it is at this moment, to a new file. The running\n" +
			"bot writes it (so FILE is a path where it runs, and its user may write there), and\n" +
			"goes on meanwhile; without a bot the file itself is copied. FILE must not exist.\n\n" +
			"A backup holds all that the database does: keep it as closely. What is damaged in\n" +
			"the database is damaged in it, too: amsbot history --verify --db FILE looks. amsbot\n" +
			"restore FILE brings it back.",
		Args: oneFile("backup"),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := database(db, config)
			if err != nil {
				return err
			}
			to, err := filepath.Abs(args[0])
			if err != nil {
				return err
			}
			own, ownErr := os.Stat(path)
			if there, err := os.Stat(to); err == nil && ownErr == nil && os.SameFile(own, there) {
				return &usageError{fmt.Errorf("backup: %s is the database itself", args[0]), "name a file that does not exist, on another disk at best"}
			}
			return withSource(cmd.Context(), path, func(s admin.Bot) error {
				size, err := s.Backup(cmd.Context(), to)
				if errors.Is(err, fs.ErrExist) {
					err = &usageError{fmt.Errorf("backup: %s exists", args[0]), "name a file that does not exist"}
				}
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %d bytes. amsbot restore %s brings it back.\n"+
					"To see that it can: amsbot history --verify --db %s\n", args[0], size, args[0], args[0])
				return err
			})
		},
	}
	cmd.Flags().StringVar(&db, "db", "", "the database `FILE` (default: the configuration's)")
	cmd.Flags().StringVar(&config, "config", "amsbot.yaml", "the configuration `FILE`")
	return cmd
}

func restoreCommand() *cobra.Command {
	var db, config string
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Put a backup in the database's place",
		Long: "Put a copy of a backup in the database's place, while no bot runs on it. The backup\n" +
			"is verified whole before anything is touched, and what was there is kept under\n" +
			"another name.\n\n" +
			"What happened since the backup is found again in PagerDuty when the bot runs: what\n" +
			"is open is read, cards that stand are found, acts that were done are not done again,\n" +
			"and a recovery of an incident from before the restore is left to a person.",
		Args: oneFile("restore"),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := database(db, config)
			if err != nil {
				return err
			}
			key, err := app.ReadHistoryKey(os.Getenv)
			if err != nil {
				return err
			}
			restored, err := app.Restore(cmd.Context(), path, args[0], key)
			if err != nil {
				return err
			}
			p := &printer{out: cmd.OutOrStdout(), mask: app.EnvironmentMask(os.Getenv)}
			p.say("%s is restored from %s: its last event is %d, of %s.", path, args[0], restored.End, restored.At.UTC().Format(time.DateTime))
			if restored.Kept != "" {
				p.say("What was there is kept: %s", restored.Kept)
			}
			p.say("Next: amsbot run. What is open is found again in PagerDuty.")
			return p.err
		},
	}
	cmd.Flags().StringVar(&db, "db", "", "the database `FILE` (default: the configuration's)")
	cmd.Flags().StringVar(&config, "config", "amsbot.yaml", "the configuration `FILE`")
	return cmd
}

// oneFile is for commands that take the path of a backup.
func oneFile(name string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return &usageError{fmt.Errorf("%s takes one file, not %d", name, len(args)), "amsbot " + name + " FILE"}
		}
		return nil
	}
}

// sealHistory gives the history of a stopped bot its first key, or another one.
func sealHistory(ctx context.Context, out io.Writer, path string) error {
	key, err := app.ReadHistoryKey(os.Getenv)
	if err == nil {
		err = app.Seal(ctx, path, key)
	}
	if err == nil {
		_, err = fmt.Fprintf(out, "The history is sealed with %s. Keep that key elsewhere, too: without it amsbot does not start with this history.\n", app.EnvHistory)
	}
	return err
}
