package app_test

import (
	"strings"
	"testing"

	"amsbot/cmd/amsbot/app"
)

// allowing is the shop's project with other permissions.
func allowing(permissions string) string {
	var out []string
	for _, l := range strings.Split(project, "\n") {
		if !strings.HasPrefix(l, "permissions:") {
			out = append(out, l)
		} else if permissions != "" {
			out = append(out, "permissions: "+permissions)
		}
	}
	return strings.Join(out, "\n")
}

func permitted(scenario, permissions string) map[string]string {
	files := one(scenario)
	files["project.yaml"] = allowing(permissions)
	return files
}

// The ceiling of amsbot.yaml is narrower than the project: the project does not
// widen it.
func TestCeilingHolds(t *testing.T) {
	story(t, permitted(web(), "{run: [everyone], resolve: [everyone], view: [everyone]}"), func(s *stage) {
		s.waits()
		s.press(ben, "Run Recovery")
		s.press(ben, "Resolve")
		s.press(chie, "Resolve")
		s.says("Resolved by")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Resolved by Chie Mori
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			only ben: You may not Run Recovery here. Who may: <@U0CHIE0001>.
			only ben: You may not Resolve here. Who may: <@U0CHIE0001>.
			reply: Chie Mori resolves it.
			reply: Resolved by Chie Mori`)
		s.recoveries(0)
	}, unhurried, configured(func(c *app.Config) {
		c.Permissions = app.PermissionsConfig{Run: []string{chie}, Resolve: []string{chie}}
	}))
}

// The project is narrower than the ceiling.
func TestProjectNarrows(t *testing.T) {
	story(t, permitted(web(), "{run: [U0CHIE0001], resolve: []}"), func(s *stage) {
		s.waits()
		s.press(ben, "Run Recovery")
		s.press(chie, "Resolve")
		s.press(chie, "Run Recovery")
		s.says("Recovered at a person's word")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered at a person's word
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			only ben: You may not Run Recovery here. Who may: <@U0CHIE0001>.
			only chie: You may not Resolve here. Who may: nobody yet; ` + "`" + `permissions` + "`" + ` in amsbot.yaml or project.yaml names who may.
			reply: Chie Mori pressed Run Recovery.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.recoveries(1)
	}, unhurried)
}

// Where the project says nothing, the ceiling alone counts; what nobody is given
// is nobody's.
func TestCeilingAlone(t *testing.T) {
	story(t, permitted(web(), ""), func(s *stage) {
		s.waits()
		s.press(dan, "Resolve")
		s.press(dan, "Run Recovery")
		s.says("Recovered at a person's word")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Recovered at a person's word
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			only dan: You may not Resolve here. Who may: nobody yet; ` + "`" + `permissions` + "`" + ` in amsbot.yaml or project.yaml names who may.
			reply: Dan Weber pressed Run Recovery.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.recoveries(1)
	}, unhurried, configured(func(c *app.Config) {
		c.Permissions = app.PermissionsConfig{Run: []string{"everyone"}}
	}))
}

// Who may not view may nothing at all, not even be told.
func TestViewWithheld(t *testing.T) {
	story(t, permitted(web(), "{view: [S0SHOPOPS1], run: [everyone]}"), func(s *stage) {
		s.waits()
		for _, label := range []string{"Take Over", "Escalate", "Run Recovery", "Why This Scenario"} {
			s.press(dan, label)
		}
		for _, text := range []string{"list", "show 1", "history 1", "why 1", "take 1", "note 1 hello", "pause"} {
			s.ams(dan, text)
		}
		s.must(s.sim.Slack.OpenHome(dan))
		s.must(s.sim.Slack.OpenHome(ben))
		s.settle()
		s.anyOrder(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			only dan: You may not Take Over here. Who may: <!subteam^S0SHOPOPS1>.
			only dan: You may not Escalate here. Who may: <!subteam^S0SHOPOPS1>.
			only dan: You may not Run Recovery here. Who may: <!subteam^S0SHOPOPS1>.
			only dan: This incident belongs to a project that you may not see.
			only dan: No incident is open.
			only dan: There is no incident 1 here. Open: none.
			only dan: There is no incident 1 here. Open: none.
			only dan: There is no incident 1 here. Open: none.
			only dan: There is no incident 1 here. Open: none.
			only dan: There is no incident 1 here. Open: none.
			only dan: You may not Pause here. Who may: <!subteam^S0SHOPOPS1>.`)
		s.pagerduty(`
			amsbot: level 2 -> 200`)
		if home := s.home(dan); strings.Contains(home, "Health check") || !strings.Contains(home, "Nothing is open") {
			t.Errorf("Dan's Home:\n%s", home)
		}
		if home := s.home(ben); !strings.Contains(home, "Health check") {
			t.Errorf("Ben's Home:\n%s", home)
		}
	}, unhurried)
}

// A user group is asked for; while Slack does not say who is in it, nobody is.
func TestUserGroupUnknown(t *testing.T) {
	story(t, permitted(web(), "{run: [S0NOBODY01]}"), func(s *stage) {
		s.waits()
		s.press(ben, "Run Recovery")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			only ben: You may not Run Recovery here. Who may: <!subteam^S0NOBODY01>.`)
		s.recoveries(0)
	}, unhurried)
}

// A cooldown holds. Ben may run the recovery and not override; Chie may, and the
// dialogue names what she overrides.
func TestWhoMayOverride(t *testing.T) {
	story(t, one(web("autonomy: auto", "guards: {cooldown: 1h}")), func(s *stage) {
		s.down()
		s.says("Recovered by amsbot")
		s.settle()
		s.ail("errors")
		s.raiseOn("shop-web", "Health check of web-1 failed again", "another", nil)
		s.says("Held")
		s.settle()
		s.press(ben, "Run Recovery")
		s.settle()
		s.same("The dialogue", s.confirm("Run Recovery"), `
			Run recovery web-down?
			This overrides: cooldown.
			On web-1.shop.example, after checking once more:
			POST http://web-1.shop.example:9090/restart
			[Run Recovery] [Cancel]`)
		s.ams(chie, "recover 2")
		s.press(chie, "Run Recovery")
		s.says("Recovered at a person's word")
		s.settle()
		s.anyOrder(`
			card: #1 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.
			card: #2 Health check of web-1 failed again: Recovered at a person's word
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#2* Health check of web-1 failed again / The recovery is held: cooldown: web-1.shop.example was recovered 7.1 s ago; lifted in 59 min 53 s / Please take over.
			only ben: Held by cooldown: web-1.shop.example was recovered 12.2 s ago; lifted in 59 min 48 s. You may not override it here; who may: <@U0CHIE0001>.
			only chie: Held by cooldown: web-1.shop.example was recovered 17.2 s ago; lifted in 59 min 43 s. The button on the newest card asks whether to override it.
			reply: Chie Mori pressed Run Recovery, overriding cooldown.
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.`)
		s.recoveries(2)
	}, unhurried)
}
