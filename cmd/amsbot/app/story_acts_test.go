package app_test

import (
	"strings"
	"testing"

	"amsbot/bot/sim/slack"
)

// Add Note: the dialogue opens, says what is wrong with an empty text, and a
// note that Slack delivers twice is one note.
func TestAddNote(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.waits()
		s.press(ben, "Add Note")
		s.submit(ben, "   ")
		if v := s.modal(ben); v.Errors["note.text"] != "Write what the others should know." {
			t.Errorf("under the field: %q, at the top: %q", v.Errors["note.text"], v.Problem)
		}
		s.sim.Slack.Duplicate(1)
		s.submit(ben, "the *database* pool is <full>, see http://wiki.shop.example/pool\ncalled Chie")
		if open := s.sim.Slack.State(ben).Modals; len(open) != 0 {
			t.Errorf("still open: %+v", open)
		}
		s.settle()
		s.anyOrder(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			reply: Ben Brook added a note. / &gt; the ∗database∗ pool is &lt;full&gt;, see http://wiki.shop.example/pool called Chie`)
		s.same("The notes", s.notes(), `
			Ben Brook: the *database* pool is <full>, see http://wiki.shop.example/pool / called Chie / (Ben Brook, through amsbot) / …`)
	}, unhurried)
}

// Two people have the dialogue open at once: each writes a note of their own.
func TestTwoNotes(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.waits()
		s.press(ben, "Add Note")
		s.press(dan, "Add Note")
		s.submit(dan, "looking")
		s.submit(ben, "me too")
		s.settle()
		s.anyOrder(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			reply: Dan Weber added a note. / &gt; looking
			reply: Ben Brook added a note. / &gt; me too`)
		s.same("The notes", s.notes(), `
			Dan Weber: looking / (Dan Weber, through amsbot) / …
			Ben Brook: me too / (Ben Brook, through amsbot) / …`)
	}, unhurried)
}

// A note comes too late: the incident is over, and the dialogue says so and
// keeps the text.
func TestNoteTooLate(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.waits()
		s.press(ben, "Add Note")
		s.press(aiko, "Resolve")
		s.says("Resolved by")
		s.settle()
		s.submit(ben, "it was me")
		s.shown(ben, `
			Add Note
			Too late: Resolved by Aiko Tanaka.
			#1 Health check of web-1 failed
			Note:
			[Add Note]`)
		s.same("The notes", s.notes(), `
			amsbot: amsbot: Resolved by a person / Resolved by Aiko Tanaka / Scenario web-down on web-1.shop.example (…) / Check: NG (0 of 1 OK) /   NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"} / …`)
	}, unhurried)
}

// Why This Scenario is answered to whoever asks, alone, also when all is over.
func TestWhyThisScenario(t *testing.T) {
	files := one(web())
	files["db.yaml"] = strings.NewReplacer("web-down", "db-down", "shop-web", "shop-db").Replace(web())
	story(t, files, func(s *stage) {
		s.waits()
		s.press(dan, "Why This Scenario")
		s.press(aiko, "Resolve")
		s.says("Resolved by")
		s.settle()
		s.press(ben, "Why This Scenario")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Resolved by Aiko Tanaka
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			only dan: Scenario *web-down* was chosen, for web-1.shop.example. / • db-down does not fit: service: "shop-web" is not shop-db / • *web-down* fits: all 2 conditions hold
			reply: Aiko Tanaka resolves it.
			reply: Resolved by Aiko Tanaka
			only ben: Scenario *web-down* was chosen, for web-1.shop.example. / • db-down does not fit: service: "shop-web" is not shop-db / • *web-down* fits: all 2 conditions hold`)
	}, unhurried)
}

// Run Checks Again looks once more and changes nothing: the fault is there.
func TestRunChecksAgain(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.waits()
		s.press(dan, "Run Checks Again")
		s.settle()
		s.has("Run Recovery", "Run Checks Again")
		s.slack(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			reply: Dan Weber has it checked again.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: It still does not work: status 500, expected 200`)
		s.pagerduty(`
			amsbot: level 2 -> 200`)
		s.recoveries(0)
	}, unhurried)
}

// Whoever presses is asked first, and reads what is done to what.
func TestConfirms(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.waits()
		s.same("Run Recovery asks", s.confirm("Run Recovery"), `
			Run recovery web-down?
			On web-1.shop.example, after checking once more:
			POST http://web-1.shop.example:9090/restart
			[Run Recovery] [Cancel]`)
		for _, label := range []string{"Take Over", "Escalate", "Resolve"} { // the latter two have dialogues
			if s.confirm(label) != "" {
				t.Errorf("%s asks: %s", label, s.confirm(label))
			}
		}
	}, unhurried)
}

// Every act has its word after /ams: what is done is said to all, a refusal to
// whoever typed alone.
func TestActsByCommand(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.waits()
		s.ams(dan, "recover 1")
		s.ams(dan, "resolve 1")
		s.ams(ben, "take #1")
		s.settle()
		s.ams(chie, "take 1")
		s.ams(ben, "note 1 the pool is *full* <!channel>")
		s.ams(ben, "check 1")
		s.settle()
		s.ams(aiko, "escalate 1")
		s.settle()
		s.ams(aiko, "recover 1")
		s.ams(ben, "recover 1")
		s.says("Recovered at a person's word")
		s.settle()
		s.ams(aiko, "resolve 1")
		s.ams(aiko, "note 1")
		s.ams(aiko, "take")
		s.settle()
		s.anyOrder(`
			card: #1 Health check of web-1 failed: Recovered at a person's word
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			only dan: You may not Run Recovery here. Who may: <!subteam^S0SHOPOPS1>, <@U0CHIE0001>.
			only dan: You may not Resolve here. Who may: <!subteam^S0SHOPOPS1>, <@U0CHIE0001>.
			message: *#1* Ben Brook takes it over.
			reply: Ben Brook takes it over.
			only chie: Ben Brook was first: Take Over has been pressed already.
			message: *#1* Ben Brook added a note. / &gt; the pool is ∗full∗ &lt;!channel&gt;
			message: *#1* Ben Brook has it checked again.
			reply: Ben Brook added a note. / &gt; the pool is ∗full∗ &lt;!channel&gt;
			reply: Ben Brook has it checked again.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: It still does not work: status 500, expected 200
			message: *#1* Aiko Tanaka escalates it to the next level.
			reply: Aiko Tanaka escalates it to the next level.
			message: *#1* Aiko Tanaka pressed Run Recovery.
			reply: Aiko Tanaka pressed Run Recovery.
			only ben: Aiko Tanaka was first: Run Recovery has been pressed already.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.
			only aiko: Too late: Resolved by Aiko Tanaka.
			only aiko: Too late: Resolved by Aiko Tanaka.
			only aiko: No incident is open.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			ben: acknowledged -> 200
			ben: note the pool is *full* <!channel> -> 200
			aiko: level 3 -> 200
			aiko: resolved -> 200
			amsbot: note amsbot: Recovered at a person's word -> 200`)
		s.recoveries(1)
		s.records(`
			Dan Weber: recover: You may not Run Recovery here. Who may: <!subteam^S0SHOPOPS1>, <@U0CHIE0001>.
			Dan Weber: resolve: You may not Resolve here. Who may: <!subteam^S0SHOPOPS1>, <@U0CHIE0001>.
			Chie Mori: take: Ben Brook was first: Take Over has been pressed already.
			Ben Brook: recover: Aiko Tanaka was first: Run Recovery has been pressed already.
			Aiko Tanaka: resolve: Too late: Resolved by Aiko Tanaka.
			Aiko Tanaka: note: Too late: Resolved by Aiko Tanaka.`)
	}, unhurried)
}

// A note without its text asks for it in the dialogue.
func TestNoteByCommand(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.waits()
		s.ams(ben, "note "+s.incident)
		s.submit(ben, "on my way")
		s.settle()
		s.ams(ben, "resolve "+strings.ToLower(s.incident)+" was a test")
		s.settle()
		s.anyOrder(`
			card: #1 Health check of web-1 failed: Resolved by Ben Brook
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			message: *#1* Ben Brook added a note. / &gt; on my way
			reply: Ben Brook added a note. / &gt; on my way
			message: *#1* Ben Brook resolves it. / &gt; was a test
			reply: Ben Brook resolves it. / &gt; was a test
			reply: Resolved by Ben Brook`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			ben: note on my way -> 200
			ben: resolved -> 200
			amsbot: note amsbot: Resolved by a person -> 200`)
		s.same("The notes", s.notes(), `
			Ben Brook: on my way / (Ben Brook, through amsbot) / …
			amsbot: amsbot: Resolved by a person / Resolved by Ben Brook / Scenario web-down on web-1.shop.example (…) / Check: NG (0 of 1 OK) /   NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"} / …`)
	}, unhurried)
}

// In a thread Slack itself refuses slash commands; a command that Slack delivers
// twice acts once.
func TestCommandInAThreadAndTwice(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		m := s.waits()
		_, err := s.sim.Slack.Command(s.ctx, slack.Command{User: ben, Channel: room, ThreadTS: m.TS, Command: "/ams", Text: "take 1"})
		if err == nil {
			t.Error("Slack took a slash command in a thread")
		}
		s.sim.Slack.Duplicate(1)
		s.ams(ben, "note 1 once")
		s.settle()
		s.anyOrder(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			message: *#1* Ben Brook added a note. / &gt; once
			reply: Ben Brook added a note. / &gt; once`)
		s.same("The notes", s.notes(), `
			Ben Brook: once / (Ben Brook, through amsbot) / …`)
	}, unhurried)
}
