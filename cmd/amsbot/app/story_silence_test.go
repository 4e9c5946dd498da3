package app_test

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"amsbot/bot/sim"
	"amsbot/bot/sim/pagerduty"
	"amsbot/cmd/amsbot/app"
	"amsbot/store"
)

// lost loses every webhook.
func (s *stage) lost() {
	s.sim.PagerDuty.Fault(pagerduty.Fault{Method: "webhook", Kind: pagerduty.FaultLost})
}

// listed is what /ams list says.
func (s *stage) listed() string {
	s.Helper()
	before := len(s.sim.Slack.Messages(room))
	s.ams(ben, "list")
	s.settle()
	var out []string
	for _, m := range s.sim.Slack.Messages(room)[before:] {
		if m.Ephemeral && m.To == ben {
			out = append(out, m.Text)
		}
	}
	return strings.Join(out, "\n")
}

// own are the events of a kind in the stream that belongs to no incident.
func (s *stage) own(kind string) (n int) {
	s.Helper()
	for _, e := range s.history("bot") {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// subscribe does something to PagerDuty's webhook subscription.
func (s *stage) subscribe(method, what string) {
	s.Helper()
	id := s.sim.PagerDuty.State().Webhooks[0].ID
	r := httptest.NewRequest(method, "/pagerduty/webhook_subscriptions/"+id+what, nil)
	r.Header.Set("Authorization", "Token token="+s.sim.Access("").Token)
	w := httptest.NewRecorder()
	s.sim.ServeHTTP(w, r)
	if w.Code/100 != 2 {
		s.Fatalf("%s %s: %d %s", method, what, w.Code, w.Body)
	}
}

// Webhooks do not come: the poll does their work, amsbot says so once, why, and
// what to do, in the log and in /ams list, also after a restart, and says it when
// they come again.
func TestWebhooksDoNotCome(t *testing.T) {
	for _, c := range []struct {
		name string
		stop func(s *stage)
		mend func(s *stage)
		why  string
	}{
		{"lost on their way", func(s *stage) { s.lost() }, func(s *stage) { s.sim.PagerDuty.Heal(0) }, "takes the webhook subscription P"},
		{"no subscription", func(s *stage) { s.subscribe("DELETE", "") }, nil, "No webhook subscription"},
		{"another secret", func(s *stage) { s.sim.PagerDuty.SetSecrets("another") }, func(s *stage) {
			s.sim.PagerDuty.SetSecrets(hookSecret)
			s.subscribe("POST", "/enable")
		}, "signed with another secret"},
	} {
		t.Run(c.name, func(t *testing.T) {
			story(t, one(web("autonomy: auto")), func(s *stage) {
				c.stop(s)
				s.down()
				s.says("Recovered by amsbot")
				s.settle()
				s.raiseOn("shop-web", "Something else", "another", nil)
				s.pass(5 * time.Minute)
				if got := s.listed(); !strings.Contains(got, "Webhooks do not come") || !strings.Contains(got, c.why) {
					t.Errorf("/ams list says %q", got)
				}
				if n := strings.Count(s.log.String(), "webhooks do not come"); n != 1 || !strings.Contains(s.log.String(), c.why) {
					t.Errorf("logged %d times:\n%s", n, s.log)
				}
				s.stop()
				s.start()
				if got := s.listed(); !strings.Contains(got, "Webhooks do not come") {
					t.Errorf("after a restart /ams list says %q", got)
				}
				if c.mend == nil {
					return
				}
				c.mend(s)
				s.raiseOn("shop-web", "A third", "third", nil)
				s.pass(2 * time.Minute)
				if got := s.listed(); strings.Contains(got, "ebhook") {
					t.Errorf("when they come again /ams list says %q", got)
				}
				if n := strings.Count(s.log.String(), "webhooks come again"); n != 1 {
					t.Errorf("logged %d times:\n%s", n, s.log)
				}
				if silent, again := s.own("webhooks_silent"), s.own("webhooks_again"); silent != 1 || again != 1 {
					t.Errorf("on record: %d silent, %d again", silent, again)
				}
			}, unhurried)
		})
	}
}

// amsbot was away for longer than PagerDuty keeps webhooks: the poll finds what
// is open, and that is no trouble of the webhooks.
func TestAwayForLongerThanWebhooksWait(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.stop()
		s.down()
		s.pass(49 * time.Hour)
		s.lost() // those that were queued are gone
		s.start()
		s.until("the card asks", s.offered("Run Recovery")) // it is too old to recover by itself
		s.pass(30 * time.Minute)
		if got := s.listed(); strings.Contains(got, "ebhook") {
			t.Errorf("/ams list says %q", got)
		}
		s.recoveries(0)
	}, unhurried)
}

// No webhook can reach amsbot: the poll does it all, nothing is listened to, and
// nothing is missed.
func TestThePollAlone(t *testing.T) {
	alone := func(name string, fn func(s *stage)) {
		t.Run(name, func(t *testing.T) {
			story(t, one(web("autonomy: auto")), func(s *stage) {
				s.stop()
				s.config.PagerDuty.Webhook, s.secrets.Webhook = "none", nil
				s.start()
				fn(s)
				s.pass(5 * time.Minute)
				if got := s.listed(); strings.Contains(got, "ebhook") || strings.Contains(s.log.String(), "webhooks") {
					t.Errorf("/ams list says %q; log\n%s", got, s.log)
				}
				if conn, err := s.net.DialContext(s.ctx, "tcp", "bot.example:80"); err == nil {
					conn.Close()
					t.Error("it listens")
				}
			}, unhurried, func(o *sim.Options, _ *app.Config) { o.PagerDuty.Webhooks = nil })
		})
	}
	alone("a whole response", func(s *stage) {
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
	})
	alone("it came and went between two polls", func(s *stage) {
		s.pass(5 * time.Second)
		s.down()
		s.pass(5 * time.Second)
		s.must(s.sim.PagerDuty.Clear("shop-web", host+"/health"))
		s.says("Resolved by monitoring")
		s.recoveries(0)
	})
	alone("a person took it over", func(s *stage) {
		s.ail("stubborn")
		s.raise("Health check of web-1 failed", nil)
		s.says("Escalated")
		s.must(s.sim.PagerDuty.Acknowledge(benPD, s.incident))
		s.pass(time.Minute)
		m, _ := s.card()
		if !strings.Contains(string(m.Attachments), "Ben") {
			s.Errorf("the card does not name who has it: %s", m.Attachments)
		}
	})
	alone("resolved and reopened between two polls", func(s *stage) {
		s.ail("stubborn")
		s.raise("Health check of web-1 failed", nil)
		s.says("Escalated")
		s.pass(time.Minute)
		s.must(s.sim.PagerDuty.Resolve(benPD, s.incident))
		s.must(s.sim.PagerDuty.Reopen(benPD, s.incident))
		s.pass(2 * time.Minute)
		runs := 0
		for _, e := range s.history("pd:shop:" + s.incident) {
			if e.Kind == "run" {
				runs++
			}
		}
		if runs != 2 {
			s.Errorf("%d runs", runs)
		}
		s.start()
	})
}

// A person reassigns it while amsbot checks, and no webhook says so: amsbot
// starts nothing by itself any more.
func TestReassignedAndOnlyTheLogSaysSo(t *testing.T) {
	story(t, one(web("autonomy: auto", `check:
  - name: health
    http: {url: "http://${{ alert.details.address }}/healthz", expect: {status: 200}}
    timeout: 2s
    attempts: 20
    every: 5s`)), func(s *stage) {
		s.lost()
		s.down()
		s.says("Checking")
		s.must(s.sim.PagerDuty.Reassign(benPD, s.incident, chiePD))
		s.pass(10 * time.Minute)
		s.recoveries(0)
		if !slices.ContainsFunc(s.history("pd:shop:"+s.incident), func(e store.Event) bool {
			return e.Kind == "received" && strings.Contains(string(e.Data), "incident.reassigned")
		}) {
			t.Error("who reassigned it is not on record")
		}
	}, unhurried)
}

// A person acknowledges or resolves it while amsbot checks, and only the poll
// sees it: amsbot starts nothing by itself any more.
func TestTakenAndOnlyThePollSeesIt(t *testing.T) {
	for name, take := range map[string]func(s *stage) error{
		"acknowledged": func(s *stage) error { return s.sim.PagerDuty.Acknowledge(benPD, s.incident) },
		"resolved":     func(s *stage) error { return s.sim.PagerDuty.Resolve(benPD, s.incident) },
	} {
		t.Run(name, func(t *testing.T) {
			story(t, one(web("autonomy: auto", `check:
  - name: health
    http: {url: "http://${{ alert.details.address }}/healthz", expect: {status: 200}}
    timeout: 2s
    attempts: 20
    every: 5s`)), func(s *stage) {
				s.lost()
				s.down()
				s.says("Checking")
				s.must(take(s))
				s.pass(5 * time.Minute) // less than an acknowledgement holds
				s.recoveries(0)
				if got, _ := s.status(); got != name {
					t.Errorf("in PagerDuty it is %s", got)
				}
			}, unhurried)
		})
	}
}
