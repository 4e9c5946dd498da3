package app_test

import (
	"strings"
	"testing"
	"time"

	"amsbot/bot/sim/slack"
)

// Aiko and Ben press Run Recovery at the same moment: one acts, the other is
// told who was first, and the patient is restarted once.
func TestTwoPressAtOnce(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		m := s.waits()
		first := s.atOnce("Run Recovery", m, aiko, ben)
		second := map[string]string{"aiko": "ben", "ben": "aiko"}[first]
		s.says("Recovered at a person's word")
		s.settle()
		names := strings.NewReplacer(fullName[first], "FIRST", fullName[second], "SECOND", first, "FIRST", second, "SECOND")
		s.sameLines("Slack", names.Replace(s.slackLines()), `
			card: #1 Health check of web-1 failed: Recovered at a person's word
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			reply: FIRST pressed Run Recovery.
			only SECOND: FIRST was first: Run Recovery has been pressed already.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.same("PagerDuty", names.Replace(s.pagerLines()), `
			amsbot: level 2 -> 200
			FIRST: resolved -> 200
			amsbot: note amsbot: Recovered at a person's word -> 200`)
		s.recoveries(1)
		s.same("The record of refusals", names.Replace(s.refused()), `
			SECOND: recover: FIRST was first: Run Recovery has been pressed already.`)
	}, unhurried)
}

// A double click is one click.
func TestDoubleClick(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		m := s.waits()
		s.click(aiko, "Run Recovery", m)
		s.click(aiko, "Run Recovery", m)
		s.says("Recovered at a person's word")
		s.settle()
		s.anyOrder(`
			card: #1 Health check of web-1 failed: Recovered at a person's word
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			reply: Aiko Tanaka pressed Run Recovery.
			only aiko: You have just pressed Run Recovery: once is enough.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.recoveries(1)
		s.records(`
			Aiko Tanaka: recover: You have just pressed Run Recovery: once is enough.`)
	}, unhurried)
}

// A screen that is behind shows a button that is no longer there: whoever
// presses it is told what has happened, also when all is over.
func TestStaleCardAndFinishedIncident(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		m := s.waits()
		s.press(ben, "Take Over")
		s.settle()
		s.click(chie, "Take Over", m)
		s.press(aiko, "Run Recovery")
		s.says("Recovered at a person's word")
		s.settle()
		s.click(ben, "Run Recovery", m)
		s.click(ben, "Escalate", m)
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered at a person's word
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			reply: Ben Brook takes it over.
			only chie: Ben Brook was first: Take Over has been pressed already.
			reply: Aiko Tanaka pressed Run Recovery.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.
			only ben: Too late: Resolved by Aiko Tanaka.
			only ben: Too late: Resolved by Aiko Tanaka.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			ben: acknowledged -> 200
			aiko: resolved -> 200
			amsbot: note amsbot: Recovered at a person's word -> 200`)
		s.recoveries(1)
		s.records(`
			Chie Mori: take: Ben Brook was first: Take Over has been pressed already.
			Ben Brook: recover: Too late: Resolved by Aiko Tanaka.
			Ben Brook: escalate: Too late: Resolved by Aiko Tanaka.`)
	}, unhurried)
}

// Dan may look and may call for help, not recover: he is told who may, and it
// is on record that he tried.
func TestWhoMayNot(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.waits()
		s.press(dan, "Run Recovery")
		s.press(dan, "Resolve")
		s.settle()
		s.has("Run Recovery", "Resolve")
		s.press(dan, "Escalate")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			only dan: You may not Run Recovery here. Who may: <!subteam^S0SHOPOPS1>, <@U0CHIE0001>.
			only dan: You may not Resolve here. Who may: <!subteam^S0SHOPOPS1>, <@U0CHIE0001>.
			broadcast: <@U0CHIE0001> *#1* Health check of web-1 failed / Dan Weber escalates it to the next level.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			dan: level 3 -> 200`)
		s.recoveries(0)
		s.records(`
			Dan Weber: recover: You may not Run Recovery here. Who may: <!subteam^S0SHOPOPS1>, <@U0CHIE0001>.
			Dan Weber: resolve: You may not Resolve here. Who may: <!subteam^S0SHOPOPS1>, <@U0CHIE0001>.`)
	}, unhurried)
}

// PagerDuty does not know Eri. What is done in one's own name is refused before
// anything runs; for help she may call all the same, with her name in a note.
func TestWhomPagerDutyDoesNotKnow(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.waits()
		s.press(eri, "Take Over")
		s.press(eri, "Run Recovery")
		s.press(eri, "Resolve")
		s.settle()
		s.press(eri, "Escalate")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			only eri: PagerDuty has no user with your Slack e-mail address, and this is done in your name. Ask whoever runs amsbot to add you in PagerDuty, or to name your user there under ` + "`people`" + ` in amsbot.yaml; or press Escalate.
			only eri: PagerDuty has no user with your Slack e-mail address, and this is done in your name. Ask whoever runs amsbot to add you in PagerDuty, or to name your user there under ` + "`people`" + ` in amsbot.yaml; or press Escalate.
			only eri: PagerDuty has no user with your Slack e-mail address, and this is done in your name. Ask whoever runs amsbot to add you in PagerDuty, or to name your user there under ` + "`people`" + ` in amsbot.yaml; or press Escalate.
			broadcast: <@U0CHIE0001> *#1* Health check of web-1 failed / eri escalates it to the next level.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: level 3 -> 200
			amsbot: note Escalated by eri through amsbot. -> 200`)
		s.is("triggered", chiePD)
		s.recoveries(0)
	}, unhurried, withEri)
}

// PagerDuty is away when somebody presses: what needs their name there is
// refused and nothing has happened; an escalation is kept and done later.
func TestPressedWhilePagerDutyIsAway(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.waits()
		back := s.pagerAway()
		s.press(chie, "Run Recovery")
		s.press(chie, "Escalate")
		s.pass(30 * time.Second)
		s.recoveries(0)
		back()
		s.until("it is escalated", func() bool { _, who := s.status(); return len(who) == 1 && who[0] == chiePD })
		s.settle()
		s.press(chie, "Run Recovery")
		s.says("Recovered at a person's word")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered at a person's word
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			only chie: Slack or PagerDuty did not say in time who you are in PagerDuty, and this is done in your name. Nothing has happened; press again in a minute, or act in PagerDuty.
			broadcast: <@U0CHIE0001> *#1* Health check of web-1 failed / chie escalates it to the next level.
			reply: Chie Mori pressed Run Recovery.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.same("PagerDuty", withoutTries(s.pagerLines()), `
			amsbot: level 2 -> 200
			amsbot: level 3 -> 200
			amsbot: note Escalated by chie through amsbot. -> 200
			chie: resolved -> 200
			amsbot: note amsbot: Recovered at a person's word -> 200`)
		s.recoveries(1)
	}, unhurried)
}

// withoutTries leaves out what PagerDuty did not take.
func withoutTries(lines string) string {
	var out []string
	for _, l := range strings.Split(lines, "\n") {
		if !strings.HasSuffix(l, "-> 503") {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}

// Slack delivers a click twice, as it may over two connections.
func TestEnvelopeTwice(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.waits()
		s.sim.Slack.Duplicate(1)
		s.press(aiko, "Run Recovery")
		s.says("Recovered at a person's word")
		s.sim.Slack.Duplicate(1)
		s.ams(ben, "list")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered at a person's word
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			reply: Aiko Tanaka pressed Run Recovery.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.
			only ben: No incident is open.`)
		s.recoveries(1)
	}, unhurried)
}

// A card that an earlier process drew works after the restart, for offers are
// on disk.
func TestPressedAfterARestart(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		m := s.waits()
		s.stop()
		s.start()
		s.click(aiko, "Run Recovery", m)
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
		s.recoveries(1)
	}, unhurried)
}

// Slack holds edits back, so that the card still shows what is gone: who
// presses it is told what has happened.
func TestPressedWhileTheEditWaits(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		m := s.waits()
		lift := s.sim.Slack.Fault(slack.Fault{Method: "chat.update", Status: 429, RetryAfter: time.Minute, Times: 1})
		defer lift()
		s.click(ben, "Take Over", m)
		s.pass(5 * time.Second)
		now, _ := s.card()
		if now.Version != m.Version {
			t.Errorf("the card has been edited meanwhile")
		}
		s.click(chie, "Take Over", m)
		s.pass(2 * time.Minute)
		s.settle()
		if _, have := s.card(); strings.Contains(strings.Join(have, " "), "Take Over") {
			t.Errorf("still on the card: %v", have)
		}
		s.slack(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			reply: Ben Brook takes it over.
			only chie: Ben Brook was first: Take Over has been pressed already.`)
		s.is("acknowledged", benPD)
	}, unhurried)
}

// Two people escalate one after the other: the second is told who was first,
// and has a button of their own only when the first has been done.
func TestEscalateTwice(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		m := s.waits()
		s.click(aiko, "Escalate", m)
		s.click(ben, "Escalate", m)
		s.settle()
		s.is("triggered", chiePD)
		s.press(ben, "Escalate")
		s.settle()
		s.anyOrder(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			broadcast: <@U0CHIE0001> *#1* Health check of web-1 failed / Aiko Tanaka escalates it to the next level.
			only ben: Aiko Tanaka was first: Escalate has been pressed already.
			reply: Ben Brook escalates it to the next level.
			broadcast: <@U0CHIE0001> *#1* Health check of web-1 failed / The escalation did not work: It is at the last level of its escalation policy.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			aiko: level 3 -> 200`)
	}, unhurried)
}

// Ben resolves it in his own name, while amsbot still waits.
func TestResolvedByAPerson(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.waits()
		s.press(ben, "Resolve")
		s.says("Resolved by")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Resolved by Ben Brook
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			reply: Ben Brook resolves it.
			reply: Resolved by Ben Brook`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			ben: resolved -> 200
			amsbot: note amsbot: Resolved by a person -> 200`)
		s.is("resolved")
		s.recoveries(0)
		if m, have := s.card(); strings.Contains(strings.Join(have, " "), "Run Recovery") || !strings.Contains(string(m.Attachments), "Resolved by") {
			t.Errorf("the card: %v %s", have, m.Attachments)
		}
	}, unhurried)
}

// Ben takes it over: PagerDuty has it in his name, and amsbot starts nothing by
// itself any more; the offer stands.
func TestTakenOver(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.waits()
		s.press(ben, "Take Over")
		s.settle()
		s.is("acknowledged", benPD)
		s.has("Run Recovery", "Escalate", "Resolve")
		s.slack(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			reply: Ben Brook takes it over.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			ben: acknowledged -> 200`)
	}, unhurried)
}
