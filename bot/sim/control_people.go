package sim

import (
	"context"
	"time"

	"amsbot/bot/sim/slack"
)

// slackRoutes are what people do in Slack.
func (s *Sim) slackRoutes() []route {
	type say struct {
		User     string `json:"user"`
		Channel  string `json:"channel"`
		Text     string `json:"text"`
		ThreadTS string `json:"thread_ts"`
	}
	type viewed struct {
		User   string `json:"user"`
		ViewID string `json:"view_id"`
		All    bool   `json:"all"` // the whole stack
	}
	type one struct {
		User string `json:"user"`
	}
	return []route{
		post("click", `{"user":"U0AIKO0001","channel":"C0SHOPOPS1","message_ts":"1700000000.000100","version":2,"block_id":"b","action_id":"a","value":"v"}`,
			"press a button, choose from a menu (selected_option, selected_options), in a message or a view (view_id, inputs); stale: true presses an earlier version; waits for the answer",
			func(ctx context.Context, in slack.Click) (any, error) { return s.Slack.Click(ctx, in) }),
		post("command", `{"user":"U0AIKO0001","channel":"C0SHOPOPS1","command":"/ams","text":"list"}`,
			"run a slash command; waits for the answer",
			func(ctx context.Context, in slack.Command) (any, error) { return s.Slack.Command(ctx, in) }),
		post("submit", `{"user":"U0AIKO0001","view_id":"V1","values":{"block":{"action":{"value":"text"}}}}`,
			"submit the modal on top; waits for the answer",
			func(ctx context.Context, in slack.Submit) (any, error) { return s.Slack.Submit(ctx, in) }),
		post("close", `{"user":"U0AIKO0001","view_id":"V1","all":false}`, "close the modal on top",
			func(ctx context.Context, in viewed) (any, error) {
				return done, s.Slack.CloseView(ctx, in.User, in.ViewID, in.All)
			}),
		post("shortcut", `{"user":"U0AIKO0001","channel":"C0SHOPOPS1","message_ts":"1700000000.000100","callback_id":"ams_act"}`,
			"use a message shortcut of the app; waits for the answer",
			func(ctx context.Context, in slack.Shortcut) (any, error) { return s.Slack.Shortcut(ctx, in) }),
		post("say", `{"user":"U0AIKO0001","channel":"C0SHOPOPS1","text":"I am on it","thread_ts":""}`, "say something",
			func(_ context.Context, in say) (any, error) {
				ts, err := s.Slack.Say(in.User, in.Channel, in.Text, in.ThreadTS)
				return result{"ok": true, "ts": ts}, err
			}),
		post("home", `{"user":"U0AIKO0001"}`, "open the app's Home tab",
			func(_ context.Context, in one) (any, error) { return done, s.Slack.OpenHome(in.User) }),
		post("reload", `{"user":"U0AIKO0001"}`, "reload Slack: ephemeral messages, open modals and warning signs are gone",
			func(_ context.Context, in one) (any, error) { s.Slack.Reload(in.User); return done, nil }),
	}
}

// onIncident is what a person does to an incident in PagerDuty itself.
type onIncident struct {
	User     string   `json:"user"`
	Incident string   `json:"incident"` // ID
	To       []string `json:"to"`       // users: reassign, invite
	Level    int      `json:"level"`    // escalate; 0: the next
	Text     string   `json:"text"`     // note, invite
	For      span     `json:"for"`      // snooze
	Join     bool     `json:"join"`     // respond
	Sources  []string `json:"sources"`  // merge: incident IDs
	Urgency  string   `json:"urgency"`  // high or low
}

// pagerDutyRoutes are what people do in PagerDuty's own pages.
func (s *Sim) pagerDutyRoutes() []route {
	pd := s.PagerDuty
	act := func(name, more, does string, do func(in onIncident) error) route {
		return post("pagerduty/"+name, `{"user":"PAIKO01","incident":"Q1"`+more+`}`, does,
			func(_ context.Context, in onIncident) (any, error) { return done, do(in) })
	}
	type window struct {
		User        string `json:"user"`
		Service     string `json:"service"`
		For         span   `json:"for"`
		Description string `json:"description"`
	}
	return []route{
		act("acknowledge", "", "acknowledge", func(in onIncident) error { return pd.Acknowledge(in.User, in.Incident) }),
		act("resolve", "", "resolve", func(in onIncident) error { return pd.Resolve(in.User, in.Incident) }),
		act("reopen", "", "reopen", func(in onIncident) error { return pd.Reopen(in.User, in.Incident) }),
		act("escalate", `,"level":0`, "escalate to a level, or with 0 to the next", func(in onIncident) error { return pd.Escalate(in.User, in.Incident, in.Level) }),
		act("reassign", `,"to":["PBEN001"]`, "assign to users", func(in onIncident) error { return pd.Reassign(in.User, in.Incident, in.To...) }),
		act("note", `,"text":"Looking"`, "write a note", func(in onIncident) error { return pd.Note(in.User, in.Incident, in.Text) }),
		act("snooze", `,"for":"1h"`, "snooze", func(in onIncident) error { return pd.Snooze(in.User, in.Incident, time.Duration(in.For)) }),
		act("invite", `,"to":["PBEN001"],"text":"Please help"`, "ask people to help", func(in onIncident) error { return pd.Invite(in.User, in.Incident, in.Text, in.To...) }),
		act("respond", `,"join":true`, "answer such a request", func(in onIncident) error { return pd.Respond(in.User, in.Incident, in.Join) }),
		act("merge", `,"sources":["Q2"]`, "merge other incidents into this one", func(in onIncident) error { return pd.Merge(in.User, in.Incident, in.Sources...) }),
		act("urgency", `,"urgency":"low"`, "set the urgency", func(in onIncident) error { return pd.Urgency(in.User, in.Incident, in.Urgency) }),
		post("pagerduty/maintain", `{"user":"PAIKO01","service":"shop-web","for":"30m","description":"Upgrade"}`, "open a maintenance window",
			func(_ context.Context, in window) (any, error) {
				return done, pd.Maintain(in.User, in.Service, time.Duration(in.For), in.Description)
			}),
		post("pagerduty/end_maintenance", `{"user":"PAIKO01","service":"shop-web"}`, "end the maintenance windows of a service",
			func(_ context.Context, in window) (any, error) { return done, pd.EndMaintenance(in.User, in.Service) }),
	}
}
