package bot

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// askFor asks for slots, in this order, and writes down who got one.
func askFor(s *slots, log *[]string, mu *sync.Mutex, all ...string) {
	for _, one := range all {
		service, target, _ := strings.Cut(one, " ")
		go func() {
			if s.take(context.Background(), service, target) == nil {
				mu.Lock()
				*log = append(*log, one)
				mu.Unlock()
			}
		}()
		synctest.Wait()
	}
}

// Services take turns, whoever came first; within one it is who came first.
func TestSlotsTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log []string
		var mu sync.Mutex
		s := newSlots(2, 2)
		askFor(s, &log, &mu, "noisy a", "noisy b", "noisy c", "noisy d", "noisy e", "quiet x", "third y", "quiet z")
		for _, target := range []string{"a", "b", "c", "x", "y", "d"} {
			s.give(target)
			synctest.Wait()
		}
		if got := strings.Join(log, ", "); got != "noisy a, noisy b, noisy c, quiet x, third y, noisy d, quiet z, noisy e" {
			t.Error(got)
		}
	})
}

// A target that is busy holds up neither its own service's others nor anybody else.
func TestSlotsOfABusyTarget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log []string
		var mu sync.Mutex
		s := newSlots(4, 1)
		askFor(s, &log, &mu, "noisy a", "noisy a", "noisy a", "noisy b", "quiet a", "quiet c")
		if got := strings.Join(log, ", "); got != "noisy a, noisy b, quiet c" {
			t.Error(got)
		}
		s.give("a")
		synctest.Wait()
		s.give("a")
		synctest.Wait()
		s.give("a")
		synctest.Wait()
		if got := strings.Join(log[3:], ", "); got != "noisy a, quiet a, noisy a" {
			t.Error(got)
		}
	})
}

// Whoever stops waiting is not let in, and takes nobody's place.
func TestSlotsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSlots(1, 1)
		if err := s.take(t.Context(), "one", "a"); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.take(ctx, "one", "a"); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		s.give("a")
		if err := s.take(t.Context(), "two", "a"); err != nil {
			t.Error(err)
		}
		s.give("a")
		if s.free != 1 || len(s.on) != 0 || len(s.lines) != 0 || len(s.turn) != 0 {
			t.Errorf("left behind: %+v", s)
		}
	})
}

// However many ask, and give up, there are never too many, and in the end all is free.
func TestSlotsNeverTooMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const most, each = 16, 3
		s := newSlots(most, each)
		var all atomic.Int64
		var on [5]atomic.Int64
		random := rand.New(rand.NewPCG(1, 2))
		var steps sync.WaitGroup
		for range 1000 {
			n, service, begins := random.IntN(5), fmt.Sprint(random.IntN(7)), time.Duration(random.IntN(2000))*time.Millisecond
			patience, work := time.Duration(random.IntN(20000))*time.Millisecond, time.Duration(random.IntN(100))*time.Millisecond
			steps.Go(func() {
				time.Sleep(begins)
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				if s.take(ctx, service, fmt.Sprint(n)) != nil {
					return
				}
				if a, b := all.Add(1), on[n].Add(1); a > most || b > each {
					t.Errorf("%d at once, %d on one target", a, b)
				}
				time.Sleep(work)
				all.Add(-1)
				on[n].Add(-1)
				s.give(fmt.Sprint(n))
			})
		}
		steps.Wait()
		if s.free != most || len(s.on) != 0 || len(s.lines) != 0 || len(s.turn) != 0 {
			t.Errorf("left behind: %+v", s)
		}
	})
}
