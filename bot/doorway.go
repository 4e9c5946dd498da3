package bot

import (
	"context"
	"sync"
	"time"
)

// doorwayMost is how long somebody waits for who is before them. It is no lock:
// the commit alone decides who was first, and where a neighbour is slow to say who
// somebody is, the others are not to wait for that.
const doorwayMost = time.Second

// doorway lets people through one after the other, by what they are after, so that
// of two hundred who press one button the second finds out at once that it is
// pressed. The zero value is ready.
type doorway struct {
	mu sync.Mutex
	of map[string]*door
}

// door is one that somebody is in, or waits for.
type door struct {
	turn   chan struct{} // of size 1
	people int
}

// enter waits for one's turn, for doorwayMost or the context's end at most. What it
// returns is called once, when one is through.
func (d *doorway) enter(ctx context.Context, what string) (leave func()) {
	d.mu.Lock()
	if d.of == nil {
		d.of = map[string]*door{}
	}
	one := d.of[what]
	if one == nil {
		one = &door{turn: make(chan struct{}, 1)}
		d.of[what] = one
	}
	one.people++
	d.mu.Unlock()
	patience := time.NewTimer(doorwayMost)
	defer patience.Stop()
	mine := true
	select {
	case one.turn <- struct{}{}:
	case <-patience.C:
		mine = false
	case <-ctx.Done():
		mine = false
	}
	return func() {
		if mine {
			<-one.turn
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		if one.people--; one.people == 0 {
			delete(d.of, what)
		}
	}
}
