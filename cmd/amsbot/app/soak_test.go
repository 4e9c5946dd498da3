package app_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// soak is how long TestSoak goes on, by the clock on the wall; 0: three rounds.
var soak = flag.Duration("soak", 0, "how long the soak goes on; 0 is a few seconds")

// size is how large amsbot and its world are at rest.
type size struct {
	goroutines, files int
	heap, database    int64
	incidents         int
}

// measure looks when all is at rest. The heap is amsbot's and the simulator's,
// which forgets nothing.
func (w *walk) measure() size {
	w.Helper()
	runtime.GC()
	runtime.GC() // what finalizers let go of
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		open = nil // only Linux tells
	}
	info, err := os.Stat(w.config.Database)
	w.must(err)
	return size{runtime.NumGoroutine(), len(open), int64(m.HeapAlloc), info.Size(), w.raised}
}

// onTheWall is the real time, which a bubble does not show.
func onTheWall(t *testing.T) time.Time {
	var now syscall.Timeval
	if err := syscall.Gettimeofday(&now); err != nil {
		t.Fatal(err)
	}
	return time.Unix(now.Sec, now.Usec*1000)
}

// TestSoak goes on walking at random through everything that can happen, in one
// world and on one file, and comes to rest from time to time. It must not grow
// but by what it has to remember: goroutines and open files not at all.
func TestSoak(t *testing.T) {
	const few = 3
	b := branch{files: walkScenarios()}
	dir, db := b.write(t), filepath.Join(t.TempDir(), "amsbot.db")
	seed := max(*walkSeed, 1)
	synctest.Test(t, func(t *testing.T) {
		w := &walk{stage: newStage(t, dir, db, []option{slow(2 * time.Second)}), random: rand.New(rand.NewPCG(seed, 15))}
		w.around = w.disk.around
		w.powered(newFuse(nil))
		w.pass(4 * time.Second)
		end := onTheWall(t).Add(*soak)
		var all []size
		for len(all) < few || onTheWall(t).Before(end) {
			for n := range 20 {
				w.step(n)
			}
			w.rest()
			w.pass(2 * time.Hour) // connections that nobody needs are closed
			all = append(all, w.measure())
			w.told = w.told[:0]
		}
		grew(t, all)
		if p := w.judge(true); t.Failed() {
			p.tell()
			t.Logf("seed %d, the last round:\n%s", seed, strings.Join(w.told, "\n"))
		}
	})
}

// grew says what has grown from the first rest to the last that should not have.
// The simulator keeps every call that it ever answered, hours of polls in a round;
// how much amsbot alone takes is what its benchmarks measure.
func grew(t *testing.T, all []size) {
	t.Helper()
	first, last, rounds := all[0], all[len(all)-1], int64(len(all)-1)
	t.Logf("%d rounds: %+v, then %+v", len(all), first, last)
	const slack = 8 // connections that are being made anew
	if last.goroutines > first.goroutines+slack {
		stacks := make([]byte, 1<<20)
		t.Errorf("goroutines: %d, then %d\n%s", first.goroutines, last.goroutines, stacks[:runtime.Stack(stacks, true)])
	}
	if last.files > first.files+slack {
		t.Errorf("open files: %d, then %d", first.files, last.files)
	}
	more := int64(last.incidents - first.incidents)
	for _, part := range []struct {
		name                       string
		was, is, perEach, perRound int64
	}{{"heap", first.heap, last.heap, 512 << 10, 8 << 20}, {"database", first.database, last.database, 128 << 10, 0}} {
		if grown := part.is - part.was; grown > 4<<20+more*part.perEach+rounds*part.perRound {
			t.Errorf("%s: %d bytes, then %d, for %s", part.name, part.was, part.is, fmt.Sprint(more, " incidents more"))
		}
	}
}
