package app_test

import (
	"testing"
	"time"

	"amsbot/bot/sim/pagerduty"
	"amsbot/cmd/amsbot/app"
)

// knownAs lets amsbot.yaml say who people are in PagerDuty.
func knownAs(who map[string]string) option {
	return configured(func(c *app.Config) { c.People = who })
}

// Eri has another address in PagerDuty than in Slack, and amsbot.yaml says so: by
// the user's ID. She acts in her own name, and is mentioned by it.
func TestNamedInPagerDuty(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.sim.PagerDuty.Hire(pagerduty.User{ID: "PERI001", Name: "Eri Else", Email: "e.else@corp.example"})
		s.waits()
		s.press(eri, "Take Over")
		s.settle()
		s.is("acknowledged", "PERI001")
		s.press(eri, "Run Recovery")
		s.says("Recovered at a person's word")
		s.settle()
		s.same("PagerDuty", s.pagerLines(), `
			amsbot: level 2 -> 200
			e.else: acknowledged -> 200
			e.else: resolved -> 200
			amsbot: note amsbot: Recovered at a person's word -> 200`)
		s.records("")
	}, unhurried, withEri, knownAs(map[string]string{eri: "PERI001"}))
}

// By address; and where PagerDuty knows nobody whom amsbot.yaml names, whoever
// presses is told what to do, and nothing has run.
func TestNamedByAddress(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.waits()
		s.press(eri, "Run Recovery")
		s.settle()
		s.recoveries(0)
		s.sim.PagerDuty.Hire(pagerduty.User{ID: "PERI001", Name: "Eri Else", Email: "e.else@corp.example"})
		s.pass(time.Minute) // an answer that there is nobody is not kept for long
		s.press(eri, "Run Recovery")
		s.says("Recovered at a person's word")
		s.settle()
		s.recoveries(1)
		s.refuses(`
			eri: recover: amsbot.yaml names your PagerDuty user under 'people', and PagerDuty has no such user; this is done in your name. Ask whoever runs amsbot to correct it, or press Escalate.`)
	}, unhurried, withEri, knownAs(map[string]string{eri: "E.Else@corp.example"}))
}

// Whose address Slack does not show is told so.
func TestHiddenAddress(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.waits()
		s.sim.Slack.Rename(ben, "")
		s.press(ben, "Run Recovery")
		s.settle()
		s.recoveries(0)
		s.refuses(`
			ben: recover: Slack shows amsbot no e-mail address of yours, so your PagerDuty user cannot be found, and this is done in your name. Ask whoever runs amsbot to name it under 'people' in amsbot.yaml, or press Escalate.`)
	}, unhurried)
}

// Ben's address is another one, in PagerDuty first and in Slack later: what was
// known of him is forgotten as soon as PagerDuty does not know it any more, and a
// few minutes later his new one is.
func TestChangedAddress(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.waits()
		s.press(ben, "Take Over")
		s.settle()
		s.sim.PagerDuty.Rename(benPD, "b.brook@corp.example")
		s.press(ben, "Resolve") // as he was known a moment ago
		s.settle()
		s.press(ben, "Resolve")
		s.settle()
		s.is("acknowledged", benPD)
		s.sim.Slack.Rename(ben, "b.brook@corp.example")
		s.pass(6 * time.Minute)
		s.press(ben, "Resolve")
		s.says("Resolved by")
		s.settle()
		s.tells(`
			card: #1 Health check of web-1 failed: Resolved by Ben Brook
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			reply: Ben Brook takes it over.
			reply: Ben Brook resolves it.
			broadcast: <@U0BEN00001> *#1* Health check of web-1 failed / Not resolved: PagerDuty does not know the user in whose name this was to be done.
			only ben: PagerDuty has no user with your Slack e-mail address, and this is done in your name. Ask whoever runs amsbot to add you in PagerDuty, or to name your user there under 'people' in amsbot.yaml; or press Escalate.
			reply: Ben Brook resolves it.
			reply: Resolved by Ben Brook`)
		s.refuses(`
			ben: resolve: PagerDuty has no user with your Slack e-mail address, and this is done in your name. Ask whoever runs amsbot to add you in PagerDuty, or to name your user there under 'people' in amsbot.yaml; or press Escalate.`)
	}, unhurried)
}

// Two accounts in Slack of one PagerDuty user are one person: nobody approves their
// own recovery with a second one.
func TestOnePersonTwice(t *testing.T) {
	story(t, byTwo(), func(s *stage) {
		s.waits()
		s.press(aiko, "Run Recovery")
		s.says("Approve waits")
		s.settle()
		s.press(eri, "Approve")
		s.settle()
		s.recoveries(0)
		s.refuses(`
			Aiko Tanaka: approve: You asked for it yourself: somebody else has to approve it. Who may: <!subteam^S0SHOPOPS1>, <@U0CHIE0001>.`)
	}, unhurried, withEri, knownAs(map[string]string{eri: aikoPD}))
}
