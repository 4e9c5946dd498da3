package app

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"amsbot/scenarios/secret"
)

// Secrets are the tokens. They come from the environment, each as NAME or, as
// the path of a file that holds it, as NAME_FILE; never from a configuration.
type Secrets struct {
	SlackBot, SlackApp secret.Text
	PagerDuty          secret.Text
	Webhook            []secret.Text // several while one is being rotated
	History            HistoryKey
}

// HistoryKey seals the history; it is optional. Old is the one before it, which
// only `amsbot history --seal` asks for.
type HistoryKey struct{ Key, Old secret.Text }

// The names of the secrets in the environment.
const (
	EnvSlackBot  = "SLACK_BOT_TOKEN"
	EnvSlackApp  = "SLACK_APP_TOKEN"
	EnvPagerDuty = "PAGERDUTY_TOKEN"
	EnvWebhook   = "PAGERDUTY_WEBHOOK_SECRET" // several with commas
	EnvHistory   = "AMSBOT_HISTORY_KEY"       // optional; to change it: the new one, a comma, the old one
)

// ReadSecrets reads all secrets that a configuration needs through getenv
// (os.Getenv) and says at once everything that is missing.
func ReadSecrets(getenv func(string) string, c Config) (Secrets, error) {
	s, missing := FoundSecrets(getenv, c)
	if len(missing) > 0 {
		return Secrets{}, trouble(errors.Join(missing...), secretsHint)
	}
	return s, nil
}

// FoundSecrets reads those that are there, and says of each other what is wrong.
func FoundSecrets(getenv func(string) string, c Config) (s Secrets, missing []error) {
	read := func(name string) string {
		v, err := readSecret(getenv, name)
		if err != nil {
			missing = append(missing, err)
		}
		return v
	}
	s = Secrets{
		SlackBot: secret.New(read(EnvSlackBot)), SlackApp: secret.New(read(EnvSlackApp)),
		PagerDuty: secret.New(read(EnvPagerDuty)),
	}
	var err error
	if c.Hooked() {
		if s.Webhook, err = readWebhooks(getenv); err != nil {
			missing = append(missing, err)
		}
	}
	if s.History, err = ReadHistoryKey(getenv); err != nil {
		missing = append(missing, err)
	}
	return s, missing
}

// ReadWebhookSecrets reads those that sign webhooks through getenv, of which there
// has to be one.
func ReadWebhookSecrets(getenv func(string) string) ([]secret.Text, error) {
	all, err := readWebhooks(getenv)
	if err != nil {
		return nil, trouble(err, secretsHint)
	}
	return all, nil
}

func readWebhooks(getenv func(string) string) (all []secret.Text, err error) {
	text, err := readSecret(getenv, EnvWebhook)
	if err != nil {
		return nil, err
	}
	for _, one := range strings.Split(text, ",") {
		if one = strings.TrimSpace(one); one == "" {
			return nil, fmt.Errorf("%s: one of its secrets is empty", EnvWebhook)
		}
		all = append(all, secret.New(one))
	}
	return all, nil
}

// shortestKey is the least length of a history key: what can be guessed seals
// nothing.
const shortestKey = 16

// ReadHistoryKey reads the history key through getenv. None is none, and no
// error.
func ReadHistoryKey(getenv func(string) string) (HistoryKey, error) {
	if strings.TrimSpace(getenv(EnvHistory)) == "" && getenv(EnvHistory+"_FILE") == "" {
		return HistoryKey{}, nil
	}
	all, err := readSecret(getenv, EnvHistory)
	if err != nil {
		return HistoryKey{}, trouble(err, secretsHint)
	}
	key, old, two := strings.Cut(all, ",")
	key, old = strings.TrimSpace(key), strings.TrimSpace(old)
	if len(key) < shortestKey || two && len(old) < shortestKey || strings.Contains(old, ",") {
		return HistoryKey{}, trouble(fmt.Errorf("%s: a key has at least %d characters; a comma stands between the new and the old one", EnvHistory, shortestKey),
			"make one: openssl rand -hex 32")
	}
	return HistoryKey{Key: secret.New(key), Old: secret.New(old)}, nil
}

// Bytes is the key for the store; nil when there is none.
func (h HistoryKey) Bytes() []byte { return bytesOf(h.Key) }

// OldBytes is the one before it.
func (h HistoryKey) OldBytes() []byte { return bytesOf(h.Old) }

func bytesOf(t secret.Text) []byte {
	if t.Empty() {
		return nil
	}
	return []byte(t.Reveal())
}

func readSecret(getenv func(string) string, name string) (string, error) {
	if v := strings.TrimSpace(getenv(name)); v != "" {
		return v, nil
	}
	path := getenv(name + "_FILE")
	if path == "" {
		return "", fmt.Errorf("%s is not set", name)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("%s_FILE: %w", name, err)
	}
	if v := strings.TrimSpace(string(data)); v != "" {
		return v, nil
	}
	return "", fmt.Errorf("%s_FILE: %s is empty", name, path)
}

// check says what is missing. An empty webhook secret would let anybody sign.
func (s Secrets) check(hooked bool) error {
	var missing []error
	for _, one := range []struct {
		name  string
		value secret.Text
	}{{EnvSlackBot, s.SlackBot}, {EnvSlackApp, s.SlackApp}, {EnvPagerDuty, s.PagerDuty}} {
		if one.value.Empty() {
			missing = append(missing, fmt.Errorf("%s is not set", one.name))
		}
	}
	if hooked && len(s.Webhook) == 0 {
		missing = append(missing, fmt.Errorf("%s is not set", EnvWebhook))
	}
	for _, one := range s.Webhook {
		if one.Empty() {
			missing = append(missing, fmt.Errorf("%s: one of its secrets is empty", EnvWebhook))
		}
	}
	if len(missing) > 0 {
		return trouble(errors.Join(missing...), secretsHint)
	}
	return nil
}

const secretsHint = "set the variables, or NAME_FILE to a file that holds the value; the README says where each token comes from"

// Masker knows the secrets.
func (s Secrets) Masker() *secret.Masker {
	m := &secret.Masker{}
	s.mask(m)
	return m
}

// mask makes the secrets known to a masker.
func (s Secrets) mask(m *secret.Masker) {
	m.Add(s.SlackBot.Reveal(), s.SlackApp.Reveal(), s.PagerDuty.Reveal())
	for _, w := range s.Webhook {
		m.Add(w.Reveal())
	}
	for _, k := range []secret.Text{s.History.Key, s.History.Old} {
		if !k.Empty() {
			m.Add(k.Reveal())
		}
	}
}

// EnvironmentMask knows the tokens that the environment holds, for commands that
// need none of them and yet may be started beside the bot's own.
func EnvironmentMask(getenv func(string) string) *secret.Masker {
	m := &secret.Masker{}
	for _, name := range []string{EnvSlackBot, EnvSlackApp, EnvPagerDuty, EnvWebhook, EnvHistory} {
		if v, err := readSecret(getenv, name); err == nil {
			m.Add(strings.Split(v, ",")...)
		}
	}
	return m
}
