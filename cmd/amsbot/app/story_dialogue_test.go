package app_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"amsbot/bot/sim/slack"
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
		s.ams(ben, "escalate 1 to bob: please look")
		s.ams(ben, "escalate 1 to first line: please look")
		s.settle()
		s.ams(ben, "escalate 1 to chie")
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
			message: *#1* Ben Brook escalates it to Chie Mori.
			broadcast: <@U0CHIE0001> *#1* Health check of web-1 failed / Ben Brook escalates it to Chie Mori.
			only ben: Nobody is “bob: please look” here, and nothing is escalated. There are: Next level, First line, Second line, Aiko Tanaka, Chie Mori. Without ` + "`to`" + ` it goes to the next level.
			reply: Aiko Tanaka resolves it. It was noise. / &gt; noise: a probe
			message: *#1* Aiko Tanaka resolves it. It was noise. / &gt; noise: a probe
			reply: Resolved by Aiko Tanaka`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			ben: level 2 -> 200
			ben: note Escalated by Ben Brook through amsbot. please look -> 200
			ben: assign PCHIE01 -> 200
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

// Pause and Resume ask what and why, and say at the field what is missing.
func TestPauseByDialogue(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.ams(ben, "resume")
		s.ams(ben, "pause")
		s.shown(ben, `
			Pause Recoveries
			Recoveries are held until a person resumes them; handing over goes on. For a limited time, open a maintenance window instead.
			What: | everything |*project shop | scenario web-down of shop
			Why:
			[Pause]`)
		s.send(ben, "pause", map[string]string{"text": " "})
		s.shown(ben, `
			Pause Recoveries
			Recoveries are held until a person resumes them; handing over goes on. For a limited time, open a maintenance window instead.
			What: | everything |*project shop | scenario web-down of shop
			Why: !! Say why: the others read it.
			[Pause]`)
		s.send(ben, "pause", map[string]string{"scope": "scenario:shop/web-down", "text": "we <!channel> are\nmoving"})
		s.closed(ben)
		s.ams(dan, "resume")
		s.ams(aiko, "resume")
		s.shown(aiko, `
			Resume Recoveries
			Recoveries may run again from now on. What was held until now waits on its card for somebody to press Run Recovery.
			What: |*scenario web-down of shop Paused by Ben Brook
			Why:
			[Resume]`)
		s.send(aiko, "resume", nil)
		s.closed(aiko)
		s.settle()
		s.anyOrder(`
			only ben: Nothing is paused here.
			message: Ben Brook paused scenario:shop/web-down (we &lt;!channel&gt; are moving): recoveries are held until “/ams resume scenario:shop/web-down”. Handing over goes on.
			only dan: You may not Resume here. Who may: <!subteam^S0SHOPOPS1>.
			message: Aiko Tanaka resumed scenario:shop/web-down.`)
	}, unhurried, configured(givesResume))
}

// A maintenance window is asked for in a dialogue, where everything that is wrong
// is said at once, each at its field; sent twice, it is one window.
func TestMaintenanceByDialogue(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.ams(ben, "maintenance new")
		now := time.Now()
		at := func(d time.Duration) string { return strconv.FormatInt(now.Add(d).Unix(), 10) }
		s.send(ben, "maintain", map[string]string{"scope": "service:shop/shop-web", "target": "web-1", "for": "at", "until": at(-time.Hour), "from": at(-2 * time.Hour), "text": " "})
		s.shown(ben, `
			Maintenance Window
			While the window is open amsbot looks and reports, and recovers nothing of what it covers. What is still open at its end is taken up then.
			What is under maintenance: | everything |*project shop | service shop-web of shop | service shop-db of shop | service shop-queue of shop | service shop-edge of shop | service shop-mail of shop | scenario web-down of shop
			Only this target: !! For a target choose the project that it belongs to above.
			For how long: | For 30 min 2000-01-01 00:30 UTC |*For 1 h 2000-01-01 01:00 UTC | For 2 h 2000-01-01 02:00 UTC | For 4 h 2000-01-01 04:00 UTC | For 8 h 2000-01-01 08:00 UTC | For 1 d 2000-01-02 00:00 UTC | Until the time below
			Until: !! 1999-12-31 23:00 UTC is over already.
			Beginning at: !! 1999-12-31 22:00 UTC is over already. Leave it empty to begin now.
			Why: !! Say why: the others read it.
			[Open Window]`)
		s.send(ben, "maintain", map[string]string{"scope": "project:shop", "target": "web-1", "for": "at", "until": at(40 * 24 * time.Hour), "from": "", "text": "kernel"})
		s.send(ben, "maintain", map[string]string{"scope": "project:shop", "target": "web-1", "for": "1h0m0s", "until": at(2 * time.Hour), "text": "kernel"})
		s.shown(ben, `
			Maintenance Window
			While the window is open amsbot looks and reports, and recovers nothing of what it covers. What is still open at its end is taken up then.
			What is under maintenance: | everything |*project shop | service shop-web of shop | service shop-db of shop | service shop-queue of shop | service shop-edge of shop | service shop-mail of shop | scenario web-down of shop
			Only this target:
			For how long: | For 30 min 2000-01-01 00:30 UTC |*For 1 h 2000-01-01 01:00 UTC | For 2 h 2000-01-01 02:00 UTC | For 4 h 2000-01-01 04:00 UTC | For 8 h 2000-01-01 08:00 UTC | For 1 d 2000-01-02 00:00 UTC | Until the time below !! Choose “Until the time below”, or open the dialogue again without a time of your own.
			Until:
			Beginning at:
			Why:
			[Open Window]`)
		s.sim.Slack.Duplicate(1)
		s.send(ben, "maintain", map[string]string{"scope": "project:shop", "target": "web-1", "for": "at", "until": at(2 * time.Hour), "text": "kernel <!here>"})
		s.closed(ben)
		s.ams(chie, "maintenance end")
		s.settle()
		s.anyOrder(`
			message: Ben Brook: maintenance of target web-1 of shop until <!date^946692005^{date_short_pretty} {time}|2000-01-01 02:00 UTC> (kernel &lt;!here&gt;). What it covers is checked and reported, and nothing of it recovers, until then or until ` + "`" + `/ams maintenance end 1` + "`" + `.
			only chie: You may not end a maintenance window early here. Who may: <!subteam^S0SHOPOPS1>.`)
	}, unhurried, configured(givesResume))
}

// The shortcut on a card, and on what stands in its thread, offers what can be done
// now, and does it: at once, or by way of the act's own dialogue.
func TestShortcut(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		card := s.waits()
		s.shortcut(ben, card)
		s.shown(ben, `
			Act on This Incident
			#1 Health check of web-1 failed
			What is to be done: |*Run Recovery Asks once more before it runs | Take Over At once, in your name | Escalate You say to whom | Resolve You can leave a note | Run Checks Again At once; changes nothing | Add Note For the history and PagerDuty
			[Continue]`)
		s.picks(ben, "Take Over")
		s.closed(ben)
		s.settle()
		for _, m := range s.sim.Slack.Messages(room) {
			if m.ThreadTS == card.TS && m.TS != card.TS {
				s.shortcut(aiko, m) // of amsbot's own
				s.picks(aiko, "Run Recovery")
				s.shown(aiko, `
			Run Recovery
			Run recovery web-down? / On web-1.shop.example, after checking once more: / POST http://web-1.shop.example:9090/restart
			[Run Recovery]`)
				break
			}
		}
		ts, err := s.sim.Slack.Say(ben, room, "what is it?", card.TS)
		s.must(err)
		s.shortcut(chie, slack.Message{Channel: room, TS: ts})
		s.picks(chie, "Escalate")
		s.send(chie, "escalate", map[string]string{"text": "please"})
		s.closed(chie)
		s.send(aiko, "recover", nil)
		s.says("Recovered at a person's word")
		s.settle()
		s.shortcut(dan, card)
		ts, err = s.sim.Slack.Say(ben, room, "lunch?", "")
		s.must(err)
		s.shortcut(dan, slack.Message{Channel: room, TS: ts})
		s.settle()
		s.recoveries(1)
		s.anyOrder(`
			card: #1 Health check of web-1 failed: Recovered at a person's word
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			reply: Ben Brook takes it over.
			reply: what is it?
			reply: Chie Mori escalates it to the next level. / &gt; please
			reply: Aiko Tanaka pressed Run Recovery.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.
			message: lunch?
			only dan: This message is not about one incident. Use the shortcut on a card, or on a message in its thread.
			only dan: Too late: Resolved by Aiko Tanaka.`)
	}, unhurried)
}

// shortcut uses amsbot's shortcut on a message.
func (s *stage) shortcut(who string, m slack.Message) {
	s.Helper()
	s.did(s.sim.Slack.Shortcut(s.ctx, slack.Shortcut{User: who, Channel: m.Channel, MessageTS: m.TS, CallbackID: "ams_act"}))
}

// picks sends the shortcut's dialogue with one of its acts.
func (s *stage) picks(who, label string) {
	s.Helper()
	v := s.modal(who)
	value := choiceOf(v, label)
	if value == "" {
		s.Fatalf("no %s:\n%s", label, v.View)
	}
	s.send(who, "choose", map[string]string{"act": value})
}

// choiceOf is what an act of this label is in the shortcut's dialogue; "" if it is
// not there.
func choiceOf(v slack.View, label string) string {
	value := regexp.MustCompile(`"text":"` + label + `"[^}]*\}[^{}]*"value":"([^"]+)"`).FindSubmatch(v.View)
	if value == nil {
		return ""
	}
	return string(value[1])
}
