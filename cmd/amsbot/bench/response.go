package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"time"

	"amsbot/cmd/amsbot/floor"
)

// resultMost is how long is waited for the results of incidents that came at
// once: PagerDuty allows 960 calls a minute, and each incident takes several.
const resultMost = 4 * time.Minute

// response measures how long a webhook takes to a card in Slack and to the
// first-response result, which is a note in PagerDuty.
func (b *bench) response(ctx context.Context) (p Part, err error) {
	if err := b.alone(ctx, &p); err != nil {
		return p, err
	}
	crowds := []int{50, 500}
	if b.Quick {
		crowds = []int{5}
	}
	for _, n := range crowds {
		if err := b.atOnce(ctx, &p, n); err != nil {
			return p, fmt.Errorf("%d at once: %w", n, err)
		}
	}
	p.note("Named is the first message in Slack that has the incident's number in it; with 1 in parallel that is its card. The result is the note in PagerDuty, after a read, a check over HTTP and a resolve.")
	p.note("At once, amsbot keeps to Slack's limit of one message a second in each of the %d channels, and to PagerDuty's of 960 calls a minute; the floor knows none.", channels)
	return p, nil
}

// alone lets amsbot and the floor answer one incident after another, in turns,
// and times what the bound is made of between them. Each begins after the same
// rest: what begins while processor and disk are still awake from what was before
// it takes half the time.
func (b *bench) alone(ctx context.Context, p *Part) error {
	w, err := newWorld(b.Dir)
	if err != nil {
		return err
	}
	defer func() { _ = w.stop() }()
	bot, err := b.amsbot(ctx, w)
	if err != nil {
		return err
	}
	defer bot.kill()
	bare, err := b.floor(ctx, w, floor.Update)
	if err != nil {
		return err
	}
	defer bare.kill()
	disk, err := floor.Open(floor.Update, filepath.Join(w.dir, "probe"))
	if err != nil {
		return err
	}
	defer func() { _ = disk.Close() }()
	n := b.pick(100, 2)
	hooks, err := w.raise(ctx, "well", 2*n)
	if err != nil {
		return err
	}
	var ours, floors []sending
	var updates, trips []time.Duration
	for i := range n {
		time.Sleep(rest)
		ours = append(ours, w.send(ctx, bot.address, hooks[2*i]))
		w.await(ctx, ours[i:], time.Second)
		time.Sleep(rest)
		floors = append(floors, w.send(ctx, bare.address, hooks[2*i+1]))
		time.Sleep(rest)
		update, err := floor.Timed(disk, i)
		if err != nil {
			return err
		}
		time.Sleep(rest)
		trip, err := roundTrip(w.client, bare.address)
		if err != nil {
			return err
		}
		updates, trips = append(updates, update), append(trips, trip)
	}
	w.await(ctx, ours, resultMost)
	update := percentile(updates, 50)
	bound := update + 2*percentile(trips, 50) + time.Millisecond
	p.note("The bound of %.2f ms is one bbolt Update (%.2f ms), two loopback round trips and 1 ms; all with 1 in parallel begin after a rest of %s.",
		inMillis(bound), inMillis(update), rest)
	return w.aloneRows(p, ours, floors, bound)
}

// rest is how long nothing happens before each of what comes one after another.
// amsbot uses a channel again after many of them: more often than once a second a
// channel takes no message for long.
const rest = 250 * time.Millisecond

func (w *world) aloneRows(p *Part, ours, floors []sending, bound time.Duration) error {
	for _, sent := range [][]sending{ours, floors} {
		if _, err := answered(sent); err != nil {
			return err
		}
	}
	named, noted := w.arrivals.since(ours)
	posted, _ := w.arrivals.since(floors)
	if len(named) < len(ours) || len(noted) < len(ours) || len(posted) < len(floors) {
		return fmt.Errorf("of %d incidents one after another %d have a card and %d a result; the floor posted %d",
			len(ours), len(named), len(noted), len(posted))
	}
	card := millis("webhook to first card, p50, 1 in parallel", percentile(named, 50))
	p.add(
		card.beside(inMillis(percentile(posted, 50))).times(1.5),
		card.most(inMillis(bound)),
		millis("webhook to first card, p99, 1 in parallel", percentile(named, 99)).beside(inMillis(percentile(posted, 99))),
		millis("webhook to result, p50, 1 in parallel", percentile(noted, 50)),
		millis("webhook to result, p99, 1 in parallel", percentile(noted, 99)),
	)
	return nil
}

// roundTrip is how long a request takes that the floor refuses at once: on the same
// connection each time, which amsbot would close.
func roundTrip(client *http.Client, address string) (time.Duration, error) {
	start := time.Now()
	answer, err := client.Get(address)
	if err != nil {
		return 0, err
	}
	took := time.Since(start)
	_, _ = io.Copy(io.Discard, answer.Body) // or the next needs a connection of its own
	return took, answer.Body.Close()
}

// atOnce lets n incidents begin in the same moment.
func (b *bench) atOnce(ctx context.Context, p *Part, n int) error {
	w, err := newWorld(b.Dir)
	if err != nil {
		return err
	}
	defer func() { _ = w.stop() }()
	bot, err := b.amsbot(ctx, w)
	if err != nil {
		return err
	}
	defer bot.kill()
	hooks, err := w.raise(ctx, "well", n)
	if err != nil {
		return err
	}
	sent, _ := w.load(ctx, bot.address, hooks, n)
	if _, err := answered(sent); err != nil {
		return err
	}
	w.await(ctx, sent, resultMost)
	named, noted := w.arrivals.since(sent)
	name := func(what string, of int) string { return fmt.Sprintf("webhook to %s, p%d, %d at once", what, of, n) }
	for _, of := range []int{50, 99} {
		p.add(millis(name("being named", of), percentile(named, of)))
	}
	for _, of := range []int{50, 99} {
		p.add(millis(name("result", of), percentile(noted, of)))
	}
	if len(named) < n || len(noted) < n {
		p.note("Of %d at once %d were named and %d had their result after %s.", n, len(named), len(noted), resultMost)
	}
	return nil
}

// await waits until all that was sent has been named and has its result, at
// most so long.
func (w *world) await(ctx context.Context, sent []sending, most time.Duration) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(most); time.Now().Before(end); {
		if named, noted := w.arrivals.since(sent); len(named) == len(sent) && len(noted) == len(sent) {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
