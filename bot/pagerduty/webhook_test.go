package pagerduty

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/bot"
	simpd "amsbot/bot/sim/pagerduty"
	"amsbot/scenarios"
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
	h, err := NewWebhook(all, d)
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
		if w.Code != c.status {
			t.Errorf("%s: %d, want %d", c.name, w.Code, c.status)
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
		if _, err := NewWebhook(secrets, &door{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := NewWebhook([]secret.Text{secret.New("a")}, nil); err == nil {
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

var at = time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)

func event(kind, data string) string {
	return `{"event":{"id":"E1","event_type":"` + kind + `","resource_type":"incident","occurred_at":"2026-01-02T03:04:05.678Z",` +
		`"agent":{"id":"PANN001","type":"user_reference","summary":"Ann","html_url":null},"client":null,"data":` + data + `}}`
}

func TestHints(t *testing.T) {
	now := at.Add(time.Hour)
	byAnn := bot.Person{ID: ann, Name: "Ann"}
	whole := `{"id":"Q1","type":"incident","number":7,"title":"Disk full","status":"triggered","urgency":"high","html_url":"https://shop.pagerduty.com/incidents/Q1",` +
		`"service":{"id":"PWEB001","type":"service_reference","summary":"shop-web"},"assignees":[{"id":"PBOT001","type":"user_reference"},{"id":"../x"}],"new_field":{"a":[1]}}`
	full := bot.Hint{Source: "webhook", Event: "E1", At: at, ID: "Q1", Number: 7, Title: "Disk full", Status: "triggered", Urgency: "high",
		URL: "https://shop.pagerduty.com/incidents/Q1", Service: scenarios.Ref{ID: web, Name: "shop-web"}, Agent: byAnn, Assigned: []string{self}}
	named := bot.Hint{Source: "webhook", Event: "E1", At: at, ID: "Q1", Title: "Disk full", Agent: byAnn}
	typed := func(h bot.Hint, kind string) bot.Hint { h.Type = kind; return h }
	ofRef := func(kind string) string {
		return `{"id":"N1","type":"` + kind + `","incident":{"id":"Q1","type":"incident_reference","summary":"Disk full"}}`
	}
	none := bot.Hint{Source: "webhook", Event: "E1", At: at}
	for _, c := range []struct {
		name, body string
		want       bot.Hint
	}{
		{"triggered", event("incident.triggered", whole), typed(full, "incident.triggered")},
		{"a type of tomorrow", event("incident.teleported", whole), typed(full, "incident.teleported")},
		{"annotated", event("incident.annotated", ofRef("incident_note")), typed(named, "incident.annotated")},
		{"responder added", event("incident.responder.added", ofRef("incident_responder")), typed(named, "incident.responder.added")},
		{"status update", event("incident.status_update_published", ofRef("incident_status_update")), typed(named, "incident.status_update_published")},
		{"workflow", event("incident.workflow.completed", ofRef("incident_workflow_instance")), typed(named, "incident.workflow.completed")},
		{"service", event("service.updated", `{"id":"PWEB001","type":"service","summary":"shop-web"}`),
			bot.Hint{Source: "webhook", Event: "E1", Type: "service.updated", At: at, Agent: byAnn}},
		{"ping", ping, typed(none, "pagey.ping")},
		{"null agent, null data", `{"event":{"id":"E1","event_type":"x","occurred_at":"2026-01-02T03:04:05.678Z","agent":null,"data":null}}`, typed(none, "x")},
		{"an integration did it", `{"event":{"id":"E1","event_type":"x","occurred_at":"2026-01-02T03:04:05.678Z","agent":{"id":"PWEB001","type":"service_reference"}}}`, typed(none, "x")},
		{"an ID that is none", event("incident.triggered", `{"id":"../users","type":"incident","html_url":"javascript:alert(1)"}`),
			bot.Hint{Source: "webhook", Event: "E1", Type: "incident.triggered", At: at, Agent: byAnn}},
		{"odd fields", event("incident.triggered", `{"id":"Q1","type":"incident","number":"x","title":{"a":1},"service":7,"assignees":"all","status":null}`),
			bot.Hint{Source: "webhook", Event: "E1", Type: "incident.triggered", At: at, ID: "Q1", Agent: byAnn}},
		{"data is a text", event("x", `"boo"`), bot.Hint{Source: "webhook", Event: "E1", Type: "x", At: at, Agent: byAnn}},
		{"no time", `{"event":{"id":"E1","event_type":"x","data":{}}}`, bot.Hint{Source: "webhook", Event: "E1", Type: "x", At: now}},
		{"no type", `{"event":{"id":"E1"}}`, bot.Hint{Source: "webhook", Event: "E1", Type: Malformed, At: now}},
	} {
		if got := hintOf([]byte(c.body), now); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n%+v, want\n%+v", c.name, got, c.want)
		}
	}
}

func TestMalformedHintsNameThemselves(t *testing.T) {
	seen := map[string]bool{}
	for _, body := range []string{"{", "no json", "[]", "null", "7", `{"event":7}`, `{}`, `{"event":{}}`, "\xff\xfe"} {
		h := hintOf([]byte(body), at)
		if h.Type != Malformed || h.ID != "" || !strings.HasPrefix(h.Event, "body:") || seen[h.Event] {
			t.Errorf("%q: %+v", body, h)
		}
		if !reflect.DeepEqual(h, hintOf([]byte(body), at)) {
			t.Errorf("%q: a second delivery has another name", body)
		}
		seen[h.Event] = true
	}
}

func TestHintsAreBounded(t *testing.T) {
	long := strings.Repeat("x", 200_000)
	h := hintOf([]byte(event(long, `{"id":"Q1","type":"incident","title":"`+long+`","status":"`+long+`","urgency":"`+long+`"}`)), at)
	if len(h.Title) != mostTitle || len(h.Type) != 100 || len(h.Status) != 40 || len(h.Urgency) != 40 {
		t.Errorf("%d, %d, %d, %d", len(h.Title), len(h.Type), len(h.Status), len(h.Urgency))
	}
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
		_, err = conn.Write([]byte("POST " + WebhookPath + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nx"))
		must(t, err)
		start := time.Now()
		answer := make([]byte, 100)
		n, _ := conn.Read(answer)
		if got := time.Since(start); got != hookDeadline || !strings.Contains(string(answer[:n]), "503") {
			t.Errorf("after %s: %q", got, answer[:n])
		}
	})
}
