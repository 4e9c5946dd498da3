package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// power counts what amsbot asks of its neighbours, and cuts it off at one of them:
// that one, and nothing after it, is answered.
type power struct {
	http.RoundTripper
	asked atomic.Int64
	cut   int64 // at which; 0: never
	out   chan struct{}
}

func (p *power) RoundTrip(r *http.Request) (*http.Response, error) {
	if n := p.asked.Add(1); p.cut > 0 && n >= p.cut {
		if n == p.cut {
			close(p.out)
		}
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return p.RoundTripper.RoundTrip(r)
}

// stormThrough plays a storm of four machines to its end, pressing whenever the
// card asks.
func (s *stage) stormThrough(out <-chan struct{}) {
	s.Helper()
	press := func() {
		for _, m := range s.sim.Slack.Messages(room) { // after a crash it need not be the newest card
			if !isCard(m) || !strings.Contains(m.Text, "Storm of ") {
				continue
			}
			for _, label := range labels(elements(m)) {
				if strings.HasPrefix(label, "Run Recovery on All") {
					s.click(chie, label, m)
				}
			}
		}
	}
	for range 220 {
		select {
		case <-out:
			s.crash()
			s.meddle = nil
			s.start()
			out = nil
		default:
		}
		press()
		s.pass(2 * time.Second)
	}
}

// The power goes at every twenty-ninth of the things that amsbot asks of Slack and
// PagerDuty in a storm: nothing runs twice, nobody is forgotten, the storm ends.
func TestStormCrashes(t *testing.T) {
	play := func(t *testing.T, cut int64) (asked int64) {
		story(t, one(web("autonomy: auto", restartOnce, brakes("storm: 3 per 5m"))), func(s *stage) {
			p := &power{cut: cut, out: make(chan struct{})}
			s.stop()
			s.meddle = func(w http.RoundTripper) http.RoundTripper { p.RoundTripper = w; return p }
			s.start()
			s.onEach(4)
			s.stormThrough(p.out)
			asked = p.asked.Load()
			if n := len(s.sim.Patient.Recoveries()); n != 1 {
				t.Errorf("the patient was recovered %d times", n)
			}
			if held := s.assigned(botPD); len(held) > 0 {
				t.Errorf("amsbot sits on %v", held)
			}
			told, over := strings.Count(s.slackLines(), "*Storm of web-down*"), strings.Count(s.slackLines(), ": The storm is over")
			if cut >= 40 && told != 1 || told > 1 || told != over { // so early that three were not yet heard of, there is none
				t.Errorf("people were told %d times, %d are over\n%s\n%s\n%s", told, over, s.slackLines(), s.pagerLines(), s.log)
			}
		}, unhurried)
		return asked
	}
	all := play(t, 0)
	for cut := int64(15); cut < all; cut += 29 {
		t.Run(fmt.Sprint(cut), func(t *testing.T) { play(t, cut) })
	}
}
