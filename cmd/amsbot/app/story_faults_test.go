package app_test

import (
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"amsbot/bot/sim/pagerduty"
	"amsbot/bot/sim/slack"
)

// PagerDuty cannot be read: the first card says so, and when it answers again
// the response goes on.
func TestPagerDutyCannotBeRead(t *testing.T) {
	for name, fault := range map[string]pagerduty.Fault{
		"500":  {Kind: pagerduty.FaultStatus, Status: 500},
		"429":  {Kind: pagerduty.FaultLimit, Delay: 20 * time.Second},
		"bare": {Kind: pagerduty.FaultBareLimit},
		"hang": {Kind: pagerduty.FaultHang},
		"cut":  {Kind: pagerduty.FaultCutBefore},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, one(web("autonomy: auto")), func(s *stage) {
				fault.Method, fault.Path, fault.For = "GET", "/incidents/*", time.Minute
				s.sim.PagerDuty.Fault(fault)
				s.down()
				s.pass(20 * time.Second)
				s.says("Reading the incident")
				s.recoveries(0)
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
			}, unhurried)
		})
	}
}

// PagerDuty takes no changes for a minute, and does not always say how long: what
// waits does not press on meanwhile, and afterwards a person has every incident.
func TestPagerDutyLimitsChanges(t *testing.T) {
	for name, fault := range map[string]pagerduty.Fault{
		"says when": {Kind: pagerduty.FaultLimit, Delay: 20 * time.Second},
		"bare":      {Kind: pagerduty.FaultBareLimit},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, one(web()), func(s *stage) {
				fault.Method, fault.For = "PUT", time.Minute
				s.sim.PagerDuty.Fault(fault)
				s.flood(1, 30, time.Second)
				s.pass(2 * time.Minute)
				refused := 0
				for _, c := range s.sim.PagerDuty.Calls() {
					if c.Status == http.StatusTooManyRequests {
						refused++
					}
				}
				if left := s.assigned(botPD); refused == 0 || refused > 5 || len(left) > 0 {
					t.Errorf("asked %d times too many, amsbot still has %d", refused, len(left))
				}
			}, unhurried)
		})
	}
}

// Webhooks that are lost, come twice, late or in the wrong order: the response
// is the same, once.
func TestWebhooksGoWrong(t *testing.T) {
	for name, fault := range map[string]pagerduty.Fault{
		"lost":         {Kind: pagerduty.FaultLost},
		"twice":        {Kind: pagerduty.FaultTwice},
		"late":         {Kind: pagerduty.FaultLate, Delay: 2 * time.Minute},
		"an hour late": {Kind: pagerduty.FaultLate, Delay: time.Hour}, // it is long over by then
		"reversed":     {Kind: pagerduty.FaultReversed},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, one(web("autonomy: auto")), func(s *stage) {
				fault.Method = "webhook"
				s.sim.PagerDuty.Fault(fault)
				s.down()
				s.says("Recovered by amsbot")
				s.pass(fault.Delay + 5*time.Minute)
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
				s.is("resolved")
				s.recoveries(1)
			}, unhurried)
		})
	}
}

// It was over before amsbot could read it: the card says so, and that is all.
func TestOverBeforeWeHeardOfIt(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.late(10 * time.Second)
		s.down()
		s.pass(time.Second)
		s.must(s.sim.PagerDuty.Clear("shop-web", host+"/health"))
		s.pass(2 * time.Minute)
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Resolved by monitoring (shop-web)`)
		s.pagerduty(``)
		s.recoveries(0)
	}, unhurried)
}

// PagerDuty does what amsbot asks, and the answer is lost: nothing is done twice.
func TestLostAnswersOfPagerDuty(t *testing.T) {
	cut := func(s *stage, method, path string) {
		s.sim.PagerDuty.Fault(pagerduty.Fault{Method: method, Path: path, Kind: pagerduty.FaultCutAfter, Times: 1})
	}
	t.Run("resolve", func(t *testing.T) {
		story(t, one(web("autonomy: auto")), func(s *stage) {
			cut(s, "PUT", "/incidents")
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
				amsbot: resolved -> 0
				amsbot: note amsbot: Recovered by amsbot -> 200`)
			s.is("resolved")
		}, unhurried)
	})
	t.Run("escalate", func(t *testing.T) {
		story(t, one(web()), func(s *stage) {
			cut(s, "PUT", "/incidents")
			s.down()
			s.until("the recovery is offered", s.offered("Run Recovery"))
			s.pass(time.Minute)
			s.settle()
			s.slack(`
				card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
				reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
				broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.`)
			s.pagerduty(`
				amsbot: level 2 -> 0`)
			s.is("triggered", aikoPD)
		}, unhurried)
	})
	t.Run("note", func(t *testing.T) {
		story(t, one(web("autonomy: auto")), func(s *stage) {
			cut(s, "POST", "/incidents/*/notes")
			s.down()
			s.says("Recovered by amsbot")
			s.pass(time.Minute)
			s.settle()
			s.slack(`
				card: #1 Health check of web-1 failed: Recovered by amsbot
				reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
				reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
				reply: *Re-check: OK* / OK health · status 200 · ok
				reply: The recovery worked: the re-check is OK.`)
			s.pagerduty(`
				amsbot: resolved -> 200
				amsbot: note amsbot: Recovered by amsbot -> 0`)
			for _, i := range s.sim.PagerDuty.State().Incidents {
				if len(i.Notes) != 1 {
					t.Errorf("%d notes", len(i.Notes))
				}
			}
		}, unhurried)
	})
}

// PagerDuty takes no acts for a while: they are done when it does, once.
func TestPagerDutyTakesNoActs(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.sim.PagerDuty.Fault(pagerduty.Fault{Method: "PUT", Kind: pagerduty.FaultStatus, Status: 500, For: 2 * time.Minute})
		s.down()
		s.says("Recovered by amsbot")
		s.pass(5 * time.Minute)
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		var good []string
		for _, l := range strings.Split(s.pagerLines(), "\n") {
			if strings.HasSuffix(l, "200") {
				good = append(good, l)
			}
		}
		s.same("PagerDuty", strings.Join(good, "\n"), `
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200`)
		s.is("resolved")
	}, unhurried)
}

// Slack posts a card or a reply, and the answer is lost: there is one of each.
func TestLostAnswersOfSlack(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.sim.Slack.Fault(slack.Fault{Method: "chat.postMessage", CutAfter: true, Times: 3})
		s.down()
		s.says("Recovered by amsbot")
		s.pass(5 * time.Minute)
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
	}, unhurried)
}

// What called for a person is over before Slack is back: it is said, and nobody is
// called.
func TestSlackIsBackTooLate(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		lift := s.sim.Slack.Fault(slack.Fault{Method: "*", Status: http.StatusServiceUnavailable, Times: -1})
		s.sim.Slack.Drop(2)
		s.ail("errors")
		s.raise("Health check of web-1 failed", nil)
		s.wrote("level 2")
		s.pass(5 * time.Minute)
		s.must(s.sim.PagerDuty.Resolve(aikoPD, s.incident))
		s.pass(5 * time.Minute)
		lift()
		s.says("Resolved by")
		s.until("amsbot is connected", func() bool { return s.sim.Slack.Connections() == 2 })
		s.pass(2 * time.Minute)
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Resolved by Aiko Tanaka
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			reply: Resolved by Aiko Tanaka`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Resolved by a person -> 200`)
	}, unhurried)
}

// Slack is away for ten minutes: check, recovery and PagerDuty go on without
// it, and afterwards there is one card, as it is then.
func TestSlackIsAway(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		lift := s.sim.Slack.Fault(slack.Fault{Method: "*", Status: http.StatusServiceUnavailable, Times: -1})
		s.sim.Slack.Drop(2)
		s.ail("stubborn")
		s.raise("Health check of web-1 failed", nil)
		s.wrote("note")
		s.is("triggered", chiePD)
		s.slack(``)
		s.pass(10 * time.Minute)
		lift()
		s.says("Escalated")
		s.until("amsbot is connected", func() bool { return s.sim.Slack.Connections() == 2 })
		s.said("broadcast")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovery failed · Escalated · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0CHIE0001> *#1* Health check of web-1 failed / It still does not work: status 500, expected 200 / Please take over.`)
		s.pagerduty(`
			amsbot: level 3 -> 200
			amsbot: note amsbot: Escalated -> 200`)
		s.recoveries(1)
	}, unhurried)
}

// nameless is a network in which, while it is on, no name leads anywhere.
type nameless struct {
	http.RoundTripper
	on atomic.Bool
}

func (n *nameless) RoundTrip(r *http.Request) (*http.Response, error) {
	if n.on.Load() {
		return nil, &net.DNSError{Err: "server misbehaving", Name: r.URL.Hostname(), IsTemporary: true}
	}
	return n.RoundTripper.RoundTrip(r)
}

// The name service is gone for some minutes, and with it Slack and PagerDuty: what was
// taken in by then is responded to when it is back, once.
func TestNamesLeadNowhere(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.stop()
		names := &nameless{}
		s.meddle = func(way http.RoundTripper) http.RoundTripper { names.RoundTripper = way; return names }
		s.start()
		names.on.Store(true)
		s.sim.Slack.Drop(2)
		s.down()
		s.pass(5 * time.Minute) // less than its deadline
		s.slack(``)
		s.recoveries(0)
		names.on.Store(false)
		s.says("Recovered by amsbot")
		s.until("amsbot is connected", func() bool { return s.sim.Slack.Connections() == 2 })
		s.pass(2 * time.Minute)
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
	}, unhurried)
}

// Slack says that it is too much: amsbot waits as long as it is told, and PagerDuty does not wait.
func TestSlackLimits(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.sim.Slack.Fault(slack.Fault{Method: "chat.*", Status: http.StatusTooManyRequests, RetryAfter: 30 * time.Second, Times: 2})
		s.down()
		s.wrote("resolved")
		s.says("Recovered by amsbot")
		s.pass(time.Minute) // amsbot is slower now
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
	}, unhurried)
}

// What amsbot does itself comes back as a webhook and starts nothing.
func TestEchoesStartNothing(t *testing.T) {
	story(t, one(web("autonomy: auto", "acknowledge: true")), func(s *stage) {
		s.ail("stubborn")
		s.raise("Health check of web-1 failed", nil)
		s.says("Escalated")
		s.pass(5 * time.Minute)
		count := map[string]int{}
		for _, e := range s.history("pd:shop:" + s.incident) {
			count[e.Kind]++
		}
		if count["run"] != 1 || count["pass"] != 0 || count["matched"] != 1 || count["concluded"] != 1 {
			t.Errorf("the history has %v", count)
		}
		if count["read"] > 5 {
			t.Errorf("%d reads are recorded", count["read"])
		}
		s.slack(`
			card: #1 Health check of web-1 failed: Recovery failed · Escalated · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0CHIE0001> *#1* Health check of web-1 failed / It still does not work: status 500, expected 200 / Please take over.`)
		s.pagerduty(`
			amsbot: acknowledged -> 200
			amsbot: level 3 -> 200
			amsbot: note amsbot: Escalated -> 200`)
		s.recoveries(1)
	}, unhurried)
}
