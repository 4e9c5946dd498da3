package app_test

import "testing"

// The main path: the web tier is down, amsbot checks, hands the incident to the
// first line because somebody has to decide, and recovers at Aiko's word.
func TestAskRecoversAtAPersonsWord(t *testing.T) {
	story(t, one(webDown("ask")), func(s *stage) {
		s.down()
		s.press(aiko, "Run Recovery")
		s.says("Recovered at a person's word")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered at a person's word
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			reply: Aiko Tanaka pressed Run Recovery.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			aiko: resolved -> 200
			amsbot: note amsbot: Recovered at a person's word -> 200`)
		s.recoveries(1)
	})
}
