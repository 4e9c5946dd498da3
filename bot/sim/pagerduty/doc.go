// Package pagerduty is a pretend PagerDuty account: its REST API, its Events
// API v2, its escalation and acknowledgement timers, the phones it rings and
// its signed V3 webhooks. It refuses what PagerDuty refuses, with its error
// codes, keeps its limits and clocks, and can be told to fail.
//
// It does not know who calls it: a bot, go-pagerduty, curl and a page are all
// the same. It knows no wall but the token, keeps nothing on disk, and has no
// schedules (a level names its people), teams, workflows or analytics.
package pagerduty
