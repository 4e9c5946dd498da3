package doctor_test

import (
	"strings"
	"testing"

	"amsbot/bot/sim/pagerduty"
	"amsbot/cmd/amsbot/app"
)

// An account may have several amsbots: what leads to another one is nobody's fault
// once a test event has told which is this one.
func TestAnotherAmsbotsHooks(t *testing.T) {
	const (
		another = "PagerDuty: OK webhook subscription PSUB002 to http://staging.example:80/pagerduty/webhook: it leads to staging.example:80, from where no test event came while another's did"
		this    = "PagerDuty: OK webhook secret of subscription PSUB001: PagerDuty's test event came"
		which   = "PagerDuty: OK webhook subscriptions: they lead to bot.example:80 and staging.example:80: some may be another amsbot's -> amsbot doctor --send-test"
	)
	for name, c := range map[string]struct {
		fault func(*set, *pagerduty.Webhook)
		well  bool
		want  []string
	}{
		"it is on":       {func(*set, *pagerduty.Webhook) {}, true, []string{another, this}},
		"it is off":      {func(_ *set, w *pagerduty.Webhook) { w.Inactive = true }, true, []string{another, this}},
		"it tells less":  {func(_ *set, w *pagerduty.Webhook) { w.Events = []string{"incident.triggered"} }, true, []string{another, this}},
		"nobody tests":   {func(s *set, _ *pagerduty.Webhook) { s.sendTest = false }, true, []string{which}},
		"it covers more": {func(s *set, _ *pagerduty.Webhook) { s.sim.PagerDuty.Webhooks[0].Service = "PSHOPDB" }, false, []string{another, this, "PagerDuty: NG webhooks of service shop-web: no subscription tells of it"}},
		"ours is signed with another secret": {func(s *set, _ *pagerduty.Webhook) { s.env[app.EnvWebhook] = "another-secret-entirely" }, false, []string{
			"PagerDuty: NG webhook secret of subscription PSUB001: a webhook came that was signed with another"}},
		"none comes": {func(s *set, _ *pagerduty.Webhook) {
			s.sim.PagerDuty.Webhooks[0].URL = "http://elsewhere.example:80/pagerduty/webhook"
		}, false, []string{
			"PagerDuty: UNKNOWN webhook secret of subscription PSUB001", "PagerDuty: UNKNOWN webhook secret of subscription PSUB002"}},
		"ours is lost beside another of ours": {func(s *set, w *pagerduty.Webhook) {
			w.URL = "http://bot.example:80/lost/pagerduty/webhook"
		}, false, []string{this, "PagerDuty: UNKNOWN webhook secret of subscription PSUB002"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := wellSet(t)
			s.sendTest = true
			s.sim.PagerDuty.Webhooks = append(s.sim.PagerDuty.Webhooks, pagerduty.Webhook{ID: "PSUB002", URL: "http://staging.example:80/pagerduty/webhook"})
			c.fault(s, &s.sim.PagerDuty.Webhooks[1])
			lines, well := s.look(t)
			text := strings.Join(lines, "\n")
			for _, want := range c.want {
				if !strings.Contains(text, want) {
					t.Errorf("want %q", want)
				}
			}
			if well != c.well || t.Failed() {
				t.Errorf("well %v, got\n%s", well, text)
			}
		})
	}
}

// What stands in a subscription's address beside host and path may be a secret.
func TestAddressKeepsItsSecrets(t *testing.T) {
	s := wellSet(t)
	s.sim.PagerDuty.Webhooks[0].URL = "http://us-1:pass-1@bot.example:80/pagerduty/webhook?token=tok-1#frag-1"
	lines, _ := s.look(t)
	text := strings.Join(lines, "\n")
	if !strings.Contains(text, "webhook subscription PSUB001 to http://bot.example:80/pagerduty/webhook: it is on") {
		t.Errorf("got\n%s", text)
	}
	for _, secret := range []string{"us-1", "pass-1", "tok-1", "frag-1"} {
		if strings.Contains(text, secret) {
			t.Errorf("%s is printed:\n%s", secret, text)
		}
	}
}
