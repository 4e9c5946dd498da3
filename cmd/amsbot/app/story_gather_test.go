package app_test

import (
	"testing"
	"time"
)

// Gathering has 30 seconds in all: what a wait takes is not given to the steps
// after it once more.
func TestGatherWithinInAll(t *testing.T) {
	story(t, one(web("autonomy: observe", "recover: none", "recheck: none", `gather:
  - name: a while
    wait: 20s
  - name: never answers
    http: {url: "http://${{ alert.details.address }}/healthz"}
    timeout: 25s`)), func(s *stage) {
		s.ail("hangs")
		began := time.Now()
		s.raise("Health check of web-1 failed", nil)
		s.said("*Gather*")
		if took := time.Since(began); took > 34*time.Second {
			t.Errorf("checking and gathering took %s", took)
		}
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Observed · NG: connected, no whole answer in time · Please take over
			reply: *Check: NG* / NG health · connected, no whole answer in time · 2 s
			reply: *Gather* / waited a while · 20 s / UNKNOWN never answers · stopped: the time for gathering is over · 10 s
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The check is NG. This scenario only observes: nothing was recovered. / Please take over.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Observed -> 200`)
	}, unhurried)
}

// A wait that would take longer than gathering may is cut short, and what comes
// after it is not begun.
func TestGatherWaitsInAll(t *testing.T) {
	story(t, one(web("autonomy: observe", "recover: none", "recheck: none", `gather:
  - name: a while
    wait: 20s
  - name: a while more
    wait: 20s
  - name: numbers
    http: {url: "http://${{ alert.details.control }}/disk"}
    timeout: 2s`)), func(s *stage) {
		s.ail("errors")
		began := time.Now()
		s.raise("Health check of web-1 failed", nil)
		s.said("*Gather*")
		if took := time.Since(began); took > 34*time.Second {
			t.Errorf("checking and gathering took %s", took)
		}
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Observed · NG: status 500, expected 200 · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Gather* / waited a while · 20 s / waited a while more · 10 s / UNKNOWN numbers · stopped before it began
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The check is NG. This scenario only observes: nothing was recovered. / Please take over.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Observed -> 200`)
	}, unhurried)
}
