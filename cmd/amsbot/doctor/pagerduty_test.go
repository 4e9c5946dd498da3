package doctor_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"amsbot/bot/sim"
	"amsbot/bot/sim/pagerduty"
	"amsbot/bot/sim/slack"
	"amsbot/cmd/amsbot/app"
)

func TestPagerDutyFaults(t *testing.T) {
	check(t, map[string]fault{
		"nobody answers": {func(s *set) {
			s.before = func(w *sim.Sim) {
				w.Slack.Fault(slack.Fault{Method: "*", Hang: true, Times: -1})
				w.PagerDuty.Fault(pagerduty.Fault{Kind: pagerduty.FaultHang, Times: -1})
			}
		}, []string{
			"Slack: UNKNOWN bot token: ", "Slack: UNKNOWN app token: ", "Slack: UNKNOWN scopes, channels and groups: ",
			"PagerDuty: UNKNOWN token: no answer in time", "PagerDuty: UNKNOWN rights, services and levels: ",
			"This machine: UNKNOWN clock, beside Slack: ", "This machine: UNKNOWN clock, beside PagerDuty: ",
		}, "whether this machine reaches it"},
		"PagerDuty hangs after a while": {func(s *set) {
			s.way = func(next http.RoundTripper) http.RoundTripper {
				var asked atomic.Bool
				return trip(func(r *http.Request) (*http.Response, error) {
					if asked.Load() && strings.HasPrefix(r.URL.Path, "/pagerduty/") {
						<-r.Context().Done()
						return nil, r.Context().Err()
					}
					if r.URL.Path == "/pagerduty/users" && !r.URL.Query().Has("query") { // the token's, not a person's
						asked.Store(true)
					}
					return next.RoundTrip(r)
				})
			}
		}, []string{
			"PagerDuty: UNKNOWN user PAMSBOT with From amsbot@shop.example: ", "PagerDuty: UNKNOWN reading incidents: ",
			"PagerDuty: UNKNOWN changing incidents: ", "PagerDuty: UNKNOWN services: ",
			"PagerDuty: UNKNOWN first_line of project shop: ", "PagerDuty: UNKNOWN second_line of project shop: ",
			"PagerDuty: UNKNOWN fallback: ", "PagerDuty: UNKNOWN webhook subscription: ",
		}, "whether this machine reaches it"},
		"a token that PagerDuty refuses": {func(s *set) { s.env[app.EnvPagerDuty] = "no-such-token" }, []string{
			"PagerDuty: NG token: check token: Authentication Failed", "PagerDuty: UNKNOWN rights, services and levels: ",
		}, "REST API key"},
		"a token that only reads": {func(s *set) {
			s.sim.PagerDuty.Tokens = []pagerduty.Token{{Name: "reader", Secret: "reads-only-token", ReadOnly: true}}
			s.env[app.EnvPagerDuty] = "reads-only-token"
		}, []string{"PagerDuty: NG changing incidents: "}, "not read-only"},
		"an unknown From": {func(s *set) { s.edit("from: amsbot@shop.example", "from: nobody@shop.example") }, []string{
			"PagerDuty: NG user PAMSBOT with From nobody@shop.example: check user PAMSBOT: its login address is not nobody@shop.example",
			"PagerDuty: NG changing incidents: change an incident that does not exist: Requester User Not Found",
		}, "pagerduty.from"},
		"an unknown user of amsbot's": {func(s *set) { s.edit("user: PAMSBOT", "user: PNOBODY") }, []string{
			"PagerDuty: NG user PNOBODY with From amsbot@shop.example: read user PNOBODY: Not Found",
		}, "pagerduty.user"},
		"an unknown service": {func(s *set) { s.project("[shop-web]", "[shop-web, shop-wbe]") }, []string{
			"PagerDuty: NG service shop-wbe of project shop: PagerDuty knows none",
		}, "letter for letter"},
		"an unknown policy": {func(s *set) { s.project("policy: Shop,", "policy: Shopp,") }, []string{
			"PagerDuty: NG second_line of project shop: level 3 of Shopp: PagerDuty knows no such escalation policy",
		}, "letter for letter"},
		"a level that there is not": {func(s *set) { s.project("level: 3", "level: 4") }, []string{
			"PagerDuty: NG second_line of project shop: level 4 of Shop: the policy has 3 levels",
		}, "add one"},
		"an empty level": {func(s *set) { s.sim.PagerDuty.EscalationPolicies[0].Levels[2].Users = nil }, []string{
			"PagerDuty: NG second_line of project shop: level 3 of Shop: nobody is on call there now",
		}, "schedule"},
		"amsbot as its own second line": {func(s *set) { s.project("level: 3", "level: 1") }, []string{
			"PagerDuty: NG second_line of project shop: level 1 of Shop: nobody but amsbot is on call there",
		}, "people"},
		"a level that never ends": {func(s *set) { s.sim.PagerDuty.EscalationPolicies[0].Levels[0].Timeout = 0 }, []string{
			"PagerDuty: NG level 1 of escalation policy Shop: amsbot is alone on it, and it does not time out",
		}, "short timeout"},

		"no webhook": {func(s *set) { s.sim.PagerDuty.Webhooks = nil }, []string{
			"PagerDuty: NG webhook subscription: none leads to an address that ends in /pagerduty/webhook",
		}, "webhook: none"},
		"a webhook that is off": {func(s *set) { s.sim.PagerDuty.Webhooks[0].Inactive = true }, []string{
			"PagerDuty: NG webhook subscription PSUB001 to http://bot.example:80/pagerduty/webhook: it is switched off",
			"PagerDuty: UNKNOWN webhook secret: no subscription delivers",
		}, "switch it on"},
		"a webhook that tells too little": {func(s *set) {
			s.sim.PagerDuty.Webhooks[0].Events = []string{"incident.triggered", "incident.acknowledged", "incident.unacknowledged",
				"incident.escalated", "incident.reassigned", "incident.delegated", "incident.resolved"}
		}, []string{
			"PagerDuty: NG webhook subscription PSUB001 to http://bot.example:80/pagerduty/webhook: it does not tell of incident.reopened",
		}, "all incident events"},
		"a webhook of another service": {func(s *set) { s.sim.PagerDuty.Webhooks[0].Service = "PSHOPDB" }, []string{
			"PagerDuty: NG webhooks of service shop-web: no subscription tells of it",
		}, "create one"},
		"another secret": {func(s *set) { s.sendTest, s.env[app.EnvWebhook] = true, "another-secret-entirely" }, []string{
			"PagerDuty: NG webhook secret of subscription PSUB001: a webhook came that was signed with another",
		}, "create the subscription anew"},
		"a webhook that leads elsewhere": {func(s *set) {
			s.sendTest = true
			s.sim.PagerDuty.Webhooks[0].URL = "http://elsewhere.example:80/pagerduty/webhook"
		}, []string{
			"PagerDuty: UNKNOWN webhook secret of subscription PSUB001: PagerDuty's test event has not come within 15s",
		}, "leads to bot.example:80"},
	})
}

// What works, and might be better, is OK, with what to do.
func TestAdvice(t *testing.T) {
	for name, c := range map[string]struct {
		fault func(*set)
		want  string
	}{
		"somebody by another address": {func(s *set) {
			s.sim.PagerDuty.Users[3].Email = "mori@corp.example"
			s.edit("people: {}", "people: {U0CHIE0001: Mori@corp.example}")
		}, "Slack: OK user U0CHIE0001: in PagerDuty it is Chie Mori"},
		"people beside amsbot": {func(s *set) {
			s.sim.PagerDuty.EscalationPolicies[0].Levels[0].Users = []string{"PAMSBOT", "PAIKO01"}
		}, "PagerDuty: OK level 1 of escalation policy Shop: amsbot is on it beside others, who are paged at once -> put amsbot's user alone on level 1"},
		"people in place of amsbot": {func(s *set) {
			s.sim.PagerDuty.EscalationPolicies[0].Levels[0].Users = []string{"PAIKO01"}
		}, "PagerDuty: OK level 1 of escalation policy Shop: amsbot is not on it: people are paged at once, and it works beside them -> "},
		"a bot that is called": {func(s *set) { s.sim.PagerDuty.Users[0].Silent = false },
			"it exists; it has notification rules: PagerDuty notifies a user that nobody reads -> remove"},
		"an acknowledgement for ever": {func(s *set) {
			s.files["shop/web.yaml"] = strings.Replace(scenario, "check:", "acknowledge: true\ncheck:", 1)
			s.sim.PagerDuty.Services[0].AckTimeout = 0
		}, "PagerDuty: OK scenario web-down on service shop-web: it says acknowledge: true, and does without: the service's acknowledgement timeout is not set -> set it in PagerDuty, to 10m0s at most"},
		"a service that nothing covers": {func(s *set) { s.project("[shop-web]", "[shop-web, shop-db]") },
			"Scenarios: OK shop/project.yaml:2: no scenario covers the service shop-db -> "},
		"a public channel that only views": {func(s *set) { s.lists("{view: [C0LIST0001]}") },
			"Slack: OK channel C0LIST0001 of permissions: it is #shop-list"},
		"a private channel as a list of who may": {func(s *set) {
			s.lists("")
			s.sim.Slack.Channels[len(s.sim.Slack.Channels)-1].Private = true
		}, "Slack: OK channel C0LIST0001 of permissions: it is #shop-list"},
		"a channel above, a user below": {func(s *set) {
			s.lists("{run: [U0CHIE0001]}")
			s.sim.Slack.Channels[len(s.sim.Slack.Channels)-1].Private = true
			s.edit("run: [S0SHOPOPS1, U0CHIE0001]", "run: [C0LIST0001]")
		}, "Scenarios: OK who may press Run Recovery: C0LIST0001"},
		"nobody in one project": {func(s *set) { s.project("run: [S0SHOPOPS1, U0CHIE0001]", "run: []") },
			"Scenarios: OK who may press Run Recovery in project shop: nobody, as shop/project.yaml says -> "},
		"a clock that is a little ahead": {func(s *set) { s.way = dated(-20 * time.Second) },
			"This machine: OK clock, beside Slack: it is 20s ahead -> "},
		"a database on a network file system": {func(s *set) { s.remote = "nfs" },
			"This machine: OK disk of the database: it is of another machine (nfs): its lock may not keep another machine's amsbot away, and what it says is written may not be -> put the database on a disk of this machine"},
		"no webhook, as is said": {func(s *set) { s.edit(`webhook: "" `, `webhook: none`) },
			"PagerDuty: OK webhook subscription: none is expected, as amsbot.yaml says; the poll finds incidents every 30s"},
		"observing": {func(s *set) { s.edit("observe: false", "observe: true") },
			"Scenarios: OK folder DIR/scenarios: 1 scenario in 1 project; all only observe, as amsbot.yaml says"},
	} {
		t.Run(name, func(t *testing.T) {
			s := wellSet(t)
			c.fault(s)
			lines, well := s.look(t)
			if text := strings.Join(lines, "\n"); !well || !strings.Contains(text, c.want) {
				t.Errorf("well %v, want %q, got\n%s", well, c.want, text)
			}
		})
	}
}
