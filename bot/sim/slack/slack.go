// Package slack is a pretend Slack: one workspace in memory with its Web API,
// Socket Mode, Block Kit rules, limits and clocks, as strict as the real one,
// and with the people who use it. A real Slack client cannot tell the
// difference, which is the point: what works here is meant to work there.
//
// It knows nothing of incidents, of PagerDuty or of the bot, and nothing of
// how its State is drawn. What only slack.com can tell (see the comments
// beginning "Unmeasured") is decided on the strict side.
package slack

import (
	"slices"
	"strings"
)

// Team is the workspace.
type Team struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Domain string `json:"domain"`
}

// User is a member of the workspace.
type User struct {
	ID       string `json:"id"`
	Name     string `json:"name"`      // the short one, "alice"
	RealName string `json:"real_name"` // "Alice Adams"
	Email    string `json:"email,omitempty"`
	IsBot    bool   `json:"is_bot,omitempty"`
	Deleted  bool   `json:"deleted,omitempty"`
}

// Group is a user group ("subteam"): @Handle.
type Group struct {
	ID     string   `json:"id"`
	Handle string   `json:"handle"`
	Name   string   `json:"name"`
	Users  []string `json:"users"`
}

// Channel is a channel of the workspace. A direct message has IM set and a
// name of Slack's making.
type Channel struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Members  []string `json:"members"`
	Private  bool     `json:"private,omitempty"`
	Shared   bool     `json:"shared,omitempty"` // with another organisation
	Archived bool     `json:"archived,omitempty"`
	IM       bool     `json:"im,omitempty"`
}

// Options describe a workspace with one app installed in it. The zero value
// is Defaults(); an empty field takes its default.
type Options struct {
	BotToken string // xoxb-…
	AppToken string // xapp-…
	AppID    string
	BotID    string
	Team     Team
	Bot      User
	Users    []User
	Groups   []Group
	Channels []Channel
	// Scopes of the bot token; nil takes those of the default.
	Scopes []string
	// Commands are the app's slash commands; CommandsRaw are those without
	// should_escape, whose text arrives as typed.
	Commands    []string
	CommandsRaw []string
	// Shortcuts are the app's message shortcuts.
	Shortcuts []AppShortcut
	// NoLimits switches the rate limits off. They are on by default.
	NoLimits bool
	// NoPaidPlan makes user groups unavailable (plan_upgrade_required).
	NoPaidPlan bool
	// Prefix is the path under which Handler is mounted, "" or "/slack"; it
	// goes into the URLs that Slack hands out.
	Prefix string
	// Changed is called after every change of any State, from any goroutine,
	// without locks held. It must not block.
	Changed func()
	// Seed makes the random choices (which connection gets an envelope)
	// repeatable.
	Seed uint64
}

// Defaults returns a small workspace: three people, a bot in #ops and not in
// #general, and the scopes of the app's manifest.
func Defaults() Options {
	return Options{
		BotToken: "xoxb-pretend-bot-token",
		AppToken: "xapp-1-pretend-app-token",
		AppID:    "A0AMSBOT01",
		BotID:    "B0AMSBOT01",
		Team:     Team{ID: "T0PRETEND1", Name: "Pretend", Domain: "pretend"},
		Bot:      User{ID: "U0AMSBOT01", Name: "amsbot", RealName: "amsbot", IsBot: true},
		Users: []User{
			{ID: "U0ALICE001", Name: "alice", RealName: "Alice Adams", Email: "alice@example.com"},
			{ID: "U0BOB00001", Name: "bob", RealName: "Bob Brown", Email: "bob@example.com"},
			{ID: "U0CAROL001", Name: "carol", RealName: "Carol Clark", Email: "carol@example.com"},
		},
		Groups: []Group{{ID: "S0OPS00001", Handle: "ops", Name: "Operations", Users: []string{"U0ALICE001", "U0BOB00001"}}},
		Channels: []Channel{
			{ID: "C0OPS00001", Name: "ops", Members: []string{"U0ALICE001", "U0BOB00001", "U0CAROL001", "U0AMSBOT01"}},
			{ID: "C0GENERAL1", Name: "general", Members: []string{"U0ALICE001", "U0BOB00001", "U0CAROL001"}},
		},
		Scopes: strings.Fields(`app_mentions:read channels:join channels:read chat:write chat:write.public commands
			channels:history files:write groups:history groups:read im:history users:read users:read.email usergroups:read`),
		Commands:  []string{"/ams"},
		Shortcuts: []AppShortcut{{CallbackID: "ams_act", Name: "Act on this incident"}},
	}
}

// fill gives every empty field its default.
func (o Options) fill() Options {
	d := Defaults()
	text := func(p *string, v string) {
		if *p == "" {
			*p = v
		}
	}
	text(&o.BotToken, d.BotToken)
	text(&o.AppToken, d.AppToken)
	text(&o.AppID, d.AppID)
	text(&o.BotID, d.BotID)
	if o.Team.ID == "" {
		o.Team = d.Team
	}
	if o.Bot.ID == "" {
		o.Bot = d.Bot
	}
	o.Bot.IsBot = true
	if o.Users == nil {
		o.Users = d.Users
	}
	if o.Groups == nil {
		o.Groups = d.Groups
	}
	if o.Channels == nil {
		o.Channels = d.Channels
	}
	if o.Scopes == nil {
		o.Scopes = d.Scopes
	}
	if o.Commands == nil && o.CommandsRaw == nil {
		o.Commands = d.Commands
	}
	if o.Shortcuts == nil {
		o.Shortcuts = d.Shortcuts
	}
	o.Prefix = "/" + strings.Trim(o.Prefix, "/")
	if o.Prefix == "/" {
		o.Prefix = ""
	}
	o.Users = slices.Clone(o.Users)
	o.Channels = slices.Clone(o.Channels)
	for i := range o.Channels {
		o.Channels[i].Members = slices.Clone(o.Channels[i].Members)
	}
	return o
}
