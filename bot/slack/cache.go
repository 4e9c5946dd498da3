package slack

import (
	"sync"
	"time"
)

// cache keeps answers for a while, and at most so many: what is asked for by
// what people and alerts write must not grow without end.
type cache[V any] struct {
	size int
	life time.Duration

	mu   sync.Mutex
	kept map[string]entry[V]
}

type entry[V any] struct {
	value V
	err   error // "there is none" is an answer too
	until time.Time
}

func newCache[V any](size int, life time.Duration) *cache[V] {
	return &cache[V]{size: size, life: life, kept: map[string]entry[V]{}}
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
