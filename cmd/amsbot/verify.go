package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"amsbot/bot/admin"
	"amsbot/cmd/amsbot/app"
)

// verifyHistory compares one history, or all of them, with what was written, and
// ends with exitTrouble when they differ.
func verifyHistory(ctx context.Context, p *printer, s admin.Bot, which string, asJSON bool) error {
	var all admin.Verified
	for next := (admin.Stretch{Incident: which}); ; next.Behind = all.Next {
		v, err := s.Verify(ctx, next)
		if errors.Is(err, admin.ErrNoIncident) {
			return &usageError{fmt.Errorf("history: there is no incident %q", which), "amsbot history lists the incidents"}
		}
		if err != nil {
			return err
		}
		for _, f := range v.Faults {
			if !asJSON {
				printFault(p, f)
			}
		}
		v.Histories += all.Histories
		v.Faults = append(all.Faults, v.Faults...)
		if all = v; all.Next == "" {
			break
		}
	}
	switch {
	case asJSON:
		p.json(all)
	default:
		printVerified(p, all)
	}
	if p.err == nil && len(all.Faults) > 0 {
		return silent(exitTrouble)
	}
	return p.err
}

func printFault(p *printer, f admin.Fault) {
	who := "the file as a whole"
	if f.Incident != "" {
		who = f.Incident
	}
	if f.Number != 0 {
		who = fmt.Sprintf("#%d (%s)", f.Number, f.Incident)
	}
	what := "damaged"
	if f.Forged {
		what = "tampered with"
	}
	p.say("%s is %s: %s", who, what, f.Why)
}

func printVerified(p *printer, v admin.Verified) {
	if len(v.Faults) > 0 {
		p.say("Found %d faults in %d histories.", len(v.Faults), v.Histories)
		p.say("Keep the file and find out why; amsbot restore FILE brings a backup back.")
	} else {
		p.say("%d histories are as they were written, up to event %d of the file.", v.Histories, v.End)
	}
	if v.Key {
		p.say("There is a history key: damage and forgery are found.")
	} else {
		p.say("There is no history key: damage is found, forgery is not.")
	}
}

// verifyFileCommand is how amsbot calls itself: see app.VerifyFile.
func verifyFileCommand() *cobra.Command {
	return &cobra.Command{
		Use:    app.VerifyFile + " FILE",
		Hidden: true,
		Short:  "Verify a database in a process of its own",
		Args:   oneFile(app.VerifyFile),
		RunE: func(cmd *cobra.Command, args []string) error {
			key, err := app.ReadHistoryKey(os.Getenv)
			if err != nil {
				return err
			}
			report, err := app.ReportFile(cmd.Context(), args[0], key)
			if err != nil {
				return err
			}
			return writeJSON(cmd.OutOrStdout(), report)
		},
	}
}
