package pagerduty

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	errorsKept = 5 * time.Second // so that a storm does not ask a failing route a thousand times
	mostKept   = 10000           // entries; beyond it the cache starts anew
	staleAfter = 10              // times its ttl: an older answer is not even better than none
)

// cache keeps answers for ttl and lets one caller at a time load each.
type cache[T any] struct {
	ttl time.Duration
	mu  sync.Mutex
	of  map[string]*kept[T]
}

type kept[T any] struct {
	turn  chan struct{} // of size 1: who holds it may load and touch the rest
	value T
	at    time.Time // of the value; zero: never loaded
	err   error
	erred time.Time
}

func newCache[T any](ttl time.Duration) *cache[T] {
	return &cache[T]{ttl: ttl, of: map[string]*kept[T]{}}
}

func (c *cache[T]) slot(key string) *kept[T] {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.of[key]
	if k == nil {
		if len(c.of) >= mostKept {
			c.of = map[string]*kept[T]{}
		}
		k = &kept[T]{turn: make(chan struct{}, 1)}
		c.of[key] = k
	}
	return k
}

// get answers from the cache or by load. With an error it still answers an
// older value where there is one that may be better than none.
func (c *cache[T]) get(ctx context.Context, key string, load func(context.Context) (T, error)) (T, error) {
	k := c.slot(key)
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
	if !k.at.IsZero() && time.Since(k.at) < c.ttl {
		return k.value, nil
	}
	if k.err == nil || time.Since(k.erred) >= errorsKept {
		value, err := load(ctx)
		if err == nil {
			k.value, k.at, k.err = value, time.Now(), nil
			return value, nil
		}
		if errors.Is(err, context.Canceled) {
			k.err = nil // the caller's own haste is nobody else's error
			return k.older(c.ttl), err
		}
		k.err, k.erred = err, time.Now()
	}
	return k.older(c.ttl), k.err
}

func (k *kept[T]) older(ttl time.Duration) (value T) {
	if !k.at.IsZero() && time.Since(k.at) < staleAfter*ttl {
		value = k.value
	}
	return value
}

// forget drops what is kept, so that the next one to ask loads it.
func (c *cache[T]) forget(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.of, key)
}

// put keeps an answer that came by another way.
func (c *cache[T]) put(key string, value T) {
	k := c.slot(key)
	select {
	case k.turn <- struct{}{}:
		k.value, k.at, k.err = value, time.Now(), nil
		<-k.turn
	default: // somebody is loading it just now
	}
}
