package bench

import (
	"context"
	"errors"
	"sync"
	"time"

	"amsbot/store"
)

// settle is how long amsbot is left alone before it is weighed.
func (b *bench) settle() time.Duration { return time.Duration(b.pick(3000, 300)) * time.Millisecond }

// nameMost is how long after a storm is waited for the last to be named.
const nameMost = 30 * time.Second

// storm lets many incidents begin on one service, and so in one channel. All of
// them are ill and wait for a person, as the worst storms do.
func (b *bench) storm(ctx context.Context) (p Part, err error) {
	w, err := newWorld(b.Dir)
	if err != nil {
		return p, err
	}
	defer func() { _ = w.stop() }()
	bot, err := b.amsbot(ctx, w)
	if err != nil {
		return p, err
	}
	defer bot.kill()
	time.Sleep(b.settle())
	idle, weighed := weigh(bot.cmd.Process.Pid)
	stop := heaviest(bot.cmd.Process.Pid)
	sent := b.rage(ctx, w, bot.address)
	w.awaitNames(ctx, sent, nameMost)
	time.Sleep(b.settle())
	peak := stop()
	_, refused := answered(sent)
	b.stormRows(w, &p, sent)
	if weighed == nil {
		p.add(row("memory, idle", Megabytes, inMega(idle.anon)).most(25), row("memory, most in the storm", Megabytes, inMega(peak)).most(64))
	} else {
		p.note("Memory is not measured here: %v.", weighed)
	}
	took, err := bot.stop()
	p.add(millis("stop in order, from SIGTERM", took))
	if err = errors.Join(refused, err); err != nil {
		return p, err
	}
	if err := b.stormKept(ctx, w, &p, sent); err != nil {
		return p, err
	}
	return p, b.leaks(ctx, &p)
}

func inMega(bytes int64) float64 { return float64(bytes) / 1e6 }

// rage sends the webhooks of the storm, evenly, whether they are answered or not.
func (b *bench) rage(ctx context.Context, w *world, address string) []sending {
	sent := make([]sending, b.Storm)
	var all sync.WaitGroup
	start := time.Now()
	for i := range sent {
		at := start.Add(b.Within * time.Duration(i) / time.Duration(b.Storm))
		select {
		case <-time.After(time.Until(at)):
		case <-ctx.Done():
			sent[i].err = ctx.Err()
			continue
		}
		h, err := w.raiseOn(ctx, 0, "ill", i)
		if err != nil {
			sent[i].err = err
			continue
		}
		all.Go(func() { sent[i] = w.send(ctx, address, h) })
	}
	all.Wait()
	return sent
}

// awaitNames waits until all that was sent is named, at most so long.
func (w *world) awaitNames(ctx context.Context, sent []sending, most time.Duration) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(most); time.Now().Before(end); {
		if named, _ := w.arrivals.since(sent); len(named) == len(sent) {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (b *bench) stormRows(w *world, p *Part, sent []sending) {
	named, _ := w.arrivals.since(sent)
	late := percentile(named, 95)
	p.add(
		row("incidents", Count, float64(len(sent))),
		row("  named in Slack", Count, float64(len(named))).exactly(float64(len(sent))),
		millis("webhook to being named, p50", percentile(named, 50)),
		millis("webhook to being named, p95", late).most(5000),
		millis("webhook to being named, p100", percentile(named, 100)),
	)
	a := w.arrivals
	a.mu.Lock()
	defer a.mu.Unlock()
	all := 0
	for _, n := range a.writes {
		all += n
	}
	p.add(
		row("Slack writes", Count, float64(all)).most(200),
		row("  posts", Count, float64(a.writes["chat.postMessage"])),
		row("  edits", Count, float64(a.writes["chat.update"])),
		row("cards posted", Count, float64(len(a.cards))),
		row("answers of 429", Count, float64(a.limits)).exactly(0),
	)
	p.note("%d incidents in %s, on one service; the writes are those until %s after the last was named, or %s after the storm where not all are.",
		len(sent), b.Within, b.settle(), nameMost+b.settle())
}

// stormKept looks into the history that the storm left.
func (b *bench) stormKept(ctx context.Context, w *world, p *Part, sent []sending) error {
	db, err := store.Open(w.database(), store.Options{ReadOnly: true, LockWait: 5 * time.Second})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	drawn, lost := 0, 0
	for _, s := range sent {
		events, err := db.Events(ctx, "pd:shop:"+s.hook.incident)
		if errors.Is(err, store.ErrNoIncident) {
			lost++
			continue
		}
		if err != nil {
			return err
		}
		drawn += commits(events)
	}
	w.arrivals.mu.Lock()
	shown := len(w.arrivals.cards) + w.arrivals.writes["chat.update"]
	w.arrivals.mu.Unlock()
	p.add(
		row("accepted and not in the history", Count, float64(lost)).exactly(0),
		row("card changes merged away", Count, float64(max(drawn-shown, 0))),
	)
	p.note("Each of the %d commits of an incident asks for its card to be drawn; %d cards were posted or edited.", drawn, shown)
	return nil
}

// commits is in how many commits events were written: those of one share a time.
func commits(events []store.Event) int {
	n := 0
	for i, e := range events {
		if i == 0 || !e.At.Equal(events[i-1].At) {
			n++
		}
	}
	return n
}
