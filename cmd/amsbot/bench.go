package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"amsbot/cmd/amsbot/app"
	"amsbot/cmd/amsbot/bench"
	"amsbot/cmd/amsbot/floor"
)

const benchLong = "Measure amsbot, against a pretend Slack and PagerDuty on loopback, in parts:\n\n" +
	"  response  from a webhook to the card, and to the first-response result\n" +
	"  intake    webhooks taken in, beside a floor: a program that verifies, commits,\n" +
	"            answers 202 and posts one message, and nothing else\n" +
	"  storm     many incidents at once in one channel, and what it takes in memory\n" +
	"  stored    what a long history costs: start-up, list and history\n\n" +
	"Everything runs on this machine side by side, so that figures are for comparing\n" +
	"within one run. All parts take some minutes, and some gigabytes of disk for a\n" +
	"million incidents; --quick takes seconds, and says little.\n\n" +
	"With --target it measures intake at any address that takes PagerDuty's V3 webhooks,\n" +
	"signed with " + app.EnvWebhook + ": signed webhooks, 1, 50 and 500 in parallel.\n" +
	"They are pings, which an amsbot stores and does nothing about. With --service they say\n" +
	"that incidents of that service began, which PagerDuty does not know: an amsbot stores\n" +
	"each, shows it, asks PagerDuty for it, and closes it when PagerDuty has not known it for\n" +
	"an hour. Do that to a bot for trials alone: the real ones would wait behind thousands."

func benchCommand() *cobra.Command {
	var o bench.Options
	var format, target, service string
	cmd := &cobra.Command{
		Use:     "bench [PART…]",
		Short:   "Measure what amsbot takes on this machine",
		Long:    benchLong,
		Example: "  amsbot bench --quick\n  amsbot bench intake --target https://amsbot.example/pagerduty/webhook",
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.Parts, err = benchParts(args); err != nil {
				return err
			}
			if format != "text" && format != "json" {
				return &usageError{fmt.Errorf("--format: %q is neither text nor json", format), "amsbot bench --format json"}
			}
			if err := benchSizes(cmd, &o); err != nil {
				return err
			}
			if o.Program, err = os.Executable(); err != nil {
				return fmt.Errorf("bench: %w", err)
			}
			o.Said = cmd.ErrOrStderr()
			measure := func() (bench.Report, error) { return bench.Run(cmd.Context(), o) }
			if target != "" || service != "" {
				t, err := benchTarget(target, service, args)
				if err != nil {
					return err
				}
				measure = func() (bench.Report, error) { return bench.Aim(cmd.Context(), t, o.Quick) }
			}
			report, failed := measure()
			if failed != nil && len(report.Parts) == 0 {
				return failed
			}
			if format == "json" {
				err = writeJSON(cmd.OutOrStdout(), report)
			} else {
				err = report.Print(cmd.OutOrStdout())
			}
			if failed != nil {
				return failed
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&o.Quick, "quick", false, "everything once and in little")
	cmd.Flags().StringVar(&o.Dir, "dir", os.TempDir(), "the `FOLDER` on whose disk it runs")
	cmd.Flags().IntVar(&o.Storm, "storm", 1000, "`INCIDENTS` of the storm")
	cmd.Flags().DurationVar(&o.Within, "within", time.Minute, "how `LONG` the storm lasts")
	cmd.Flags().IntSliceVar(&o.Stored, "stored", []int{1000, 100_000, 1_000_000}, "how many `INCIDENTS` are stored, each size in turn")
	cmd.Flags().StringVar(&format, "format", "text", "how it is printed: `text` or json")
	cmd.Flags().StringVar(&target, "target", "", "measure intake at this `URL` instead, which takes signed webhooks")
	cmd.Flags().StringVar(&service, "service", "", "with --target: send incidents of this PagerDuty `SERVICE` that do not exist, not pings")
	cmd.AddCommand(floorCommand())
	return cmd
}

// benchTarget is an address elsewhere to be measured.
func benchTarget(address, service string, parts []string) (t bench.Target, err error) {
	const hint = "amsbot bench intake --target https://amsbot.example/pagerduty/webhook"
	if address == "" {
		return t, &usageError{errors.New("--service is about what is sent to --target"), hint}
	}
	if len(parts) > 1 || len(parts) == 1 && parts[0] != bench.Intake {
		return t, &usageError{fmt.Errorf("--target: intake alone is measured there, not %s", strings.Join(parts, ", ")), hint}
	}
	if t.URL, err = bench.ParseTarget(address); err != nil {
		return t, &usageError{fmt.Errorf("--target: %w", err), hint}
	}
	t.Service = service
	t.Secrets, err = app.ReadWebhookSecrets(os.Getenv)
	return t, err
}

func benchParts(args []string) ([]string, error) {
	for _, a := range args {
		if !slices.Contains(bench.Parts, a) {
			return nil, &usageError{fmt.Errorf("there is no part %q", a), "the parts are " + strings.Join(bench.Parts, ", ")}
		}
	}
	if len(args) == 0 {
		return bench.Parts, nil
	}
	return args, nil
}

// benchSizes makes what was not said little with --quick, and refuses what
// cannot be.
func benchSizes(cmd *cobra.Command, o *bench.Options) error {
	if o.Quick {
		for name, little := range map[string]string{"storm": "4", "within": "500ms", "stored": "30,60"} {
			if cmd.Flags().Changed(name) {
				continue
			}
			if err := cmd.Flags().Set(name, little); err != nil {
				return fmt.Errorf("bench: --%s: %w", name, err)
			}
		}
	}
	info, err := os.Stat(o.Dir)
	switch {
	case err != nil || !info.IsDir():
		return &usageError{fmt.Errorf("--dir: %s is no folder", o.Dir), "name a folder on the disk that is to be measured: amsbot bench --dir /var/tmp"}
	case o.Storm < 1 || o.Within <= 0:
		return &usageError{fmt.Errorf("a storm of %d incidents within %s is none", o.Storm, o.Within), "amsbot bench --storm 1000 --within 1m"}
	case len(o.Stored) == 0 || slices.Min(o.Stored) < 1:
		return &usageError{fmt.Errorf("--stored: at least one incident is needed"), "amsbot bench stored --stored 1000,1000000"}
	}
	return nil
}

// floorCommand is what bench starts beside amsbot.
func floorCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "floor",
		Short:  "Run the floor that bench measures against",
		Hidden: true,
		Args:   noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var o floor.Options
			if err := json.Unmarshal([]byte(os.Getenv(bench.EnvFloor)), &o); err != nil {
				return &usageError{fmt.Errorf("floor: read %s: %w", bench.EnvFloor, err), "amsbot bench starts the floor by itself"}
			}
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return fmt.Errorf("floor: %w", err)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "floor at http://%s/\n", l.Addr())
			return floor.Serve(cmd.Context(), l, o)
		},
	}
}
