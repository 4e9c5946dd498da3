package doctor_test

import (
	"testing"

	"amsbot/bot/sim"
	"amsbot/bot/sim/slack"
	"amsbot/cmd/amsbot/app"
)

func TestSlackFaults(t *testing.T) {
	check(t, map[string]fault{
		"bot token of the wrong kind": {func(s *set) { s.env[app.EnvSlackBot] = s.env[app.EnvSlackApp] }, []string{
			"Slack: NG bot token: the bot token is an app token (it begins with xapp-)",
			"Slack: UNKNOWN scopes, channels and groups: ",
		}, "Bot User OAuth Token"},
		"app token of the wrong kind": {func(s *set) { s.env[app.EnvSlackApp] = s.env[app.EnvSlackBot] }, []string{
			"Slack: NG app token: the app token is a bot token (it begins with xoxb-)",
		}, "App-Level Token"},
		"bot token that Slack refuses": {func(s *set) { s.env[app.EnvSlackBot] = "xoxb-revoked-long-ago" }, []string{
			"Slack: NG bot token: ask who we are: invalid_auth", "Slack: UNKNOWN scopes, channels and groups: ",
		}, "install the app into the workspace again"},
		"Socket Mode is off": {func(s *set) {
			s.before = func(w *sim.Sim) {
				w.Slack.Fault(slack.Fault{Method: "apps.connections.open", Error: "link_disabled", Times: -1})
			}
		}, []string{"Slack: NG app token: open a Socket Mode connection: link_disabled"}, "switch Socket Mode on"},
		"a scope is missing": {func(s *set) { s.lack("usergroups:read") }, []string{
			"Slack: NG scope usergroups:read: it is missing; with it amsbot reads who is in the groups that permissions name",
			"Slack: NG user group S0SHOPOPS1 of permissions: it cannot be read: read user group S0SHOPOPS1: missing_scope",
		}, "amsbot manifest"},
		"not in the channel": {func(s *set) { s.channel(func(c *slack.Channel) { c.Members = nil }) }, []string{
			"Slack: NG channel #shop-ops (C0SHOPOPS1) of project shop: amsbot is not in it",
		}, "/invite @amsbot"},
		"an archived channel": {func(s *set) { s.channel(func(c *slack.Channel) { c.Archived = true }) }, []string{
			"Slack: NG channel #shop-ops (C0SHOPOPS1) of project shop: it is archived",
		}, "shop/project.yaml"},
		"an archived channel, by its name": {func(s *set) {
			s.channel(func(c *slack.Channel) { c.Archived = true })
			s.project("C0SHOPOPS1", "'#shop-ops'")
		}, []string{"Slack: NG channel #shop-ops of project shop: it is archived"}, "unarchive it"},
		"a shared channel": {func(s *set) { s.channel(func(c *slack.Channel) { c.Shared = true }) }, []string{
			"Slack: NG channel #shop-ops (C0SHOPOPS1) of project shop: it is shared with other organisations, and amsbot does not start",
		}, "shared: true"},
		"no such channel": {func(s *set) { s.project("C0SHOPOPS1", "'#shop-opps'") }, []string{
			"Slack: NG channel #shop-opps of project shop: Slack knows none, or it is private",
		}, "channel: in shop/project.yaml"},
		"no channel": {func(s *set) { s.project("channel: C0SHOPOPS1\n", "") }, []string{
			"Slack: NG channel of project shop: it names none",
		}, "channel:"},
		"an unknown user group": {func(s *set) { s.project("[S0SHOPOPS1,", "[S0GONE0001, S0SHOPOPS1,") }, []string{
			"Slack: NG user group S0GONE0001 of permissions: Slack knows none",
		}, "permissions"},
		"a public channel as a list of who may": {func(s *set) { s.lists("") }, []string{
			"Slack: NG channel C0LIST0001 of permissions: #shop-list is public, and whoever joins it has by it: run, resolve -> make it private",
		}, "name a user group (S…) in its place"},
		"a shared channel as a list of who may": {func(s *set) {
			s.lists("")
			c := &s.sim.Slack.Channels[len(s.sim.Slack.Channels)-1]
			c.Private, c.Shared = true, true
		}, []string{
			"Slack: NG channel C0LIST0001 of permissions: #shop-list is shared with other organisations, whose people have by it: run, resolve",
		}, "a private channel of your own"},
		"an unknown user": {func(s *set) { s.project("U0CHIE0001", "U0GONE0001") }, []string{
			"Slack: NG user U0GONE0001: Slack knows none",
		}, "permissions"},
		"a user whom PagerDuty does not know": {func(s *set) { s.sim.PagerDuty.Users[3].Email = "mori@corp.example" }, []string{
			"Slack: NG user U0CHIE0001: PagerDuty has no such user: most of what they press is refused",
		}, "people in amsbot.yaml"},
		"a member whom PagerDuty does not know": {func(s *set) { s.sim.PagerDuty.Users[2].Email = "brook@corp.example" }, []string{
			"Slack: NG user group S0SHOPOPS1 of permissions: 2 people are in it; these have no user in PagerDuty, and most of what they press is refused: U0BEN00001 -> ",
		}, "the same e-mail address in both"},
		"an empty user group": {func(s *set) { s.sim.Slack.Groups[0].Users = nil }, []string{
			"Slack: NG user group S0SHOPOPS1 of permissions: nobody is in it",
		}, "put people into it"},
		"a user who is said to be nobody": {func(s *set) { s.edit("people: {}", "people: {U0CHIE0001: PNOBODY}") }, []string{
			"Slack: NG user U0CHIE0001: PagerDuty has no such user",
		}, "people in amsbot.yaml"},
		"no paid plan": {func(s *set) { s.sim.Slack.NoPaidPlan = true }, []string{
			"Slack: NG user group S0SHOPOPS1 of permissions: it cannot be read: read user group S0SHOPOPS1: plan_upgrade_required",
		}, "user IDs"},
		"Slack is away": {func(s *set) {
			s.before = func(w *sim.Sim) { w.Slack.Fault(slack.Fault{Method: "*", Hang: true, Times: -1}) }
		}, []string{
			"Slack: UNKNOWN bot token: ", "Slack: UNKNOWN app token: ", "Slack: UNKNOWN scopes, channels and groups: ",
			"This machine: UNKNOWN clock, beside Slack: ",
		}, "whether this machine reaches it"},
	})
}
