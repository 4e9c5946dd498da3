package bot

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
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
	b.redrawHomes()
	return b.wakeStorms(ctx)
}

// wakeDue takes up what is due and says when the next will be.
func (b *Bot) wakeDue(ctx context.Context) (time.Time, error) {
	keys, next, err := b.DB.Due(ctx, time.Now())
	for _, k := range keys {
		b.kick(k)
	}
	return next, err
}

// lookEvery is how long nobody asks the clock what is due. A timer stands still while
// the machine is suspended, and knows nothing of a clock that is set forward: what was
// due meanwhile would be late by as much.
const lookEvery = time.Minute

// untilDue is how long nothing is looked for that is due then.
func untilDue(next, now time.Time) time.Duration {
	return min(next.Sub(now.Round(0)), lookEvery)
}

// kick moves an incident on, in its own lane. Kicks while the lane is busy are
// merged into one more turn.
func (b *Bot) kick(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l := b.lanes[key]; l != nil {
		l.again = true
	} else if b.begin(func(ctx context.Context) { b.drive(ctx, key) }) {
		b.lanes[key] = &lane{}
	}
}

// restFor is how long an incident rests that could not be moved on.
const restFor = 5 * time.Second

// kickLater kicks an incident after a rest: what could not be written now (a
// full disk, say) may be written then, and nothing else would take it up again.
func (b *Bot) kickLater(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.resting[key] || !b.alive {
		return
	}
	b.resting[key] = true
	time.AfterFunc(restFor, func() {
		b.mu.Lock()
		delete(b.resting, key)
		b.mu.Unlock()
		b.kick(key)
	})
}

// drive is one incident's lane.
func (b *Bot) drive(ctx context.Context, key string) {
	for {
		if err := unpanicked(func() error { return b.advance(ctx, key) }); err != nil && ctx.Err() == nil {
			b.Log.Error("bot: move an incident on", "incident", key, "err", err)
			b.kickLater(key)
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

// unpanicked makes an error of a panic: what one incident does to us must not
// take the others down, and with them itself after every restart.
func unpanicked(work func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("bot: panic: %v\n%s", p, debug.Stack())
		}
	}()
	return work()
}

// advance does what next says until there is nothing more to do now.
func (b *Bot) advance(ctx context.Context, key string) error {
	switch {
	case key == botStream:
		return b.endWindows(ctx)
	case !IsIncident(key):
		return b.advanceStorm(ctx, key)
	}
	select { // a restart with thousands of incidents thinks of some of them at a time
	case b.turns <- struct{}{}:
		defer func() { <-b.turns }()
	case <-b.until.Done():
		return nil
	}
	for {
		in, err := b.load(ctx, key)
		if err != nil {
			return err
		}
		sc, err := b.scenario(ctx, in)
		if err != nil {
			return err
		}
		t := next(in, sc, b.DB.Clock(key, in.last))
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

// scenario is the version that an incident is pinned to, loaded from its kept
// bytes where it is not among today's; nil before the match, and where this
// amsbot cannot load it. An error means that the bytes could not be read now.
func (b *Bot) scenario(ctx context.Context, in *incident) (*scenarios.Scenario, error) {
	if in.match == nil {
		return nil, nil
	}
	if sc, known := b.pinnedNow(in.match.Version); known {
		return sc, nil
	}
	var sources []scenarios.Source
	for _, s := range in.match.Sources {
		data, err := b.DB.Blob(ctx, s.Hash)
		if err != nil && !errors.Is(err, store.ErrNoBlob) {
			return nil, fmt.Errorf("bot: load scenario %s: %w", in.match.Scenario, err)
		}
		sources = append(sources, scenarios.Source{Name: s.Name, Data: data})
	}
	sc, err := scenarios.Pin(sources, b.Load)
	if err != nil {
		b.Log.Error("bot: load a pinned scenario", "incident", in.key, "scenario", in.match.Scenario, "err", err)
		sc = nil
	}
	b.pinNow(in.match.Version, sc)
	return sc, nil
}

// pin is a version of a scenario that is loaded.
type pin struct {
	sc   *scenarios.Scenario // nil: this amsbot cannot load it
	used time.Time
}

// pinNow remembers what a version is; nil: this amsbot cannot load it.
func (b *Bot) pinNow(version string, sc *scenarios.Scenario) {
	b.mu.Lock()
	b.pinned[version] = pin{sc: sc, used: time.Now()}
	b.mu.Unlock()
}

// pinnedNow is a version that is loaded.
func (b *Bot) pinnedNow(version string) (sc *scenarios.Scenario, known bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, known := b.pinned[version]
	if known {
		p.used = time.Now()
		b.pinned[version] = p
	}
	return p.sc, known
}

// known is scenario without reading: for use inside a commit.
func (b *Bot) known(in *incident) *scenarios.Scenario {
	if in.match == nil {
		return nil
	}
	sc, _ := b.pinnedNow(in.match.Version)
	return sc
}
