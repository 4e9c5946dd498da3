package pagerduty

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// priority is who goes first when the budget is short.
type priority int

const (
	urgent    priority = iota // acknowledge, escalate, resolve
	beforeAct                 // the read before an act, and looking for one
	lookup                    // what many reads wait for and is then known for a while: policies, people, services
	firstRead                 // an incident is read
	noting                    // notes
	polling                   // the poll: at most a tenth of all
	priorities
)

// 960 calls a minute are allowed. A bucket lets its burst and a minute's rate
// pass within one minute: together they are what is allowed.
const (
	allRate, allBurst   = 14.0, 120.0 // 120 + 60 x 14 = 960
	pollRate, pollBurst = 1.2, 24.0   // 24 + 60 x 1.2 = 96
	bareLimit           = 15 * time.Second
	// PUT /incidents: 500 a minute.
	changeRate, changeBurst = 7.0, 60 // 60 + 60 x 7 = 480
)

var errNoBudget = errors.New("not asked")

// budget shares the calls that PagerDuty allows. Whoever is more urgent goes
// first; among equals the services are served in turn, and of one of them whoever
// came first: one with five hundred incidents holds up no other's first read.
type budget struct {
	mu     sync.Mutex
	all    bucket
	poll   bucket
	paused time.Time // until then only acts and their reads go through
	queues [priorities][]*waiter
	served map[line]uint64 // when a turn was last in it, counted in turns
	turns  uint64
	timer  *time.Timer
}

// line is where a service's calls of one priority wait.
type line struct {
	p       priority
	service string
}

type waiter struct {
	ready   chan struct{}
	service string
}

// sharedEvery is after how many others' turns the calls come that are for no one
// service: the longer list pages wait, the more incidents they are read for.
const sharedEvery = 16

// servedMost is how many services' turns are remembered. Whoever is forgotten has
// the next turn.
const servedMost = 1000

// turn takes out of the line whose turn it is. The caller holds mu; somebody waits.
func (b *budget) turn(p priority) *waiter {
	next := 0
	for n, w := range b.queues[p] {
		if b.served[line{p, w.service}] < b.served[line{p, b.queues[p][next].service}] {
			next = n
		}
	}
	w := b.queues[p][next]
	b.queues[p] = slices.Delete(b.queues[p], next, next+1)
	if len(b.served) >= servedMost {
		clear(b.served)
	}
	b.turns++
	if b.served[line{p, w.service}] = b.turns; w.service == "" {
		b.served[line{p, ""}] += sharedEvery
	}
	return w
}

func newBudget() *budget {
	now := time.Now()
	return &budget{
		all: bucket{allRate, allBurst, allBurst, now}, poll: bucket{pollRate, pollBurst, pollBurst, now},
		served: map[line]uint64{},
	}
}

// wait waits for the turn of a call for a service, "" for no one service. Its error
// wraps errNoBudget and the context's.
func (b *budget) wait(ctx context.Context, p priority, service string) error {
	w := &waiter{ready: make(chan struct{}), service: service}
	b.mu.Lock()
	b.queues[p] = append(b.queues[p], w)
	b.grant()
	b.mu.Unlock()
	select {
	case <-w.ready:
		return nil
	default:
	}
	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := slices.Index(b.queues[p], w); n >= 0 {
		b.queues[p] = slices.Delete(b.queues[p], n, n+1)
		b.grant()
	} // else it was granted in the same moment: one call less for a minute harms nobody
	return fmt.Errorf("%w: %w", errNoBudget, ctx.Err())
}

// limited is told of a 429: everything that is not urgent waits for the reset.
func (b *budget) limited(reset time.Duration) {
	if reset <= 0 {
		reset = bareLimit
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if until := time.Now().Add(min(reset, time.Minute)); until.After(b.paused) {
		b.paused = until
	}
	b.grant()
}

// grant lets go whoever may, and comes back when the next one may. The caller
// holds mu.
func (b *budget) grant() {
	now := time.Now()
	var next time.Duration
	for p := range priorities {
		for len(b.queues[p]) > 0 {
			wait := b.until(p, now)
			if wait > 0 {
				if next == 0 || wait < next {
					next = wait
				}
				break
			}
			b.all.take(now)
			if p == polling {
				b.poll.take(now)
			}
			close(b.turn(p).ready)
		}
	}
	if b.timer != nil {
		b.timer.Stop()
		b.timer = nil
	}
	if next > 0 {
		b.timer = time.AfterFunc(next, func() {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.grant()
		})
	}
}

func (b *budget) until(p priority, now time.Time) time.Duration {
	wait := b.all.until(now)
	if p == polling {
		wait = max(wait, b.poll.until(now))
	}
	if p > beforeAct {
		wait = max(wait, b.paused.Sub(now))
	}
	return wait
}

// bucket is a token bucket.
type bucket struct {
	rate, burst, tokens float64 // rate in a second
	at                  time.Time
}

func (b *bucket) fill(now time.Time) {
	if d := now.Sub(b.at); d > 0 {
		b.tokens, b.at = min(b.burst, b.tokens+d.Seconds()*b.rate), now
	}
}

// until is how long a token is still awaited; 0: there is one.
func (b *bucket) until(now time.Time) time.Duration {
	b.fill(now)
	if b.tokens >= 1 {
		return 0
	}
	return max(time.Duration((1-b.tokens)/b.rate*float64(time.Second)), time.Millisecond)
}

func (b *bucket) take(now time.Time) {
	b.fill(now)
	b.tokens--
}
