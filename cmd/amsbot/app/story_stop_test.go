package app_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"amsbot/bot/sim"
	"amsbot/bot/sim/pagerduty"
	"amsbot/bot/sim/slack"
	"amsbot/cmd/amsbot/app"
)

// stopping starts to stop amsbot, as SIGTERM does, and returns what waits for the
// end and says how long it took.
func (s *stage) stopping() (ended func() time.Duration) {
	began, stop := time.Now(), s.stopBot
	s.stopBot = nil
	over := make(chan struct{})
	go func() { stop(); close(over) }()
	return func() time.Duration { <-over; return time.Since(began) }
}

// asked is how a webhook that comes now is answered; 0: nobody listens.
func (s *stage) asked() int {
	s.Helper()
	way := &http.Client{Transport: &http.Transport{DialContext: s.net.DialContext, DisableKeepAlives: true}}
	answer, err := way.Post("http://bot.example:80/pagerduty/webhook", "application/json", strings.NewReader("{}"))
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

// SIGTERM in the middle of a recovery: nothing more is taken in, the step ends,
// what came of it is written and delivered, and only then the doors close.
func TestStopsInOrder(t *testing.T) {
	story(t, one(web("autonomy: auto", restartOnce)), func(s *stage) {
		s.down()
		s.recovering()
		ended := s.stopping()
		s.pass(time.Second)
		if status := s.asked(); status != http.StatusServiceUnavailable {
			t.Errorf("a webhook is answered %d while amsbot stops", status)
		}
		if n := s.sim.Slack.Connections(); n != 0 {
			t.Errorf("%d connections take clicks in while amsbot stops", n)
		}
		if took := ended(); took > 12*time.Second {
			t.Errorf("it took %s", took)
		}
		if status := s.asked(); status != 0 {
			t.Errorf("somebody still answers webhooks: %d", status)
		}
		s.recoveries(1)
		events := s.history("pd:shop:" + s.incident)
		last := events[len(events)-1]
		if last.Kind != "ended" {
			t.Errorf("the last event is %s", last.Kind)
		}
		if card, _ := s.card(); !strings.Contains(string(card.Attachments), fmt.Sprintf(`"block_id":"%d.`, last.Pos)) {
			t.Errorf("the card was not drawn after event %d: %s", last.Pos, card.Attachments)
		}
		s.start()
		s.says("Recovered by amsbot")
		s.settle()
		s.recoveries(1)
	}, slow(5*time.Second), unhurried)
}

// What takes too long is stopped: the next start finds it interrupted.
func TestStopsWhatTakesTooLong(t *testing.T) {
	story(t, one(web("autonomy: auto", strings.Replace(restartOnce, "timeout: 20s", "timeout: 2m", 1), "deadline: 30m")), func(s *stage) {
		s.down()
		s.recovering()
		s.pass(time.Second)
		if took := s.stopping()(); took < 9*time.Second || took > 16*time.Second {
			t.Errorf("it took %s", took)
		}
		s.start()
		s.says("Interrupted")
		s.settle()
		s.recoveries(0)
		s.is("triggered", aikoPD)
	}, slow(time.Minute), unhurried)
}

// Neighbours that answer nothing any more do not keep amsbot from stopping.
func TestStopsWithoutNeighbours(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.down()
		s.until("the recovery is offered", s.offered("Run Recovery"))
		s.settle()
		s.sim.Slack.Fault(slack.Fault{Method: "*", Hang: true, Times: -1})
		s.sim.PagerDuty.Fault(pagerduty.Fault{Kind: pagerduty.FaultHang})
		s.raiseOn("shop-web", "Health check of web-1 failed once more", "another", nil)
		s.pass(5 * time.Second)
		if took := s.stopping()(); took > 25*time.Second {
			t.Errorf("it took %s", took)
		}
	}, unhurried)
}

// Slack is known to be down: nobody waits for what cannot leave.
func TestStopsAtOnceWhereNothingCanLeave(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		lift := s.sim.Slack.Fault(slack.Fault{Method: "*", Status: http.StatusServiceUnavailable, Times: -1})
		s.down()
		s.until("PagerDuty knows the result", func() bool { return strings.Contains(s.pagerLines(), "resolved") })
		s.pass(10 * time.Minute)
		if took := s.stopping()(); took > 2*time.Second {
			t.Errorf("it took %s", took)
		}
		lift()
		s.start()
		s.says("Recovered by amsbot")
		s.settle()
		s.recoveries(1)
	}, unhurried)
}

// The second signal: nothing is waited for, what ran is interrupted.
func TestStopsAtOnce(t *testing.T) {
	story(t, one(web("autonomy: auto", restartOnce)), func(s *stage) {
		s.stop()
		ctx, cancel := context.WithCancel(s.ctx)
		a, err := app.New(s.config, s.secrets, s.network(), slog.New(slog.NewTextHandler(s.log, nil)))
		s.must(err)
		over := make(chan error, 1)
		go func() { over <- a.Run(ctx) }()
		s.down()
		s.recovering()
		s.pass(time.Second)
		cancel()
		s.pass(2 * time.Second)
		began := time.Now()
		a.Hurry()
		a.Hurry()
		if err := <-over; !errors.Is(err, app.ErrHurried) || time.Since(began) > 2*time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		if status := s.asked(); status != 0 {
			t.Errorf("somebody still answers webhooks: %d", status)
		}
		s.start()
		s.says("Interrupted")
		s.settle()
		s.is("triggered", aikoPD)
	}, slow(8*time.Second), unhurried)
}

// A step that waits for its turn when amsbot stops does not begin any more. The
// next start begins it.
func TestStopBeginsNothing(t *testing.T) {
	story(t, one(web("autonomy: auto", slowCheck, noCooldown)), func(s *stage) {
		s.ail("errors")
		var all []string
		for _, key := range []string{"one", "two", "three"} {
			all = append(all, s.raiseOn("shop-web", "Health check of "+key, key, nil))
		}
		s.pass(2 * time.Second)
		s.stop()
		began, ended := 0, 0
		for _, id := range all {
			for _, e := range s.history("pd:shop:" + id) {
				switch e.Kind {
				case "started":
					began++
				case "ended":
					ended++
				}
			}
		}
		if began != 3 || ended > 1 {
			t.Errorf("of %d steps that wait for one slot %d ended", began, ended)
		}
		s.recoveries(0)
		s.ail("healthy")
		s.start()
		s.until("all are done", func() bool {
			all := s.slackLines()
			return strings.Count(all, "No fault found") == 2 && strings.Count(all, "Recovered by amsbot") == 1
		})
		s.recoveries(1)
	}, unhurried, func(_ *sim.Options, c *app.Config) { c.Limits.Steps = 1 })
}
