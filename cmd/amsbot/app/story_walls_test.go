package app_test

import (
	"strings"
	"testing"
)

const platform = "C0PLATOPS1"

// twoProjects are the shop and the platform, whose service is shop-mail.
func twoProjects() map[string]string {
	return map[string]string{
		"project.yaml": strings.Replace(project, ", shop-mail]", "]", 1),
		"web.yaml":     web(),
		"../platform/project.yaml": strings.NewReplacer("name: shop", "name: platform", "C0SHOPOPS1", platform,
			"services: [shop-web, shop-db, shop-queue, shop-edge, shop-mail]", "services: [shop-mail]", "permissions: {", "permissions: {view: [S0SHOPOPS1], ").Replace(project),
		"../platform/mail.yaml": strings.NewReplacer("web-down", "mail-down", "shop-web", "shop-mail").Replace(web()),
	}
}

// Two projects in two channels: from one nothing of the other can be seen, and
// nothing done to it.
func TestWalls(t *testing.T) {
	story(t, twoProjects(), func(s *stage) {
		s.waits()
		s.raiseOn("shop-mail", "Health check of the mail relay failed", "mail", nil)
		s.until("the other project's card stands", func() bool {
			return strings.Contains(s.linesIn(platform), "Run Recovery waits for a person")
		})
		s.settle()
		for _, text := range []string{"list", "show 2", "why 2", "history 2", "recover 2", "resolve 2", "note 2 hello", "take " + s.incident,
			"show pd:shop:" + s.incident, "recover pd:shop:" + s.incident, "show last", "pause project:platform", "pause scenario:platform/mail-down"} {
			s.ams(aiko, text)
		}
		s.amsIn(platform, aiko, "list")
		s.amsIn(platform, aiko, "show 1")
		s.amsIn(platform, aiko, "recover 1")
		s.amsIn(platform, aiko, "show last")
		s.amsIn(platform, aiko, "pause project:shop")
		s.settle()
		s.anyOrder(`
			card: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			only aiko: *1 open* / *#1* Health check of web-1 failed · NG: status 500, expected 200 · with Aiko Tanaka
			only aiko: There is no incident 2 here. Open: #1.
			only aiko: There is no incident 2 here. Open: #1.
			only aiko: There is no incident 2 here. Open: #1.
			only aiko: There is no incident 2 here. Open: #1.
			only aiko: There is no incident 2 here. Open: #1.
			only aiko: There is no incident 2 here. Open: #1.
			only aiko: There is no incident Q… here. Open: #1.
			only aiko: There is no incident pd∶shop∶Q… here. Open: #1.
			only aiko: There is no incident pd∶shop∶Q… here. Open: #1.
			only aiko: #1 Health check of web-1 failed: NG: status 500, expected 200 · Run Recovery waits for a person
			only aiko: There is no project platform here. Say ` + "`" + `all` + "`" + `, ` + "`" + `project:NAME` + "`" + ` or ` + "`" + `scenario:PROJECT/NAME` + "`" + `.
			only aiko: There is no scenario platform/mail-down here. Say ` + "`" + `all` + "`" + `, ` + "`" + `project:NAME` + "`" + ` or ` + "`" + `scenario:PROJECT/NAME` + "`" + `.`)
		s.sameLines(platform, s.linesIn(platform), `
			card: #2 Health check of the mail relay failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#2* Health check of the mail relay failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			only aiko: *1 open* / *#2* Health check of the mail relay failed · NG: status 500, expected 200 · with Aiko Tanaka
			only aiko: There is no incident 1 here. Open: #2.
			only aiko: There is no incident 1 here. Open: #2.
			only aiko: #2 Health check of the mail relay failed: NG: status 500, expected 200 · Run Recovery waits for a person
			only aiko: There is no project shop here. Say `+"`"+`all`+"`"+`, `+"`"+`project:NAME`+"`"+` or `+"`"+`scenario:PROJECT/NAME`+"`"+`.`)
		s.recoveries(0)
	}, unhurried)
}

// In a direct message everybody sees the projects that they may view: Chie only
// the shop, Aiko both.
func TestDirectMessage(t *testing.T) {
	story(t, twoProjects(), func(s *stage) {
		s.waits()
		s.raiseOn("shop-mail", "Health check of the mail relay failed", "mail", nil)
		s.settle()
		s.pass(1)
		for _, who := range []string{aiko, chie} {
			s.amsIn(s.dm(who), who, "list")
			s.amsIn(s.dm(who), who, "show 2")
			s.amsIn(s.dm(who), who, "escalate 2")
		}
		s.settle()
		s.amsIn(s.dm(chie), chie, "pause")
		s.shown(chie, `
			Pause Recoveries
			Recoveries are held until a person resumes them; handing over goes on. For a limited time, open a maintenance window instead.
			What: |*project shop | scenario web-down of shop
			Why:
			[Pause]`)
		s.amsIn(s.dm(chie), chie, "pause project:platform")
		s.amsIn(s.dm(aiko), aiko, "pause project:platform")
		s.amsIn(s.dm(aiko), aiko, "list")
		s.amsIn(s.dm(chie), chie, "list")
		s.settle()
		s.sameLines("Aiko's direct messages", s.linesIn(s.dm(aiko)), `
			only aiko: *2 open* / *#2* Health check of the mail relay failed · NG: status 500, expected 200 · with Aiko Tanaka / *#1* Health check of web-1 failed · NG: status 500, expected 200 · with Aiko Tanaka
			only aiko: #2 Health check of the mail relay failed: NG: status 500, expected 200 · Run Recovery waits for a person
			message: *#2* Aiko Tanaka escalates it to the next level.
			message: Aiko Tanaka paused project:platform: recoveries are held until “/ams resume project:platform”. Handing over goes on.
			only aiko: *2 open* / *#2* Health check of the mail relay failed · NG: status 500, expected 200 · with Chie Mori / *#1* Health check of web-1 failed · NG: status 500, expected 200 · with Aiko Tanaka / Paused: project:platform, by Aiko Tanaka; “/ams resume project:platform” lifts it`)
		s.sameLines("Chie's direct messages", s.linesIn(s.dm(chie)), `
			only chie: *1 open* / *#1* Health check of web-1 failed · NG: status 500, expected 200 · with Aiko Tanaka
			only chie: There is no incident 2 here. Open: #1.
			only chie: There is no incident 2 here. Open: #1.
			only chie: There is no project platform here. Say `+"`"+`all`+"`"+`, `+"`"+`project:NAME`+"`"+` or `+"`"+`scenario:PROJECT/NAME`+"`"+`.
			only chie: *1 open* / *#1* Health check of web-1 failed · NG: status 500, expected 200 · with Aiko Tanaka`)
	}, unhurried)
}

// Home shows what is open in the projects that one may view, with who has it
// and a way to the card, what is paused, and the numbers; it is kept fresh. What is
// paused waits for nobody.
func TestHome(t *testing.T) {
	story(t, twoProjects(), func(s *stage) {
		s.must(s.sim.Slack.OpenHome(aiko))
		s.settle()
		s.same("Home at first", s.home(aiko), `
			Pause…
			Maintenance…
			Open incidents
			Nothing is open. When something is, it stands here with who has it and what amsbot found.
			The last 24 hours
			*Open now* / 0
			*Incidents* / 0
			Updated TIME`)
		s.waits()
		s.raiseOn("shop-mail", "Health check of the <mail> *relay* failed", "mail", nil)
		s.settle()
		s.amsIn(platform, aiko, "pause moving & more")
		s.must(s.sim.Slack.OpenHome(chie))
		s.settle()
		s.same("Aiko's Home", s.home(aiko), `
			Pause…
			Maintenance…
			Waiting for you
			*#1 Health check of web-1 failed* / *Run Recovery* waits for you until TIME / NG: status 500, expected 200 · Aiko Tanaka has it · shop-web · TIME · <#C0SHOPOPS1>
			Go to the Card
			-> https://shop.slack.com/archives/C0SHOPOPS1/…
			Yours
			*#2 Health check of the &lt;mail&gt; ∗relay∗ failed* / NG: status 500, expected 200 · Aiko Tanaka has it · shop-mail · TIME · <#C0PLATOPS1>
			Go to the Card
			-> https://shop.slack.com/archives/C0PLATOPS1/…
			Paused
			project:platform, by Aiko Tanaka: moving &amp; more
			Resume
			The last 24 hours
			*Open now* / 2
			*Incidents* / 2
			*Answered without a person* / 0 of 2 (0 %)
			*First response, median* / under 1 ms
			Updated TIME`)
		s.same("Chie's Home", s.home(chie), `
			Pause…
			Maintenance…
			Waiting for you
			*#1 Health check of web-1 failed* / *Run Recovery* waits for you until TIME / NG: status 500, expected 200 · Aiko Tanaka has it · shop-web · TIME · <#C0SHOPOPS1>
			Go to the Card
			-> https://shop.slack.com/archives/C0SHOPOPS1/…
			The last 24 hours
			*Open now* / 1
			*Incidents* / 1
			*Answered without a person* / 0 of 1 (0 %)
			*First response, median* / under 1 ms
			Updated TIME`)
		s.press(aiko, "Resolve")
		s.says("Resolved by")
		s.settle()
		s.same("Chie's Home, later", s.home(chie), `
			Pause…
			Maintenance…
			Open incidents
			Nothing is open. When something is, it stands here with who has it and what amsbot found.
			The last 24 hours
			*Open now* / 0
			*Incidents* / 1
			*Answered without a person* / 0 of 1 (0 %)
			*First response, median* / under 1 ms
			Updated TIME`)
	}, unhurried)
}

// A service that is in no project is ignored, and counted.
func TestServiceOfNobody(t *testing.T) {
	files := one(web())
	files["project.yaml"] = strings.Replace(project, ", shop-mail]", "]", 1)
	story(t, files, func(s *stage) {
		s.raiseOn("shop-mail", "Not ours", "x", nil)
		s.raiseOn("shop-mail", "Not ours either", "y", nil)
		s.pass(1e9)
		s.settle()
		s.slack(``)
		s.pagerduty(``)
		ignored := 0
		for _, e := range s.history("bot") {
			if e.Kind == "ignored" {
				ignored++
			}
		}
		if ignored != 2 {
			t.Errorf("%d ignored", ignored)
		}
	}, unhurried)
}
