package sim

// Access is what a client needs to use the pretended neighbours.
type Access struct {
	Page          string // the page, for people
	Control       string // the control API
	SlackAPI      string // base of the Web API, with its slash at the end
	BotToken      string // xoxb-…
	AppToken      string // xapp-…
	PagerDutyAPI  string // base of the REST API
	EventsAPI     string // base of the Events API: /v2/enqueue follows
	Token         string // of PagerDuty's REST API; the first if there are several
	WebhookSecret string // signs the webhooks that bring no secret of their own
	RoutingKeys   map[string]string
}

// Access says how the world is used that is served at base, such as
// "http://127.0.0.1:8080". RoutingKeys are by service name.
func (s *Sim) Access(base string) Access {
	a := Access{
		Page: base + "/", Control: base + "/control/", SlackAPI: base + "/slack/api/",
		BotToken: s.opt.Slack.BotToken, AppToken: s.opt.Slack.AppToken,
		PagerDutyAPI: base + "/pagerduty", EventsAPI: base + "/events",
		Token: s.opt.PagerDuty.Token, RoutingKeys: map[string]string{},
	}
	if a.Token == "" && len(s.opt.PagerDuty.Tokens) > 0 {
		a.Token = s.opt.PagerDuty.Tokens[0].Secret
	}
	if len(s.opt.PagerDuty.Secrets) > 0 {
		a.WebhookSecret = s.opt.PagerDuty.Secrets[0]
	}
	for _, v := range s.opt.PagerDuty.Services {
		a.RoutingKeys[v.Name] = v.RoutingKey
	}
	return a
}
