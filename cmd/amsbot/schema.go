package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"amsbot/scenarios"
)

func schemaCommand() *cobra.Command {
	var project, tests bool
	cmd := &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of scenarios, for editors",
		Long: "Print the JSON Schema of scenarios, with which an editor completes and checks\n" +
			"while you type. Write it beside the scenarios,\n\n" +
			"  amsbot schema > scenarios/.amsbot.schema.json\n\n" +
			"and begin each scenario with the line\n\n" +
			"  # yaml-language-server: $schema=.amsbot.schema.json\n\n" +
			"The path is seen from the scenario. What lies in no single file is amsbot\n" +
			"lint's: a schema does not know your other scenarios.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if project && tests {
				return &usageError{errors.New("schema: --project and --tests each print another one"), "leave one of them out"}
			}
			text := scenarios.Schema()
			if project {
				text = scenarios.ProjectSchema()
			}
			if tests {
				text = scenarios.FixtureSchema()
			}
			if _, err := cmd.OutOrStdout().Write(text); err != nil {
				return fmt.Errorf("schema: %w", err)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&project, "project", false, "print the schema of project.yaml instead")
	cmd.Flags().BoolVar(&tests, "tests", false, "print the schema of NAME.test.yaml instead")
	return cmd
}
