package slack

import "amsbot/bot/words"

// Scope is a right that amsbot's bot token needs, and what for.
type Scope struct{ Name, Why string }

// scopes are all of them. Whoever calls another method of Slack's adds its scope
// here: the manifest, the README and doctor are made of this list.
var scopes = []Scope{
	{"app_mentions:read", "answers who mentions it"},
	{"channels:history", "finds an own card again whose answer got lost"},
	{"channels:join", "joins a public channel before it puts a file into it"},
	{"channels:read", "looks at the channels that projects name"},
	{"chat:write", "posts cards and messages, and keeps them fresh"},
	{"chat:write.public", "posts in public channels that it was not invited to"},
	{"commands", "answers /ams and the message shortcut"},
	{"files:write", "puts long outputs into the thread as files"},
	{"groups:history", "finds an own card again in a private channel"},
	{"groups:read", "looks at the private channels that projects name"},
	{"im:history", "answers direct messages"},
	{"usergroups:read", "reads who is in the groups that permissions name"},
	{"users:read", "reads people's names"},
	{"users:read.email", "finds people's PagerDuty users, by their address"},
}

// Scopes are the rights that the bot token needs, by name.
func Scopes() []Scope { return append([]Scope(nil), scopes...) }

// appScope is the one that the app token needs. No manifest can give it.
const appScope = "connections:write"

// events are what Slack tells us of beside clicks and commands.
var events = []string{"app_home_opened", "app_mention", "message.im"}

// Manifest describes the Slack app that amsbot needs, in the form that Slack
// creates apps from.
type Manifest struct {
	Display  manifestDisplay  `json:"display_information" yaml:"display_information"`
	Features manifestFeatures `json:"features" yaml:"features"`
	OAuth    manifestOAuth    `json:"oauth_config" yaml:"oauth_config"`
	Settings manifestSettings `json:"settings" yaml:"settings"`
}

type manifestDisplay struct {
	Name        string `json:"name" yaml:"name"`
	Description string `json:"description" yaml:"description"`
}

type manifestFeatures struct {
	Home      manifestHome       `json:"app_home" yaml:"app_home"`
	Bot       manifestBot        `json:"bot_user" yaml:"bot_user"`
	Commands  []manifestCommand  `json:"slash_commands" yaml:"slash_commands"`
	Shortcuts []manifestShortcut `json:"shortcuts,omitempty" yaml:"shortcuts,omitempty"`
}

type manifestHome struct {
	Home     bool `json:"home_tab_enabled" yaml:"home_tab_enabled"`
	Messages bool `json:"messages_tab_enabled" yaml:"messages_tab_enabled"`
	ReadOnly bool `json:"messages_tab_read_only_enabled" yaml:"messages_tab_read_only_enabled"`
}

type manifestBot struct {
	Name   string `json:"display_name" yaml:"display_name"`
	Online bool   `json:"always_online" yaml:"always_online"`
}

type manifestCommand struct {
	Command     string `json:"command" yaml:"command"`
	Description string `json:"description" yaml:"description"`
	Hint        string `json:"usage_hint" yaml:"usage_hint"`
	Escape      bool   `json:"should_escape" yaml:"should_escape"`
}

type manifestShortcut struct {
	Name        string `json:"name" yaml:"name"`
	Type        string `json:"type" yaml:"type"`
	Callback    string `json:"callback_id" yaml:"callback_id"`
	Description string `json:"description" yaml:"description"`
}

type manifestOAuth struct {
	Scopes struct {
		Bot []string `json:"bot" yaml:"bot"`
	} `json:"scopes" yaml:"scopes"`
}

type manifestSettings struct {
	Events struct {
		Bot []string `json:"bot_events" yaml:"bot_events"`
	} `json:"event_subscriptions" yaml:"event_subscriptions"`
	Interactivity struct {
		Enabled bool `json:"is_enabled" yaml:"is_enabled"`
	} `json:"interactivity" yaml:"interactivity"`
	OrgDeploy bool `json:"org_deploy_enabled" yaml:"org_deploy_enabled"`
	Socket    bool `json:"socket_mode_enabled" yaml:"socket_mode_enabled"`
	Rotation  bool `json:"token_rotation_enabled" yaml:"token_rotation_enabled"`
}

// NewManifest is the manifest with what people read in a language.
func NewManifest(w words.Catalogue) Manifest {
	m := Manifest{
		Display: manifestDisplay{"amsbot", w.Say("manifest.about")},
		Features: manifestFeatures{
			Home: manifestHome{Home: true, Messages: true},
			Bot:  manifestBot{"amsbot", true},
			Commands: []manifestCommand{{
				Command: "/ams", Description: w.Say("manifest.command"), Hint: "help | list | show 12 | take 12", Escape: true,
			}},
			Shortcuts: []manifestShortcut{{
				Name: w.Say("manifest.shortcut"), Type: "message", Callback: ShortcutCallback, Description: w.Say("manifest.shortcut.about"),
			}},
		},
	}
	for _, s := range scopes {
		m.OAuth.Scopes.Bot = append(m.OAuth.Scopes.Bot, s.Name)
	}
	m.Settings.Events.Bot = append(m.Settings.Events.Bot, events...)
	m.Settings.Interactivity.Enabled, m.Settings.Socket = true, true
	return m
}
