package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
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
