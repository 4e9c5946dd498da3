package pagerduty

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/bot"
	simpd "amsbot/bot/sim/pagerduty"
	"amsbot/scenarios/secret"
)

// door keeps what came in.
type door struct {
	mu    sync.Mutex
	hints []bot.Hint
	fail  error
	hang  bool
}

func (d *door) Receive(ctx context.Context, h bot.Hint) error {
	d.mu.Lock()
	hang := d.hang
	d.mu.Unlock()
	if hang {
		<-ctx.Done()
		return ctx.Err()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fail != nil {
		return d.fail
	}
	d.hints = append(d.hints, h)
	return nil
}

// heal opens the door.
func (d *door) heal() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hang, d.fail = false, nil
}

// took empties the door.
func (d *door) took() []bot.Hint {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := d.hints
	d.hints = nil
	return all
}

func newHook(t *testing.T, d Door, secrets ...string) *Webhook {
	t.Helper()
	var all []secret.Text
	for _, s := range secrets {
		all = append(all, secret.New(s))
	}
	h, err := NewWebhook(all, d, nil)
	must(t, err)
	return h
}

func signed(body, key string) string {
	m := hmac.New(sha256.New, []byte(key))
	m.Write([]byte(body))
	return "v1=" + hex.EncodeToString(m.Sum(nil))
}

func post(h http.Handler, body, signature string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, WebhookPath, strings.NewReader(body))
	if signature != "" {
		r.Header.Set("X-PagerDuty-Signature", signature)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const ping = `{"event":{"id":"E1","event_type":"pagey.ping","resource_type":"pagey","occurred_at":"2026-01-02T03:04:05.678Z","agent":null,"client":null,"data":{"message":"Hello","type":"ping"}}}`

func TestWebhookSignatures(t *testing.T) {
	other := "v1=" + strings.Repeat("0", 64)
	for _, c := range []struct {
		name, body, signature string
		status                int
	}{
		{"signed", ping, signed(ping, "new"), 202},
		{"signed with the old secret", ping, signed(ping, "old"), 202},
		{"rotation at PagerDuty", ping, other + "," + signed(ping, "new"), 202},
		{"upper case", ping, "v1=" + strings.ToUpper(signed(ping, "new")[3:]), 202},
		{"a later version beside", ping, "v2=abc," + signed(ping, "new"), 202},
		{"none", ping, "", 400},
		{"wrong", ping, other, 403},
		{"of another secret", ping, signed(ping, "guess"), 403},
		{"of the empty secret", ping, signed(ping, ""), 403},
		{"of another body", ping, signed(ping+" ", "new"), 403},
		{"of a later version alone", ping, "v2=abc", 400},
		{"no hex", ping, "v1=zz", 400},
		{"empty", "", signed("", "new"), 400},
		{"malformed and unsigned", "{", other, 403},
		{"over the limit", strings.Repeat("x", mostBody+1), signed(strings.Repeat("x", mostBody+1), "new"), 413},
		{"at the limit", strings.Repeat("x", mostBody), signed(strings.Repeat("x", mostBody), "new"), 202},
	} {
		d := &door{}
		w := post(newHook(t, d, "new", "old"), c.body, c.signature)
		if closes := w.Header().Get("Connection") == "close"; w.Code != c.status || closes != (c.status != 202) {
			t.Errorf("%s: %d, want %d; the connection is closed: %v", c.name, w.Code, c.status, closes)
		}
		if got := len(d.took()); (got == 1) != (c.status == 202) {
			t.Errorf("%s: %d hints", c.name, got)
		}
	}
}

func TestWebhookTakesNothingButPost(t *testing.T) {
	for _, method := range []string{"GET", "PUT", "HEAD", "DELETE"} {
		w := httptest.NewRecorder()
		newHook(t, &door{}, "s").ServeHTTP(w, httptest.NewRequest(method, WebhookPath, strings.NewReader(ping)))
		if w.Code != 405 || w.Header().Get("Allow") != "POST" {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
}

func TestWebhookNeedsASecret(t *testing.T) {
	for name, secrets := range map[string][]secret.Text{
		"none": nil, "empty": {secret.New("")}, "zero": {{}}, "one is empty": {secret.New("a"), secret.New("")},
	} {
		if _, err := NewWebhook(secrets, &door{}, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := NewWebhook([]secret.Text{secret.New("a")}, nil, nil); err == nil {
		t.Error("no door: no error")
	}
}

func TestWebhookAsksToTryAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failing, hanging, closed := newHook(t, &door{fail: errors.New("disk full")}, "s"), newHook(t, &door{hang: true}, "s"), newHook(t, &door{}, "s")
		closed.Close()
		for name, c := range map[string]struct {
			h     *Webhook
			after time.Duration
		}{"failing": {failing, 0}, "hanging": {hanging, hookDeadline}, "closed": {closed, 0}} {
			start := time.Now()
			w := post(c.h, ping, signed(ping, "s"))
			if w.Code != 503 || w.Header().Get("Retry-After") == "" || time.Since(start) != c.after {
				t.Errorf("%s: %d after %s", name, w.Code, time.Since(start))
			}
			if strings.Contains(w.Body.String(), "disk") {
				t.Errorf("%s: tells PagerDuty %q", name, w.Body)
			}
		}
	})
}

// hooked is an account whose webhooks reach the door.
func hooked(t *testing.T, d Door, f func(t *testing.T, w *world, h *Webhook)) {
	t.Helper()
	const hookAddress = "amsbot.example:80"
	opt := account()
	opt.Secrets = []string{hookSecret}
	opt.Webhooks = []simpd.Webhook{{URL: "http://" + hookAddress + WebhookPath}}
	var transport http.Transport
	opt.Client = &http.Client{Transport: &transport}
	inBubble(t, opt, func(t *testing.T, w *world) {
		transport.DialContext = w.net.DialContext
		h := newHook(t, d, hookSecret)
		l, err := w.net.Listen(hookAddress)
		must(t, err)
		server := &http.Server{Handler: h}
		var running sync.WaitGroup
		running.Go(func() { _ = server.Serve(l) })
		t.Cleanup(func() {
			transport.CloseIdleConnections()
			_ = server.Close()
			running.Wait()
		})
		f(t, w, h)
	})
}

func TestWebhooksOfAnAccount(t *testing.T) {
	d := &door{}
	hooked(t, d, func(t *testing.T, w *world, _ *Webhook) {
		id := w.raise(web)
		must(t, w.Note(ann, id, "looking"))
		must(t, w.Acknowledge(ann, id))
		must(t, w.Invite(ann, id, "help", bob))
		must(t, w.Resolve(ann, id))
		time.Sleep(time.Minute)
		var types []string
		for _, h := range d.took() {
			types = append(types, h.Type)
			if h.ID != id || h.Source != "webhook" || h.Event == "" || h.At.IsZero() || h.Title == "" {
				t.Errorf("hint %+v", h)
			}
		}
		want := "incident.triggered incident.annotated incident.acknowledged incident.responder.added incident.resolved"
		if got := strings.Join(types, " "); got != want {
			t.Errorf("hints %s, want %s", got, want)
		}
	})
}

func TestWebhooksComeAgainAfterAFault(t *testing.T) {
	d := &door{hang: true}
	hooked(t, d, func(t *testing.T, w *world, _ *Webhook) {
		id := w.raise(web)
		time.Sleep(10 * time.Second)
		sub := w.State().Webhooks[0]
		if sub.Dropped != 0 || sub.Attempts == 0 || !strings.HasPrefix(sub.Last, "503") {
			t.Errorf("subscription %+v", sub)
		}
		d.heal()
		time.Sleep(time.Hour)
		if got := d.took(); len(got) == 0 || got[0].ID != id {
			t.Errorf("hints %+v", got)
		}
	})
}

func TestADripIsCutOff(t *testing.T) {
	hooked(t, &door{}, func(t *testing.T, w *world, _ *Webhook) {
		conn, err := w.net.DialContext(t.Context(), "tcp", "amsbot.example:80")
		must(t, err)
		defer conn.Close()
		_, err = conn.Write([]byte("POST " + WebhookPath + " HTTP/1.1\r\nHost: x\r\nX-PagerDuty-Signature: v1=00\r\nContent-Length: 1000\r\n\r\nx"))
		must(t, err)
		start := time.Now()
		answer := make([]byte, 100)
		n, _ := conn.Read(answer)
		if got := time.Since(start); got != hookDeadline || !strings.Contains(string(answer[:n]), "503") {
			t.Errorf("after %s: %q", got, answer[:n])
		}
	})
}

// Who knows no secret sends as much as they like: nothing of what is not signed
// at all is read, and of the rest no more than a few bodies at a time.
func TestUnsignedFillNoMemory(t *testing.T) {
	hooked(t, &door{}, func(t *testing.T, w *world, h *Webhook) {
		unsigned := &endless{}
		r := httptest.NewRequest(http.MethodPost, WebhookPath, unsigned)
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		if rec.Code != http.StatusBadRequest || unsigned.read.Load() > 0 {
			t.Errorf("%d after %d bytes", rec.Code, unsigned.read.Load())
		}
		var all sync.WaitGroup
		var reading, most atomic.Int64
		for range 3 * mostHooks {
			all.Go(func() {
				r := httptest.NewRequest(http.MethodPost, WebhookPath, &slow{reading: &reading, most: &most})
				r.Header.Set("X-PagerDuty-Signature", "v1="+strings.Repeat("0", 64))
				h.ServeHTTP(httptest.NewRecorder(), r)
			})
		}
		all.Wait()
		if n := most.Load(); n > mostHooks || n < 2 {
			t.Errorf("%d bodies were read at once", n)
		}
	})
}

// endless is a body without an end.
type endless struct{ read atomic.Int64 }

func (e *endless) Read(p []byte) (int, error) { e.read.Add(int64(len(p))); return len(p), nil }

// slow is a body that takes a second.
type slow struct{ reading, most *atomic.Int64 }

func (s *slow) Read([]byte) (int, error) {
	if n := s.reading.Add(1); n > s.most.Load() {
		s.most.Store(n)
	}
	time.Sleep(time.Second)
	s.reading.Add(-1)
	return 0, io.EOF
}
