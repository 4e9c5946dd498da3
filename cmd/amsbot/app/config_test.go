package app_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"amsbot/cmd/amsbot/app"
)

// The example is a whole configuration: what `amsbot init` prints runs.
func TestExampleConfig(t *testing.T) {
	c, err := app.ParseConfig("amsbot.yaml", app.Example())
	if err != nil {
		t.Fatal(err)
	}
	if c.PagerDuty.User != "PAMSBOT" || len(c.Permissions.Run) == 0 || c.Listen == "" || c.PagerDuty.Fallback == nil {
		t.Errorf("%+v", c)
	}
}

// changed is the example with one line changed, or with more lines.
func changed(old, new string) string {
	text := string(app.Example())
	if old == "" {
		return text + new + "\n"
	}
	if !strings.Contains(text, old) {
		return "the example has no " + old
	}
	return strings.Replace(text, old, new, 1)
}

// Every mistake is told with what to do; none is passed over.
func TestConfigMistakes(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"an unknown key", changed("", "colour: red"), "there is no key colour here"},
		{"a misspelt key", changed("listen:", "lisen:"), "there is no key lisen here"},
		{"a key in the wrong place", changed("  poll: 30s", "  pol: 30s"), "there is no key pol here"},
		{"a secret in it", changed("", "slack_bot_token: xoxb-1-2"), "there is no key slack_bot_token here"},
		{"a key twice", changed("", "listen: :1"), `already defined`},
		{"a wrong type", changed("observe: false", "observe: perhaps"), "line 23: perhaps is not true or false"},
		{"a list for a text", changed("language: en", "language: [en]"), "a list is not a text"},
		{"no step at all", changed("{steps: 64,", "{steps: 0,"), "limits.steps: from 1"},
		{"none on a target", changed("per_target: 8", "per_target: -1"), "limits.per_target: from 1"},
		{"no duration", changed("poll: 30s", "poll: soon"), "soon is not a duration such as 30s"},
		{"no YAML", "database: [", "did not find"},
		{"a second document", changed("", "---\nlisten: :1"), "a second document"},
		{"nothing", "", "pagerduty.user"},
		{"no database", changed("database: amsbot.db", `database: ""`), "database is empty"},
		{"no scenarios", changed("scenarios: scenarios", `scenarios: ""`), "scenarios is empty"},
		{"no port", changed("listen: 127.0.0.1:8081", "listen: localhost"), `listen: "localhost" is no host:port`},
		{"an unknown language", changed("language: en", "language: tlh"), `language: "tlh" is none of en, ja`},
		{"no account", changed("account: shop", `account: ""`), "pagerduty.account"},
		{"an account that is none", changed("account: shop", "account: a/b"), "pagerduty.account"},
		{"no user", changed("user: PAMSBOT", `user: ""`), "pagerduty.user"},
		{"a name for the user", changed("user: PAMSBOT", "user: amsbot"), "pagerduty.user"},
		{"no address", changed("from: amsbot@shop.example", "from: amsbot"), "pagerduty.from"},
		{"a poll too often", changed("poll: 30s", "poll: 10ms"), "pagerduty.poll"},
		{"a webhook that is not none", changed(`webhook: ""`, "webhook: https://x.example"), "pagerduty.webhook"},
		{"no address of Slack", changed(`api_url: ""                       # "" is Slack's own`, "api_url: slack.com"), `slack.api_url: "slack.com"`},
		{"a file for PagerDuty", changed(`api_url: ""                       # "" is PagerDuty's own`, "api_url: file:///x"), `pagerduty.api_url: "file:///x"`},
		{"two fallbacks", changed("{policy: PSHOPEP, level: 2}", "{policy: PSHOPEP, users: [PX]}"), "pagerduty.fallback"},
		{"no fallback in it", changed("{policy: PSHOPEP, level: 2}", "{level: 2}"), "pagerduty.fallback"},
		{"a level that is none", changed("{policy: PSHOPEP, level: 2}", "{policy: PSHOPEP, level: -1}"), "pagerduty.fallback.level"},
		{"a level of the log", changed("level: info", "level: loud"), `log.level: "loud"`},
		{"a format of the log", changed("format: text", "format: xml"), `log.format: "xml"`},
		{"a name for a person", changed("  run: [everyone]", `  run: [everyone, "@aiko"]`), `amsbot.yaml:56:19: permissions.run: "@aiko"`},
		{"nobody's name", changed("people: {}", "people: {aiko: PAIKO01}"), `people.aiko: "aiko" is no Slack user ID`},
		{"nobody in PagerDuty", changed("people: {}", "people: {U0AIKO0001: aiko}"), `people.U0AIKO0001: "aiko" is no PagerDuty user ID (P…) and no e-mail address`},
		{"amsbot for a person", changed("people: {}", "people: {U0AIKO0001: PAMSBOT}"), `people.U0AIKO0001: "PAMSBOT" is amsbot itself`},
		{"everybody", changed("view: [everyone]", "view: [everybody]"), `permissions.view: "everybody"`},
		{"an unknown permission", changed("  run: [everyone]", "  runn: [everyone]"), "there is no key runn here"},
		{"far too long", "# " + strings.Repeat("x", 2<<20), "bytes is no configuration"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := app.ParseConfig("amsbot.yaml", []byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("told %v, want %s", err, c.want)
			}
			if app.Hint(err) == "" || !strings.HasPrefix(err.Error(), "amsbot.yaml:") {
				t.Errorf("no hint, or no name: %v (%s)", err, app.Hint(err))
			}
			for _, word := range []string{" yaml:", "unmarshal", "app.", "!!", "xoxb-1-2"} {
				if strings.Contains(err.Error(), word) {
					t.Errorf("%s is no word for whoever runs it: %v", word, err)
				}
			}
		})
	}
}

// All mistakes are told at once, each on a line of its own.
func TestConfigMistakesTogether(t *testing.T) {
	text := strings.NewReplacer("language: en", "language: xx", "user: PAMSBOT", "user: x", "run: [everyone]", "run: [me]").Replace(string(app.Example()))
	_, err := app.ParseConfig("amsbot.yaml", []byte(text))
	if err == nil || strings.Count(err.Error(), "\namsbot.yaml:") != 2 {
		t.Errorf("%v", err)
	}
}

// What a configuration names is found from its own folder; the file itself may
// be missing or unreadable.
func TestLoadConfig(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "amsbot.yaml")
	if err := os.WriteFile(path, app.Example(), 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := app.LoadConfig(path)
	if err != nil || c.Database != filepath.Join(dir, "amsbot.db") || c.Scenarios != filepath.Join(dir, "scenarios") {
		t.Errorf("%+v, %v", c, err)
	}
	if err := os.WriteFile(path, []byte(changed("database: amsbot.db", "database: /var/lib/amsbot.db")), 0o644); err != nil {
		t.Fatal(err)
	}
	if c, err = app.LoadConfig(path); err != nil || c.Database != "/var/lib/amsbot.db" {
		t.Errorf("%+v, %v", c, err)
	}
	_, err = app.LoadConfig(filepath.Join(dir, "nowhere.yaml"))
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(app.Hint(err), "amsbot init") {
		t.Errorf("%v (%s)", err, app.Hint(err))
	}
	if _, err = app.LoadConfig(dir); err == nil || app.Hint(err) == "" {
		t.Errorf("a folder: %v (%s)", err, app.Hint(err))
	}
}

// The demo writes the configuration that its bot reads: limits too.
func TestLimitsAreReadAsTheyAreWritten(t *testing.T) {
	for _, l := range []app.Limit{{}, {N: 60, Per: time.Hour}, {N: 3, Per: 90 * time.Minute}, {N: 1, Per: 7 * 24 * time.Hour}} {
		text, err := yaml.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		var again app.Limit
		if err := yaml.Unmarshal(text, &again); err != nil || again != l {
			t.Errorf("%v is written %s and read %v, %v", l, text, again, err)
		}
	}
}

// What is not said of who may is not written, and an empty list is: the demo's bot
// would read that nobody may approve.
func TestPermissionsAreReadAsTheyAreWritten(t *testing.T) {
	for _, p := range []app.PermissionsConfig{{}, app.DemoConfig().Permissions, {Run: []string{"U0AIKO0001"}, Approve: []string{}}, {View: []string{}, Approve: []string{"S0OPS"}}} {
		text, err := yaml.Marshal(app.Config{Permissions: p})
		if err != nil {
			t.Fatal(err)
		}
		var again app.Config
		if err := yaml.Unmarshal(text, &again); err != nil || !reflect.DeepEqual(again.Permissions, p) {
			t.Errorf("%#v is written %s and read %#v, %v", p, text, again.Permissions, err)
		}
	}
}
