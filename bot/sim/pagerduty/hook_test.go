package pagerduty

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	pd "github.com/PagerDuty/go-pagerduty"
	"github.com/PagerDuty/go-pagerduty/webhookv3"
)

// arrived is one webhook as the receiver got it.
type arrived struct {
	at     time.Time
	header http.Header
	body   string
	event  struct {
		ID        string         `json:"id"`
		Type      string         `json:"event_type"`
		Resource  string         `json:"resource_type"`
		Occurred  string         `json:"occurred_at"`
		Agent     map[string]any `json:"agent"`
		Client    map[string]any `json:"client"`
		Data      map[string]any `json:"data"`
		Signature error          `json:"-"`
	}
}

// receiver takes webhooks and answers what it is told.
type receiver struct {
	mu     sync.Mutex
	got    []arrived
	answer func(n int, event string) int // status; 0: cut, -1: hang
	secret string
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	var a arrived
	a.event.Signature = webhookv3.VerifySignature(req, r.secret)
	b, _ := io.ReadAll(req.Body)
	var o struct{ Event json.RawMessage }
	json.Unmarshal(b, &o)
	json.Unmarshal(o.Event, &a.event)
	a.at, a.header, a.body = time.Now(), req.Header, string(b)
	r.mu.Lock()
	r.got = append(r.got, a)
	n, answer := len(r.got), r.answer
	r.mu.Unlock()
	status := 202
	if answer != nil {
		status = answer(n, a.event.Type)
	}
	switch status {
	case 0:
		panic(http.ErrAbortHandler)
	case -1:
		<-req.Context().Done()
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(status)
}

func (r *receiver) says(answer func(n int, event string) int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

func (r *receiver) all() []arrived {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]arrived(nil), r.got...)
}

// types lists the event types that arrived, without "incident.".
func (r *receiver) types() string {
	var all []string
	for _, a := range r.all() {
		all = append(all, strings.TrimPrefix(a.event.Type, "incident."))
	}
	return strings.Join(all, " ")
}

// hooked is a running account with one webhook.
func hooked(t *testing.T, f func(t *testing.T, w *world, r *receiver)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{secret: "s3cret"}
		opt := account()
		opt.Client = serve(t, r)
		opt.Secrets = []string{"s3cret"}
		opt.Webhooks = []Webhook{{ID: "PHOOK01", URL: "http://bot.example/webhook", Headers: map[string]string{"X-Own": "yes"}}}
		f(t, start(t, opt), r)
	})
}

func wantTypes(t *testing.T, r *receiver, want string) {
	t.Helper()
	synctest.Wait()
	if got := r.types(); got != want {
		t.Fatalf("webhooks: %q, want %q", got, want)
	}
}

func TestAWebhookLooksAsDocumented(t *testing.T) {
	hooked(t, func(t *testing.T, w *world, r *receiver) {
		id := w.raise("shop-web", "a")
		wantTypes(t, r, "triggered")
		a := r.all()[0]
		if a.event.Signature != nil {
			t.Errorf("signature: %v", a.event.Signature)
		}
		for k, want := range map[string]string{
			"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "PagerDuty-Webhook/V3.0",
			"X-Webhook-Subscription": "PHOOK01", "X-Own": "yes",
		} {
			if got := a.header.Get(k); got != want {
				t.Errorf("%s: %q, want %q", k, got, want)
			}
		}
		if a.header.Get("X-Webhook-Id") == "" || a.event.ID == "" || a.event.Resource != "incident" || a.event.Occurred != "2000-01-01T00:00:00.000Z" {
			t.Errorf("%s", a.body)
		}
		d := a.event.Data
		if d["id"] != id || d["type"] != "incident" || d["number"] != 1.0 || d["status"] != "triggered" || d["urgency"] != "high" ||
			d["title"] != "health check web-1 failed" || d["created_at"] != "2000-01-01T00:00:00Z" ||
			d["service"].(map[string]any)["id"] != "PWEB001" || d["assignees"].([]any)[0].(map[string]any)["id"] != bot ||
			d["html_url"] != "https://shop.pagerduty.com/incidents/"+id || d["escalation_policy"].(map[string]any)["id"] != "PPOL001" {
			t.Errorf("%s", a.body)
		}
		for _, k := range []string{"incident_number", "assignments", "alerts", "body"} {
			if _, there := d[k]; there {
				t.Errorf("%s is of the REST shape", k)
			}
		}
	})
}

func TestEveryActSendsItsWebhook(t *testing.T) {
	hooked(t, func(t *testing.T, w *world, r *receiver) {
		ctx := context.Background()
		id := w.raise("shop-web", "a")
		ok(t, manage(w, botMail, pd.ManageIncidentsOptions{ID: id, Status: "acknowledged"})) // its own echo
		time.Sleep(10 * time.Minute)                                                         // lapses
		time.Sleep(time.Minute)                                                              // escalates
		synctest.Wait()
		ok(t, w.Reassign(ann, id, bob))
		ok(t, manage(w, botMail, pd.ManageIncidentsOptions{ID: id, EscalationPolicy: &pd.APIReference{ID: "PPOL002"}}))
		ok(t, manage(w, botMail, pd.ManageIncidentsOptions{ID: id, Priority: &pd.APIReference{ID: "PPRI001"}}))
		ok(t, w.Note(ann, id, "a note"))
		_, err := w.api.CreateIncidentStatusUpdate(ctx, id, botMail, "an update")
		ok(t, err)
		ok(t, w.Invite(ann, id, "help", bob))
		ok(t, w.Respond(bob, id, false))
		ok(t, w.Resolve(ann, id))
		ok(t, w.Reopen(ann, id))
		synctest.Wait()
		other := w.raise("shop-web", "b")
		synctest.Wait()
		ok(t, w.Merge(ann, id, other))
		wantTypes(t, r, "triggered acknowledged unacknowledged escalated reassigned delegated priority_updated annotated "+
			"status_update_published responder.added responder.replied resolved reopened triggered resolved")
		agents := map[string]string{}
		for _, a := range r.all() {
			agents[a.event.Type] = fmt.Sprint(a.event.Agent["summary"], " ", a.event.Data["type"])
		}
		for event, want := range map[string]string{
			"incident.acknowledged": "amsbot incident", "incident.unacknowledged": "<nil> incident", "incident.escalated": "<nil> incident",
			"incident.annotated": "Ann incident_note", "incident.status_update_published": "amsbot incident_status_update",
			"incident.responder.added": "Ann incident_responder", "incident.triggered": "shop-web incident",
		} {
			if agents[event] != want {
				t.Errorf("%s: by %s, want %s", event, agents[event], want)
			}
		}
		last := r.all()[len(r.all())-1]
		if reason, _ := last.event.Data["resolve_reason"].(map[string]any); reason["type"] != "merge_resolve_reason" {
			t.Errorf("merged: %s", last.body)
		}
	})
}

func TestAGroupedAlertSendsNoWebhook(t *testing.T) {
	hooked(t, func(t *testing.T, w *world, r *receiver) {
		w.raise("shop-grouped", "a")
		w.raise("shop-grouped", "a")
		w.raise("shop-grouped", "b")
		wantTypes(t, r, "triggered")
		ok(t, w.Clear("shop-grouped", "a"))
		wantTypes(t, r, "triggered")
		ok(t, w.Clear("shop-grouped", "b"))
		wantTypes(t, r, "triggered resolved")
	})
}

func TestTwoSignaturesDuringARotation(t *testing.T) {
	hooked(t, func(t *testing.T, w *world, r *receiver) {
		w.SetSecrets("new", "s3cret")
		w.raise("shop-web", "a")
		synctest.Wait()
		a := r.all()[0]
		if sig := a.header.Get("X-PagerDuty-Signature"); strings.Count(sig, "v1=") != 2 || strings.Contains(sig, " ") || a.event.Signature != nil {
			t.Errorf("%q: %v", sig, a.event.Signature)
		}
		w.SetSecrets("new")
		w.raise("shop-web", "b")
		synctest.Wait()
		if err := r.all()[1].event.Signature; !errors.Is(err, webhookv3.ErrNoValidSignatures) {
			t.Errorf("the old secret still works: %v", err)
		}
	})
}

func TestPing(t *testing.T) {
	hooked(t, func(t *testing.T, w *world, r *receiver) {
		if status, _, _ := w.do("POST", "/webhook_subscriptions/PHOOK01/ping", ""); status != 202 {
			t.Errorf("status %d", status)
		}
		wantTypes(t, r, "pagey.ping")
		if e := r.all()[0].event; e.Resource != "pagey" || e.Data["type"] != "ping" || e.Signature != nil {
			t.Errorf("%s", r.all()[0].body)
		}
	})
}

func TestSubscriptionsByTheAPI(t *testing.T) {
	hooked(t, func(t *testing.T, w *world, r *receiver) {
		status, _, o := w.do("POST", "/webhook_subscriptions", `{"webhook_subscription":{"type":"webhook_subscription",
			"events":["incident.resolved"],"filter":{"type":"service_reference","id":"PWEB001"},
			"delivery_method":{"type":"http_delivery_method","url":"http://other.example/"}}}`)
		if status != 201 {
			t.Fatalf("%d %v", status, o)
		}
		sub := o["webhook_subscription"].(map[string]any)
		r.secret = sub["delivery_method"].(map[string]any)["secret"].(string)
		id, other := w.raise("shop-web", "a"), w.raise("shop-low", "a")
		ok(t, w.Resolve(ann, id))
		ok(t, w.Resolve(ann, other))
		synctest.Wait()
		var mine int
		for _, a := range r.all() {
			if a.header.Get("X-Webhook-Subscription") == sub["id"] {
				mine++
				if a.event.Signature != nil || a.event.Type != "incident.resolved" || a.event.Data["id"] != id {
					t.Errorf("%v: %s", a.event.Signature, a.body)
				}
			}
		}
		if mine != 1 {
			t.Errorf("%d webhooks for the new subscription", mine)
		}
		_, _, o = w.do("GET", "/webhook_subscriptions/"+sub["id"].(string), "")
		if o["webhook_subscription"].(map[string]any)["delivery_method"].(map[string]any)["secret"] != nil {
			t.Error("the secret is shown again")
		}
		if status, _, _ := w.do("DELETE", "/webhook_subscriptions/"+sub["id"].(string), ""); status != 204 {
			t.Errorf("delete: %d", status)
		}
		if status, _, _ := w.do("POST", "/webhook_subscriptions", `{"webhook_subscription":{"events":["x"],"filter":{"type":"account_reference"},"delivery_method":{"url":"ftp://x"}}}`); status != 400 {
			t.Errorf("a bad URL: %d", status)
		}
	})
}

func TestAWebhookThatIsTooLargeIsNotSent(t *testing.T) {
	hooked(t, func(t *testing.T, w *world, r *receiver) {
		for _, n := range []int{100 << 10, 300 << 10} {
			if _, err := w.Raise(Alert{Service: "shop-low", Title: strings.Repeat("x", n)}); err != nil {
				t.Fatal(err)
			}
		}
		wantTypes(t, r, "triggered")
	})
}
