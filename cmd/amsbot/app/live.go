package app

import (
	"context"
	"errors"
	"sync"
	"time"

	"amsbot/bot/admin"
	"amsbot/store"
)

const (
	// deliverFor is how long the outbox may still deliver when amsbot stops and
	// nothing is written any more: what the last step came to, say.
	deliverFor = 3 * time.Second
	// hurryFor is how long the parts have when they are told to stop at once.
	hurryFor = time.Second
)

// ErrHurried is what Run ends with when it was told to Hurry.
var ErrHurried = errors.New("stopped at once; what was interrupted is found at the next start")

// Hurry ends a Run that is stopping, or has still to be stopped, at once: running
// programs are killed, and nothing is waited for. It may be called at any time and
// more than once.
func (a *App) Hurry() { a.hurryOnce.Do(func() { close(a.hurried) }) }

// live lets the parts run until ctx ends or one of them does. They are stopped in
// the order in which they need each other: first what takes in, and the conductor,
// whose steps may end; then what delivers; at last the doors, which say meanwhile
// that nothing is taken in any more.
func (a *App) live(ctx context.Context, db *store.DB, p *parts, serve func(context.Context) error) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	work := newStage(ctx, fail)
	leave := newStage(context.WithoutCancel(ctx), fail)
	doors := newStage(context.WithoutCancel(ctx), fail)
	if p.webhook != nil {
		defer context.AfterFunc(ctx, p.webhook.Close)()
	}

	doors.start(serve)
	if !a.net.NoSocket {
		doors.start(func(ctx context.Context) error { return admin.Serve(ctx, a.config.Database, &source{app: a, db: db}) })
	}
	leave.start(p.leaves)
	for _, run := range p.works {
		work.start(run)
	}
	work.start(func(ctx context.Context) error { return a.watch(ctx, p) })

	select {
	case <-ctx.Done():
	case <-a.hurried:
	}
	fail(context.Canceled)
	a.log.Info("amsbot stops: nothing is taken in any more, and what runs may end")
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		work.stop()
		a.delivered(leave.ctx, db)
		leave.stop()
		doors.stop()
	}()
	select {
	case <-stopped:
	case <-a.hurried:
		p.bot.Hurry()
		leave.end()
		doors.end()
		select {
		case <-stopped:
		case <-time.After(hurryFor):
		}
		return ErrHurried
	}
	return ended(context.Cause(ctx))
}

// ended is what Run ends with for this reason. A database that turns out to be
// damaged only now is told with what to do about it, as at a start.
func ended(why error) error {
	switch {
	case errors.Is(why, context.Canceled):
		return nil
	case errors.Is(why, store.ErrDamaged):
		return storeTrouble(why)
	}
	return why
}

// delivered waits until nothing is left that can be delivered now, for deliverFor at
// most.
func (a *App) delivered(ctx context.Context, db *store.DB) {
	ctx, cancel := context.WithTimeout(ctx, deliverFor)
	defer cancel()
	for ctx.Err() == nil {
		acts, err := db.Acts(ctx)
		views, also := db.Views(ctx)
		if err != nil || also != nil {
			return
		}
		left := len(acts) + len(views)
		for _, n := range a.health.downs(ctx) { // what waits for them would wait in vain
			left -= n.Views + n.Acts
		}
		if left <= 0 {
			return
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// stage is some parts that are stopped together.
type stage struct {
	ctx  context.Context
	end  context.CancelFunc
	fail context.CancelCauseFunc
	runs sync.WaitGroup
}

func newStage(ctx context.Context, fail context.CancelCauseFunc) *stage {
	s := &stage{fail: fail}
	s.ctx, s.end = context.WithCancel(ctx)
	return s
}

// start runs a part; where it ends with an error, all do.
func (s *stage) start(run func(context.Context) error) {
	s.runs.Go(func() {
		if err := run(s.ctx); err != nil && !errors.Is(err, context.Canceled) {
			s.fail(err)
		}
	})
}

// stop ends the parts and returns when they have.
func (s *stage) stop() {
	s.end()
	s.runs.Wait()
}
