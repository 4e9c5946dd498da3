package app

import (
	"context"
	"errors"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"amsbot/bot"
	"amsbot/bot/admin"
	"amsbot/bot/outbox"
	"amsbot/bot/pagerduty"
	"amsbot/bot/words"
	"amsbot/store"
)

// health is how the parts are, for `amsbot healthcheck`.
type health struct {
	mu    sync.Mutex
	since time.Time
	wrong map[string]error
	downs func(context.Context) []outbox.Neighbour // nil before the outbox is there
	heard func() pagerduty.Heard                   // nil where no webhook is expected
}

func newHealth() *health { return &health{since: time.Now(), wrong: map[string]error{}} }

func (h *health) set(part string, err error) {
	h.mu.Lock()
	h.wrong[part] = err
	h.mu.Unlock()
}

// report says how everything is. Only the database decides whether amsbot is
// well: neighbours that are away come back, and scenarios that are refused are
// no reason to start anew with them.
func (h *health) report(ctx context.Context, db *store.DB, w words.Catalogue) admin.Health {
	down := h.away(ctx, w)
	h.mu.Lock()
	defer h.mu.Unlock()
	err, history := db.Ready(), h.wrong["history"]
	if history == nil {
		history = db.Damage()
	}
	out := admin.Health{OK: err == nil, Version: Version(), PID: os.Getpid(), Since: h.since, Parts: []admin.Part{part("database", err)}}
	if h.heard != nil {
		out.Heard = admin.Heard(h.heard())
	}
	for _, name := range []string{"slack", "pagerduty", "webhook", "scenarios"} {
		out.Parts = append(out.Parts, part(name, errors.Join(down[name], h.wrong[name])))
	}
	out.Parts = append(out.Parts, part("history", history))
	return out
}

// away says of each neighbour that does not answer what waits for it.
func (h *health) away(ctx context.Context, w words.Catalogue) map[string]error {
	if h.downs == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	all := map[string]error{}
	for _, n := range h.downs(ctx) {
		all[n.Name] = errors.New(bot.Down(n, n.Since.Format("15:04 MST"), w))
	}
	return all
}

// turns records it when a neighbour goes down or comes back.
func (a *App) turns(b *bot.Bot, turned <-chan struct{}) func(context.Context) error {
	return func(ctx context.Context) error {
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-turned:
				if err := b.Turned(ctx); err != nil && ctx.Err() == nil {
					a.log.Warn("nobody is told of a neighbour", "err", err)
				}
			}
		}
	}
}

// nudge signals, unless a signal waits already.
func nudge(to chan<- struct{}) {
	select {
	case to <- struct{}{}:
	default:
	}
}

func part(name string, err error) admin.Part {
	p := admin.Part{Name: name, OK: err == nil}
	if err != nil {
		p.Why = strings.TrimPrefix(err.Error(), name+": ")
	}
	return p
}

// Version is what this binary was built from.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
