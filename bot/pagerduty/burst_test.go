package pagerduty_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"amsbot/bot"
	"amsbot/bot/pagerduty"
	"amsbot/scenarios"
	"amsbot/scenarios/secret"
	"amsbot/store"
)

// nobody answers: these tests are about taking in alone.
type nobody struct{}

func (nobody) Read(context.Context, bot.Reading) (*bot.Snapshot, error) {
	return nil, bot.ErrNotFound
}
func (nobody) Levels(context.Context, string) ([]bot.Level, error) { return nil, bot.ErrNotFound }
func (nobody) ByID(context.Context, string) (bot.Person, error)    { return bot.Person{}, bot.ErrNotFound }

func (nobody) ByEmail(context.Context, string) (bot.Person, error) {
	return bot.Person{}, bot.ErrNotFound
}
func (nobody) InGroup(context.Context, string, string) (bool, error) { return false, bot.ErrNotFound }
func (nobody) InChannel(context.Context, string, string) (bool, error) {
	return false, bot.ErrNotFound
}

// members is nobody in Slack.
type members struct{ nobody }

func (members) Email(context.Context, string) (string, error)   { return "", bot.ErrNotFound }
func (members) ByEmail(context.Context, string) (string, error) { return "", bot.ErrNotFound }

// intake is a webhook before the real conductor and the real store.
func intake(t testing.TB) (*pagerduty.Webhook, *store.DB) {
	t.Helper()
	db, err := store.Open(filepath.Join(t.TempDir(), "amsbot.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	set, err := scenarios.LoadFS(scenarios.Examples(), scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := bot.New(bot.Options{
		DB: db, Scenarios: set, Incidents: nobody{}, OnCalls: nobody{}, Users: nobody{}, Members: members{},
		Account: "shop", Self: bot.Person{ID: "PAMSBOT"},
	})
	if err != nil {
		t.Fatal(err)
	}
	h, err := pagerduty.NewWebhook([]secret.Text{secret.New("s")}, b, nil)
	if err != nil {
		t.Fatal(err)
	}
	return h, db
}

// body is a webhook about an incident of the examples' shop.
func body(event, kind, status string, incident int) string {
	return fmt.Sprintf(`{"event":{"id":%q,"event_type":%q,"occurred_at":"2026-01-02T03:04:05Z","data":{"id":"Q%07d","type":"incident",
		"number":%d,"title":"x","status":%q,"service":{"id":"PSHOPWEB","summary":"shop-web"}}}}`, event, kind, incident, incident, status)
}

func deliver(h *pagerduty.Webhook, body string) int {
	m := hmac.New(sha256.New, []byte("s"))
	m.Write([]byte(body))
	r := httptest.NewRequest("POST", pagerduty.WebhookPath, strings.NewReader(body))
	r.Header.Set("X-PagerDuty-Signature", "v1="+hex.EncodeToString(m.Sum(nil)))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

// storm delivers all bodies, 100 at a time, and says how each was answered.
func storm(h *pagerduty.Webhook, bodies []string) map[int]int {
	var mu sync.Mutex
	codes, next := map[int]int{}, make(chan string)
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			for b := range next {
				code := deliver(h, b)
				mu.Lock()
				codes[code]++
				mu.Unlock()
			}
		})
	}
	for _, b := range bodies {
		next <- b
	}
	close(next)
	all.Wait()
	return codes
}

// told are the events that are on record of each so many-th incident, by the
// event's ID, and how many incidents there are.
func told(t *testing.T, db *store.DB, every int) (all map[string]map[string]int, n int) {
	t.Helper()
	records, err := db.Incidents(t.Context(), store.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	all = map[string]map[string]int{}
	for i, r := range records {
		if i%every != 0 {
			continue
		}
		events, err := db.Events(t.Context(), r.Key)
		if err != nil {
			t.Fatal(err)
		}
		all[r.Key] = map[string]int{}
		for _, e := range events {
			var x struct{ Hint bot.Hint }
			if e.Kind == "received" && json.Unmarshal(e.Data, &x) == nil {
				all[r.Key][x.Hint.Event]++
			}
		}
	}
	return all, len(records)
}

// A burst as large as PagerDuty's own queue: none is lost, none is there twice.
func TestABurstOfWebhooks(t *testing.T) {
	t.Parallel()
	const burst = 4000
	h, db := intake(t)
	var bodies []string
	for n := range burst {
		bodies = append(bodies, body(fmt.Sprintf("E%d", n), "incident.triggered", "triggered", n))
	}
	if codes := storm(h, bodies); codes[202] != burst {
		t.Errorf("answered %v", codes)
	}
	all, n := told(t, db, 10)
	if n != burst {
		t.Errorf("%d incidents of %d", n, burst)
	}
	for key, events := range all {
		if len(events) != 1 || events["E"+strings.TrimLeft(strings.TrimPrefix(key, "pd:shop:Q"), "0")]+events["E0"] != 1 {
			t.Errorf("%s: %v", key, events)
		}
	}
}

// The same webhook a hundred times, and the three of an incident in every order:
// each is on record once, all are answered 202.
func TestTheSameWebhookAHundredTimes(t *testing.T) {
	t.Parallel()
	h, db := intake(t)
	kinds := []struct{ kind, status string }{
		{"incident.triggered", "triggered"}, {"incident.acknowledged", "acknowledged"}, {"incident.resolved", "resolved"},
	}
	var bodies []string
	for n, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		for _, k := range order {
			times := 3
			if n == 0 {
				times = 100
			}
			for range times {
				bodies = append(bodies, body(fmt.Sprintf("E%d-%d", n, k), kinds[k].kind, kinds[k].status, n))
			}
		}
	}
	if codes := storm(h, bodies); codes[202] != len(bodies) {
		t.Errorf("answered %v", codes)
	}
	all, n := told(t, db, 1)
	if n != 6 {
		t.Errorf("%d incidents", n)
	}
	for key, events := range all {
		if len(events) != 3 {
			t.Errorf("%s: %v", key, events)
		}
		for event, n := range events {
			if n != 1 {
				t.Errorf("%s: %s is on record %d times", key, event, n)
			}
		}
	}
}

// BenchmarkWebhook is what a webhook about another incident each time costs until it
// is answered, and nothing that follows from it.
func BenchmarkWebhook(b *testing.B) {
	for _, senders := range []int{1, 50} {
		b.Run(fmt.Sprint("parallel=", senders), func(b *testing.B) {
			h, _ := intake(b)
			bodies := make(chan string, b.N)
			for n := range b.N {
				bodies <- whole(n)
			}
			close(bodies)
			b.ReportAllocs()
			b.ResetTimer()
			var all sync.WaitGroup
			for range senders {
				all.Go(func() {
					for body := range bodies {
						if code := deliver(h, body); code != 202 {
							b.Error(code)
						}
					}
				})
			}
			all.Wait()
		})
	}
}

// whole is a webhook with all that PagerDuty says of an incident that has begun.
func whole(incident int) string {
	ref := func(id, kind, name string) string {
		return fmt.Sprintf(`{"html_url":"https://shop.pagerduty.com/%ss/%s","id":%q,"self":"https://api.pagerduty.com/%ss/%s","summary":%q,"type":"%s_reference"}`,
			kind, id, id, kind, id, name, kind)
	}
	return fmt.Sprintf(`{"event":{"id":"01BWE%07d","event_type":"incident.triggered","resource_type":"incident","occurred_at":"2026-01-02T03:04:05.123Z",
		"agent":%s,"client":null,"data":{"id":"Q%07d","type":"incident","self":"https://api.pagerduty.com/incidents/Q%07d",
		"html_url":"https://shop.pagerduty.com/incidents/Q%07d","number":%d,"status":"triggered","incident_key":"4f0a%d","created_at":"2026-01-02T03:04:05Z",
		"title":"[web-%d] health check failed: 503 Service Unavailable","service":%s,"assignees":[%s],"escalation_policy":%s,"teams":[%s],
		"priority":%s,"urgency":"high","conference_bridge":{"conference_number":"+1 1234123412,,987654321#","conference_url":"https://meet.shop.example/1"},
		"resolve_reason":null,"incident_type":{"name":"incident_default"}}}}`,
		incident, ref("PLH1HKV", "service", "monitor"), incident, incident, incident, incident, incident, incident,
		ref("PSHOPWEB", "service", "shop-web"), ref("PAMSBOT", "user", "amsbot"), ref("PUS0KTE", "escalation_policy", "shop"),
		ref("PFCVPS0", "team", "operations"), ref("PSO75BM", "priority", "P1"))
}
