package main

import (
	"github.com/spf13/cobra"

	"amsbot/cmd/amsbot/app"
)

func initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init",
		Short: "Print a commented configuration to start from",
		Long:  "Print a commented configuration to start from:\n\n  amsbot init > amsbot.yaml",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(app.Example())
			return err
		},
	}
}
