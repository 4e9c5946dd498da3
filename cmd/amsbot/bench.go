package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"amsbot/cmd/amsbot/bench"
	"amsbot/cmd/amsbot/floor"
)

func benchCommand() *cobra.Command {
	var o bench.Options
	var format string
	cmd := &cobra.Command{
		Use:   "bench [PART…]",
		Short: "Measure what amsbot takes on this machine",
		Long: "Measure amsbot, against a pretend Slack and PagerDuty on loopback, in parts:\n\n" +
			"  response  from a webhook to the card, and to the first-response result\n" +
			"  intake    webhooks taken in, beside a floor: a program that verifies, commits,\n" +
			"            answers 202 and posts one message, and nothing else\n" +
			"  storm     many incidents at once in one channel, and what it takes in memory\n" +
			"  stored    what a long history costs: start-up, list and history\n\n" +
			"Everything runs on this machine side by side, so that figures are for comparing\n" +
			"within one run. All parts take some minutes, and some gigabytes of disk for a\n" +
			"million incidents; --quick takes seconds, and says little.",
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
			report, failed := bench.Run(cmd.Context(), o)
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
	cmd.AddCommand(floorCommand())
	return cmd
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
	switch {
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
