package slack

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	simslack "amsbot/bot/sim/slack"
)

// stale is a connection whose other end is gone without a word, once it is
// frozen: nothing comes, and what is written goes nowhere.
type stale struct {
	net.Conn
	frozen atomic.Bool
	once   sync.Once
	over   chan struct{} // closed with it
}

func (s *stale) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	if s.frozen.Load() {
		<-s.over
		return 0, net.ErrClosed
	}
	return n, err
}

func (s *stale) Write(p []byte) (int, error) {
	if s.frozen.Load() {
		return len(p), nil
	}
	return s.Conn.Write(p)
}

func (s *stale) Close() error {
	s.once.Do(func() { close(s.over) })
	return s.Conn.Close()
}

// A connection of which only our half is left is given up for a new one, and the
// other one takes the clicks meanwhile.
func TestHalfOpenConnection(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		var mu sync.Mutex
		var all []*stale
		dial := w.ours.opt.Dialer.NetDialContext
		w.ours.opt.Dialer = &websocket.Dialer{NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			if err != nil {
				return nil, err
			}
			s := &stale{Conn: conn, over: make(chan struct{})}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, s)
			return s, nil
		}}
		d := &doors{}
		r, stop := w.read(d)
		ref := w.show(base(), "")
		mu.Lock()
		first := all[0]
		mu.Unlock()
		first.frozen.Store(true)
		began := time.Now()
		<-first.over
		if took := time.Since(began); took > time.Minute {
			t.Errorf("given up after %s", took)
		}
		if r.Connected() == 0 {
			t.Error("the other connection does not stand")
		}
		time.Sleep(time.Minute)
		if n := w.sim.Connections(); n != 2 || r.Connected() != 2 {
			t.Errorf("%d connections, we take %d for standing", n, r.Connected())
		}
		for range 10 { // over either
			if r := w.click(alice, ref, "ams.take", ""); !r.Acked {
				t.Errorf("%+v", r)
			}
		}
		if n := len(d.seen()); n != 10 {
			t.Errorf("%d clicks", n)
		}
		stop()
	})
}

// Slack sends us away, for whichever reason: we come back, and lose nothing.
func TestSentAway(t *testing.T) {
	for _, reason := range []string{"warning", "refresh_requested", "link_disabled", "too_many_websockets", "a reason of tomorrow"} {
		t.Run(reason, func(t *testing.T) {
			in(t, simslack.Options{}, func(w *world) {
				d := &doors{}
				r, stop := w.read(d)
				ref := w.show(base(), "")
				w.sim.Disconnect(reason)
				time.Sleep(time.Minute)
				if n := w.sim.Connections(); n != 2 || r.Connected() != 2 {
					t.Errorf("%d connections, we take %d for standing", n, r.Connected())
				}
				if r := w.click(alice, ref, "ams.take", ""); !r.Acked || len(d.seen()) != 1 {
					t.Errorf("%+v", r)
				}
				stop()
			})
		})
	}
}

// Slack says that we ask for connections too often: we wait, and are back; nobody
// has to put anything right.
func TestConnectionsAreLimited(t *testing.T) {
	for _, f := range []simslack.Fault{
		{Status: http.StatusTooManyRequests, RetryAfter: 30 * time.Second, Times: 2},
		{Status: http.StatusTooManyRequests, NoHeader: true, Times: 2},
		{Error: "ratelimited", Times: 2},
		{Status: http.StatusInternalServerError, Times: 5}, {Cut: true, Times: 5}, {Hang: true, Times: 2},
	} {
		in(t, simslack.Options{}, func(w *world) {
			r, stop := w.read(&doors{})
			f.Method = "apps.connections.open"
			w.sim.Fault(f)
			w.sim.Drop(-1)
			time.Sleep(5 * time.Minute)
			if got := w.reported(); r.Connected() != 2 || len(got) != 1 || got[0] != nil {
				t.Errorf("%+v: %d connections, reported %v", f, r.Connected(), got)
			}
			stop()
		})
	}
}
