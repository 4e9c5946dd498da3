package pagerduty

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"amsbot/bot"
	"amsbot/scenarios"
)

const (
	pollEvery  = 30 * time.Second
	pollAtMost = 5 * time.Minute // between two tries while it fails
	lookMost   = 25              // incidents that a poll reads one by one
)

// PollOptions say what a Poll compares with, and where it tells.
type PollOptions struct {
	Every time.Duration // between the end of a poll and the next; 0: 30 s
	Door  Door          // required

	// Open are the PagerDuty IDs of the incidents that amsbot takes for open;
	// required. It is asked before each poll.
	Open func(ctx context.Context) ([]string, error)
	// Health is told after each poll: nil, or why it failed; a bot.ErrPartly where
	// the list was read. It must not block; nil: nobody wants to know.
	Health func(err error)

	// Webhook is what webhooks come in through; nil: none is expected, and none
	// is missed. Else Mine and Silence are required.
	Webhook *Webhook
	// Mine says whether incidents of a service are ours.
	Mine func(service scenarios.Ref) bool
	// Silence is told of incidents that no webhook told of, and that webhooks
	// come (again); see bot.Silence.
	Silence func(ctx context.Context, news bot.Silence) error
}

// Poll finds what webhooks did not tell: PagerDuty switches a subscription off
// after three drops, and then says nothing.
type Poll struct {
	c    *Client
	o    PollOptions
	feed *feed
	hush *silence

	looked string // the last incident that was read by itself
}

// NewPoll makes a poll; nothing happens before Run.
func (c *Client) NewPoll(o PollOptions) (*Poll, error) {
	if o.Door == nil || o.Open == nil {
		return nil, errors.New("pagerduty: make poll: no door, or nobody who knows what is open")
	}
	if o.Webhook != nil && (o.Mine == nil || o.Silence == nil) {
		return nil, errors.New("pagerduty: make poll: a webhook, and nobody who is told when none comes")
	}
	if o.Every <= 0 {
		o.Every = pollEvery
	}
	if o.Health == nil {
		o.Health = func(error) {}
	}
	p := &Poll{c: c, o: o, feed: &feed{c: c, told: map[string]time.Time{}}}
	p.hush = &silence{c: c, o: &p.o, first: true, late: map[string]overdue{}}
	return p, nil
}

// Run polls at once and then again and again, less often while the list cannot be
// read, until ctx is done. It returns nil.
func (p *Poll) Run(ctx context.Context) error {
	failures := 0
	p.feed.begin(time.Now())
	p.hush.began = p.feed.from
	for {
		listed, err := p.once(ctx)
		told := err
		if listed != nil { // one failing route does not make the other slower
			told = partOf(cmp.Or(err, p.feed.tell(ctx, p.o.Door, listed)))
		}
		if ctx.Err() != nil {
			return nil
		}
		p.o.Health(told)
		wait := p.o.Every
		if listed != nil {
			failures = 0
		} else {
			failures++
			wait = p.backoff(failures, err)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
	}
}

// partly is why not all of a poll was taken in.
type partly struct{ error }

func (e partly) Is(target error) bool { return target == bot.ErrPartly }
func (e partly) Unwrap() error        { return e.error }

func partOf(err error) error {
	if err == nil {
		return nil
	}
	return partly{err}
}

func (p *Poll) backoff(failures int, err error) time.Duration {
	wait := p.o.Every
	for n := 1; n < failures && wait < pollAtMost; n++ {
		wait *= 2
	}
	wait = max(min(wait, pollAtMost), p.o.Every)
	var e *callError
	if errors.As(err, &e) {
		wait = max(wait, e.after)
	}
	return wait
}

// once tells of every open incident, and of those that were taken for open and
// are not any more. One that the door does not take does not keep the others out,
// nor does a service that has more than can be listed. listed says of those on the list
// whether the door took them; it is nil where the list was not read.
func (p *Poll) once(ctx context.Context) (listed map[string]bool, err error) {
	// Asked first: what opens while the list is read is not taken for gone.
	known, err := p.o.Open(ctx)
	if err != nil {
		return nil, fmt.Errorf("pagerduty: poll: ask what is open: %w", err)
	}
	open, beyond, err := p.c.listOpen(ctx, polling)
	if err != nil {
		return nil, fmt.Errorf("pagerduty: poll: %w", err)
	}
	now := time.Now()
	listed = map[string]bool{}
	var failed error
	for _, i := range open {
		if _, twice := listed[string(i.ID)]; twice {
			continue // the pages moved while they were read
		}
		err := p.tell(ctx, openHint(i, now))
		listed[string(i.ID)] = err == nil
		failed = cmp.Or(failed, err)
	}
	failed = cmp.Or(failed, p.hush.compare(ctx, known, open))
	gone := slices.DeleteFunc(slices.Clone(known), func(id string) bool {
		_, open := listed[id]
		return open || !validID(id)
	})
	if len(beyond) > 0 {
		failed = p.look(ctx, gone, failed)
		return listed, cmp.Or(failed, fmt.Errorf("pagerduty: poll: more than %d incidents are open on service %s: only the oldest and the newest are seen at once",
			p.c.reach, strings.Join(beyond, ", ")))
	}
	for _, id := range gone {
		failed = cmp.Or(failed, p.tell(ctx, goneHint(id)))
	}
	return listed, failed
}

// look reads a few of those that are taken for open and are not listed, where that
// does not make them gone: they may be where no list reaches. Each has its turn.
func (p *Poll) look(ctx context.Context, ids []string, failed error) error {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	n, found := slices.BinarySearch(ids, p.looked)
	if found {
		n++
	}
	ids = slices.Concat(ids[n:], ids[:n])
	for _, id := range ids[:min(len(ids), lookMost)] {
		i, err := p.c.incident(ctx, id, call{class: polling})
		p.looked = id
		switch {
		case errors.Is(err, bot.ErrNotFound), err == nil && i.resolved():
			failed = cmp.Or(failed, p.tell(ctx, goneHint(id)))
		case err != nil:
			return cmp.Or(failed, fmt.Errorf("pagerduty: poll: %w", err))
		default:
			failed = cmp.Or(failed, p.tell(ctx, openHint(i, time.Now())))
		}
	}
	return failed
}

func (p *Poll) tell(ctx context.Context, h bot.Hint) error {
	err := ctx.Err()
	if err == nil {
		err = p.o.Door.Receive(ctx, h)
	}
	if err != nil {
		return fmt.Errorf("pagerduty: poll: tell of %s: %w", h.ID, err)
	}
	return nil
}
