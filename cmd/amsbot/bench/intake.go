package bench

import (
	"context"
	"fmt"

	"amsbot/cmd/amsbot/floor"
)

// taken is what came of one round of webhooks.
type taken struct {
	p50, p99 float64 // to 202, in milliseconds
	rate     float64 // a second
	refused  int     // answered 503: PagerDuty would send them again
}

// rounds is how often amsbot and the floor take turns: a disk is not the same
// from one second to the next.
const rounds = 3

// intake measures webhooks to 202, of as many incidents.
func (b *bench) intake(ctx context.Context) (p Part, err error) {
	loads := []struct{ parallel, hooks int }{{1, 300}, {50, 3000}, {500, 3000}}
	if b.Quick {
		loads = []struct{ parallel, hooks int }{{50, 100}}
	}
	for _, load := range loads {
		byWho := map[string][]taken{}
		for range b.pick(rounds, 1) {
			if err := b.round(ctx, load.parallel, load.hooks, byWho); err != nil {
				return p, err
			}
		}
		b.rows(&p, load.parallel, byWho)
	}
	if !b.Quick {
		p.note("Each figure is the median of %d rounds, in which amsbot and the floor take turns.", rounds)
	}
	p.note("Each webhook is of another incident.")
	p.note("Beside p50 and p99 stands the floor's quickest bbolt form, beside the rate its best; after the commit the floor posts one message, and amsbot reads, checks and draws.")
	return p, nil
}

// amsbotItself names amsbot among the forms of the floor.
const amsbotItself = "amsbot"

// round lets amsbot and each form of the floor take in the same webhooks once.
func (b *bench) round(ctx context.Context, parallel, n int, byWho map[string][]taken) error {
	for _, who := range append([]floor.Form{amsbotItself}, floor.Forms...) {
		t, err := b.take(ctx, who, parallel, n)
		if err != nil {
			return fmt.Errorf("%s, %d in parallel: %w", who, parallel, err)
		}
		byWho[string(who)] = append(byWho[string(who)], t)
	}
	return nil
}

// take makes a world, and lets one program take in its incidents.
func (b *bench) take(ctx context.Context, who floor.Form, parallel, n int) (t taken, err error) {
	w, err := newWorld(b.Dir)
	if err != nil {
		return t, err
	}
	defer func() { _ = w.stop() }()
	var p *process
	if who == amsbotItself {
		p, err = b.amsbot(ctx, w)
	} else {
		p, err = b.floor(ctx, w, who)
	}
	if err != nil {
		return t, err
	}
	defer p.kill() // what it would still do is not asked here
	w.lead("")
	hooks, err := w.raise(ctx, "well", n)
	if err != nil {
		return t, err
	}
	sent, took := w.load(ctx, p.address, hooks, parallel)
	times, err := answered(sent)
	if len(times) > 0 {
		err = nil
	}
	return taken{
		p50: inMillis(percentile(times, 50)), p99: inMillis(percentile(times, 99)),
		rate: float64(len(times)) / took.Seconds(), refused: n - len(times),
	}, err
}

// rows tells what rounds came to.
func (b *bench) rows(p *Part, parallel int, byWho map[string][]taken) {
	of := func(who string, what func(taken) float64) float64 {
		var all []float64
		for _, t := range byWho[who] {
			all = append(all, what(t))
		}
		return median(all)
	}
	p50 := func(t taken) float64 { return t.p50 }
	p99 := func(t taken) float64 { return t.p99 }
	rate := func(t taken) float64 { return t.rate }
	tree := func(what func(taken) float64, better func(...float64) float64) float64 {
		return better(of(string(floor.Update), what), of(string(floor.Batch), what))
	}
	least := func(x ...float64) float64 { return min(x[0], x[1]) }
	most := func(x ...float64) float64 { return max(x[0], x[1]) }
	name := func(what string) string { return fmt.Sprintf("%s, %d in parallel", what, parallel) }
	middle := row(name("webhook to 202, p50"), Millis, of(amsbotItself, p50)).beside(tree(p50, least))
	late := row(name("webhook to 202, p99"), Millis, of(amsbotItself, p99)).beside(tree(p99, least))
	amount := row(name("webhooks taken in"), PerSecond, of(amsbotItself, rate)).beside(tree(rate, most))
	if parallel == 50 {
		late, amount = late.times(2), amount.share(0.7)
	}
	p.add(middle, late, amount)
	if n := of(amsbotItself, func(t taken) float64 { return float64(t.refused) }); n > 0 {
		p.add(row(name("not answered 202"), Count, n))
	}
	if parallel == 50 {
		for _, form := range floor.Forms {
			p.add(row(name("  the floor, "+string(form)), PerSecond, of(string(form), rate)))
		}
	}
}
