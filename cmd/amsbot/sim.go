package main

import (
	"fmt"
	"maps"
	"net"
	"slices"

	"github.com/spf13/cobra"

	"amsbot/bot/sim"
	"amsbot/cmd/amsbot/app"
)

func simCommand() *cobra.Command {
	var listen string
	cmd := &cobra.Command{
		Use:   "sim",
		Short: "Run the pretend Slack and PagerDuty alone",
		Long: "Run the pretend Slack, PagerDuty, patient and monitor alone, for any client of\n" +
			"theirs. Prints the addresses and tokens; the page is at the first address.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := listenOn(listen)
			if err != nil {
				return err
			}
			s := sim.New(sim.Shop())
			a := s.Access("http://" + l.Addr().String())
			out := cmd.OutOrStdout()
			fmt.Fprintln(out, a.Page)
			for _, line := range [][2]string{
				{"control API", a.Control},
				{"Slack Web API", a.SlackAPI}, {app.EnvSlackBot, a.BotToken}, {app.EnvSlackApp, a.AppToken},
				{"PagerDuty REST API", a.PagerDutyAPI}, {app.EnvPagerDuty, a.Token}, {app.EnvWebhook, a.WebhookSecret},
				{"Events API v2", a.EventsAPI},
			} {
				fmt.Fprintf(out, "%-26s %s\n", line[0], line[1])
			}
			for _, name := range slices.Sorted(maps.Keys(a.RoutingKeys)) {
				fmt.Fprintf(out, "%-26s %s\n", "routing key "+name, a.RoutingKeys[name])
			}
			return s.Serve(cmd.Context(), l)
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "the `ADDRESS`; port 0 picks a free one")
	return cmd
}

func listenOn(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, &usageError{err, "choose another address with --listen; port 0 picks a free one"}
	}
	return l, nil
}
