package store

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

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
