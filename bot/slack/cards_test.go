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

// states is a card for each state that a card can be in.
func states() map[string]bot.Card {
	all := map[string]bot.Card{}
	all["waiting"] = base()

	c := base()
	c.Version, c.State, c.Status, c.Detail = 1, bot.CardReading, "Received", "amsbot is reading the incident."
	c.Headline = "#1234 Web health check failed: received"
	c.Fields, c.Phases, c.Alert, c.Buttons = nil, nil, nil, c.Buttons[1:2]
	all["reading"] = c

	c = base()
	c.Version, c.State, c.Status = 5, bot.CardChecking, "Checking"
	c.Phases, c.Buttons = c.Phases[:1], c.Buttons[1:]
	c.Phases[0] = bot.Phase{Name: "Check", Words: "running", Lines: []bot.Line{{Name: "health endpoint", Words: "running"}}}
	all["checking"] = c

	c = base()
	c.Version, c.State, c.Status = 20, bot.CardActing, "Recovery is running"
	c.Buttons = c.Buttons[1:3]
	all["acting"] = c

	c = base()
	c.Version, c.State, c.Over = 31, bot.CardGood, true
	c.Status, c.Detail = "OK: recovered by amsbot", "The re-check found it healthy twice."
	c.Headline = "#1234 Web health check failed: recovered, nothing to do"
	c.Buttons, c.More = nil, nil
	c.Closing = &bot.Closing{Text: "Recovered at the word of", Who: "Alice Adams", At: moment0.Add(4 * time.Minute)}
	all["good"] = c

	c = base()
	c.Version, c.State, c.Status = 33, bot.CardBad, "NG: the recovery did not help"
	c.Detail = "Escalated to the second line."
	c.Buttons[0] = bot.Button{Act: bot.DoAgain, Label: "Run Again", Offer: 30, Danger: true, Override: true, Confirm: &bot.Confirm{
		Title: "Override cooldown?", Text: "The last recovery was 4 minutes ago.", Yes: "Run Again", No: "Cancel"}}
	all["bad"] = c

	c = base()
	c.Version, c.State, c.Status, c.Over = 40, bot.CardQuiet, "Merged into #1230", true
	c.Buttons, c.More, c.Phases = nil, nil, nil
	c.Closing = &bot.Closing{Text: "Merged by", Who: "Bob <Brown>", At: moment0.Add(time.Minute)}
	all["quiet"] = c
	return all
}
