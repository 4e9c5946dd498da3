package app_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"amsbot/bot/sim/pagerduty"
	"amsbot/cmd/amsbot/app"
	"amsbot/scenarios/secret"
)

const hookSecret = "pretend-webhook-secret"

func signedBy(key, body string) string {
	m := hmac.New(sha256.New, []byte(key))
	m.Write([]byte(body))
	return "v1=" + hex.EncodeToString(m.Sum(nil))
}

// hook is a V3 webhook of an event about an incident of shop-web.
func hook(event, kind, incident, title string) string {
	return fmt.Sprintf(`{"event":{"id":%q,"event_type":%q,"resource_type":"incident","occurred_at":"2000-01-01T00:00:10Z",
"data":{"id":%q,"type":"incident","number":7,"title":%q,"status":"triggered","urgency":"high","html_url":"https://shop.pagerduty.com/incidents/X",
"service":{"id":"PSHOPWEB","type":"service_reference","summary":"shop-web"}}}}`, event, kind, incident, title)
}

// deliver sends something to amsbot's door and says how it was answered.
func (s *stage) deliver(method, path, body, signature string) int {
	s.Helper()
	r, err := http.NewRequestWithContext(s.ctx, method, "http://bot.example:80"+path, strings.NewReader(body))
	s.must(err)
	if signature != "" {
		r.Header.Set("X-PagerDuty-Signature", signature)
	}
	transport := &http.Transport{DialContext: s.net.DialContext, DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	answer, err := (&http.Client{Transport: transport, Timeout: 30 * time.Second}).Do(r)
	if err != nil {
		s.Fatalf("%s %s: %v", method, path, err)
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode
}

// reads are the incidents that amsbot asked PagerDuty for.
func (s *stage) reads() (paths []string) {
	for _, c := range s.sim.PagerDuty.Calls() {
		if c.Method == http.MethodGet && strings.HasPrefix(c.Path, "/incidents/") {
			paths = append(paths, c.Path)
		}
	}
	return paths
}

// What is not signed by PagerDuty, or is no webhook, does nothing.
func TestWebhookDoor(t *testing.T) {
	const path = "/pagerduty/webhook"
	good := hook("E1", "incident.triggered", "QNOBODY0000001", "x")
	large := `{"event":{"id":"E2","data":"` + strings.Repeat("x", 600<<10) + `"}}`
	for _, c := range []struct {
		name, method, path, body, signature string
		want                                int
	}{
		{"no signature", "POST", path, good, "", 400},
		{"no signature in it", "POST", path, good, "hello", 400},
		{"a wrong one", "POST", path, good, signedBy("guess", good), 403},
		{"another body's", "POST", path, good, signedBy(hookSecret, good+" "), 403},
		{"one of another version", "POST", path, good, strings.Replace(signedBy(hookSecret, good), "v1=", "v2=", 1), 400},
		{"several, one of them right", "POST", path, good, signedBy("old", good) + "," + signedBy(hookSecret, good), 202},
		{"several, none right", "POST", path, good, signedBy("old", good) + "," + signedBy("older", good), 403},
		{"too large", "POST", path, large, signedBy(hookSecret, large), 413},
		{"no JSON, signed", "POST", path, `{"event": oh no`, signedBy(hookSecret, `{"event": oh no`), 202},
		{"no text at all, signed", "POST", path, "\x00\xff\xfe", signedBy(hookSecret, "\x00\xff\xfe"), 202},
		{"a list, signed", "POST", path, `[[[]]]`, signedBy(hookSecret, `[[[]]]`), 202},
		{"nothing", "POST", path, "", signedBy(hookSecret, ""), 400},
		{"GET", "GET", path, "", "", 405},
		{"PUT", "PUT", path, good, signedBy(hookSecret, good), 405},
		{"another path", "POST", "/", good, signedBy(hookSecret, good), 404},
		{"a path in the path", "POST", path + "/x", good, signedBy(hookSecret, good), 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			story(t, one(web()), func(s *stage) {
				if got := s.deliver(c.method, c.path, c.body, c.signature); got != c.want {
					t.Errorf("answered %d, want %d", got, c.want)
				}
				s.pass(time.Second)
				if c.want != 202 && len(s.reads()) > 0 {
					t.Errorf("it was believed: %v", s.reads())
				}
				s.pagerduty(``)
			})
		})
	}
}

// An empty secret would let anybody sign: amsbot does not start, and touches
// nothing.
func TestEmptyWebhookSecret(t *testing.T) {
	for name, webhook := range map[string][]secret.Text{"none": nil, "empty": {secret.New("")}, "one of two": {secret.New(hookSecret), secret.New("")}} {
		t.Run(name, func(t *testing.T) {
			c := app.DemoConfig()
			c.Scenarios, c.Database = app.Embedded, t.TempDir()+"/amsbot.db"
			_, err := app.New(c, app.Secrets{SlackBot: secret.New("xoxb-1"), SlackApp: secret.New("xapp-1"), PagerDuty: secret.New("t"), Webhook: webhook}, app.Network{}, quietLog())
			if err == nil || !strings.Contains(err.Error(), app.EnvWebhook) || app.Hint(err) == "" {
				t.Errorf("%v", err)
			}
		})
	}
}

// Two secrets while one is being replaced: both sign.
func TestTwoWebhookSecrets(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.stop()
		s.secrets.Webhook = append(s.secrets.Webhook, secret.New("the-next-one"))
		s.start()
		for i, key := range []string{hookSecret, "the-next-one"} {
			body := hook(fmt.Sprintf("E%d", i), "incident.triggered", "QNOBODY0000001", "x")
			if got := s.deliver("POST", "/pagerduty/webhook", body, signedBy(key, body)); got != 202 {
				t.Errorf("%s: %d", key, got)
			}
		}
		s.sim.PagerDuty.SetSecrets("the-next-one")
		s.down()
		s.says("Run Recovery")
	}, unhurried)
}

// Events that amsbot does not know are taken, kept once, and do nothing; so is
// what belongs to no incident.
func TestUnknownEvents(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		ping := `{"event":{"id":"E1","event_type":"pagey.ping","resource_type":"pagey","occurred_at":"2000-01-01T00:00:10Z","data":{"message":"<!channel>","type":"ping"}}}`
		odd := `{"event":{"id":"E2","event_type":"service.updated","resource_type":"service","data":{"id":"PSHOPWEB","type":"service"}}}`
		newer := `{"event":{"id":"E3","event_type":"galaxy.exploded","data":[1,2]},"more":{}}`
		for range 2 {
			for _, body := range []string{ping, odd, newer, `{}`} {
				if got := s.deliver("POST", "/pagerduty/webhook", body, signedBy(hookSecret, body)); got != 202 {
					t.Errorf("%s: %d", body, got)
				}
			}
		}
		s.settle()
		s.slack(``)
		s.pagerduty(``)
		if len(s.reads()) > 0 {
			t.Errorf("read: %v", s.reads())
		}
		var kinds []string
		for _, e := range s.history("bot") {
			kinds = append(kinds, e.Kind)
		}
		if strings.Count(strings.Join(kinds, " "), "news") < 3 || len(kinds) > 5 {
			t.Errorf("on record: %v", kinds)
		}
	}, unhurried)
}

// An incident's ID that is none leads nowhere.
func TestIDsThatAreNone(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		for i, id := range []string{"../users/me", "Q1/alerts", "Q1?x=y", "Q1%2f..", "", "Q 1", "<!channel>", strings.Repeat("Q", 500), "Q1\u202e"} {
			body := hook(fmt.Sprintf("E%d", i), "incident.triggered", id, "x")
			if got := s.deliver("POST", "/pagerduty/webhook", body, signedBy(hookSecret, body)); got != 202 {
				t.Errorf("%q: %d", id, got)
			}
		}
		s.settle()
		if len(s.reads()) > 0 {
			t.Errorf("read: %v", s.reads())
		}
		s.slack(``)
		s.pagerduty(``)
	}, unhurried)
}

// A title of 100 kB with bytes that are no text, signed: it is on the card, cut,
// and hurts nobody, until the read says what it really is.
func TestHostileWebhook(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.sim.PagerDuty.Fault(pagerduty.Fault{Method: "GET", Path: "/incidents/*", Kind: pagerduty.FaultStatus, Status: 503})
		body := hook("E1", "incident.triggered", "QHOSTILE000001", "TITLE")
		body = strings.Replace(body, "TITLE", "\xff\xfe"+strings.Repeat("A \\u0000\\u202e<!channel> *EVILBOLD* \xc3\x28", 3000), 1)
		if got := s.deliver("POST", "/pagerduty/webhook", body, signedBy(hookSecret, body)); got != 202 {
			t.Errorf("answered %d", got)
		}
		s.says("Reading")
		s.pass(time.Minute)
		s.ams(ben, "list")
		s.ams(ben, "show 7")
		s.ams(ben, "history 7")
		s.settle()
		s.incident = "QHOSTILE000001"
		s.texts()
		s.pagerduty(``)
	}, unhurried)
}

// The same delivery twice, and two in the wrong order: one incident, one run.
func TestWebhooksTwiceAndReversed(t *testing.T) {
	for _, kind := range []pagerduty.Kind{pagerduty.FaultTwice, pagerduty.FaultReversed, pagerduty.FaultLate} {
		t.Run(string(kind), func(t *testing.T) {
			story(t, one(web("autonomy: auto")), func(s *stage) {
				s.sim.PagerDuty.Fault(pagerduty.Fault{Method: "webhook", Kind: kind, Delay: 3 * time.Second})
				s.down()
				s.says("Recovered by amsbot")
				s.settle()
				s.slack(`
					    card: #1 Health check of web-1 failed: Recovered by amsbot
					    reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
					    reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
					    reply: *Re-check: OK* / OK health · status 200 · ok
					    reply: The recovery worked: the re-check is OK.`)
				s.pagerduty(`
					    amsbot: resolved -> 200
					    amsbot: note amsbot: Recovered by amsbot -> 200`)
				s.recoveries(1)
				seen, runs := map[string]int{}, 0
				for _, e := range s.history("pd:shop:" + s.incident) {
					switch e.Kind {
					case "received":
						seen[string(e.Data)]++
					case "run":
						runs++
					}
				}
				for data, n := range seen {
					if n > 1 {
						t.Errorf("recorded %d times: %s", n, data)
					}
				}
				if runs != 1 {
					t.Errorf("%d runs", runs)
				}
			}, unhurried)
		})
	}
}

// While amsbot stops, PagerDuty is told to come again: nothing is lost.
func TestWebhookWhileStopping(t *testing.T) {
	story(t, one(web("autonomy: auto", restart)), func(s *stage) {
		s.down()
		s.recovering()
		gone := make(chan struct{})
		go func() { s.stop(); close(gone) }()
		s.pass(100 * time.Millisecond)
		body := hook("E1", "incident.triggered", "QLATE000000001", "x")
		r, err := http.NewRequestWithContext(s.ctx, "POST", "http://bot.example:80/pagerduty/webhook", bytes.NewReader([]byte(body)))
		s.must(err)
		r.Header.Set("X-PagerDuty-Signature", signedBy(hookSecret, body))
		answer, err := (&http.Client{Transport: &http.Transport{DialContext: s.net.DialContext, DisableKeepAlives: true}}).Do(r)
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode != 503 || answer.Header.Get("Retry-After") == "" {
				t.Errorf("answered %d, Retry-After %q", answer.StatusCode, answer.Header.Get("Retry-After"))
			}
		}
		<-gone
		s.start()
		s.says("Recovered by amsbot")
		s.settle()
	}, unhurried, slow(3*time.Second))
}
