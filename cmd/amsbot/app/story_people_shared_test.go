package app_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"amsbot/bot/sim"
	"amsbot/cmd/amsbot/app"
)

// sharedRoom shares the channel with another organisation.
func sharedRoom(o *sim.Options, _ *app.Config) {
	for i := range o.Slack.Channels {
		o.Slack.Channels[i].Shared = o.Slack.Channels[i].Shared || o.Slack.Channels[i].ID == room
	}
}

// Others read along in the channel, and nobody has said that this is meant:
// amsbot does not start.
func TestSharedChannelIsRefused(t *testing.T) {
	story(t, one(webDown("ask")), func(s *stage) {
		s.stop()
		sharedStart(s, "is shared with other organisations", "shared: true")
	})
	story(t, map[string]string{"web.yaml": webDown("ask"), "project.yaml": project + "shared: true\n"}, func(s *stage) {
		s.raise("Health check of web-1 failed", nil)
		s.says("No fault found")
		s.settle()
	}, sharedRoom)
}

// sharedStart starts amsbot once more, in a channel that is shared by now.
func sharedStart(s *stage, text, hint string) {
	s.Helper()
	s.sim.Slack.Share(room)
	a, err := app.New(s.config, s.secrets, s.network(), slog.New(slog.NewTextHandler(s.log, nil)))
	if err != nil {
		s.Fatal(err)
	}
	err = a.Run(context.WithoutCancel(s.ctx))
	if err == nil || !strings.Contains(err.Error(), text) || !strings.Contains(app.Hint(err), hint) {
		s.Errorf("it ended with %v, hint %q", err, app.Hint(err))
	}
}
