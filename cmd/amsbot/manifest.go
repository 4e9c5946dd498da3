package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"
	"gopkg.in/yaml.v3"

	workspace "amsbot/bot/slack"
	"amsbot/bot/words"
	"amsbot/cmd/amsbot/app"
)

func manifestCommand() *cobra.Command {
	var format, config string
	cmd := &cobra.Command{
		Use:   "manifest",
		Short: "Print the manifest of the Slack app, and the address that creates it",
		Long: "Print the manifest of the Slack app that amsbot needs, with every scope and what\n" +
			"for, and beside it, where errors go, the address at which one click creates the\n" +
			"app:\n\n  amsbot manifest > manifest.yaml\n\n" +
			"An app that is there already takes it under App Manifest on its page; install it\n" +
			"again afterwards. The app token (" + app.EnvSlackApp + ") is in no manifest: make one on\n" +
			"the page Basic Information, with the scope connections:write.\n\n" +
			"With --config, what people read is in the language of that configuration.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			language := ""
			if config != "" {
				c, err := app.LoadConfig(config)
				if err != nil {
					return err
				}
				language = c.Language
			}
			m := workspace.NewManifest(words.In(language))
			var text []byte
			var err error
			switch format {
			case "yaml":
				text, err = manifestYAML(m)
			case "json":
				text, err = encoded(m)
			default:
				return &usageError{fmt.Errorf("manifest: there is no format %q", format), "--format yaml or --format json"}
			}
			if err == nil {
				_, err = cmd.OutOrStdout().Write(text)
			}
			if err == nil {
				err = printManifestLink(cmd, m)
			}
			if err != nil {
				return fmt.Errorf("manifest: %w", err)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&format, "format", "yaml", "how it is printed: `yaml` or json")
	cmd.Flags().StringVar(&config, "config", "", "a configuration `FILE` that says the language (default: English)")
	return cmd
}

// printManifestLink prints the address where it spoils no manifest.
func printManifestLink(cmd *cobra.Command, m workspace.Manifest) error {
	link, err := manifestLink(m)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.ErrOrStderr(), "One click creates the app:\n%s\n", link)
	return err
}

// manifestLink is the address at which Slack offers to create the app.
func manifestLink(m workspace.Manifest) (string, error) {
	text, err := json.Marshal(m)
	if err != nil {
		return "", err
	}
	return "https://api.slack.com/apps?new_app=1&manifest_json=" + strings.ReplaceAll(url.QueryEscape(string(text)), "+", "%20"), nil
}

// manifestYAML is the manifest with what each scope is for.
func manifestYAML(m workspace.Manifest) ([]byte, error) {
	var root yaml.Node
	if err := root.Encode(m); err != nil {
		return nil, err
	}
	root.HeadComment = "The Slack app that amsbot needs. Slack creates it from this, and changes it when\n" +
		"this is put under App Manifest on its page; install it again afterwards."
	why := map[string]string{}
	for _, s := range workspace.Scopes() {
		why[s.Name] = s.Why
	}
	for _, scope := range yamlAt(&root, "oauth_config", "scopes", "bot").Content {
		scope.LineComment = why[scope.Value]
	}
	yamlAt(&root, "settings", "socket_mode_enabled").LineComment = "amsbot calls Slack, and needs no public address for it"
	yamlAt(&root, "features", "slash_commands").Content[0].Content[7].LineComment = "people and channels arrive by their IDs"
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(&root); err != nil {
		return nil, err
	}
	return b.Bytes(), e.Close()
}

// yamlAt is the value below these keys, which are there.
func yamlAt(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		for i := 0; i < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				n = n.Content[i+1]
				break
			}
		}
	}
	return n
}
