package words

// webhooksEN are the texts about PagerDuty's webhooks that do not come. After
// the count comes why, as far as that can be known, and what to do next: %[1]s
// is the subscription, %[2]s a service.
var webhooksEN = map[string]string{
	"webhooks.silent":     "Webhooks do not come: %d incidents were found by the poll alone.",
	"webhooks.silent.one": "Webhooks do not come: %d incident was found by the poll alone.",
	"webhooks.again":      "Webhooks come again; the poll had found %d incidents.",
	"webhooks.again.one":  "Webhooks come again; the poll had found %d incident.",

	"webhooks.refused":   "What comes is signed with another secret%.0[1]s%.0[2]s: put the subscription's secret into PAGERDUTY_WEBHOOK_SECRET (two with a comma, while one takes the other's place) and start amsbot again.",
	"webhooks.none":      "No webhook subscription of PagerDuty leads to /pagerduty/webhook%.0[1]s%.0[2]s: make one, or say `webhook: none` under pagerduty in amsbot.yaml to work by the poll alone.",
	"webhooks.off":       "The webhook subscription %s is switched off%.0[2]s: enable it in PagerDuty.",
	"webhooks.disabled":  "PagerDuty has switched the webhook subscription %s off for a day, because three were refused%.0[2]s: see that nothing in front of amsbot answers them, then enable it in PagerDuty.",
	"webhooks.filtered":  "The webhook subscription %s leaves the service %s or its new incidents out: widen it in PagerDuty.",
	"webhooks.elsewhere": "The webhook subscription %s leaves a service or its new incidents out%.0[2]s: widen it in PagerDuty.",
	"webhooks.active":    "PagerDuty takes the webhook subscription %s for active%.0[2]s: see that its address leads to amsbot's /pagerduty/webhook through proxy, firewall and TLS.",
	"webhooks.unknown":   "PagerDuty does not show its webhook subscriptions to amsbot%.0[1]s%.0[2]s: look there whether the one to /pagerduty/webhook is active.",

	"list.webhooks": "Since %s: %s",
}
