package app_test

import (
	"testing"
	"time"
)

// The whole way without a person: checked, recovered, checked again, resolved.
func TestAutoRecovers(t *testing.T) {
	story(t, one(web("autonomy: auto", gatherMetrics)), func(s *stage) {
		s.down()
		s.says("Recovered by amsbot")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Gather* / OK numbers · status 200 · {"quota_bytes":4194304,"used_bytes":1677721,"used_percent":40}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.pagerduty(`
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200`)
		s.is("resolved")
		s.recoveries(1)
	})
}

// The restart does not help: the second line is called.
func TestAutoFails(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.ail("stubborn")
		s.raise("Health check of web-1 failed", nil)
		s.says("Escalated")
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
		s.is("triggered", chiePD)
		s.recoveries(1)
	})
}

// The recovery itself failed, and yet it works afterwards: nobody knows why, so
// it is reported and not resolved.
func TestFailedRecoveryThatHealed(t *testing.T) {
	story(t, one(web("autonomy: auto", `recover:
  - name: restart
    http: {method: POST, url: "http://${{ alert.details.control }}/restart", expect: {status: 204}}`)), func(s *stage) {
		s.down()
		s.says("Healed, but not by amsbot")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Healed, but not by amsbot · Please look
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: NG* / NG restart · status 200, expected 204 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / It works again, but not because of amsbot: nothing more is done. / Please look, and resolve it if you agree.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Healed, but not by amsbot -> 200`)
		s.is("triggered", aikoPD)
		s.recoveries(1)
	})
}

// The first step of a recovery fails: the second never starts, and the check is
// repeated all the same.
func TestRecoveryStopsAtItsFirstFailure(t *testing.T) {
	story(t, one(web("autonomy: auto", `recover:
  - name: no such door
    http: {method: POST, url: "http://${{ alert.details.control }}/nowhere"}
  - name: restart
    http: {method: POST, url: "http://${{ alert.details.control }}/restart"}`)), func(s *stage) {
		s.down()
		s.says("Escalated")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovery failed · Escalated · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: NG* / NG no such door · status 405, expected 200 to 299 · {"error":"only GET"}
			reply: *Re-check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0CHIE0001> *#1* Health check of web-1 failed / It still does not work: status 500, expected 200 / Please take over.`)
		s.pagerduty(`
			amsbot: level 3 -> 200
			amsbot: note amsbot: Escalated -> 200`)
		s.is("triggered", chiePD)
		s.recoveries(0)
	})
}

// It works for a moment after the restart and then not any more: that is no
// recovery.
func TestRecheckNotStable(t *testing.T) {
	story(t, one(web("autonomy: auto", "recheck: {settle: 1s, every: 2s, stable: 3, within: 10s}")), func(s *stage) {
		s.down()
		s.until("it was restarted", func() bool { return len(s.sim.Patient.Recoveries()) == 1 })
		s.pass(2 * time.Second)
		s.ail("errors")
		s.says("Escalated")
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
		s.is("triggered", chiePD)
		s.recoveries(1)
	})
}

// Three OKs are wanted, and when the time is over there were two: too late to
// be sure.
func TestRecheckTooLateToBeStable(t *testing.T) {
	story(t, one(web("autonomy: auto", "recheck: {settle: 1s, every: 4s, stable: 3, within: 10s}")), func(s *stage) {
		s.ail("stubborn")
		s.raise("Health check of web-1 failed", nil)
		s.until("it was restarted", func() bool { return len(s.sim.Patient.Recoveries()) == 1 })
		s.pass(6 * time.Second)
		s.ail("healthy")
		s.says("Escalated")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovery failed · Escalated · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: NG* / OK health · status 200 · ok
			broadcast: <@U0CHIE0001> *#1* Health check of web-1 failed / It still does not work: the check was OK, but not for long enough / Please take over.`)
		s.pagerduty(`
			amsbot: level 3 -> 200
			amsbot: note amsbot: Escalated -> 200`)
		s.is("triggered", chiePD)
	})
}

// What is gathered never changes the branch, even when all of it fails.
func TestGatherDecidesNothing(t *testing.T) {
	story(t, one(web("autonomy: auto", `gather:
  - name: nowhere
    http: {url: "http://${{ alert.details.control }}/nowhere"}
  - name: nobody
    http: {url: "http://web-9.shop.example:1/"}`)), func(s *stage) {
		s.down()
		s.says("Recovered by amsbot")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Gather* / NG nowhere · status 404, expected 200 to 299 · {"error":"nothing here"} / UNKNOWN nobody · the name web-9.shop.example cannot be resolved
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.pagerduty(`
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200`)
		s.is("resolved")
		s.recoveries(1)
	})
}

// Steps whose `if` is false are skipped and do not count.
func TestSkippedSteps(t *testing.T) {
	story(t, one(web("autonomy: auto", checkHealth+`
  - name: only in staging
    if: alert.details.environment == "staging"
    http: {url: "http://web-9.shop.example:1/"}`)), func(s *stage) {
		s.down()
		s.says("Recovered by amsbot")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"} / skipped only in staging
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok / skipped only in staging
			reply: The recovery worked: the re-check is OK.`)
		s.pagerduty(`
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200`)
		s.is("resolved")
		s.recoveries(1)
	})
}

// A phase of which nothing ran found out nothing.
func TestAllSkippedIsUnknown(t *testing.T) {
	story(t, one(web("autonomy: auto", `check:
  - name: only in staging
    if: alert.details.environment == "staging"
    http: {url: "http://${{ alert.details.address }}/healthz", expect: {status: 200}}`)), func(s *stage) {
		s.raise("Health check of web-1 failed", nil)
		s.says("Escalated")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Escalated · UNKNOWN: none of its steps ran · Please take over
			reply: *Check: UNKNOWN* / skipped only in staging
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The check could not find out whether it works: none of its steps ran / Please take over.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Escalated -> 200`)
		s.is("triggered", aikoPD)
		s.recoveries(0)
	})
}

// A recovery of which every step is skipped has recovered nothing, so that an
// OK after it is not its merit.
func TestAllOfARecoverySkipped(t *testing.T) {
	story(t, one(web("autonomy: auto", restart+`
    if: alert.details.environment == "staging"`)), func(s *stage) {
		s.down()
		s.says("Escalated")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovery failed · Escalated · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: UNKNOWN* / skipped restart
			reply: *Re-check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0CHIE0001> *#1* Health check of web-1 failed / It still does not work: status 500, expected 200 / Please take over.`)
		s.pagerduty(`
			amsbot: level 3 -> 200
			amsbot: note amsbot: Escalated -> 200`)
		s.recoveries(0)
	})
}

// A step reads what an earlier one found; an error in an expression is UNKNOWN.
func TestBrokenExpressionIsUnknown(t *testing.T) {
	story(t, one(web("autonomy: auto", checkHealth+`
  - name: reads what is not there
    if: alert.details.nothing == "x"
    http: {url: "http://${{ alert.details.address }}/healthz", expect: {status: 200}}`)), func(s *stage) {
		s.down()
		s.says("Escalated")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Escalated · UNKNOWN: if: alert.details.nothing is missing · Please take over
			reply: *Check: UNKNOWN* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"} / UNKNOWN reads what is not there · if: alert.details.nothing is missing
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The check could not find out whether it works: if: alert.details.nothing is missing / Please take over.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Escalated -> 200`)
		s.is("triggered", aikoPD)
		s.recoveries(0)
	})
}

// The author's words go with the ending: to whom, and what they need to know.
func TestEndingsWithText(t *testing.T) {
	story(t, one(web("autonomy: auto", `then:
  failed:
    - notify: 'the runbook for ${{ target }} is at wiki/web'
    - escalate: {to: next, text: 'status ${{ steps["health"].status ?? "?" }} on ${{ target }} <!channel>'}`)), func(s *stage) {
		s.ail("stubborn")
		s.raise("Health check of web-1 failed", nil)
		s.says("Escalated")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovery failed · Escalated · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / It still does not work: status 500, expected 200 / the runbook for web-1.shop.example is at wiki/web / status 500 on web-1.shop.example &lt;!channel&gt; / Please take over.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: Escalated -> 200`)
		s.is("triggered", aikoPD)
	})
}

// The fault goes away between two tries: attempts stop at the first OK, and the
// card says how many failed.
func TestAttempts(t *testing.T) {
	story(t, one(web("autonomy: auto", checkHealth+`
    attempts: 3
    every: 4s`)), func(s *stage) {
		s.down()
		s.pass(6 * time.Second)
		s.ail("healthy")
		s.says("No fault found")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: No fault found · Please look
			reply: *Check: OK* / OK health · status 200 · 8 s · 2 of 3 tries failed · ok
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / The check is OK: no fault was found. / Please look, and resolve it if you agree.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: No fault found -> 200`)
		s.recoveries(0)
	})
}

// A wait between two steps of a recovery is a due time, not a goroutine.
func TestWaitStep(t *testing.T) {
	story(t, one(web("autonomy: auto", restart+`
  - name: let it warm up
    wait: 20s`)), func(s *stage) {
		s.down()
		s.says("Recovered by amsbot")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"} / waited let it warm up · 20 s
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.pagerduty(`
			amsbot: resolved -> 200
			amsbot: note amsbot: Recovered by amsbot -> 200`)
		s.is("resolved")
		s.recoveries(1)
	})
}
