package slack

import (
	"context"
	"errors"
	"sync"
	"time"
)

// cache keeps answers for a while, and at most so many: what is asked for by
// what people and alerts write must not grow without end.
type cache[V any] struct {
	size int
	life time.Duration

	mu    sync.Mutex
	kept  map[string]entry[V]
	asked map[string]*question[V] // being asked now
}

// question is one that somebody asks on behalf of all who want to know.
type question[V any] struct {
	over  chan struct{} // closed when value and err are set
	value V
	err   error
}

type entry[V any] struct {
	value V
	err   error // "there is none" is an answer too
	until time.Time
}

func newCache[V any](size int, life time.Duration) *cache[V] {
	return &cache[V]{size: size, life: life, kept: map[string]entry[V]{}, asked: map[string]*question[V]{}}
}

// ask is what is known, or what ask answers; many who want to know at once ask
// once. An answer is kept, a failure to ask is not.
func (c *cache[V]) ask(ctx context.Context, key string, ask func(context.Context) (V, error)) (V, error) {
	for {
		if v, err, ok := c.get(key); ok {
			return v, err
		}
		q, mine := c.question(key)
		if mine {
			c.settle(ctx, key, q, ask)
			return q.value, q.err
		}
		select {
		case <-q.over:
		case <-ctx.Done():
			var none V
			return none, ctx.Err()
		}
		if !errors.Is(q.err, context.Canceled) && !errors.Is(q.err, context.DeadlineExceeded) {
			return q.value, q.err
		} // whoever asked gave up; that is no answer to us
	}
}

// settle asks a question of mine. Whatever becomes of it, nobody waits for ever.
func (c *cache[V]) settle(ctx context.Context, key string, q *question[V], ask func(context.Context) (V, error)) {
	q.err = context.Canceled // in case that ask never returns
	defer func() {
		c.mu.Lock()
		delete(c.asked, key)
		c.mu.Unlock()
		close(q.over)
	}()
	q.value, q.err = ask(ctx)
	if keep(q.err) {
		c.put(key, q.value, q.err)
	}
}

// question is the one that is being asked, or a new one, which is then mine.
func (c *cache[V]) question(key string) (q *question[V], mine bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if q = c.asked[key]; q == nil {
		q, mine = &question[V]{over: make(chan struct{})}, true
		c.asked[key] = q
	}
	return q, mine
}

// get returns what is known; ok is false when nothing is, or it is too old.
func (c *cache[V]) get(key string) (v V, err error, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.kept[key]
	if !ok || time.Now().After(e.until) {
		return v, nil, false
	}
	return e.value, e.err, true
}

// put keeps an answer. An error is kept for a fifth of the time: somebody may
// be mending just that.
func (c *cache[V]) put(key string, v V, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	life := c.life
	if err != nil {
		life /= 5
	}
	now := time.Now()
	if _, there := c.kept[key]; !there && len(c.kept) >= c.size {
		c.shrink(now)
	}
	c.kept[key] = entry[V]{value: v, err: err, until: now.Add(life)}
}

// shrink drops what is too old and, if that is not enough, half of the rest.
func (c *cache[V]) shrink(now time.Time) {
	for key, e := range c.kept {
		if now.After(e.until) {
			delete(c.kept, key)
		}
	}
	for key := range c.kept {
		if len(c.kept) <= c.size/2 {
			return
		}
		delete(c.kept, key)
	}
}

func (c *cache[V]) drop(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.kept, key)
}
