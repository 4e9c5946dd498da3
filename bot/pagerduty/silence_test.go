package pagerduty

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"amsbot/bot"
	"amsbot/scenarios"
)

// listener is a poll beside a webhook, and what it says of that.
type listener struct {
	*watch
	hook *Webhook
	news []bot.Silence // under the door's lock
}

func (w *world) listen(t *testing.T) *listener {
	l := &listener{hook: newHook(t, &door{}, "s")}
	l.watch = w.poll(t, func(p *watch, o *PollOptions) {
		o.Webhook = l.hook
		o.Open = func(context.Context) (known []string, err error) { // what came in once
			p.mu.Lock()
			defer p.mu.Unlock()
			for _, h := range p.hints {
				known = append(known, h.ID)
			}
			return known, nil
		}
		o.Mine = func(s scenarios.Ref) bool { return s.ID != low }
		o.Silence = func(_ context.Context, s bot.Silence) error {
			p.mu.Lock()
			defer p.mu.Unlock()
			l.news = append(l.news, s)
			return p.fail
		}
	})
	time.Sleep(time.Second)
	return l
}

func (l *listener) told() []bot.Silence {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.news
	l.news = nil
	return all
}

// hears has a webhook about the incident come.
func (l *listener) hears(id, service string) {
	body := `{"event":{"id":"E` + id + `","event_type":"incident.triggered","occurred_at":"2000-01-01T00:00:10Z",
		"data":{"id":"` + id + `","type":"incident","service":{"id":"` + service + `"}}}}`
	post(l.hook, body, signed(body, "s"))
}

const subscribed = `{"webhook_subscriptions":[
	{"id":"PELSE01","active":true,"filter":{"type":"account_reference"},"delivery_method":{"url":"https://elsewhere.example/hook"}},
	{"id":"PSUB001","active":ACTIVE,"events":[EVENTS],"filter":FILTER,
	 "delivery_method":{"url":"https://amsbot.example/x/pagerduty/webhook","temporarily_disabled":DISABLED}}]}`

// Why webhooks do not come, as PagerDuty has it.
func TestWhyWebhooksDoNotCome(t *testing.T) {
	change := func(pairs ...string) string {
		body := strings.NewReplacer(pairs...).Replace(subscribed)
		return strings.NewReplacer("ACTIVE", "true", "EVENTS", `"incident.triggered"`, "FILTER", `{"type":"account_reference"}`, "DISABLED", "false").Replace(body)
	}
	for _, c := range []struct {
		name, answer string
		status       int
		wrong        bool // one came with a wrong signature
		why, id      string
	}{
		{"active", change(), 200, false, bot.SilentActive, "PSUB001"},
		{"switched off", change("ACTIVE", "false"), 200, false, bot.SilentOff, "PSUB001"},
		{"three drops", change("DISABLED", "true"), 200, false, bot.SilentDisabled, "PSUB001"},
		{"another service", change("FILTER", `{"type":"service_reference","id":"POTHER1"}`), 200, false, bot.SilentFiltered, "PSUB001"},
		{"its service", change("FILTER", `{"type":"service_reference","id":"`+web+`"}`), 200, false, bot.SilentActive, "PSUB001"},
		{"other events", change("EVENTS", `"incident.resolved"`), 200, false, bot.SilentFiltered, "PSUB001"},
		{"none", `{"webhook_subscriptions":[]}`, 200, false, bot.SilentNone, ""},
		{"none of ours", strings.ReplaceAll(change(), "/x/pagerduty", "/y"), 200, false, bot.SilentNone, ""},
		{"may not be asked", `{"error":{"code":2010}}`, 403, false, bot.SilentUnknown, ""},
		{"cannot be asked", `?`, 500, false, bot.SilentUnknown, ""},
		{"odd", `{"webhook_subscriptions":[null,7,{"id":{}}]}`, 200, false, bot.SilentNone, ""},
		{"rotated", change(), 200, true, bot.SilentRefused, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			says := func(account http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path != "/webhook_subscriptions" {
						account.ServeHTTP(w, r)
						return
					}
					w.WriteHeader(c.status)
					_, _ = w.Write([]byte(c.answer))
				})
			}
			inTwistedBubble(t, account(), says, func(t *testing.T, w *world) {
				l := w.listen(t)
				w.raise(web)
				if c.wrong {
					post(l.hook, ping, signed(ping, "old"))
				}
				time.Sleep(4 * time.Minute)
				got := l.told()
				if len(got) != 1 || got[0].Why != c.why || got[0].Subscription != c.id || got[0].Missed != 1 || got[0].Service.ID != web {
					t.Errorf("told %+v", got)
				}
			})
		})
	}
}

// Each incident that was missed counts once; what was heard of, is none of ours
// or began before we listened counts not; and it is said when webhooks come again.
func TestWebhooksThatAreMissed(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		w.raise(web)
		time.Sleep(time.Second)
		l := w.listen(t)
		time.Sleep(5 * time.Minute)
		if got := l.told(); len(got) != 0 {
			t.Errorf("before anything was missed: %+v", got)
		}
		l.hears(w.raise(web), web)
		w.raise(low)
		time.Sleep(5 * time.Minute)
		if got := l.told(); len(got) != 1 || got[0].Why != "" {
			t.Errorf("after the first webhook: %+v", got)
		}
		w.raise(web)
		w.raise(gaps)
		late := w.raise(web)
		time.Sleep(hookPatience / 2)
		l.hears(late, web) // slow, but there
		time.Sleep(5 * time.Minute)
		got := l.told()
		missed := 0
		for _, s := range got {
			missed += s.Missed
		}
		if missed != 2 || got[len(got)-1].Why != bot.SilentNone {
			t.Errorf("told %+v", got)
		}
		w.raise(web)
		time.Sleep(5 * time.Minute)
		if got := l.told(); len(got) != 1 || got[0].Missed != 1 {
			t.Errorf("one more: told %+v", got)
		}
		l.hears(w.raise(web), web)
		time.Sleep(5 * time.Minute)
		if got := l.told(); len(got) != 1 || got[0].Why != "" || got[0].Missed != 0 || got[0].Service.ID != web {
			t.Errorf("again: told %+v", got)
		}
	})
}

// What could not be recorded is told again; and where no webhook is expected,
// none is missed.
func TestMissedWebhooksAreNotForgotten(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		l := w.listen(t)
		l.mu.Lock()
		l.fail = context.DeadlineExceeded
		l.mu.Unlock()
		w.raise(web)
		time.Sleep(10 * time.Minute)
		l.heal()
		l.told()
		time.Sleep(10 * time.Minute)
		if got := l.told(); len(got) != 1 || got[0].Missed != 1 {
			t.Errorf("told %+v", got)
		}
	})
	inBubble(t, account(), func(t *testing.T, w *world) {
		p := w.poll(t, nil)
		w.raise(web)
		time.Sleep(10 * time.Minute)
		for _, err := range p.health() {
			if err != nil {
				t.Error(err)
			}
		}
		for _, c := range w.Calls() {
			if c.Path == "/webhook_subscriptions" {
				t.Error("PagerDuty was asked about webhooks that nobody expects")
			}
		}
	})
}
