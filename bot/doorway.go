package bot

import (
	"context"
	"maps"
	"sync"
	"time"
)

// doorwayMost is how long somebody waits for who is before them. It is no lock:
// the commit alone decides who was first, and where a neighbour is slow to say who
// somebody is, the others are not to wait for that.
const doorwayMost = time.Second

// So many within a minute are a crowd: there is no time to ask who each of them is.
const (
	doorwayCrowd  = 6
	doorwayWithin = time.Minute
)

// doorway lets people through one after the other, by what they are after, so that
// of two hundred who press one button the second finds out at once that it is
// pressed. The zero value is ready.
type doorway struct {
	mu sync.Mutex
	of map[string]*door
}

// door is one that somebody is in or waits for, or was of late.
type door struct {
	turn   chan struct{} // of size 1
	people int           // who are in or wait
	came   int           // since then
	since  time.Time
}

// enter waits for one's turn, for doorwayMost or the context's end at most. What it
// returns is called once, when one is through; crowd says that one is one of many.
func (d *doorway) enter(ctx context.Context, what string) (leave func(), crowd bool) {
	one, crowd := d.at(what)
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
		one.people--
	}, crowd
}

// at is the door, which the caller stands at from now on.
func (d *doorway) at(what string) (one *door, crowd bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	maps.DeleteFunc(d.of, func(_ string, o *door) bool { return o.people == 0 && now.Sub(o.since) > doorwayWithin })
	if d.of == nil {
		d.of = map[string]*door{}
	}
	if one = d.of[what]; one == nil {
		one = &door{turn: make(chan struct{}, 1), since: now}
		d.of[what] = one
	}
	if now.Sub(one.since) > doorwayWithin {
		one.came, one.since = 0, now
	}
	one.people++
	one.came++
	return one, one.came >= doorwayCrowd
}
