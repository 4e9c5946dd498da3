package app_test

import (
	"strings"
	"testing"
)

// Escalate asks to whom, and what they should know.
func TestEscalateByDialogue(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.waits()
		s.opens(ben, "Escalate")
		s.shown(ben, `
			Escalate
			#1 Health check of web-1 failed
			Escalate to: |*Next level Chie Mori | First line Aiko Tanaka | Second line Chie Mori | Aiko Tanaka | Chie Mori
			Note for them:
			[Escalate]`)
		s.send(ben, "escalate", map[string]string{"to": "first_line", "text": "the *pool* is full <!channel>"})
		s.closed(ben)
		s.settle()
		s.is("triggered", aikoPD)
		s.anyOrder(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / Ben Brook escalates it to the first line. / &gt; the ∗pool∗ is full &lt;!channel&gt;`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			ben: level 2 -> 200
			ben: note Escalated by Ben Brook through amsbot. the *pool* is full <!channel> -> 200`)
		s.same("The notes", s.notes(), `
			Ben Brook: Escalated by Ben Brook through amsbot. the *pool* is full <!channel> / …`)
	}, unhurried)
}

// Resolve takes what it was, and whether it was noise: the card, the list and the
// history say so.
func TestResolveAsNoise(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.waits()
		s.opens(aiko, "Resolve")
		s.shown(aiko, `
			Resolve
			#1 Health check of web-1 failed is resolved in PagerDuty, in your name.
			Note:
			Was it worth an alert?: | This was noise Nothing had to be done about it
			[Resolve]`)
		s.send(aiko, "resolve", map[string]string{"text": "a probe of ours <!here>", "noise": "noise"})
		s.closed(aiko)
		s.says("Resolved by")
		s.settle()
		if m, _ := s.card(); !strings.Contains(string(m.Attachments), "· noise\"") {
			t.Errorf("the card's last line: %s", m.Attachments)
		}
		s.anyOrder(`
			card: #1 Health check of web-1 failed: Resolved by Aiko Tanaka
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			reply: Aiko Tanaka resolves it. It was noise. / &gt; a probe of ours &lt;!here&gt;
			reply: Resolved by Aiko Tanaka`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			aiko: resolved -> 200
			amsbot: note amsbot: Resolved by a person -> 200`)
		s.ams(ben, "history 1")
		s.said("Aiko Tanaka resolves it. It was noise. “a probe of ours &lt;!here&gt;”")
	}, unhurried)
}

// A command says the same as a dialogue, and acts at once.
func TestEscalateAndNoiseByCommand(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.waits()
		s.ams(ben, "escalate 1 to first line: please look")
		s.settle()
		s.ams(aiko, "resolve 1 noise: a probe")
		s.says("Resolved by")
		s.settle()
		s.anyOrder(`
			card: #1 Health check of web-1 failed: Resolved by Aiko Tanaka
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			message: *#1* Ben Brook escalates it to the first line. / &gt; please look
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / Ben Brook escalates it to the first line. / &gt; please look
			reply: Aiko Tanaka resolves it. It was noise. / &gt; noise: a probe
			message: *#1* Aiko Tanaka resolves it. It was noise. / &gt; noise: a probe
			reply: Resolved by Aiko Tanaka`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			ben: level 2 -> 200
			ben: note Escalated by Ben Brook through amsbot. please look -> 200
			aiko: resolved -> 200
			amsbot: note amsbot: Resolved by a person -> 200`)
	}, unhurried)
}

// A dialogue that is sent twice acts once: delivered twice, and sent once more by
// somebody whose Slack did not hear that it was done.
func TestDialogueTwice(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.waits()
		s.opens(ben, "Escalate")
		s.sim.Slack.Duplicate(1)
		s.send(ben, "escalate", map[string]string{"text": "once"})
		s.settle()
		s.pagerduty(`
			amsbot: level 2 -> 200
			ben: level 3 -> 200
			ben: note Escalated by Ben Brook through amsbot. once -> 200`)
	}, unhurried)
}

// The incident ends while a dialogue is open: sent, it says what has happened, and
// nothing that was typed is lost.
func TestDialogueAfterTheEnd(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.waits()
		s.opens(ben, "Escalate")
		s.opens(chie, "Resolve")
		s.press(aiko, "Resolve")
		s.says("Resolved by")
		s.settle()
		s.send(ben, "escalate", map[string]string{"text": "please look"})
		s.shown(ben, `
			Escalate
			Too late: Resolved by Aiko Tanaka.
			#1 Health check of web-1 failed
			Escalate to: |*Next level Chie Mori | First line Aiko Tanaka | Second line Chie Mori | Aiko Tanaka | Chie Mori
			Note for them:
			[Escalate]`)
		s.send(chie, "resolve", nil)
		s.shown(chie, `
			Resolve
			Too late: Resolved by Aiko Tanaka.
			#1 Health check of web-1 failed is resolved in PagerDuty, in your name.
			Note:
			Was it worth an alert?: | This was noise Nothing had to be done about it
			[Resolve]`)
		s.records(`
			Ben Brook: escalate: Too late: Resolved by Aiko Tanaka.
			Chie Mori: resolve: Too late: Resolved by Aiko Tanaka.`)
	}, unhurried)
}
