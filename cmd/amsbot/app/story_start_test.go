package app_test

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"amsbot/bot/sim/pagerduty"
	"amsbot/bot/sim/slack"
	"amsbot/cmd/amsbot/app"
	"amsbot/scenarios/secret"
)

// refusedStart starts amsbot, which has to refuse, and says why and what to do.
func (s *stage) refusedStart() (told, hint string) {
	s.Helper()
	s.stop()
	ctx, cancel := context.WithTimeout(s.ctx, time.Minute)
	defer cancel()
	a, err := app.New(s.config, s.secrets, s.network(), slog.New(slog.NewTextHandler(s.log, nil)))
	if err == nil {
		err = a.Run(ctx)
	}
	if err == nil || ctx.Err() != nil {
		s.Fatalf("amsbot started: %v", err)
	}
	return err.Error(), app.Hint(err)
}

// Whoever runs amsbot with what cannot work is told so at once, with what to do;
// tokens are not repeated.
func TestStartsThatCannotWork(t *testing.T) {
	for _, c := range []struct {
		name       string
		change     func(*stage)
		told, hint string
	}{
		{"a bot token for the app token", func(s *stage) { s.secrets.SlackApp = s.secrets.SlackBot },
			"the app token is a bot token (it begins with xoxb-)", "SLACK_APP_TOKEN is the App-Level Token (xapp-…"},
		{"an app token for the bot token", func(s *stage) { s.secrets.SlackBot = s.secrets.SlackApp },
			"the bot token is an app token (it begins with xapp-)", "SLACK_BOT_TOKEN is the Bot User OAuth Token (xoxb-…"},
		{"both swapped", func(s *stage) { s.secrets.SlackBot, s.secrets.SlackApp = s.secrets.SlackApp, s.secrets.SlackBot },
			"are swapped", "SLACK_BOT_TOKEN"},
		{"another bot's token", func(s *stage) { s.secrets.SlackBot = secret.New("xoxb-another-one") }, "invalid_auth", "install the app"},
		{"another app's token", func(s *stage) { s.secrets.SlackApp = secret.New("xapp-another-one") }, "invalid_auth", "install the app"},
		{"no token at all", func(s *stage) { s.secrets.SlackBot = secret.New("password") }, "does not begin with xoxb-", "SLACK_BOT_TOKEN"},
		{"a wrong PagerDuty token", func(s *stage) { s.secrets.PagerDuty = secret.New("another-token") }, "pagerduty: check token", "PAGERDUTY_TOKEN"},
		{"no such PagerDuty user", func(s *stage) { s.config.PagerDuty.User = "PNOBODY" }, "PNOBODY", "pagerduty.user"},
		{"another's address", func(s *stage) { s.config.PagerDuty.From = "ben@shop.example" }, "login address is not ben@shop.example", "pagerduty.from"},
		{"another service at the address", func(s *stage) { s.config.PagerDuty.APIURL = "http://sim.example/slack" }, "pagerduty", "pagerduty.api_url"},
		{"nobody is given Run Recovery", func(s *stage) { s.config.Permissions.Run = nil }, "nobody is given Run Recovery", "`everyone` has to be said"},
		{"the address is taken", func(s *stage) { s.config.Listen = "sim.example:80" }, "address already in use", "under listen"},
	} {
		t.Run(c.name, func(t *testing.T) {
			story(t, one(web()), func(s *stage) {
				c.change(s)
				told, hint := s.refusedStart()
				if !strings.Contains(told, c.told) || !strings.Contains(hint, c.hint) {
					t.Errorf("told %q\nhint %q\nwant %q\nhint %q", told, hint, c.told, c.hint)
				}
				for _, token := range []string{"another-one", "another-token", "password", "pretend-"} {
					if strings.Contains(told+hint+s.log.String(), token) {
						t.Errorf("repeats %s: %s\n%s", token, told, hint)
					}
				}
			})
		})
	}
}

// Both neighbours have something against us: both are told.
func TestBothNeighboursRefuse(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.secrets.SlackApp, s.config.PagerDuty.User = s.secrets.SlackBot, "PNOBODY"
		told, hint := s.refusedStart()
		if !strings.Contains(told, "slack: ") || !strings.Contains(told, "\npagerduty: ") || !strings.Contains(hint, "SLACK_APP_TOKEN") || !strings.Contains(hint, "pagerduty.user") {
			t.Errorf("%s\nhint: %s", told, hint)
		}
	})
}

// A neighbour that is away at the start is no reason not to start: what can be
// done is done, the rest when it comes back.
func TestStartWithoutSlack(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.stop()
		lift := s.sim.Slack.Fault(slack.Fault{Method: "*", Status: 503, Times: -1})
		s.ail("errors")
		s.begin()
		s.raise("Health check of web-1 failed", nil)
		s.until("it is resolved", func() bool { status, _ := s.status(); return status == "resolved" })
		s.recoveries(1)
		if !strings.Contains(s.log.String(), `neighbour=slack`) {
			t.Errorf("the log does not say that Slack is away:\n%s", s.log)
		}
		lift()
		s.says("Recovered by amsbot")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
	}, unhurried)
}

func TestStartWithoutPagerDuty(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.stop()
		away := s.sim.PagerDuty.Fault(pagerduty.Fault{Kind: pagerduty.FaultStatus, Status: 503})
		s.begin()
		s.until("amsbot is connected", func() bool { return s.sim.Slack.Connections() == 2 })
		s.ams(ben, "list")
		s.sim.PagerDuty.Heal(away)
		s.down()
		s.says("Recovered by amsbot")
		s.settle()
		if !strings.Contains(s.log.String(), `neighbour=pagerduty`) {
			t.Errorf("the log does not say that PagerDuty is away:\n%s", s.log)
		}
		s.slack(`
			only ben: No incident is open. / amsbot has not been able to read PagerDuty since <!date^946684805^{time}|00:00 UTC>: what stands here may be older.
			card: #1 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.recoveries(1)
	}, unhurried)
}

// begin starts amsbot and does not wait for anybody.
func (s *stage) begin() {
	s.Helper()
	ctx, cancel := context.WithCancel(s.ctx)
	a, err := app.New(s.config, s.secrets, s.network(), slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelWarn})))
	s.must(err)
	over := make(chan error, 1)
	go func() { over <- a.Run(ctx) }()
	s.stopBot = func() {
		cancel()
		if err := <-over; err != nil {
			s.Errorf("amsbot ended: %v", err)
		}
	}
}

// Scenarios with mistakes: all are listed with their places, and nothing at all
// starts; the database is not even made.
func TestNothingStartsWithMistakes(t *testing.T) {
	good := web()
	for _, c := range []struct {
		name  string
		files map[string]string
		told  []string
	}{
		{"no folder", nil, []string{"there is no such folder"}},
		{"an empty folder", map[string]string{"README": "nothing"}, []string{"no scenario"}},
		{"a mistake", map[string]string{"project.yaml": project, "web.yaml": strings.Replace(good, "autonomy: ask", "autonomy: always", 1)},
			[]string{"web.yaml:2:", "always"}},
		{"several, in several files", map[string]string{"project.yaml": strings.Replace(project, "channel:", "chanel:", 1),
			"web.yaml": strings.NewReplacer("autonomy: ask", "autonomy: always", "check:", "chekc:").Replace(good), "db.yaml": "name: [\n"},
			[]string{"project.yaml:4:", "chanel", "channel", "web.yaml:2:", "chekc", "check", "db.yaml:"}},
		{"a secret in it", map[string]string{"project.yaml": project, "web.yaml": good + "secrets: {token: hunter2}\n"}, []string{"a secret never stands in YAML"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "scenarios")
			for name, text := range c.files {
				path := filepath.Join(dir, "shop", name)
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
					t.Fatal(err)
				}
			}
			config := app.DemoConfig()
			config.Scenarios, config.Database = dir, filepath.Join(t.TempDir(), "amsbot.db")
			s := app.Secrets{SlackBot: secret.New("xoxb-1"), SlackApp: secret.New("xapp-1"), PagerDuty: secret.New("t"), Webhook: []secret.Text{secret.New("h")}}
			_, err := app.New(config, s, app.Network{}, quietLog())
			if err == nil {
				t.Fatal("it starts")
			}
			for _, want := range c.told {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("does not say %s:\n%v", want, err)
				}
			}
			if app.Hint(err) == "" || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("hint %q of %v", app.Hint(err), err)
			}
			if _, err := os.Stat(config.Database); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the database: %v", err)
			}
		})
	}
}
