package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// benchChange is what the end of a step writes: an event of 2 KB with its
// record, a card to be drawn, a guard and a due time.
func benchChange(v *View) (Change, error) {
	due := v.Now().Add(time.Minute)
	return Change{
		Events: []NewEvent{{Kind: "ended", By: "amsbot", Data: strings.Repeat("x", 2000)}},
		Guards: map[string]any{"cooldown/" + v.Incident(): due},
		Due:    &due,
		Views:  []string{"card:" + v.Incident()},
	}, nil
}

func BenchmarkCommit(b *testing.B) {
	for _, writers := range []int{1, 16, 64} {
		b.Run(fmt.Sprint("goroutines=", writers), func(b *testing.B) {
			db := newDB(b)
			took := make([][]time.Duration, writers)
			b.ResetTimer()
			var all sync.WaitGroup
			for w := range writers {
				all.Go(func() {
					for n := w; n < b.N; n += writers {
						start := time.Now()
						incident := fmt.Sprintf("pd:acme:P%06d", n)
						if _, err := db.Commit(context.Background(), incident, benchChange); err != nil {
							b.Error(err)
							return
						}
						took[w] = append(took[w], time.Since(start))
					}
				})
			}
			all.Wait()
			b.StopTimer()
			report(b, slices.Concat(took...))
		})
	}
}

// BenchmarkFloor is what the disk itself takes for the same bytes: one write
// and one fdatasync, against which Commit is to be read.
func BenchmarkFloor(b *testing.B) {
	for _, writers := range []int{1, 16, 64} {
		b.Run(fmt.Sprint("changes=", writers), func(b *testing.B) {
			f, err := os.Create(filepath.Join(b.TempDir(), "floor"))
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = f.Close() }()
			block := make([]byte, 3000*writers)
			var took []time.Duration
			b.ResetTimer()
			for n := 0; n < b.N; n += writers {
				start := time.Now()
				if _, err := f.WriteAt(block, int64(n)*3000); err != nil {
					b.Fatal(err)
				}
				if err := syscall.Fdatasync(int(f.Fd())); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
			}
			b.StopTimer()
			report(b, took)
		})
	}
}

func report(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	if len(took) == 0 {
		return
	}
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
}

func BenchmarkRead(b *testing.B) {
	db := newDB(b)
	for range 50 {
		if _, err := db.Commit(context.Background(), "pd:acme:P1", benchChange); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	for range b.N {
		if _, err := db.Events(context.Background(), "pd:acme:P1"); err != nil {
			b.Fatal(err)
		}
	}
}
