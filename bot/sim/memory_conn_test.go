package sim

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestMemoryCarriesBothWays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := dialled(t, NewMemory())
		// More than the window in both directions at once: a pipe without a
		// buffer, or with a shared one, would stand still here.
		big := bytes.Repeat([]byte("0123456789abcdef"), window/4)
		var wg sync.WaitGroup
		for _, ends := range [][2]net.Conn{{near, far}, {far, near}} {
			wg.Go(func() {
				if n, err := ends[0].Write(big); err != nil || n != len(big) {
					t.Errorf("write: %d, %v", n, err)
				}
			})
			wg.Go(func() {
				got := make([]byte, len(big))
				if _, err := io.ReadFull(ends[1], got); err != nil || !bytes.Equal(got, big) {
					t.Errorf("read: %v, equal %v", err, bytes.Equal(got, big))
				}
			})
		}
		wg.Wait()
	})
}

func TestMemoryClose(t *testing.T) {
	near, far := dialled(t, NewMemory())
	if _, err := near.Write([]byte("last words")); err != nil {
		t.Fatal(err)
	}
	if err := near.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(far); err != nil || string(got) != "last words" {
		t.Errorf("the other end read %q, %v", got, err)
	}
	if _, err := far.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("write to a closed end: got %v, want EPIPE", err)
	}
	for name, err := range map[string]error{
		"read":     second(near.Read(make([]byte, 1))),
		"write":    second(near.Write([]byte("x"))),
		"close":    near.Close(),
		"deadline": near.SetDeadline(time.Now()),
	} {
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("own %s after close: got %v, want ErrClosed", name, err)
		}
	}
}

func second(_ int, err error) error { return err }

func TestMemoryCloseWakesWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := dialled(t, NewMemory())
		ended := make(chan error, 2)
		go func() { ended <- second(near.Read(make([]byte, 1))) }()
		go func() { ended <- second(near.Write(make([]byte, window+1))) }()
		synctest.Wait()
		near.Close()
		for range 2 {
			if err := <-ended; !errors.Is(err, net.ErrClosed) {
				t.Errorf("got %v, want ErrClosed", err)
			}
		}
		_ = far
	})
}

func TestMemoryDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, _ := dialled(t, NewMemory())
		start := time.Now()
		near.SetReadDeadline(start.Add(3 * time.Second))
		_, err := near.Read(make([]byte, 1))
		var timeout net.Error
		if !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Fatalf("read: got %v, want a timeout", err)
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("read waited %v, want 3s", took)
		}
		near.SetWriteDeadline(time.Now().Add(time.Second))
		n, err := near.Write(make([]byte, window+10))
		if n != window || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("write: %d, %v; want %d and a timeout", n, err, window)
		}
		near.SetDeadline(time.Now().Add(-time.Second))
		if _, err := near.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("read with a past deadline: %v", err)
		}
	})
}

func TestMemoryDeadlineMovesWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := dialled(t, NewMemory())
		start := time.Now()
		near.SetReadDeadline(start.Add(time.Second))
		ended := make(chan error, 1)
		go func() { ended <- second(near.Read(make([]byte, 1))) }()
		synctest.Wait()
		near.SetReadDeadline(start.Add(10 * time.Second))
		if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) != 10*time.Second {
			t.Errorf("got %v after %v, want a timeout after 10s", err, time.Since(start))
		}
		near.SetReadDeadline(time.Time{})
		time.AfterFunc(time.Hour, func() { far.Write([]byte("x")) })
		if _, err := near.Read(make([]byte, 1)); err != nil {
			t.Errorf("without a deadline: %v", err)
		}
	})
}
