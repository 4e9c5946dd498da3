package pagerduty

import (
	"net/http"
	"time"
)

// Options seed the account. IDs that are given are kept, as is their order.
type Options struct {
	Account  string // the subdomain, e.g. "shop"
	HTMLURL  string // what html_url values start with; empty: https://<account>.pagerduty.com
	Token    string // an account key named "account", beside Tokens; may be empty
	Tokens   []Token
	Secrets  []string // signing secrets of the webhooks that bring none; two during a rotation
	TimeZone *time.Location
	Numbered int // the number of the last incident before the first

	Users              []User
	EscalationPolicies []EscalationPolicy
	Services           []Service
	Priorities         []Priority
	Webhooks           []Webhook
	Abilities          []string // nil: all that the simulator knows

	Client  *http.Client // delivers webhooks; nil: a plain one
	Changed func()       // called after every change, outside of locks; must not block
	Limits  bool         // keep the rate limits
}

// Token is one API token. One that names a user is a user token: From is
// ignored and /users/me works.
type Token struct {
	Name     string // for Call.Token
	Secret   string
	User     string // user ID; empty: an account key
	ReadOnly bool
	OAuth    bool // sent as "Bearer …" instead of "Token token=…"
}

// User is a person, or the bot's own user.
type User struct {
	ID     string
	Name   string
	Email  string // the login address, which From names
	Role   string // empty: "user"; "read_only_user" may not act
	Silent bool   // no notification rules: never paged
}

// EscalationPolicy is who is asked, level after level.
type EscalationPolicy struct {
	ID      string
	Name    string
	Levels  []Level
	Repeats int // how often it starts again after the last level
}

// Level is one level of a policy.
type Level struct {
	Users   []string      // user IDs; empty: nobody is on call
	Timeout time.Duration // until the next level; 0: it never moves on by itself
}

// Service is what alerts are raised on.
type Service struct {
	ID         string
	Name       string
	Policy     string        // escalation policy ID
	AckTimeout time.Duration // after it an acknowledgement lapses; 0: never
	Urgency    string        // "high" (also when empty), "low", or "severity": critical and error are high
	RoutingKey string        // of the Events API; empty: no integration
	Grouping   Grouping
}

// Grouping puts a later alert into an open incident of the service.
type Grouping struct {
	By     string        // empty: only the same dedup key; "service": any alert; else the name of a detail that must be equal
	Window time.Duration // how old the incident may be; 0: any age
}

// Priority is one incident priority.
type Priority struct {
	ID   string
	Name string
}

// Webhook is one V3 webhook subscription.
type Webhook struct {
	ID      string // empty: made up
	URL     string
	Secrets []string // empty: Options.Secrets
	Events  []string // empty: all
	Service string   // service ID; empty: the whole account
	Headers map[string]string
	// Inactive is one that somebody has switched off.
	Inactive bool
}

// Alert is what a monitoring tool raises.
type Alert struct {
	Service   string // ID or name
	Title     string
	Severity  string // critical (also when empty), error, warning, info
	DedupKey  string // empty: made up, so that each is an incident of its own unless the service groups
	Source    string
	Component string
	Group     string
	Class     string
	Details   any // map[string]any, string, or nil
	Client    string
	ClientURL string
}
