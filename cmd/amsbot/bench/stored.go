package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"time"

	"amsbot/bot/admin"
	"amsbot/bot/sim/slack"
)

// kept is what was measured with so many incidents stored.
type kept struct {
	incidents     int
	start         float64 // from the start of the process until it takes webhooks, in milliseconds
	list, history float64 // of /ams list in Slack, and of one incident by its number
	newest        float64 // of amsbot history
	idle          int64
	size          int64 // of the file
	fill          time.Duration
}

// stored measures what a long history costs: the same with every size.
func (b *bench) stored(ctx context.Context) (p Part, err error) {
	w, err := newWorld(b.Dir)
	if err != nil {
		return p, err
	}
	defer func() { _ = w.stop() }()
	m, err := b.learn(ctx, w)
	if err != nil {
		return p, err
	}
	sizes := slices.Compact(slices.Sorted(slices.Values(b.Stored)))
	var all []kept
	have := openOnes + 1
	for _, n := range sizes {
		began := time.Now()
		if err := m.fill(ctx, w.database(), have+1, n); err != nil {
			return p, fmt.Errorf("store %d incidents: %w", n, err)
		}
		have = max(have, n)
		k, err := b.keeps(ctx, w, n)
		if err != nil {
			return p, fmt.Errorf("with %d stored: %w", n, err)
		}
		k.fill = time.Since(began)
		all = append(all, k)
	}
	b.storedRows(&p, all)
	return p, nil
}

// keeps measures with the file as it is.
func (b *bench) keeps(ctx context.Context, w *world, n int) (k kept, err error) {
	k.incidents = n
	info, err := os.Stat(w.database())
	if err != nil {
		return k, err
	}
	k.size = info.Size()
	var starts []float64
	for range b.pick(5, 1) {
		bot, err := b.amsbot(ctx, w)
		if err != nil {
			return k, err
		}
		starts = append(starts, inMillis(bot.start))
		if _, err := bot.stop(); err != nil {
			return k, err
		}
	}
	k.start = median(starts)
	bot, err := b.amsbot(ctx, w)
	if err != nil {
		return k, err
	}
	defer bot.kill()
	time.Sleep(b.settle())
	if weighed, err := weigh(bot.cmd.Process.Pid); err == nil {
		k.idle = weighed.anon
	}
	if err := b.ask(ctx, w, n, &k); err != nil {
		return k, err
	}
	_, err = bot.stop()
	return k, err
}

// ask asks the running bot, as people do.
func (b *bench) ask(ctx context.Context, w *world, n int, k *kept) error {
	client, err := admin.Dial(w.database())
	if err != nil {
		return err
	}
	defer client.Close()
	for _, one := range []struct {
		into *float64
		ask  func() error
	}{
		{&k.list, func() error {
			return w.list(ctx)
		}},
		{&k.history, func() error {
			_, err := client.History(ctx, strconv.Itoa(1+rand.IntN(n)))
			return err
		}},
		{&k.newest, func() error {
			_, err := client.Incidents(ctx, admin.Which{})
			return err
		}},
	} {
		var took []float64
		for range b.pick(30, 5) {
			start := time.Now()
			if err := one.ask(); err != nil {
				return err
			}
			took = append(took, inMillis(time.Since(start)))
		}
		*one.into = median(took)
	}
	return nil
}

// list asks in a channel for what is open there, and has the answer.
func (w *world) list(ctx context.Context) error {
	said, err := w.sim.Slack.Command(ctx, slack.Command{User: asker, Channel: channel(0), Command: "/ams", Text: "list"})
	if err == nil && len(said.Payload) < 20 {
		err = fmt.Errorf("/ams list: no answer: %s", said.Problem)
	}
	return err
}

// asker is one of the people of the simulator's shop.
const asker = "U0AIKO0001"

// startMostMillis is the target for a start with everything stored.
const startMostMillis = 1000

func (b *bench) storedRows(p *Part, all []kept) {
	least := all[0]
	for _, k := range all {
		name := func(what string) string { return fmt.Sprintf("%s, %s stored", what, count(k.incidents)) }
		list := row(name("/ams list"), Millis, k.list)
		history := row(name("history of one"), Millis, k.history)
		newest := row(name("history, the newest"), Millis, k.newest)
		if k.incidents != least.incidents {
			list = list.beside(least.list).times(2)
			history = history.beside(least.history).times(2)
			newest = newest.beside(least.newest).times(2)
		}
		p.add(row(name("start after a clean stop"), Millis, k.start).most(startMostMillis), list, history, newest)
		if k.idle > 0 {
			p.add(row(name("memory, idle"), Megabytes, inMega(k.idle)).most(25))
		}
		p.add(row(name("file"), Megabytes, inMega(k.size)))
		p.note("%s incidents were stored and measured in %s.", count(k.incidents), k.fill.Round(time.Second))
	}
	p.note("Lists stand beside those with %s stored; histories are of incidents at random, by number, of the running bot.", count(least.incidents))
}

// count writes a number as people read it: 1,000,000.
func count(n int) string {
	s := strconv.Itoa(n)
	for at := len(s) - 3; at > 0; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}
