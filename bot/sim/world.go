package sim

import (
	"strings"
	"time"

	"amsbot/bot/sim/pagerduty"
	"amsbot/bot/sim/patient"
	"amsbot/bot/sim/slack"
)

// Shop returns the options of the default world: a small web shop and the four
// people and the bot that look after it. Change what you like and give it to
// New; every call returns a world of its own.
//
// Aiko and Ben are operators, Chie is the second line, Dan may look but not
// recover. Each is a Slack and a PagerDuty user with the same e-mail address.
// Policy "Shop" pages amsbot (which has no phone), then Aiko, then Chie. Of
// the services all but shop-mail are ones that the patient can be ill on.
func Shop() Options {
	return Options{
		Slack:     shopSlack(),
		PagerDuty: shopPagerDuty(),
		Patient:   patient.Options{ClearAfter: shopClearAfter},
		Roles: map[string]string{
			"aiko@shop.example": "operator", "ben@shop.example": "operator",
			"chie@shop.example": "second line", "dan@shop.example": "viewer",
		},
	}
}

func shopSlack() slack.Options {
	o := slack.Defaults()
	o.Team = slack.Team{ID: "T0SHOPTEAM", Name: "Shop", Domain: "shop"}
	o.Users = []slack.User{
		{ID: "U0AIKO0001", Name: "aiko", RealName: "Aiko Tanaka", Email: "aiko@shop.example"},
		{ID: "U0BEN00001", Name: "ben", RealName: "Ben Brook", Email: "ben@shop.example"},
		{ID: "U0CHIE0001", Name: "chie", RealName: "Chie Mori", Email: "chie@shop.example"},
		{ID: "U0DAN00001", Name: "dan", RealName: "Dan Weber", Email: "dan@shop.example"},
	}
	all := []string{"U0AIKO0001", "U0BEN00001", "U0CHIE0001", "U0DAN00001"}
	o.Groups = []slack.Group{{ID: "S0SHOPOPS1", Handle: "shop-operators", Name: "Shop operators", Users: all[:2:2]}}
	o.Channels = []slack.Channel{
		{ID: "C0SHOPOPS1", Name: "shop-ops", Members: append(all[:4:4], o.Bot.ID)},
		{ID: "C0PLATOPS1", Name: "platform-ops", Members: all[:3:3]},
	}
	return o
}

// The timings of policy "Shop", short enough to watch.
const (
	shopBotTimeout    = 30 * time.Second
	shopFirstTimeout  = 2 * time.Minute
	shopSecondTimeout = 5 * time.Minute
	shopAckTimeout    = 10 * time.Minute
)

// shopClearAfter is how many rounds the monitor waits before it believes that
// the patient is well: a re-check has its say first.
const shopClearAfter = 4

func shopPagerDuty() pagerduty.Options {
	o := pagerduty.Options{
		Account: "shop",
		Token:   "pretend-pagerduty-token",
		Secrets: []string{"pretend-webhook-secret"},
		Users: []pagerduty.User{
			{ID: "PAMSBOT", Name: "amsbot", Email: "amsbot@shop.example", Silent: true},
			{ID: "PAIKO01", Name: "Aiko Tanaka", Email: "aiko@shop.example"},
			{ID: "PBEN001", Name: "Ben Brook", Email: "ben@shop.example"},
			{ID: "PCHIE01", Name: "Chie Mori", Email: "chie@shop.example"},
			{ID: "PDAN001", Name: "Dan Weber", Email: "dan@shop.example"},
		},
		EscalationPolicies: []pagerduty.EscalationPolicy{{ID: "PSHOPEP", Name: "Shop", Levels: []pagerduty.Level{
			{Users: []string{"PAMSBOT"}, Timeout: shopBotTimeout},
			{Users: []string{"PAIKO01"}, Timeout: shopFirstTimeout},
			{Users: []string{"PCHIE01"}, Timeout: shopSecondTimeout},
		}}},
		Priorities: []pagerduty.Priority{{ID: "PPRIO01", Name: "P1"}, {ID: "PPRIO02", Name: "P2"}, {ID: "PPRIO03", Name: "P3"}},
	}
	for _, name := range []string{"web", "db", "queue", "edge", "mail"} {
		o.Services = append(o.Services, pagerduty.Service{
			ID: "PSHOP" + strings.ToUpper(name), Name: "shop-" + name, Policy: "PSHOPEP",
			AckTimeout: shopAckTimeout, RoutingKey: routingKey("shop-" + name),
		})
	}
	return o
}

// routingKey is an integration key of the right length that tells whose it is.
func routingKey(service string) string {
	return (service + strings.Repeat("0", 32))[:32]
}

// person is one of the people as both neighbours know them, for the switch
// "I am": Slack and PagerDuty are joined by the e-mail address.
type person struct {
	Name      string `json:"name"`
	Role      string `json:"role,omitempty"`
	Slack     string `json:"slack"`               // user ID
	PagerDuty string `json:"pagerduty,omitempty"` // user ID; empty: none has this address
}

func (o Options) people() []person {
	var all []person
	for _, u := range o.Slack.Users {
		if u.IsBot || u.Deleted {
			continue
		}
		p := person{Name: u.RealName, Role: o.Roles[strings.ToLower(u.Email)], Slack: u.ID}
		for _, x := range o.PagerDuty.Users {
			if u.Email != "" && strings.EqualFold(x.Email, u.Email) {
				p.PagerDuty = x.ID
			}
		}
		all = append(all, p)
	}
	return all
}
