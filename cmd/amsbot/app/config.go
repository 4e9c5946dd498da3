// Package app is amsbot's configuration and wiring: the only package that knows
// every other. The command line is on top of it, and stories run it with other
// addresses.
package app

import (
	"bytes"
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"amsbot/bot/words"
	"amsbot/scenarios"
)

//go:embed amsbot.example.yaml
var example []byte

// Example is a commented configuration to start from; `amsbot init` prints it.
func Example() []byte { return bytes.Clone(example) }

// Config is amsbot.yaml: the process, the neighbours, defaults and the ceiling
// of permissions. It is read at start only. It holds no secret: those come from
// the environment, or from files that the environment names.
type Config struct {
	Database  string          `yaml:"database"`  // the bbolt file
	Scenarios string          `yaml:"scenarios"` // the folder of scenarios and projects; "examples" for the embedded ones
	Listen    string          `yaml:"listen"`    // where PagerDuty's webhooks arrive
	Language  string          `yaml:"language"`  // where a project says none
	Observe   bool            `yaml:"observe"`   // every scenario only observes
	Log       LogConfig       `yaml:"log"`
	Slack     SlackConfig     `yaml:"slack"`
	PagerDuty PagerDutyConfig `yaml:"pagerduty"`

	History HistoryConfig `yaml:"history"`
	Guards  GuardsConfig  `yaml:"guards"`
	Limits  LimitsConfig  `yaml:"limits"`
	// Permissions is the ceiling: projects only narrow it.
	Permissions PermissionsConfig `yaml:"permissions"`
	// People are who somebody in Slack is in PagerDuty, by ID or login address,
	// where their address there is another one.
	People map[string]string `yaml:"people"`
}

// LogConfig says what is logged, and how.
type LogConfig struct {
	Level  string `yaml:"level"`  // debug, info, warn, error
	Format string `yaml:"format"` // text, json
}

// SlackConfig is the workspace.
type SlackConfig struct {
	APIURL string `yaml:"api_url"` // "": Slack's own
}

// PagerDutyConfig is the account.
type PagerDutyConfig struct {
	APIURL   string          `yaml:"api_url"` // "": PagerDuty's own
	Account  string          `yaml:"account"` // names the account in an incident's key
	User     string          `yaml:"user"`    // amsbot's own user, by ID
	From     string          `yaml:"from"`    // that user's login e-mail
	Poll     time.Duration   `yaml:"poll"`
	Webhook  string          `yaml:"webhook"` // "none": no webhook can reach amsbot, the poll does it alone
	Fallback *FallbackConfig `yaml:"fallback"`
}

// FallbackConfig is where an escalation goes whose target does not exist.
type FallbackConfig struct {
	Policy string   `yaml:"policy"`
	Level  int      `yaml:"level"`
	Users  []string `yaml:"users"`
}

// GuardsConfig holds back all scenarios together.
type GuardsConfig struct {
	AllRuns Limit `yaml:"all_runs"` // recoveries; zero: no limit
}

// LimitsConfig says how much amsbot does at once.
type LimitsConfig struct {
	Steps     int `yaml:"steps"`      // steps that run at once
	PerTarget int `yaml:"per_target"` // of them, on one target
}

// Limit is at most so many in a time, written "60 per 1h", or "none".
type Limit scenarios.Limit

// MarshalYAML writes it so that it can be read again.
func (l Limit) MarshalYAML() (any, error) {
	if l.N == 0 {
		return "none", nil
	}
	return fmt.Sprintf("%d per %s", l.N, l.Per), nil
}

// UnmarshalYAML reads a Limit.
func (l *Limit) UnmarshalYAML(n *yaml.Node) error {
	limit, err := scenarios.ParseLimit(n.Value)
	if err != nil {
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: %s", n.Line, err)}}
	}
	*l = Limit(limit)
	return nil
}

// Embedded is the name under which a configuration uses the example scenarios.
const Embedded = "examples"

// LoadConfig reads a configuration file. Relative paths in it are relative to
// its folder. The error is Trouble with a hint.
func LoadConfig(path string) (Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Config{}, trouble(fmt.Errorf("config: %w", err), "write one: amsbot init > amsbot.yaml")
	}
	c, err := ParseConfig(path, data)
	if err != nil {
		return Config{}, err
	}
	dir := filepath.Dir(path)
	c.Database = under(dir, c.Database)
	if c.Scenarios != Embedded {
		c.Scenarios = under(dir, c.Scenarios)
	}
	return c, nil
}

func under(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// configMost is more than any configuration needs.
const configMost = 1 << 20

// ParseConfig reads a configuration from its bytes; name stands in errors.
func ParseConfig(name string, data []byte) (Config, error) {
	if len(data) > configMost {
		return Config{}, trouble(fmt.Errorf("%s: %d bytes is no configuration", name, len(data)), "write one: amsbot init > amsbot.yaml")
	}
	c := Config{
		Database: "amsbot.db", Scenarios: "scenarios", Listen: "127.0.0.1:8081", Language: "en",
		Log:       LogConfig{Level: "info", Format: "text"},
		PagerDuty: PagerDutyConfig{Poll: 30 * time.Second},
		History:   HistoryConfig{Keep: defaultKeep},
		Guards:    GuardsConfig{AllRuns: Limit{N: 60, Per: time.Hour}},
		Limits:    LimitsConfig{Steps: 64, PerTarget: 8},
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&c); err != nil && !errors.Is(err, io.EOF) {
		return Config{}, trouble(fmt.Errorf("%s: %s", name, yamlWords(err)), "every key stands in the example: amsbot init")
	}
	if err := d.Decode(new(any)); !errors.Is(err, io.EOF) {
		return Config{}, trouble(fmt.Errorf("%s: a second document", name), "remove the line with ---")
	}
	if err := c.check(); err != nil {
		return Config{}, trouble(errors.New(placed(name, data, err)), "every key stands in the example: amsbot init")
	}
	return c, nil
}

var (
	unknownKey = regexp.MustCompile(`field (\S+) not found in type app\.\w+`)
	wrongType  = regexp.MustCompile("cannot unmarshal !!(\\w+)(?: `([^`]*)`)? into (\\S+)")
)

// kinds are YAML's and Go's types as people call them.
var kinds = map[string]string{
	"seq": "a list", "map": "a section", "bool": "true or false", "int": "a whole number",
	"string": "a text", "[]string": "a list", "time.Duration": "a duration such as 30s",
}

// yamlWords takes the Go types out of yaml.v3's messages.
func yamlWords(err error) string {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	text = unknownKey.ReplaceAllString(text, "there is no key $1 here")
	text = wrongType.ReplaceAllStringFunc(text, func(m string) string {
		p := wrongType.FindStringSubmatch(m)
		is, want := cmp.Or(p[2], kinds[p[1]], "this"), cmp.Or(kinds[p[3]], "a section")
		return fmt.Sprintf("%s is not %s", is, want)
	})
	text = strings.TrimPrefix(text, "unmarshal errors:\n")
	return strings.TrimSpace(strings.ReplaceAll(text, "\n  ", "; "))
}

var (
	pagerDutyID = regexp.MustCompile(`^[A-Z0-9]+$`)
	slackWho    = regexp.MustCompile(`^([UWSCG][A-Z0-9]{2,}|everyone)$`)
	slackUser   = regexp.MustCompile(`^[UW][A-Z0-9]{2,}$`)
	accountName = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)
)

func (c *Config) check() error {
	var wrong []error
	say := func(bad bool, format string, args ...any) {
		if bad {
			wrong = append(wrong, fmt.Errorf(format, args...))
		}
	}
	say(c.Database == "", "database is empty")
	say(c.Scenarios == "", "scenarios is empty")
	_, _, err := net.SplitHostPort(c.Listen)
	say(err != nil, "listen: %q is no host:port", c.Listen)
	say(!words.Known(c.Language), "language: %q is none of %s", c.Language, strings.Join(words.Languages(), ", "))
	say(!accountName.MatchString(c.PagerDuty.Account), "pagerduty.account: a short name of letters, digits, dots and dashes is needed")
	say(!pagerDutyID.MatchString(c.PagerDuty.User), "pagerduty.user: the ID of amsbot's own PagerDuty user is needed (P…)")
	say(!strings.Contains(c.PagerDuty.From, "@"), "pagerduty.from: the login e-mail of that user is needed")
	say(c.PagerDuty.Webhook != "" && c.PagerDuty.Webhook != noWebhook, "pagerduty.webhook: %q is not none; leave it out where webhooks come", c.PagerDuty.Webhook)
	say(c.PagerDuty.Poll < time.Second, "pagerduty.poll: at least 1s")
	say(!apiURL(c.Slack.APIURL), "slack.api_url: %q is no http or https address", c.Slack.APIURL)
	say(!apiURL(c.PagerDuty.APIURL), "pagerduty.api_url: %q is no http or https address", c.PagerDuty.APIURL)
	f := c.PagerDuty.Fallback
	say(f != nil && (f.Policy == "") == (len(f.Users) == 0), "pagerduty.fallback: a policy or users, one of the two")
	say(f != nil && f.Level < 0, "pagerduty.fallback.level: from 1")
	say(c.Limits.Steps < 1, "limits.steps: from 1")
	say(c.Limits.PerTarget < 1, "limits.per_target: from 1")
	say(level(c.Log.Level) == nil, "log.level: %q is none of debug, info, warn, error", c.Log.Level)
	say(c.Log.Format != "text" && c.Log.Format != "json", "log.format: %q is neither text nor json", c.Log.Format)
	for _, p := range c.Permissions.lists() {
		for _, w := range p.who {
			say(!slackWho.MatchString(w), "permissions.%s: %q is no Slack user ID (U…), no user group ID (S…), no channel ID (C…) and not everyone", p.name, w)
		}
	}
	for _, user := range slices.Sorted(maps.Keys(c.People)) {
		who := c.People[user]
		say(!slackUser.MatchString(user), "people.%s: %q is no Slack user ID (U…)", user, user)
		say(!pagerDutyID.MatchString(who) && !strings.Contains(who, "@"), "people.%s: %q is no PagerDuty user ID (P…) and no e-mail address", user, who)
		say(who == c.PagerDuty.User || strings.EqualFold(who, c.PagerDuty.From), "people.%s: %q is amsbot itself", user, who)
	}
	return errors.Join(wrong...)
}

// apiURL says whether a neighbour may be asked there; "" is its own address.
func apiURL(s string) bool {
	u, err := url.Parse(s)
	return s == "" || err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

// noWebhook is pagerduty.webhook where amsbot cannot be reached.
const noWebhook = "none"

// Hooked says whether webhooks are expected.
func (c *Config) Hooked() bool { return c.PagerDuty.Webhook != noWebhook }

// inSlack is People the other way: who somebody in PagerDuty is in Slack.
func (c *Config) inSlack() map[string]string {
	out := map[string]string{}
	for user, who := range c.People {
		if strings.Contains(who, "@") {
			who = strings.ToLower(who)
		}
		out[who] = user
	}
	return out
}
