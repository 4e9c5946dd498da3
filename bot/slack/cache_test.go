package slack

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// Many who want to know the same at once ask once; whoever gives up takes nobody
// with them, and a failure to ask is told to all and kept by none.
func TestManyAskOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache[string](10, time.Minute)
		var asked atomic.Int64
		failing := atomic.Bool{}
		ask := func(ctx context.Context) (string, error) {
			asked.Add(1)
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
				return "", ctx.Err()
			}
			if failing.Load() {
				return "", errors.New("no answer")
			}
			return "aiko", nil
		}
		all := func(n int, want string) {
			var crowd sync.WaitGroup
			for range n {
				crowd.Go(func() {
					if v, err := c.ask(t.Context(), "key", ask); v != want || (err == nil) != (want != "") {
						t.Errorf("ask: %q, %v", v, err)
					}
				})
			}
			crowd.Wait()
		}
		failing.Store(true)
		all(50, "")
		if n := asked.Swap(0); n != 1 {
			t.Errorf("asked %d times in vain", n)
		}
		failing.Store(false)
		hasty, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		go func() { _, _ = c.ask(hasty, "key", ask) }()
		synctest.Wait()
		all(50, "aiko")
		if n := asked.Swap(0); n != 2 { // the hasty one, and one for all
			t.Errorf("asked %d times", n)
		}
		all(50, "aiko")
		if n := asked.Load(); n != 0 {
			t.Errorf("asked %d times for what is known", n)
		}
	})
}
