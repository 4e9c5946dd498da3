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
// tells each fault when it is found.
func verifyHistory(ctx context.Context, s admin.Keeper, which string, tell func(admin.Fault)) (admin.Verified, error) {
	var all admin.Verified
	for next := (admin.Stretch{Incident: which}); ; next.Behind = all.Next {
		v, err := s.Verify(ctx, next)
		if errors.Is(err, admin.ErrNoIncident) {
			return all, &usageError{fmt.Errorf("history: there is no incident %q", which), "amsbot history lists the incidents"}
		}
		if err != nil {
			return all, err
		}
		for _, f := range v.Faults {
			tell(f)
		}
		v.Histories += all.Histories
		v.Faults = append(all.Faults, v.Faults...)
		if all = v; all.Next == "" {
			return all, nil
		}
	}
}

// printVerify prints what verifyHistory finds, and ends with exitTrouble when
// that is not what was written.
func printVerify(ctx context.Context, p *printer, s admin.Keeper, which string) error {
	all, err := verifyHistory(ctx, s, which, func(f admin.Fault) { printFault(p, f) })
	if err != nil {
		return err
	}
	printVerified(p, all)
	return p.ended(all)
}

// printVerifyJSON is printVerify in one value.
func printVerifyJSON(ctx context.Context, p *printer, s admin.Keeper, which string) error {
	all, err := verifyHistory(ctx, s, which, func(admin.Fault) {})
	if err != nil {
		return err
	}
	p.json(all)
	return p.ended(all)
}

// ended is what a command ends with that has printed this.
func (p *printer) ended(all admin.Verified) error {
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
	histories, are := "1 history", "is as it was"
	if v.Histories != 1 {
		histories, are = fmt.Sprintf("%d histories", v.Histories), "are as they were"
	}
	if len(v.Faults) > 0 {
		p.say("Found %s in %s.", counted(len(v.Faults), "fault"), histories)
		p.say("Keep the file and find out why; amsbot restore FILE brings a backup back.")
	} else {
		p.say("%s %s written, up to event %d of the file.", histories, are, v.End)
	}
	switch {
	case v.Key:
		p.say("There is a history key: damage and forgery are found.")
	case v.Sealed:
		p.say("The history is sealed, and its key is not here: damage is found, forgery is not. Set %s to find both.", app.EnvHistory)
	default:
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
