package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"amsbot/bot/admin"
	"amsbot/cmd/amsbot/app"
	"amsbot/cmd/amsbot/doctor"
)

func doctorCommand() *cobra.Command {
	var config, format string
	var test bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look at all that amsbot needs, and say what to do",
		Long: "Look at all that amsbot needs, beside a running amsbot or without one: the\n" +
			"configuration and its secrets; Slack's tokens, scopes, channels and groups;\n" +
			"PagerDuty's token, rights, From, services, levels and webhooks; the database,\n" +
			"the disk and the clock; the scenarios. Each line says OK, NG or UNKNOWN, why,\n" +
			"and what to do next. Exit code 0 if all is well, 1 if something is NG or could\n" +
			"not be found out.\n\n" +
			"It changes nothing: whether incidents may be changed it finds out with one that\n" +
			"does not exist. With --send-test it has PagerDuty send a test event,\n" +
			"and looks whether it comes with the right signature: at the amsbot that runs\n" +
			"or, where none does, at the address under listen.\n\n" +
			"What Slack shows to no app, it cannot see: whether the Home tab, the slash\n" +
			"command and interactivity are on. amsbot manifest switches them on.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format != "text" && format != "json" {
				return &usageError{fmt.Errorf("doctor: there is no format %q", format), "--format text or --format json"}
			}
			slog.SetDefault(slog.New(slog.DiscardHandler)) // what it finds it says itself
			all := doctor.Look(cmd.Context(), doctor.Options{
				Config: config, Getenv: os.Getenv, SendTest: test,
				Dial: func(db string) (doctor.Bot, error) { return admin.Dial(db) },
			})
			p := &printer{out: cmd.OutOrStdout(), mask: app.EnvironmentMask(os.Getenv)}
			if format == "json" {
				p.json(struct {
					OK       bool             `json:"ok"`
					Findings []doctor.Finding `json:"findings"`
				}{doctor.Well(all), all})
			} else {
				printFindings(p, all, coloured(cmd.OutOrStdout()))
			}
			if p.err != nil {
				return fmt.Errorf("doctor: %w", p.err)
			}
			if !doctor.Well(all) {
				return silent(exitTrouble)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&config, "config", "amsbot.yaml", "the configuration `FILE`")
	cmd.Flags().StringVar(&format, "format", "text", "how it is printed: `text` or json")
	cmd.Flags().BoolVar(&test, "send-test", false, "have PagerDuty send a test event to amsbot's webhook")
	return cmd
}

// coloured says whether colours are of use: on a terminal, unless NO_COLOR is set.
func coloured(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// colours of the states; the words say the same.
var colours = map[doctor.State]string{doctor.OK: "\x1b[32m", doctor.NG: "\x1b[1;31m", doctor.Unknown: "\x1b[33m"}

// printFindings prints them by group, and at the end how many there are of each.
func printFindings(p *printer, all []doctor.Finding, colour bool) {
	const indent = "           "
	group := ""
	found := map[doctor.State]int{}
	for _, f := range all {
		if f.Group != group {
			if group != "" {
				p.write("\n")
			}
			group = f.Group
			p.write(group + "\n")
		}
		found[f.State]++
		word := fmt.Sprintf("%-7s", f.State)
		text := f.What
		if f.Why != "" {
			text += ": " + f.Why
		}
		lines := wrapped("  "+word+"  "+p.clean(text), indent) // in plain, as colours have no width
		if colour {
			lines = strings.Replace(lines, word, colours[f.State]+word+"\x1b[0m", 1)
		}
		p.write(lines + "\n")
		if f.Next != "" {
			p.write(wrapped(indent+"-> "+p.clean(f.Next), indent+"   ") + "\n")
		}
	}
	p.write(fmt.Sprintf("\n%d OK, %d NG, %d UNKNOWN\n", found[doctor.OK], found[doctor.NG], found[doctor.Unknown]))
}

// clean is foreign text that steers no terminal and holds no secret.
func (p *printer) clean(text string) string { return tidy(p.mask.Mask(text)) }

// write writes what is clean.
func (p *printer) write(text string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.out, text)
	}
}

var _ doctor.Bot = (*admin.Client)(nil)
