package app_test

import (
	"strings"
	"testing"
)

// Who may not: to open a window one has to see the project, to end one early one
// has to be given Resume, also who opened it.
func TestWhoMayMaintain(t *testing.T) {
	files := planned(web())
	files["project.yaml"] = strings.Replace(files["project.yaml"], "permissions: {", "permissions: {view: [S0SHOPOPS1, U0CHIE0001], ", 1)
	story(t, files, func(s *stage) {
		s.ams(dan, "maintenance 1h")
		s.ams(chie, "maintenance 1h")
		s.ams(chie, "maintenance end 1")
		s.ams(dan, "maintenance end all")
		s.ams(dan, "maintenance list")
		s.ams(ben, "maintenance end #1")
		s.settle()
		s.same("Slack", timeless(s.slackLines()), `
			only dan: You may not open a maintenance window here. Who may: <!subteam^S0SHOPOPS1>, <@U0CHIE0001>.
			message: Chie Mori: maintenance of project shop until TIME. What it covers is checked and reported, and nothing of it recovers, until then or until '/ams maintenance end 1'.
			only chie: You may not end a maintenance window early here. Who may: <!subteam^S0SHOPOPS1>.
			only dan: You may not end a maintenance window early here. Who may: <!subteam^S0SHOPOPS1>, <@U0CHIE0001>.
			only dan: No maintenance window is open or planned here. / '/ams maintenance service NAME 2h reason' opens one; instead of service also 'target', 'scenario', 'project' or 'all', instead of 2h also 'until 04:00' or 'from 22:00 until friday 04:00'.
			message: Ben Brook ended the maintenance of project shop. What it held and is still open is checked again.`)
		s.toldOfWindows("refused by Dan Weber", "maintenance by Chie Mori", "refused by Chie Mori", "refused by Dan Weber", "maintenance_ended by Ben Brook")
	}, unhurried)
}

// Two projects in two channels: no window of the one is seen in the other, and
// none can be opened there or ended. A direct message has those that one may view.
func TestMaintenanceWalls(t *testing.T) {
	story(t, twoProjects(), func(s *stage) {
		s.ams(aiko, "maintenance service shop-mail 1h")
		s.ams(aiko, "maintenance scenario mail-down 1h")
		s.ams(aiko, "maintenance scenario platform/mail-down 1h")
		s.ams(aiko, "maintenance project platform 1h")
		s.ams(aiko, "maintenance service web 1h")
		s.amsIn(platform, aiko, "maintenance shop-mail 1h")
		s.ams(aiko, "maintenance end 1")
		s.ams(aiko, "maintenance target mail-1 1h")
		s.ams(aiko, "maintenance")
		s.amsIn(platform, aiko, "maintenance end 2")
		s.settle()
		s.same("the shop", timeless(s.slackLines()), `
			only aiko: There is no service “shop-mail” here. There are: shop-web, shop-db, shop-queue, shop-edge.
			only aiko: There is no scenario “mail-down” here. There are: web-down.
			only aiko: There is no scenario “platform/mail-down” here. There are: web-down.
			only aiko: There is no project “platform” here. There are: shop.
			only aiko: There is no service “web” here. There are: shop-web, shop-db, shop-queue, shop-edge.
			only aiko: No maintenance window is open or planned here.
			message: Aiko Tanaka: maintenance of target mail-1 of shop until TIME. What it covers is checked and reported, and nothing of it recovers, until then or until '/ams maintenance end 2'.
			only aiko: *Maintenance windows* / *2* target mail-1 of shop until TIME, by Aiko Tanaka`)
		s.same("the platform", timeless(s.linesIn(platform)), `
			message: Aiko Tanaka: maintenance of service shop-mail of platform until TIME. What it covers is checked and reported, and nothing of it recovers, until then or until '/ams maintenance end 1'.
			only aiko: There is no maintenance window “2” here. There are: / *1* service shop-mail of platform until TIME, by Aiko Tanaka`)
		for _, who := range []string{aiko, chie} {
			for _, text := range []string{"maintenance target x 1h", "maintenance target platform/x 1h", "maintenance service shop-mail 1h", "list"} {
				s.amsIn(s.dm(who), who, text)
			}
		}
		s.settle()
		s.same("Aiko's direct messages", timeless(s.linesIn(s.dm(aiko))), `
			only aiko: Which project is the target “x” of? Say 'PROJECT/NAME'.
			message: Aiko Tanaka: maintenance of target x of platform until TIME. What it covers is checked and reported, and nothing of it recovers, until then or until '/ams maintenance end 3'.
			message: Aiko Tanaka: maintenance of service shop-mail of platform until TIME. What it covers is checked and reported, and nothing of it recovers, until then or until '/ams maintenance end 4'.
			only aiko: No incident is open. / *Maintenance* / *1* service shop-mail of platform until TIME, by Aiko Tanaka / *2* target mail-1 of shop until TIME, by Aiko Tanaka / *3* target x of platform until TIME, by Aiko Tanaka / *4* service shop-mail of platform until TIME, by Aiko Tanaka`)
		s.same("Chie's direct messages", timeless(s.linesIn(s.dm(chie))), `
			message: Chie Mori: maintenance of target x of shop until TIME. What it covers is checked and reported, and nothing of it recovers, until then or until '/ams maintenance end 5'.
			message: Chie Mori: maintenance of target platform/x of shop until TIME. What it covers is checked and reported, and nothing of it recovers, until then or until '/ams maintenance end 6'.
			only chie: There is no service “shop-mail” here. There are: shop-web, shop-db, shop-queue, shop-edge.
			only chie: No incident is open. / *Maintenance* / *2* target mail-1 of shop until TIME, by Aiko Tanaka / *5* target x of shop until TIME, by Chie Mori / *6* target platform/x of shop until TIME, by Chie Mori`)
	}, unhurried)
}

// What people get wrong, and what they are told; lists and Home.
func TestMaintenanceIsListed(t *testing.T) {
	story(t, planned(web()), func(s *stage) {
		for _, text := range []string{
			"maintenance servce shop-web 2h", "maintenance shop-wbe 2h", "maintenance service shop-wbe 2h", "maintenance service 2h", "maintenance lst 2h",
			"maintenance scenario nothing 2h", "maintenance service shop-web", "maintenance service shop-web until teatime", "maintenance service shop-web until 2000-01-01 00:00",
			"maintenance service shop-web 60d", "maintenance service shop-web upgrade of <b> & *c* 2h", "maintenance service:shop-web 1h", "maintenance web-1 2h",
			"maintenance target web-1 from 22:00 until tomorrow 23:00 moving", "maintenance end", "maintenance end 7", "maintenance end service shop-db",
			"maintenance", "list",
		} {
			s.ams(aiko, text)
		}
		s.must(s.sim.Slack.OpenHome(aiko))
		s.settle()
		s.same("Home", timeless(s.home(aiko)), `
			Open incidents
			Nothing is open. When something is, it stands here with who has it and what amsbot found.
			Maintenance
			• service shop-web of shop, by Aiko Tanaka: upgrade of &lt;b&gt; &amp; ∗c∗ · until TIME / • target web-1 of shop, by Aiko Tanaka: moving · from TIME until TIME
			Today
			*Open now* / 0
			*In the last 24 hours* / 0
			*Answered without a person* / 0
			Updated TIME`)
		s.ams(ben, "maintenance end target web-1")
		s.settle()
		s.same("Slack", timeless(s.slackLines()), strings.ReplaceAll(strings.ReplaceAll(`
			only aiko: There is no “servce”. Did you mean '/ams maintenance service'?
			only aiko: There is no service or scenario “shop-wbe” here. Did you mean “shop-web”?
			only aiko: There is no service “shop-wbe” here. Did you mean “shop-web”?
			only aiko: Which service? Say its name before the time: '/ams maintenance service NAME 2h reason'.
			only aiko: There is no “lst”. Did you mean '/ams maintenance list'?
			only aiko: There is no scenario “nothing” here. There are: web-down.
			only aiko: Until when? Say '2h', 'until 04:00' or 'until friday 18:00' before the reason.
			only aiko: “teatime” is no time that amsbot understands. Say '2h', '90m', 'until 04:00', 'until friday 18:00' or 'until 2026-01-31 04:00'.
			only aiko: TIME is over already. Say until when the maintenance lasts.
			only aiko: A window may end at most 30d ahead, so that none is forgotten: open a shorter one, and another when it ends.
			message: Aiko Tanaka: maintenance of service shop-web of shop until TIME (upgrade of &lt;b&gt; &amp; ∗c∗). What it covers is checked and reported, and nothing of it recovers, until then or until '/ams maintenance end 1'.
			only aiko: That is under maintenance already: WEB
			only aiko: There is no service or scenario “web-1” here. If it is a target, say '/ams maintenance target web-1 2h reason'.
			message: Aiko Tanaka: maintenance of target web-1 of shop from TIME until TIME (moving). What it covers is checked and reported, and nothing of it recovers, until then or until '/ams maintenance end 2'.
			only aiko: Which one? Say its number: '/ams maintenance end NUMBER'. / WEB / ONE
			only aiko: There is no maintenance window “7” here. There are: / WEB / ONE
			only aiko: There is no maintenance window “service shop-db” here. There are: / WEB / ONE
			only aiko: *Maintenance windows* / WEB / ONE
			only aiko: No incident is open. / *Maintenance* / WEB / ONE
			message: Ben Brook took back the maintenance of target web-1 of shop before it began. / Still open: WEB`,
			"WEB", "*1* service shop-web of shop until TIME, by Aiko Tanaka (upgrade of &lt;b&gt; &amp; ∗c∗)"),
			"ONE", "*2* target web-1 of shop from TIME until TIME, by Aiko Tanaka (moving)"))
	}, unhurried)
}
