package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"amsbot/cmd/amsbot/app"
)

func TestReadSecrets(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	all := map[string]string{app.EnvSlackBot: "xoxb-1", app.EnvSlackApp: "xapp-1", app.EnvPagerDuty: "token", app.EnvWebhook: "hook"}
	with := func(changes ...string) map[string]string {
		out := map[string]string{}
		for k, v := range all {
			out[k] = v
		}
		for i := 0; i < len(changes); i += 2 {
			out[changes[i]] = changes[i+1]
		}
		return out
	}
	for _, c := range []struct {
		name string
		env  map[string]string
		want string // "" for none: what is wrong
		hook int
	}{
		{"all", all, "", 1},
		{"none", nil, "SLACK_BOT_TOKEN is not set\nSLACK_APP_TOKEN is not set\nPAGERDUTY_TOKEN is not set\nPAGERDUTY_WEBHOOK_SECRET is not set", 0},
		{"one is missing", with(app.EnvPagerDuty, ""), "PAGERDUTY_TOKEN is not set", 0},
		{"only spaces", with(app.EnvPagerDuty, "  \n"), "PAGERDUTY_TOKEN is not set", 0},
		{"a file", with(app.EnvSlackBot, "", app.EnvSlackBot+"_FILE", file("bot", "xoxb-file\n")), "", 1},
		{"an empty file", with(app.EnvSlackBot, "", app.EnvSlackBot+"_FILE", file("empty", "\n")), "SLACK_BOT_TOKEN_FILE: " + filepath.Join(dir, "empty") + " is empty", 0},
		{"no file", with(app.EnvSlackBot, "", app.EnvSlackBot+"_FILE", filepath.Join(dir, "nowhere")), "SLACK_BOT_TOKEN_FILE: open", 0},
		{"a rotation", with(app.EnvWebhook, "old, new"), "", 2},
		{"no webhook is expected", with(app.EnvWebhook, "", "webhook", "none"), "", 0},
		{"an empty one beside it", with(app.EnvWebhook, "old,"), "PAGERDUTY_WEBHOOK_SECRET: one of its secrets is empty", 0},
		{"only a comma", with(app.EnvWebhook, ","), "PAGERDUTY_WEBHOOK_SECRET: one of its secrets is empty", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := app.ReadSecrets(func(name string) string { return c.env[name] },
				app.Config{PagerDuty: app.PagerDutyConfig{Webhook: c.env["webhook"]}})
			switch {
			case c.want == "" && (err != nil || len(s.Webhook) != c.hook || s.SlackBot.Empty()):
				t.Errorf("%d webhook secrets, %v", len(s.Webhook), err)
			case c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want) || !strings.Contains(app.Hint(err), "_FILE")):
				t.Errorf("told %v (%s), want %s", err, app.Hint(err), c.want)
			}
			if text := fmt.Sprintf("%v %+v %#v %v", s, s, s, err); strings.Contains(text, "xoxb-") || strings.Contains(text, "hook") && strings.Contains(text, "old") {
				t.Errorf("printed: %s", text)
			}
		})
	}
}
