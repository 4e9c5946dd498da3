package slack

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"
)

func TestFaults(t *testing.T) {
	text := slack.MsgOptionText("x", false)
	for _, c := range []struct {
		name  string
		fault Fault
		want  func(error) bool
		kept  int           // messages afterwards
		took  time.Duration // at least
	}{
		{"limited", Fault{Method: "chat.*", Status: 429, RetryAfter: 7 * time.Second}, func(err error) bool {
			var e *slack.RateLimitedError
			return errors.As(err, &e) && e.RetryAfter == 7*time.Second
		}, 0, 0},
		{"limited without the header", Fault{Method: "chat.*", Status: 429, NoHeader: true}, status(429), 0, 0},
		{"limited with 200", Fault{Method: "chat.*", Error: "ratelimited"}, func(err error) bool { return err.Error() == "ratelimited" }, 0, 0},
		{"server error", Fault{Method: "chat.postMessage", Status: 503, Body: "<html>"}, status(503), 0, 0},
		{"cut before", Fault{Method: "*", Cut: true}, func(err error) bool { return err != nil }, 0, 0},
		{"cut after", Fault{Method: "*", CutAfter: true}, func(err error) bool { return err != nil }, 1, 0},
		{"hangs", Fault{Method: "*", Hang: true}, func(err error) bool {
			var timeout interface{ Timeout() bool }
			return errors.As(err, &timeout) && timeout.Timeout()
		}, 0, 10 * time.Second},
		{"slow", Fault{Method: "*", Slow: 4 * time.Second}, func(err error) bool { return err == nil }, 1, 4 * time.Second},
		{"of another method", Fault{Method: "views.*", Cut: true}, func(err error) bool { return err == nil }, 1, 0},
		{"after the first", Fault{Method: "*", Cut: true, After: 1}, func(err error) bool { return err == nil }, 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			run(t, Options{}, func(w *world) {
				w.Fault(c.fault)
				start := time.Now()
				_, _, err := w.api.PostMessage(ops, text)
				if !c.want(err) || time.Since(start) < c.took || len(w.Messages(ops)) != c.kept {
					w.Errorf("%v after %v, %d messages", err, time.Since(start), len(w.Messages(ops)))
				}
			})
		})
	}
}

func status(code int) func(error) bool {
	return func(err error) bool {
		var e slack.StatusCodeError
		return errors.As(err, &e) && e.Code == code
	}
}

func TestFaultsEndAndAreLifted(t *testing.T) {
	run(t, Options{}, func(w *world) {
		fails := func() bool { _, err := w.api.AuthTest(); return err != nil }
		w.Fault(Fault{Method: "auth.test", Error: "fatal_error", Times: 2})
		for n := range 3 {
			if fails() != (n < 2) {
				w.Errorf("Times: 2 must fail twice, and not in call %d", n+1)
			}
		}
		lift := w.Fault(Fault{Method: "auth.test", Error: "fatal_error", Times: -1})
		for range 5 {
			if !fails() {
				w.Error("Times: -1 must fail until lifted")
			}
		}
		lift()
		if fails() {
			w.Error("still fails after it was lifted")
		}
		faulted := 0
		for _, c := range w.Calls() {
			if c.Faulted {
				faulted++
			}
		}
		if faulted != 7 {
			w.Errorf("%d calls recorded as faulted", faulted)
		}
	})
}

func TestWatchSeesEveryCall(t *testing.T) {
	run(t, Options{}, func(w *world) {
		var seen []string
		w.Watch(func(c Call) { seen = append(seen, c.Method+" "+c.Error) })
		_, _, _ = w.api.PostMessage("C0NOWHERE1", slack.MsgOptionText("x", false))
		w.card(ops)
		if len(seen) != 2 || seen[0] != "chat.postMessage channel_not_found" || seen[1] != "chat.postMessage " {
			w.Errorf("seen %q", seen)
		}
	})
}

// Run ends also while calls hang and sockets are open; a bubble whose
// goroutines do not end would fail.
func TestRunEndsEverything(t *testing.T) {
	run(t, Options{}, func(w *world) {
		defer w.app(acking)()
		w.Fault(Fault{Method: "auth.test", Hang: true})
		go func() { _, _ = w.api.AuthTest() }()
		w.ok(w.OpenHome(alice))
		synctest.Wait()
		w.stop()
		if n := w.Connections(); n != 0 {
			w.Errorf("%d connections after Run", n)
		}
		if _, err := w.Click(context.Background(), Click{User: alice}); !errors.Is(err, ErrStopped) {
			w.Errorf("a click after Run: %v", err)
		}
		resp, err := w.http.Get("http://slack.test/socket?ticket=x")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode != http.StatusForbidden {
				w.Errorf("socket after Run: %d", resp.StatusCode)
			}
		}
	})
}
