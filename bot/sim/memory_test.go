package sim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
)

// dialled returns both ends of a connection, closed at the end of the test.
func dialled(t *testing.T, m *Memory) (near, far net.Conn) {
	t.Helper()
	l, err := m.Listen("sim.example:80")
	if err != nil {
		t.Fatal(err)
	}
	near, err = m.DialContext(context.Background(), "tcp", "sim.example:80")
	if err != nil {
		t.Fatal(err)
	}
	far, err = l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close(); far.Close(); l.Close() })
	return near, far
}

func TestMemoryRefusesWhatNobodyListensOn(t *testing.T) {
	m := NewMemory()
	_, err := m.DialContext(context.Background(), "tcp", "web-1.shop.example:8080")
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "dial" || !errors.Is(err, syscall.ECONNREFUSED) {
		t.Fatalf("got %v, want a dial error that is ECONNREFUSED", err)
	}
	if want := "dial tcp web-1.shop.example:8080: connect: connection refused"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	l, err := m.Listen("web-1.shop.example:8080")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if _, err := m.DialContext(context.Background(), "tcp", "web-1.shop.example:8080"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("after close: got %v, want ECONNREFUSED", err)
	}
}

func TestMemoryListen(t *testing.T) {
	m := NewMemory()
	if _, err := m.Listen("no-port"); err == nil {
		t.Error("an address without a port was taken")
	}
	l, err := m.Listen("a.example:1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Listen("a.example:1"); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("second listener: got %v, want EADDRINUSE", err)
	}
	if _, err := m.Listen("a.example:2"); err != nil {
		t.Errorf("another port of the same name: %v", err)
	}
	if l.Addr().Network() != "tcp" || l.Addr().String() != "a.example:1" {
		t.Errorf("address %v/%v", l.Addr().Network(), l.Addr())
	}
	if err := l.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	if err := l.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("second close: got %v, want ErrClosed", err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("accept after close: got %v, want ErrClosed", err)
	}
	if _, err := m.Listen("a.example:1"); err != nil {
		t.Errorf("listen again after close: %v", err)
	}
}

func TestMemoryCutsWhatNobodyAccepted(t *testing.T) {
	m := NewMemory()
	l, _ := m.Listen("a.example:1")
	c, err := m.DialContext(context.Background(), "tcp", "a.example:1")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if _, err := c.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("got %v, want EOF", err)
	}
}

func TestMemoryQueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory()
		l, _ := m.Listen("a.example:1")
		for range backlog {
			if _, err := m.DialContext(t.Context(), "tcp", "a.example:1"); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := m.DialContext(ctx, "tcp", "a.example:1"); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("full queue: got %v, want DeadlineExceeded", err)
		}
		time.AfterFunc(time.Second, func() { l.Accept() })
		if _, err := m.DialContext(t.Context(), "tcp", "a.example:1"); err != nil {
			t.Errorf("after room was made: %v", err)
		}
		l.Close()
	})
}

func TestMemoryLosesPackets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory()
		l, _ := m.Listen("a.example:1")
		defer l.Close()
		m.Lose("a.example:1", true)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		_, err := m.DialContext(ctx, "tcp", "a.example:1")
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 5*time.Second {
			t.Fatalf("got %v after %v, want the context's end after 5s", err, time.Since(start))
		}
		m.Lose("a.example:1", false)
		if _, err := m.DialContext(t.Context(), "tcp", "a.example:1"); err != nil {
			t.Errorf("found again: %v", err)
		}
	})
}

func TestMemoryDialWithEndedContext(t *testing.T) {
	m := NewMemory()
	l, _ := m.Listen("a.example:1")
	defer l.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := m.DialContext(ctx, "tcp", "a.example:1"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want Canceled", err)
	}
}

// client is an HTTP client over m, closed with the test.
func client(t *testing.T, m *Memory) *http.Client {
	transport := &http.Transport{DialContext: m.DialContext}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func TestMemoryCarriesHTTP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory()
		var opened atomic.Int32
		server := &http.Server{
			Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				w.Write(body)
			}),
			ConnState: func(_ net.Conn, s http.ConnState) { opened.Add(map[http.ConnState]int32{http.StateNew: 1}[s]) },
		}
		l, _ := m.Listen("sim.example:80")
		served := make(chan error, 1)
		go func() { served <- server.Serve(l) }()
		defer server.Close()
		c := client(t, m)
		big := strings.Repeat("x", 3*window)
		for range 20 {
			resp, err := c.Post("http://sim.example/", "text/plain", strings.NewReader(big))
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || string(got) != big {
				t.Fatalf("read %d bytes, %v", len(got), err)
			}
			time.Sleep(time.Minute)
		}
		if n := opened.Load(); n != 1 {
			t.Errorf("%d connections for requests one after another, want 1 that is kept alive", n)
		}
		if err := server.Shutdown(t.Context()); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("serve: %v", err)
		}
		if _, err := c.Get("http://sim.example/"); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("after shutdown: got %v, want ECONNREFUSED", err)
		}
	})
}

func TestMemoryCarriesManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory()
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Second)
			fmt.Fprint(w, r.URL.Path)
		})}
		l, _ := m.Listen("sim.example:80")
		go server.Serve(l)
		defer server.Close()
		c := client(t, m)
		var wg sync.WaitGroup
		for i := range 300 {
			wg.Go(func() {
				path := fmt.Sprintf("/%d", i)
				resp, err := c.Get("http://sim.example" + path)
				if err != nil {
					t.Error(err)
					return
				}
				defer resp.Body.Close()
				if got, _ := io.ReadAll(resp.Body); string(got) != path {
					t.Errorf("got %q, want %q", got, path)
				}
			})
		}
		wg.Wait()
	})
}

func TestMemoryClientTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory()
		server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })}
		l, _ := m.Listen("sim.example:80")
		go server.Serve(l)
		defer server.Close()
		c := client(t, m)
		c.Timeout = 2 * time.Second
		start := time.Now()
		if _, err := c.Get("http://sim.example/"); err == nil || time.Since(start) != 2*time.Second {
			t.Errorf("got %v after %v, want a timeout after 2s", err, time.Since(start))
		}
	})
}

func TestMemoryCarriesWebSockets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory()
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
			c, err := up.Upgrade(w, r, nil)
			if err != nil {
				return
			}
			defer c.Close()
			for {
				kind, p, err := c.ReadMessage()
				if err != nil || c.WriteMessage(kind, append([]byte("echo "), p...)) != nil {
					return
				}
			}
		})}
		l, _ := m.Listen("sim.example:80")
		go server.Serve(l)
		defer server.Close()
		d := websocket.Dialer{NetDialContext: m.DialContext}
		c, _, err := d.Dial("ws://sim.example/socket", nil)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for i := range 3 {
			text := fmt.Sprint("message ", i)
			c.WriteMessage(websocket.TextMessage, []byte(text))
			if _, got, err := c.ReadMessage(); err != nil || string(got) != "echo "+text {
				t.Fatalf("got %q, %v", got, err)
			}
			time.Sleep(time.Hour)
		}
		c.SetReadDeadline(time.Now().Add(time.Second))
		if _, _, err := c.ReadMessage(); err == nil {
			t.Error("a read without anything to read ended well")
		}
	})
}
