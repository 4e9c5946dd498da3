package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"amsbot/store"
)

// homesEvery is how often the Home tabs that people look at are drawn anew at
// most. In a storm something changes many times a second, and each of a hundred
// people would have their Home written down as wanted each time.
const homesEvery = 5 * time.Second

// refreshing is when Home tabs are drawn anew.
type refreshing struct {
	due  bool
	last time.Time
	read *homesRead
}

// homesRead is what all Home tabs are drawn from: the incidents of all projects.
type homesRead struct {
	began             time.Time
	open, day         []ListLine // what is open, and what came in the last 24 hours
	openKeys, dayKeys []string
}

// homesKept is how long one reading serves all who look: a hundred people open
// Home when a storm begins.
const homesKept = 2 * time.Second

// readHomes reads what Home tabs are drawn from, once for all that are drawn in one
// moment. What was read before the tabs were last wanted serves none.
func (b *Bot) readHomes(ctx context.Context) (*homesRead, error) {
	b.homesReading.Lock()
	defer b.homesReading.Unlock()
	b.mu.Lock()
	kept, last := b.homes.read, b.homes.last
	b.mu.Unlock()
	r := &homesRead{began: time.Now()}
	if kept != nil && kept.began.After(last) && r.began.Sub(kept.began) < homesKept {
		return kept, nil
	}
	open := true
	var err error
	if r.open, r.openKeys, err = b.summaries(ctx, store.Filter{Open: &open}); err != nil {
		return nil, fmt.Errorf("bot: read for Home: %w", err)
	}
	if r.day, r.dayKeys, err = b.summaries(ctx, store.Filter{Since: r.began.Add(-24 * time.Hour), Limit: statsMost}); err != nil {
		return nil, fmt.Errorf("bot: read for Home: %w", err)
	}
	b.mu.Lock()
	b.homes.read = r
	b.mu.Unlock()
	return r, nil
}

// redrawHomes has the Home tabs drawn anew that somebody looked at lately: at
// once, or once homesEvery has passed since the last time. What a crash loses of it
// is made up for at the next start, when all of them are.
func (b *Bot) redrawHomes() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.homes.due || !b.alive || b.life == nil {
		return
	}
	b.homes.due = true
	time.AfterFunc(max(0, homesEvery-time.Since(b.homes.last)), func() {
		if !b.start(b.wantHomes) {
			b.mu.Lock()
			b.homes.due = false
			b.mu.Unlock()
		}
	})
}

// wantHomes is redrawHomes when its time has come.
func (b *Bot) wantHomes(ctx context.Context) {
	b.mu.Lock()
	b.homes.due, b.homes.last, b.homes.read = false, time.Now(), nil // what changes from here on is seen the next time
	b.mu.Unlock()
	_, err := b.DB.Commit(ctx, botStream, func(v *store.View) (store.Change, error) {
		return store.Change{Views: homes(v), Guards: leftHomes(v)}, nil
	})
	if err != nil && ctx.Err() == nil {
		b.Log.Warn("bot: have Home drawn anew", "err", err)
		b.redrawHomes()
	}
}

// homes are the Home tabs that somebody looked at lately.
func homes(v ledger) []string {
	var keys []string
	for key, at := range looked(v) {
		if v.Now().Sub(at) < homeFresh {
			keys = append(keys, key)
		}
	}
	return keys
}

// leftHomes forgets those that nobody looked at for long.
func leftHomes(v ledger) map[string]any {
	var out map[string]any
	for key, at := range looked(v) {
		if v.Now().Sub(at) >= homeFresh {
			if out == nil {
				out = map[string]any{}
			}
			out[key] = nil
		}
	}
	return out
}

// looked is when somebody opened each Home tab.
func looked(v ledger) map[string]time.Time {
	all, err := v.Guards(homeGuard)
	if err != nil {
		return nil
	}
	out := map[string]time.Time{}
	for key, raw := range all {
		var at time.Time
		if json.Unmarshal(raw, &at) == nil {
			out[key] = at
		}
	}
	return out
}
