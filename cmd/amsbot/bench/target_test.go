package bench

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"amsbot/bot/admin"
	"amsbot/cmd/amsbot/floor"
	"amsbot/scenarios/secret"
)

func aimed(t *testing.T, address, service string, keys ...string) (Report, error) {
	u, err := ParseTarget(address)
	if err != nil {
		t.Fatal(err)
	}
	target := Target{URL: u, Service: service}
	for _, k := range keys {
		target.Secrets = append(target.Secrets, secret.New(k))
	}
	return Aim(t.Context(), target, true)
}

// A real amsbot takes all of it, and nothing comes of the pings: no card, no call.
func TestAimAtAmsbot(t *testing.T) {
	w := newBenchWorld(t)
	address := serve(t, w, amsbotItself)
	report, err := aimed(t, address, "", "another", w.access.WebhookSecret)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]float64{}
	for _, r := range report.Parts[0].Rows {
		rows[r.What] = r.Value
	}
	for _, parallel := range []string{"1", "50", "500"} {
		if rows["webhook to 2xx, p50, "+parallel+" in parallel"] <= 0 || rows["webhooks taken in, "+parallel+" in parallel"] <= 0 {
			t.Errorf("at %s in parallel: %v", parallel, rows)
		}
		if n := rows["not answered 2xx, "+parallel+" in parallel"]; n > 0 {
			t.Errorf("%v were not answered at %s in parallel: %v", n, parallel, report.Parts[0].Notes)
		}
	}
	client, err := admin.Dial(w.database())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if lines, err := client.Incidents(t.Context(), admin.Which{}); err != nil || len(lines) > 0 {
		t.Errorf("incidents: %v, %v", lines, err)
	}
	for n := range channels {
		if said := w.sim.Slack.Messages(channel(n)); len(said) > 0 {
			t.Errorf("%d messages in %s", len(said), channel(n))
		}
	}
	var text strings.Builder
	if err := report.Print(&text); err != nil || !strings.Contains(text.String(), "621 webhooks were sent to http://127.0.0.1:") || strings.Contains(text.String(), "fsync") {
		t.Errorf("%v\n%s", err, text.String())
	}
}

// The floor is no amsbot: any address that takes signed webhooks will do, with
// incidents, too.
func TestAimAtTheFloor(t *testing.T) {
	w := newBenchWorld(t)
	address := serve(t, w, floor.Update)
	report, err := aimed(t, address, "no such service", w.access.WebhookSecret)
	if err != nil {
		t.Fatal(err)
	}
	if note := strings.Join(report.Parts[0].Notes, "\n"); !strings.Contains(note, `each of an incident of "no such service" that PagerDuty does not know`) {
		t.Errorf("notes:\n%s", note)
	}
}

// What answers otherwise is refused at the first webhook, and counted later on.
func TestAimAtWhatRefuses(t *testing.T) {
	var taken, left atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch {
		case !strings.Contains(string(body), `"id":"amsbot-bench-`):
			t.Errorf("a body without its mark: %s", body)
		case r.URL.Path == "/moved":
			http.Redirect(rw, r, "/", http.StatusTemporaryRedirect)
		case left.Add(-1) < 0:
			http.Error(rw, "not now", http.StatusServiceUnavailable)
		default:
			taken.Add(1)
		}
	}))
	defer s.Close()
	for path, want := range map[string]string{"/": "answered 503", "/moved": "answered 307"} {
		if _, err := aimed(t, s.URL+path, "", "key"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
	left.Store(200)
	report, err := aimed(t, s.URL, "", "key")
	if err != nil || taken.Load() != 200 {
		t.Fatalf("%d taken: %v", taken.Load(), err)
	}
	var missed float64
	for _, r := range report.Parts[0].Rows {
		if strings.HasPrefix(r.What, "not answered") {
			missed += r.Value
		}
	}
	if note := strings.Join(report.Parts[0].Notes, "\n"); missed != 421 || !strings.Contains(note, "500 in parallel, the last that was not: webhook #") {
		t.Errorf("%v missed: %s", missed, note)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	u, _ := ParseTarget(s.URL)
	if _, err := Aim(ctx, Target{URL: u}, true); err == nil {
		t.Error("it went on without anybody who waits")
	}
}

func TestParseTarget(t *testing.T) {
	for text, want := range map[string]string{
		"localhost:8080": "a URL begins with http:// or https:// and names a host", "https://": "a URL begins with http:// or https:// and names a host",
		"http://[::1": "it is no URL", "http://bot.example/pagerduty/webhook": "",
	} {
		_, err := ParseTarget(text)
		if got := ""; err != nil && err.Error() != want || err == nil && want != got {
			t.Errorf("%s: %v", text, err)
		}
	}
}
