package slack

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	simslack "amsbot/bot/sim/slack"
	"amsbot/scenarios/secret"
)

func TestCheckSaysWhoWeAre(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		me, err := w.ours.Check(w.Context())
		want := Identity{Team: "Pretend", TeamID: "T0PRETEND1", User: "U0AMSBOT01", BotID: "B0AMSBOT01", URL: me.URL}
		if err != nil || me != want || !address(me.URL) {
			t.Errorf("%+v, %v", me, err)
		}
	})
}

// A token in the wrong place is seen before anybody is called.
func TestCheckOfTokensInTheWrongPlace(t *testing.T) {
	for _, c := range []struct{ bot, app, text, hint string }{
		{"", "xapp-1", "there is no bot token", "SLACK_BOT_TOKEN"},
		{"xoxb-1", "", "there is no app token", "SLACK_APP_TOKEN"},
		{"xapp-1", "xapp-1", "the bot token is an app token", "SLACK_BOT_TOKEN"},
		{"xoxb-1", "xoxb-1", "the app token is a bot token", "SLACK_APP_TOKEN"},
		{"xapp-1", "xoxb-1", "swapped", "SLACK_APP_TOKEN"},
		{"xoxp-1", "xapp-1", "does not begin with xoxb-", "SLACK_BOT_TOKEN"},
		{"xoxb-1", "hunter2", "does not begin with xapp-", "SLACK_APP_TOKEN"},
	} {
		w := New(Options{BotToken: secret.New(c.bot), AppToken: secret.New(c.app), APIURL: "http://127.0.0.1:1"})
		_, err := w.Check(t.Context())
		p, ok := errors.AsType[*Problem](err)
		if !ok || !strings.Contains(p.Error(), c.text) || !strings.Contains(p.Hint(), c.hint) {
			t.Errorf("%q and %q: %v", c.bot, c.app, err)
		}
		if err != nil && strings.Contains(err.Error()+p.Hint(), "hunter2") {
			t.Error("a token is in the error")
		}
	}
}

func TestCheckOfTokensThatSlackRefuses(t *testing.T) {
	for method, codes := range map[string][]string{
		"auth.test":             {"invalid_auth", "account_inactive", "token_revoked"},
		"apps.connections.open": {"invalid_auth", "not_allowed_token_type", "missing_scope", "link_disabled"},
	} {
		for _, code := range codes {
			in(t, simslack.Options{}, func(w *world) {
				w.sim.Fault(simslack.Fault{Method: method, Error: code})
				_, err := w.ours.Check(w.Context())
				p, ok := errors.AsType[*Problem](err)
				if !ok || !strings.Contains(p.Error(), code) || p.Hint() == "" {
					t.Errorf("%s %s: %v", method, code, err)
				}
			})
		}
	}
	in(t, simslack.Options{}, func(w *world) {
		w.sim.Fault(simslack.Fault{Method: "auth.test", Hang: true})
		if _, err := w.ours.Check(w.Context()); err == nil {
			t.Error("a Slack that does not answer is good")
		}
	})
}

func TestOptionsPrintNoToken(t *testing.T) {
	o := Options{BotToken: secret.New("xoxb-hunter2"), AppToken: secret.New("xapp-hunter2")}
	for _, f := range []string{"%v", "%+v", "%#v", "%s"} {
		if s := fmt.Sprintf(f, o); strings.Contains(s, "hunter2") {
			t.Errorf("%s prints %s", f, s)
		}
	}
}
