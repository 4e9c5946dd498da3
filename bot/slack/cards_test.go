package slack

import (
	"time"

	"amsbot/bot"
)

// moment0 is when the incidents of these tests began.
var moment0 = time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)

// base is a card that a person has to decide about.
func base() bot.Card {
	return bot.Card{
		Incident: key, Version: 12, Channel: ops, State: bot.CardWaiting,
		Headline: "#1234 Web health check failed: NG, decide whether to run the recovery",
		Title:    "#1234 Web health check failed",
		Status:   "NG: the health check fails",
		Detail:   "The evidence is in the thread. Recovery “restart web” waits for a person.",
		Fields: []bot.Field{
			{Name: "Service", Value: "shop-web"}, {Name: "Urgency", Value: "high"},
			{Name: "Assigned to", Value: "Alice Adams (first line)"}, {Name: "Scenario", Value: "web-unhealthy"},
		},
		Phases: []bot.Phase{
			{Name: "Check", Verdict: "NG", Words: "1 of 2 steps failed", Lines: []bot.Line{
				{Name: "health endpoint", Verdict: "NG", Words: "status 500, expected 200 · 0.2 s · 3 of 3 failed", Output: "upstream timed out"},
				{Name: "disk", Verdict: "OK", Words: "61 % used"},
			}},
			{Name: "Gather", Words: "running", Lines: []bot.Line{{Name: "last errors", Words: "running"}}},
		},
		Alert: []bot.Field{{Name: "host", Value: "web-1.shop.example"}, {Name: "message", Value: "GET /healthz -> 500"}},
		Buttons: []bot.Button{
			{Act: bot.DoRecover, Label: "Run Recovery", Offer: 11, Primary: true, Confirm: &bot.Confirm{
				Title: "Run the recovery?", Text: "restart web on web-1.shop.example", Yes: "Run Recovery", No: "Cancel"}},
			{Act: bot.DoTake, Label: "Take Over", Offer: 3},
			{Act: bot.DoEscalate, Label: "Escalate", Offer: 4},
			{Act: bot.DoResolve, Label: "Resolve", Offer: 5, Confirm: &bot.Confirm{
				Title: "Resolve #1234?", Text: "PagerDuty stops paging for it.", Yes: "Resolve", No: "Cancel"}},
		},
		More: []bot.Button{
			{Act: bot.DoCheck, Label: "Run Checks Again", Offer: 6}, {Act: bot.DoNote, Label: "Add Note"},
			{Act: "why", Label: "Why This Scenario"},
			{Act: "open", Label: "Open in PagerDuty", URL: "https://acme.pagerduty.com/incidents/Q1WEB"},
		},
		Links: []bot.Button{
			{Act: "open", Label: "Dashboard", URL: "https://grafana.shop.example/d/web"}, {Act: "open", Label: "Runbook", URL: "https://wiki.shop.example/web"},
		},
		Context: []string{"Seen 3 times in 30 days"},
		URL:     "https://acme.pagerduty.com/incidents/Q1WEB",
		Times:   []bot.Moment{{Name: "opened", At: moment0}, {Name: "updated", At: moment0.Add(90 * time.Second)}},
	}
}

// failedAgain is base when the recovery did not help, and pressing once more overrides.
func failedAgain() bot.Card {
	c := base()
	c.Version, c.State, c.Status, c.Detail = 33, bot.CardBad, "NG: the recovery did not help", "Escalated to the second line."
	c.Buttons[0] = bot.Button{Act: bot.DoAgain, Label: "Run Again", Offer: 30, Danger: true, Override: true, Confirm: &bot.Confirm{
		Title: "Override cooldown?", Text: "The last recovery was 4 minutes ago.", Yes: "Run Again", No: "Cancel"}}
	return c
}

// finished is base when it is over.
func finished() bot.Card {
	c := base()
	c.Version, c.State, c.Over, c.Status, c.Detail = 31, bot.CardGood, true, "OK: recovered by amsbot", "The re-check found it healthy twice."
	c.Headline = "#1234 Web health check failed: recovered, nothing to do"
	c.Buttons, c.More = nil, nil
	c.Closing = &bot.Closing{Text: "Recovered at the word of", Who: "Alice Adams", At: moment0.Add(4 * time.Minute)}
	return c
}
