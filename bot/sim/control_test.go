package sim

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// TestControlManual holds that the manual names every route, and that every
// example in it is a body that its route reads.
func TestControlManual(t *testing.T) {
	inWorld(t, func(o *Options) { o.Bot = &switched{} }, func(w *world) {
		status, manual := w.call("GET", "/control/", "")
		if status != http.StatusOK {
			t.Fatalf("GET /control/: %d", status)
		}
		for _, r := range w.controlRoutes() {
			if !strings.Contains(manual, "/control/"+r.path) || r.does == "" {
				t.Errorf("the manual does not tell of %s", r.path)
			}
			if r.path == "changes" {
				continue // a stream; see TestControlChanges
			}
			query, body := r.takes, ""
			if r.method == "POST" {
				query, body = "", r.takes
			}
			status, text := w.call(r.method, "/control/"+r.path+query, body)
			if status == http.StatusBadRequest || status == http.StatusMethodNotAllowed || status >= 500 {
				t.Errorf("the example of %s: %d %s", r.path, status, text)
			}
		}
	})
}

func TestControlRefusesOtherSites(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		const body = `{"ailment":"errors"}`
		for _, tt := range []struct {
			name, method, path string
			header             []string
			want               int
		}{
			{"a tool", "POST", "/control/ail", nil, 200},
			{"the page itself", "POST", "/control/ail", []string{"Origin", "http://sim.example", "Sec-Fetch-Site", "same-origin"}, 200},
			{"loopback by name", "POST", "/control/ail", []string{"Host", "localhost:8080"}, 200},
			{"loopback by address", "POST", "/control/ail", []string{"Host", "127.0.0.1:8080"}, 200},
			{"loopback by IPv6 address", "POST", "/control/ail", []string{"Host", "[::1]:8080"}, 200},
			{"foreign origin", "POST", "/control/ail", []string{"Origin", "https://evil.example"}, 403},
			{"another port of loopback", "POST", "/control/ail", []string{"Host", "localhost:8080", "Origin", "http://localhost:9090"}, 403},
			{"no origin at all", "POST", "/control/ail", []string{"Origin", "null"}, 403},
			{"cross-site without origin", "POST", "/control/ail", []string{"Sec-Fetch-Site", "cross-site"}, 403},
			{"same-site reading", "GET", "/control/state", []string{"Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "no-cors"}, 403},
			{"navigation to the control API", "GET", "/control/state", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"}, 403},
			{"link to the page", "GET", "/", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"}, 200},
			{"rebound name", "POST", "/control/ail", []string{"Host", "evil.example", "Origin", "http://evil.example"}, 403},
			{"rebound name reading", "GET", "/control/state", []string{"Host", "evil.example"}, 403},
			{"rebound name, page", "GET", "/", []string{"Host", "evil.example"}, 403},
			{"name that only looks like loopback", "GET", "/control/state", []string{"Host", "127.0.0.1.evil.example"}, 403},
			{"form", "POST", "/control/ail", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415},
			{"plain text", "POST", "/control/ail", []string{"Content-Type", "text/plain"}, 415},
			{"JSON with charset", "POST", "/control/ail", []string{"Content-Type", "application/json; charset=utf-8"}, 200},
			{"Slack's API from a page elsewhere", "POST", "/slack/api/auth.test", []string{"Origin", "https://evil.example"}, 403},
			{"PagerDuty's API from a page elsewhere", "GET", "/pagerduty/users", []string{"Origin", "https://evil.example"}, 403},
			{"events from a page elsewhere", "POST", "/events/v2/enqueue", []string{"Origin", "https://evil.example"}, 403},
			{"Slack's API under a rebound name", "POST", "/slack/api/auth.test", []string{"Host", "evil.example", "Origin", "http://evil.example"}, 403},
			{"PagerDuty's API under a rebound name", "GET", "/pagerduty/users", []string{"Host", "evil.example", "User-Agent", "Mozilla/5.0"}, 403},
			{"events under a rebound name", "POST", "/events/v2/enqueue", []string{"Host", "evil.example", "Origin", "http://evil.example"}, 403},
			{"a program under another name", "POST", "/slack/api/auth.test", []string{"Host", "sim.internal"}, 200},
		} {
			if status, text := w.call(tt.method, tt.path, body, tt.header...); status != tt.want {
				t.Errorf("%s: %d %s, want %d", tt.name, status, text, tt.want)
			}
		}
	})
}

func TestControlHosts(t *testing.T) {
	inWorld(t, func(o *Options) { o.Hosts = []string{"Demo.example:80"} }, func(w *world) {
		if status, _ := w.call("GET", "/control/state", "", "Host", "demo.example"); status != http.StatusOK {
			t.Errorf("a name that was given: %d", status)
		}
	})
}

func TestControlRefusesMistakes(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		for _, tt := range []struct {
			method, path, body string
			want               int
			says               string
		}{
			{"POST", "ail", `{"ailmint":"errors"}`, 400, "ailmint"},
			{"POST", "ail", `{"ailment":"errors"} {}`, 400, "more than one"},
			{"POST", "ail", ``, 400, "EOF"},
			{"POST", "ail", `{"ailment":"plague"}`, 404, "plague"},
			{"POST", "ail", `{"ailment":"` + strings.Repeat("x", maxControl) + `"}`, 400, "too large"},
			{"POST", "example", `{"kind":"flood"}`, 404, "flood"},
			{"POST", "raise", `{"service":"shop-web"}`, 409, "title"},
			{"POST", "raise", `{"service":"nowhere","title":"x"}`, 409, "nowhere"},
			{"POST", "clear", `{"service":"nowhere","key":"x"}`, 409, "nowhere"},
			{"POST", "pagerduty/acknowledge", `{"user":"PAIKO01","incident":"QNONE"}`, 409, "Incident"},
			{"POST", "pagerduty/snooze", `{"user":"PAIKO01","incident":"Q1","for":60}`, 400, "1m30s"},
			{"POST", "slack/heal", `{"id":7}`, 404, "7"},
			{"POST", "say", `{"user":"U0NOBODY","channel":"C0SHOPOPS1","text":"x"}`, 409, "nobody"},
			{"POST", "click", `{"user":"U0AIKO0001","channel":"C0SHOPOPS1","message_ts":"1.1","action_id":"a"}`, 404, "screen"},
			{"POST", "bot/kill", `{}`, 404, "bot"},
			{"GET", "bot/kill", ``, 405, "POST"},
			{"GET", "nothing", ``, 404, "GET /control/"},
			{"GET", "state?as=U0NOBODY", ``, 404, "U0NOBODY"},
			{"GET", "calls?of=jira", ``, 404, "jira"},
		} {
			status, text := w.call(tt.method, "/control/"+tt.path, tt.body)
			var out struct{ Error string }
			if err := json.Unmarshal([]byte(text), &out); err != nil || out.Error == "" {
				t.Errorf("%s %s: %q is no refusal", tt.method, tt.path, text)
			}
			if status != tt.want || !strings.Contains(out.Error, tt.says) {
				t.Errorf("%s %s %.60s: %d %s, want %d with %q", tt.method, tt.path, tt.body, status, out.Error, tt.want, tt.says)
			}
		}
	})
}
