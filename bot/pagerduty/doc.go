// Package pagerduty is amsbot's way to and from PagerDuty: webhooks and the
// poll come in through it, incidents and people are read through it, and it
// acknowledges, escalates, resolves and notes. It is a thin layer around
// go-pagerduty that adds what that library lacks: deadlines, the reset of a
// rate limit, a budget, reads and acts that share a call, IDs that are checked
// before they become part of a path, and decoding that no alert's text can break.
// It also finds out when webhooks do not come, and asks PagerDuty why.
//
// It does not know what an incident's first response is, which scenario runs,
// who may press what, or what Slack is. It decides nothing: it does what an
// act's arguments say while the conditions in them hold, and says what came of
// it.
package pagerduty
