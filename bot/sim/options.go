package sim

import (
	"fmt"
	"strings"
	"time"

	"amsbot/bot/sim/pagerduty"
	"amsbot/bot/sim/patient"
	"amsbot/bot/sim/slack"
)

// Options describe the world to pretend. What is empty is as in Shop.
type Options struct {
	// Slack is the workspace; Prefix is set by New.
	Slack slack.Options
	// PagerDuty is the account. Users and escalation policies refer to each
	// other: give both or neither. A service may do with its name alone: it
	// gets an ID, a routing key and the first policy.
	PagerDuty pagerduty.Options
	// Patient is the service that can be made ill. Its Pager is our PagerDuty
	// unless it has one. Its alerts need the services of Shop: with services
	// of your own, say NoPatient and raise alerts by hand.
	Patient   patient.Options
	NoPatient bool
	// Network, if given, takes the place of sockets for all that leaves or
	// listens: webhooks, the monitor, and the patient, which is then found at
	// PatientAddress. Serve gets its listener from the same Memory.
	Network *Memory
	// Roles say beside people's names what they are, by e-mail address in
	// lower case. They are words for the page, not permissions.
	Roles map[string]string
	// BotTimeout is how long level 1 of the first policy has before the next
	// level is paged; 0 leaves what the policy says.
	BotTimeout time.Duration
	// Bot is the kill switch; nil: there is no bot to be killed here.
	Bot Bot
	// Hosts are further names under which browsers may use the page and the
	// control API, beside loopback names and the address listened on.
	Hosts []string
	// Changed is called after every change, from any goroutine; it must not
	// block.
	Changed func()
}

// fill gives every empty part that of Shop.
func (o Options) fill() Options {
	d := Shop()
	o.Slack = fillSlack(o.Slack, d.Slack)
	o.PagerDuty = fillPagerDuty(o.PagerDuty, d.PagerDuty)
	if o.Roles == nil {
		o.Roles = d.Roles
	}
	policies := o.PagerDuty.EscalationPolicies
	if o.BotTimeout > 0 && len(policies) > 0 && len(policies[0].Levels) > 0 {
		policies = append([]pagerduty.EscalationPolicy(nil), policies...)
		levels := append([]pagerduty.Level(nil), policies[0].Levels...)
		levels[0].Timeout = o.BotTimeout
		policies[0].Levels = levels
		o.PagerDuty.EscalationPolicies = policies
	}
	hosts := make([]string, len(o.Hosts))
	for i, h := range o.Hosts {
		hosts[i] = hostname(h)
	}
	o.Hosts = hosts
	return o.inMemory()
}

func fillSlack(o, d slack.Options) slack.Options {
	o.Prefix = "/slack"
	if o.BotToken == "" {
		o.BotToken = d.BotToken
	}
	if o.AppToken == "" {
		o.AppToken = d.AppToken
	}
	if o.Team.ID == "" {
		o.Team = d.Team
	}
	if o.Bot.ID == "" {
		o.Bot = d.Bot
	}
	if o.Users == nil {
		o.Users = d.Users
	}
	if o.Channels == nil {
		o.Channels = d.Channels
	}
	if o.Groups == nil {
		o.Groups = d.Groups
	}
	return o
}

func fillPagerDuty(o, d pagerduty.Options) pagerduty.Options {
	if o.Account == "" {
		o.Account = d.Account
	}
	if o.Token == "" && o.Tokens == nil {
		o.Token = d.Token
	}
	if o.Secrets == nil {
		o.Secrets = d.Secrets
	}
	if o.Users == nil && o.EscalationPolicies == nil {
		o.Users, o.EscalationPolicies = d.Users, d.EscalationPolicies
	}
	if o.Priorities == nil {
		o.Priorities = d.Priorities
	}
	if o.Services == nil {
		o.Services = d.Services
	}
	services := append([]pagerduty.Service(nil), o.Services...)
	for i := range services {
		v := &services[i]
		if v.ID == "" {
			v.ID = serviceID(v.Name, i)
		}
		if v.RoutingKey == "" {
			v.RoutingKey = routingKey(strings.ToLower(v.ID))
		}
		if v.Policy == "" && len(o.EscalationPolicies) > 0 {
			v.Policy = o.EscalationPolicies[0].ID
		}
	}
	o.Services = services
	return o
}

// serviceID makes an ID that looks like PagerDuty's and tells whose it is.
func serviceID(name string, n int) string {
	letters := strings.Map(func(c rune) rune {
		if c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, strings.ToUpper(name))
	return fmt.Sprintf("P%02d%.12s", n+1, letters)
}
