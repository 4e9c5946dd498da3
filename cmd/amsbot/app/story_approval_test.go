package app_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"amsbot/cmd/amsbot/app"
)

// byTwo is a scenario whose recovery takes two people.
func byTwo(more ...string) map[string]string {
	return one(web(append([]string{"approval: {expires: 30m, second_person: true}"}, more...)...))
}

// glass lets Chie break the glass.
func glass(c *app.Config) { c.Permissions.BreakGlass = []string{chie} }

// tells says all that was posted in the channel, without the times.
func (s *stage) tells(want string) {
	s.Helper()
	s.sameLines("Slack", unquoted.Replace(moments.ReplaceAllString(s.slackLines(), "TIME")), want)
}

// refuses is records, with commands as this file can hold them.
func (s *stage) refuses(want string) {
	s.Helper()
	s.sameLines("The record of refusals", unquoted.Replace(s.refused()), want)
}

var unquoted = strings.NewReplacer("`", "'")

// Aiko asks and Ben approves. Aiko cannot approve it herself, Dan may not, and
// until Ben has pressed nothing runs.
func TestSecondPersonApproves(t *testing.T) {
	story(t, byTwo(), func(s *stage) {
		s.waits()
		s.press(aiko, "Run Recovery")
		s.says("Approve waits for a second person")
		s.settle()
		s.press(aiko, "Approve")
		s.press(dan, "Approve")
		s.ams(aiko, "recover 1")
		s.ams(ben, "recover 1")
		s.settle()
		s.recoveries(0)
		s.same("The dialogue", s.confirm("Approve"), `
			Approve the recovery web-down?
			Aiko Tanaka asks for it.
			On web-1.shop.example, after checking once more:
			POST http://web-1.shop.example:9090/restart
			[Approve] [Cancel]`)
		s.press(ben, "Approve")
		s.says("Recovered at a person's word")
		s.settle()
		s.tells(`
			card: #1 Health check of web-1 failed: Recovered at a person's word
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			broadcast: *#1* Health check of web-1 failed / Aiko Tanaka asks to run the recovery on web-1.shop.example: somebody else has to approve it until TIME. Who may: <!subteam^S0SHOPOPS1>, <@U0CHIE0001>.
			only aiko: You asked for it yourself: somebody else has to approve it. Who may: <!subteam^S0SHOPOPS1>, <@U0CHIE0001>.
			only dan: You may not Approve here. Who may: <!subteam^S0SHOPOPS1>, <@U0CHIE0001>.
			only aiko: You have asked for it already: somebody else has to approve it. Who may: <!subteam^S0SHOPOPS1>, <@U0CHIE0001>.
			only ben: Aiko Tanaka has asked for it already. If you agree, press Approve on the card or type '/ams approve 1'.
			reply: Ben Brook approves it: the recovery that Aiko Tanaka asked for begins.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			aiko: resolved -> 200
			amsbot: note amsbot: Recovered at a person's word -> 200`)
		s.recoveries(1)
		s.refuses(`
			Aiko Tanaka: approve: You asked for it yourself: somebody else has to approve it. Who may: <!subteam^S0SHOPOPS1>, <@U0CHIE0001>.
			Dan Weber: approve: You may not Approve here. Who may: <!subteam^S0SHOPOPS1>, <@U0CHIE0001>.
			Aiko Tanaka: recover: You have asked for it already: somebody else has to approve it. Who may: <!subteam^S0SHOPOPS1>, <@U0CHIE0001>.
			Ben Brook: recover: Aiko Tanaka has asked for it already. If you agree, press Approve on the card or type '/ams approve 1'.`)
		s.same("The notes", s.notes(), `
			amsbot: amsbot: Recovered at a person's word / The recovery worked: the re-check is OK. / Scenario web-down on web-1.shop.example (…) / Asked for by Aiko Tanaka, approved by Ben Brook / Check: NG (0 of 1 OK) /   NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"} / Recovery: OK (1 of 1 OK) /   OK restart · status 200 · {"done":"restart"} / Re-check: OK (1 of 1 OK) /   OK health · status 200 · ok / …`)
	}, unhurried, configured(glass))
}

// By slash command, all of it.
func TestApproveByCommand(t *testing.T) {
	story(t, byTwo(), func(s *stage) {
		s.waits()
		s.ams(aiko, "approve 1")
		s.ams(aiko, "recover 1")
		s.settle()
		s.ams(ben, "approve 1")
		s.says("Recovered at a person's word")
		s.settle()
		s.tells(`
			card: #1 Health check of web-1 failed: Recovered at a person's word
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			only aiko: Nothing waits for an approval here.
			only aiko: *#1* Aiko Tanaka asks to run the recovery on web-1.shop.example: somebody else has to approve it until TIME. Who may: <!subteam^S0SHOPOPS1>, <@U0CHIE0001>.
			broadcast: *#1* Health check of web-1 failed / Aiko Tanaka asks to run the recovery on web-1.shop.example: somebody else has to approve it until TIME. Who may: <!subteam^S0SHOPOPS1>, <@U0CHIE0001>.
			message: *#1* Ben Brook approves it: the recovery that Aiko Tanaka asked for begins.
			reply: Ben Brook approves it: the recovery that Aiko Tanaka asked for begins.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.recoveries(1)
	}, unhurried)
}

// Nobody approves it in time: it expires with the offer.
func TestApprovalExpires(t *testing.T) {
	story(t, byTwo(), func(s *stage) {
		m := s.waits()
		s.press(aiko, "Run Recovery")
		s.says("Approve waits")
		s.settle()
		asked, _ := s.card()
		s.pass(30 * time.Minute)
		s.settle()
		s.click(ben, "Approve", asked)
		s.click(ben, "Run Recovery", m)
		s.settle()
		s.tells(`
			card: #1 Health check of web-1 failed: Nobody pressed in time · NG: status 500, expected 200 · Please take over
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			broadcast: *#1* Health check of web-1 failed / Aiko Tanaka asks to run the recovery on web-1.shop.example: somebody else has to approve it until TIME. Who may: <!subteam^S0SHOPOPS1>, <@U0CHIE0001>.
			reply: Aiko Tanaka asked for the recovery, and nobody approved it in time. Run Checks Again takes its place.
			only ben: The offer to run the recovery has expired. Run Checks Again takes its place.
			only ben: The offer to run the recovery has expired. Run Checks Again takes its place.`)
		s.recoveries(0)
		s.press(ben, "Run Checks Again")
		s.settle()
		s.press(ben, "Run Recovery")
		s.settle()
		s.press(aiko, "Approve")
		s.says("Recovered at a person's word")
		s.settle()
		s.recoveries(1)
		if text := s.slackLines(); !strings.Contains(text, "Aiko Tanaka approves it: the recovery that Ben Brook asked for begins.") {
			t.Error(text)
		}
	}, unhurried)
}

// What was asked for before a restart is approved after it; it is withdrawn when
// somebody checks again, and when the incident ends.
func TestRequestIsWithdrawn(t *testing.T) {
	story(t, byTwo(), func(s *stage) {
		s.waits()
		s.press(aiko, "Run Recovery")
		s.says("Approve waits")
		s.settle()
		asked, _ := s.card()
		s.press(dan, "Run Checks Again")
		s.settle()
		s.click(ben, "Approve", asked)
		s.settle()
		s.press(aiko, "Run Recovery")
		s.settle()
		s.stop()
		s.start()
		again, _ := s.card()
		s.must(s.sim.PagerDuty.Resolve(benPD, s.incident))
		s.says("Resolved by")
		s.settle()
		s.click(ben, "Approve", again)
		s.settle()
		s.tells(`
			card: #1 Health check of web-1 failed: Resolved by Ben Brook
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			broadcast: *#1* Health check of web-1 failed / Aiko Tanaka asks to run the recovery on web-1.shop.example: somebody else has to approve it until TIME. Who may: <!subteam^S0SHOPOPS1>, <@U0CHIE0001>.
			reply: The request of Aiko Tanaka to run the recovery is withdrawn: it is checked again.
			reply: Dan Weber has it checked again.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: It still does not work: status 500, expected 200
			only ben: The request of Aiko Tanaka was withdrawn; the card shows what is on offer.
			broadcast: *#1* Health check of web-1 failed / Aiko Tanaka asks to run the recovery on web-1.shop.example: somebody else has to approve it until TIME. Who may: <!subteam^S0SHOPOPS1>, <@U0CHIE0001>.
			reply: The request of Aiko Tanaka to run the recovery is withdrawn: the incident is over.
			only ben: Too late: Resolved by Ben Brook.`)
		s.recoveries(0)
		s.refuses(`
			Ben Brook: approve: The request of Aiko Tanaka was withdrawn; the card shows what is on offer.
			Ben Brook: approve: Too late: Resolved by Ben Brook.`)
	}, unhurried)
}

// The request stands when amsbot starts again, and whoever asked may no longer.
func TestApprovedAfterARestart(t *testing.T) {
	story(t, byTwo(), func(s *stage) {
		s.waits()
		s.press(chie, "Run Recovery")
		s.says("Approve waits")
		s.settle()
		s.stop()
		s.config.Permissions.Run = []string{"S0SHOPOPS1"}
		s.start()
		s.press(ben, "Approve")
		s.settle()
		s.recoveries(0)
		s.stop()
		s.config.Permissions.Run = []string{"everyone"}
		s.start()
		s.press(ben, "Approve")
		s.says("Recovered at a person's word")
		s.settle()
		s.tells(`
			card: #1 Health check of web-1 failed: Recovered at a person's word
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			broadcast: *#1* Health check of web-1 failed / Chie Mori asks to run the recovery on web-1.shop.example: somebody else has to approve it until TIME. Who may: <!subteam^S0SHOPOPS1>.
			only ben: Chie Mori, who asked for it, may not do this any more: nothing runs. Somebody who may has to ask again.
			reply: Ben Brook approves it: the recovery that Chie Mori asked for begins.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.recoveries(1)
	}, unhurried)
}

// Chie breaks the glass: with a reason, and loudly. Ben may not, and nobody does
// it in silence.
func TestBreakGlass(t *testing.T) {
	story(t, byTwo(), func(s *stage) {
		s.waits()
		s.ams(ben, "recover 1 break glass: nobody is here")
		s.ams(chie, "recover 1 break glass")
		s.settle()
		s.recoveries(0)
		s.ams(chie, "recover 1 Break glass: nobody else is awake <!channel> *now*")
		s.says("Recovered at a person's word")
		s.settle()
		s.tells(`
			card: #1 Health check of web-1 failed: Recovered at a person's word
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			only ben: You may not Break Glass here. Who may: <@U0CHIE0001>.
			only chie: Say why: '/ams recover 1 break glass: REASON'.
			only chie: *#1* *Break glass*: Chie Mori runs the recovery on web-1.shop.example without a second person. Reason: nobody else is awake &lt;!channel&gt; ∗now∗
			broadcast: <!here> *#1* Health check of web-1 failed / *Break glass*: Chie Mori runs the recovery on web-1.shop.example without a second person. Reason: nobody else is awake &lt;!channel&gt; ∗now∗
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			chie: note Break glass: Chie Mori runs the recovery web-down on web-1.shop.example through amsbot without a second person. Reason: nobody else is awake <!channel> *now* -> 200
			chie: resolved -> 200
			amsbot: note amsbot: Recovered at a person's word -> 200`)
		s.recoveries(1)
		s.refuses(`
			Ben Brook: break_glass: You may not Break Glass here. Who may: <@U0CHIE0001>.
			Chie Mori: break_glass: Say why: '/ams recover 1 break glass: REASON'.`)
		s.same("The notes", s.notes(), `
			Chie Mori: Break glass: Chie Mori runs the recovery web-down on web-1.shop.example through amsbot without a second person. Reason: nobody else is awake <!channel> *now* / …
			amsbot: amsbot: Recovered at a person's word / The recovery worked: the re-check is OK. / Scenario web-down on web-1.shop.example (…) / Chie Mori broke the glass, without a second person: nobody else is awake <!channel> *now* / Check: NG (0 of 1 OK) /   NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"} / Recovery: OK (1 of 1 OK) /   OK restart · status 200 · {"done":"restart"} / Re-check: OK (1 of 1 OK) /   OK health · status 200 · ok / …`)
	}, unhurried, configured(glass))
}

// A storm's decision takes two people where its scenario does: Chie asks, Aiko may
// not approve it and Dan may not, Ben does. While nobody has, nothing runs.
func TestStormOfTwo(t *testing.T) {
	story(t, byTwo(brakes("storm: 2 per 5m")), func(s *stage) {
		s.storm(3)
		s.press(chie, "Run Recovery on All 3")
		s.until("somebody may approve it", func() bool { return strings.Contains(s.stormCard(), "Approve waits for a second person") })
		s.settle()
		s.recoveries(0)
		s.press(chie, "Approve")
		s.press(dan, "Approve")
		s.settle()
		s.recoveries(0)
		s.stop()
		s.start()
		s.press(ben, "Approve")
		s.until("all is done", func() bool { return strings.Contains(s.slackLines(), "Done: 3 working again.") })
		s.settle()
		if text := s.slackLines(); !strings.Contains(text, "only chie: You asked for it yourself") || !strings.Contains(text, "only dan: You may not Approve here") ||
			!strings.Contains(text, "reply: Ben Brook approves it: the recoveries that Chie Mori asked for begin (3), one first.") {
			t.Error(text)
		}
		s.recoveries(1) // the others are well by then
	}, unhurried)
}

// The same by word, for whoever has no card at hand: it is one storm's decision, and
// takes two people as a press does. What does not wait is said.
func TestStormOfTwoByWord(t *testing.T) {
	story(t, byTwo(brakes("storm: 2 per 5m")), func(s *stage) {
		s.ams(chie, "recover storm")
		s.settle()
		s.saidOnce("only chie: No storm waits for a decision here.")
		s.storm(3)
		s.ams(dan, "recover storm")
		s.ams(chie, "recover storm web-down")
		s.until("somebody may approve it", func() bool { return strings.Contains(s.stormCard(), "Approve waits for a second person") })
		s.settle()
		s.ams(chie, "approve storm")
		s.settle()
		s.recoveries(0)
		s.ams(ben, "approve storm")
		s.until("all is done", func() bool { return strings.Contains(s.slackLines(), "Done: 3 working again.") })
		s.ams(ben, "approve storm")
		s.settle()
		s.saidOnce("only chie: You asked for it yourself", "only dan: You may not Run Recovery on All here",
			"reply: Ben Brook approves it: the recoveries that Chie Mori asked for begin (3), one first.", "only ben: No storm waits for a decision here.",
			"only chie: *Storm of web-down (3)* Chie Mori asks to run the recovery on all 3, one first: somebody else has to approve it until ",
			"only ben: *Storm of web-down (3)* Ben Brook approves it: the recoveries that Chie Mori asked for begin (3), one first.")
		s.recoveries(1)
		for _, e := range s.history(s.stormKey()) {
			var said struct{ Via string }
			if (e.Kind == "requested" || e.Kind == "clicked") && (e.Into(&said) != nil || said.Via != "command") {
				t.Errorf("%s is recorded as from a %s", e.Kind, said.Via)
			}
		}
	}, unhurried)
}

// Who lets a storm's recoveries go on by word is told what comes of it, they alone:
// everybody else has the storm's card and its thread.
func TestStormByWord(t *testing.T) {
	story(t, one(web(brakes("storm: 2 per 5m"))), func(s *stage) {
		s.storm(3)
		s.ams(aiko, "recover storm") // may run, but not override
		s.ams(ben, "approve storm")
		s.ams(chie, "recover storm")
		s.until("all is done", func() bool { return strings.Contains(s.slackLines(), "Done: 3 working again.") })
		s.ams(chie, "recover storm")
		s.settle()
		s.saidOnce("only aiko: You may not Run Recovery on All here. Who may: <@U0CHIE0001>.", "only ben: Approve is not on offer now; the card shows what is.",
			"reply: Chie Mori lets it go on (3), one first.", "only chie: *Storm of web-down (3)* Chie Mori lets it go on (3), one first.",
			"only chie: No storm waits for a decision here.")
		s.recoveries(1)
	}, unhurried)
}

// One who breaks the glass for all says why, by word too.
func TestStormBreaksGlassByWord(t *testing.T) {
	story(t, byTwo(brakes("storm: 2 per 5m")), func(s *stage) {
		s.storm(3)
		s.ams(chie, "recover storm break glass:")
		s.settle()
		s.recoveries(0)
		s.ams(chie, "recover storm break glass: nobody else is awake")
		s.until("all is done", func() bool { return strings.Contains(s.slackLines(), "Done: 3 working again.") })
		s.settle()
		s.saidOnce("only chie: Say why: `/ams recover storm break glass: REASON`.", "only chie: *Storm of web-down (3)* *Break glass*: Chie Mori lets all 3 go on, one first, without a second person. Reason: nobody else is awake",
			"broadcast: <!here> *Break glass*: Chie Mori lets all 3 go on")
		s.recoveries(1)
	}, unhurried, configured(glass))
}

// Nobody approves it in time: the storm's card offers the decision again.
func TestStormIsNotApproved(t *testing.T) {
	story(t, byTwo(brakes("storm: 2 per 5m")), func(s *stage) {
		s.storm(3)
		s.press(chie, "Run Recovery on All 3")
		s.settle()
		asked, _ := s.cardFor("Approve")
		s.pass(31 * time.Minute)
		s.settle()
		s.click(ben, "Approve", asked)
		s.until("it is on offer again", func() bool {
			_, have := s.cardFor("Run Recovery on All 3")
			return slices.Contains(have, "Run Recovery on All 3")
		})
		if text := s.slackLines(); !strings.Contains(text, "Chie Mori asked for the recovery of all, and nobody approved it in time.") ||
			!strings.Contains(text, "only ben: Approve is not on offer now") {
			t.Error(text)
		}
		s.recoveries(0)
	}, unhurried)
}

// By its button: after the confirm a dialogue asks for the reason, and names the
// guard that is overridden; the request of before is left behind.
func TestBreakGlassByButton(t *testing.T) {
	story(t, byTwo("autonomy: auto", "guards: {cooldown: 1h}"), func(s *stage) {
		s.down()
		s.says("Recovered by amsbot") // by itself it needs nobody
		s.settle()
		s.ail("errors")
		s.raiseOn("shop-web", "Health check of web-1 failed again", "another", nil)
		s.says("Held")
		s.settle()
		s.press(chie, "Run Recovery")
		s.says("Approve waits")
		s.settle()
		asked, _ := s.card()
		s.press(chie, "Break Glass")
		s.settle()
		s.same("The dialogue", s.dialogue(chie), `
			Break Glass
			Break the glass: run recovery web-down alone? / Nobody else approves it. Everybody is told, and the second line is called. / This overrides: cooldown. / On web-1.shop.example, after checking once more: / POST http://web-1.shop.example:9090/restart
			Why there is nobody to approve it:
			[Break Glass]`)
		s.send(chie, "break_glass", map[string]string{"text": "customers wait, and nobody answers"})
		s.says("Recovered at a person's word")
		s.settle()
		s.click(ben, "Approve", asked)
		s.settle()
		s.tells(`
			card: #1 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.
			card: #2 Health check of web-1 failed again: Recovered at a person's word
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#2* Health check of web-1 failed again / The recovery is held: cooldown: web-1.shop.example was recovered 7.1 s ago; lifted in 59 min 53 s / Please take over.
			broadcast: *#2* Health check of web-1 failed again / Chie Mori asks to run the recovery on web-1.shop.example: somebody else has to approve it until TIME. Who may: <!subteam^S0SHOPOPS1>. It overrides cooldown.
			broadcast: <!here> *#2* Health check of web-1 failed again / *Break glass*: Chie Mori runs the recovery on web-1.shop.example without a second person. It overrides cooldown. Reason: customers wait, and nobody answers
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.
			only ben: Too late: Resolved by Chie Mori.`)
		s.recoveries(2)
		s.refuses(`
			Ben Brook: approve: Too late: Resolved by Chie Mori.`)
	}, unhurried, configured(glass))
}

// On a storm's card, too: nobody else is needed, and everybody is told.
func TestBreakGlassOfAStorm(t *testing.T) {
	story(t, byTwo(brakes("storm: 2 per 5m")), func(s *stage) {
		s.storm(3)
		m, _ := s.cardFor("Run Recovery on All 3")
		s.click(aiko, "Break Glass", m)
		s.click(chie, "Break Glass", m)
		s.settle()
		s.recoveries(0)
		if said := s.dialogue(chie); !strings.Contains(said, "the second line is called. / First on") {
			t.Error(said)
		}
		s.send(chie, "break_glass", map[string]string{"text": "nobody else is awake"})
		s.until("all is done", func() bool { return strings.Contains(s.slackLines(), "Done: 3 working again.") })
		s.settle()
		if text := s.slackLines(); !strings.Contains(text, "*Break glass*: Chie Mori lets all 3 go on, one first, without a second person. Reason: nobody else is awake") ||
			!strings.Contains(text, "only aiko: You may not Break Glass here. Who may: <@U0CHIE0001>.") {
			t.Error(text)
		}
		s.recoveries(1) // the others are well by then
	}, unhurried, configured(glass))
}

// Who may can be whoever is in a channel; of one that nobody can look into, nobody is.
func TestChannelMay(t *testing.T) {
	story(t, permitted(web(), "{run: [C0SHOPOPS1], resolve: [C0NOWHERE1]}"), func(s *stage) {
		s.waits()
		s.press(dan, "Run Recovery")
		s.says("Recovered at a person's word")
		s.settle()
		s.recoveries(1)
	}, unhurried)
	story(t, permitted(web(), "{run: [C0NOWHERE1]}"), func(s *stage) {
		s.waits()
		s.press(dan, "Run Recovery")
		s.settle()
		s.recoveries(0)
		s.refuses(`
			Dan Weber: recover: You may not Run Recovery here. Who may: <#C0NOWHERE1>.`)
	}, unhurried)
}
