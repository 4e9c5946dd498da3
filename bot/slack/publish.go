package slack

import (
	"context"
	"sync"
	"time"

	"amsbot/bot"
	"amsbot/bot/outbox"

	"github.com/slack-go/slack"
)

// shownHomes are the Home tabs as they stand. One is published when somebody opens
// it and when something changes, from two sides at once: what was drawn earlier
// never takes the place of what was drawn later.
type shownHomes struct {
	mu  sync.Mutex
	all map[string]*shownHome
}

type shownHome struct {
	mu sync.Mutex
	at time.Time // since when what stands there was read
}

func (s *shownHomes) of(user string) *shownHome {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[string]*shownHome{}
	}
	if s.all[user] == nil {
		s.all[user] = &shownHome{}
	}
	return s.all[user]
}

// publish puts a Home tab before a person, unless a later one stands there.
func (w *Workspace) publish(ctx context.Context, user string, h bot.Home) error {
	stands := w.homes.of(user)
	stands.mu.Lock()
	defer stands.mu.Unlock()
	if h.Updated.Before(stands.at) {
		return nil
	}
	_, err := w.api.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: user, View: HomeView(h, w.archive(ctx))})
	if err == nil {
		stands.at = h.Updated
	}
	return err
}

// home draws the Home tab of whoever opened it. Where Slack has no room for it now,
// because many open theirs, it is drawn in its turn; what Slack refuses it would
// refuse then, too.
func (r *Reader) home(ctx context.Context, to asker) {
	h, err := r.doors.Home(ctx, to.user)
	if err == nil {
		err = r.w.publish(ctx, to.user, h)
		if err != nil && classify(err).state != outbox.Refused && r.doors.RefreshHome(ctx, to.user) == nil {
			r.w.log.Debug("slack: Home is drawn later", "user", to.user, "error", terse(err))
			return
		}
	}
	if err != nil {
		r.w.log.Warn("slack: could not draw Home", "user", to.user, "error", terse(err))
		r.tell(ctx, asker{user: to.user}, escape(r.w.words.Say("slack.home.unshown")), false)
	}
}
