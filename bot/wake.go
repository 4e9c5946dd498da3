package bot

import (
	"context"
	"time"

	"amsbot/scenarios"
	"amsbot/store"
)

// Wake is the door of time and of restarts: it takes up every incident that is
// not over. Run calls it once; calling it again is harmless.
func (b *Bot) Wake(ctx context.Context) error {
	open := true
	records, err := b.DB.Incidents(ctx, store.Filter{Open: &open})
	if err != nil {
		return err
	}
	for _, r := range records {
		b.kick(r.Key)
	}
	return nil
}

// wakeDue takes up what is due and says when the next will be.
func (b *Bot) wakeDue(ctx context.Context) (time.Time, error) {
	keys, next, err := b.DB.Due(ctx, time.Now())
	for _, k := range keys {
		b.kick(k)
	}
	return next, err
}

// kick moves an incident on, in its own lane. Kicks while the lane is busy are
// merged into one more turn.
func (b *Bot) kick(key string) {
	b.mu.Lock()
	if l := b.lanes[key]; l != nil {
		l.again = true
		b.mu.Unlock()
		return
	}
	b.lanes[key] = &lane{}
	b.mu.Unlock()
	if !b.start(func(ctx context.Context) { b.drive(ctx, key) }) {
		b.mu.Lock()
		delete(b.lanes, key)
		b.mu.Unlock()
	}
}

// drive is one incident's lane.
func (b *Bot) drive(ctx context.Context, key string) {
	for {
		if err := b.advance(ctx, key); err != nil && ctx.Err() == nil {
			b.Log.Error("bot: move an incident on", "incident", key, "err", err)
		}
		b.mu.Lock()
		l := b.lanes[key]
		if !l.again || !b.alive {
			delete(b.lanes, key)
			b.mu.Unlock()
			return
		}
		l.again = false
		b.mu.Unlock()
	}
}

// advance does what next says until there is nothing more to do now.
func (b *Bot) advance(ctx context.Context, key string) error {
	for {
		in, err := b.load(ctx, key)
		if err != nil {
			return err
		}
		t := next(in, b.scenario(ctx, in), time.Now().UTC())
		if t.read {
			b.startRead(key, in)
		}
		moved, err := b.move(ctx, in, t)
		if err != nil || !moved {
			return err
		}
		if !b.running() {
			return nil
		}
	}
}

func (b *Bot) running() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.alive
}

func (b *Bot) load(ctx context.Context, key string) (*incident, error) {
	events, err := b.DB.Events(ctx, key)
	if err != nil {
		return nil, err
	}
	return fold(key, b.DB.Epoch(), events), nil
}

// scenario is the version that an incident is pinned to, loaded from its kept
// bytes where it is not among today's; nil before the match, and where this
// amsbot cannot load it.
func (b *Bot) scenario(ctx context.Context, in *incident) *scenarios.Scenario {
	if in.match == nil {
		return nil
	}
	b.mu.Lock()
	sc, known := b.pinned[in.match.Version]
	b.mu.Unlock()
	if known {
		return sc
	}
	sc, err := b.pin(ctx, in.match)
	if err != nil {
		b.Log.Error("bot: load a pinned scenario", "incident", in.key, "scenario", in.match.Scenario, "err", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pinned[in.match.Version] = sc
	return sc
}

func (b *Bot) pin(ctx context.Context, m *matched) (*scenarios.Scenario, error) {
	var sources []scenarios.Source
	for _, s := range m.Sources {
		data, err := b.DB.Blob(ctx, s.Hash)
		if err != nil {
			return nil, err
		}
		sources = append(sources, scenarios.Source{Name: s.Name, Data: data})
	}
	return scenarios.Pin(sources, b.Load)
}

// known is scenario without reading: for use inside a commit.
func (b *Bot) known(in *incident) *scenarios.Scenario {
	if in.match == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.pinned[in.match.Version]
}
