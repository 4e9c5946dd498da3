package app

import (
	"amsbot/bot/pagerduty"
	"amsbot/bot/slack"
	"amsbot/bot/words"
)

// SlackOptions are how a configuration's workspace is reached.
func (c *Config) SlackOptions(s Secrets, n Network) slack.Options {
	return slack.Options{
		People:   c.inSlack(),
		BotToken: s.SlackBot, AppToken: s.SlackApp, APIURL: c.Slack.APIURL,
		HTTP: n.HTTP, Dialer: n.Dialer, Words: words.In(c.Language),
	}
}

// PagerDutyOptions are how a configuration's account is reached, and as whom.
func (c *Config) PagerDutyOptions(s Secrets, n Network) pagerduty.Options {
	return pagerduty.Options{
		Token: s.PagerDuty, APIURL: c.PagerDuty.APIURL, User: c.PagerDuty.User, From: c.PagerDuty.From, HTTP: n.HTTP, Words: words.In(c.Language),
	}
}
