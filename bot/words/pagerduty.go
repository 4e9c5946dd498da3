package words

// pagerdutyEN are the texts that bot/pagerduty says itself: why an act could not
// be done, or did not have to be.
var pagerdutyEN = map[string]string{
	"pagerduty.reference": "amsbot's reference: %s", // the last line of a note

	"pagerduty.untried":   "It was not tried.",
	"pagerduty.malformed": "amsbot itself asked PagerDuty for something malformed.",
	"pagerduty.no_id":     "It has no PagerDuty ID.",
	"pagerduty.no_email":  "The person has no e-mail address that PagerDuty could know.",

	"pagerduty.merged":           "It was merged into %s.",
	"pagerduty.resolved":         "It is resolved already.",
	"pagerduty.resolved.by":      "%s has resolved it already.",
	"pagerduty.acknowledged":     "%s have acknowledged it.",
	"pagerduty.acknowledged.one": "%s has acknowledged it.",
	"pagerduty.assigned":         "It is assigned to %s.",
	"pagerduty.unassigned":       "Nobody has it: it is assigned to nobody.",
	"pagerduty.uncovered":        "It has an open alert that the check did not cover: %s.",
	"pagerduty.and":              "%s and %s",
	"pagerduty.nobody":           "nobody",
	"pagerduty.somebody":         "somebody",

	"pagerduty.neither":         "%s The fallback cannot have it either: %s",
	"pagerduty.nobody_at":       "Nobody is on call at %s.",
	"pagerduty.nobody_there":    "Nobody is on call there.",
	"pagerduty.level":           "level %d",
	"pagerduty.level_of":        "level %d of %s",
	"pagerduty.target":          "the target",
	"pagerduty.level_unknown":   "Which level has it is not known.",
	"pagerduty.level_last":      "It is at the last level of its escalation policy.",
	"pagerduty.no_escalation":   "PagerDuty does not escalate it there: %s.",
	"pagerduty.no_level":        "no such level",
	"pagerduty.no_assignee":     "PagerDuty does not know the person whom it was to go to.",
	"pagerduty.no_policy":       "The escalation policy %s does not exist.",
	"pagerduty.no_policy_of_it": "The escalation policy of the incident does not exist.",
	"pagerduty.no_target":       "No target is named.",
	"pagerduty.no_user":         "PagerDuty has no user %s.",

	"pagerduty.limit":         "PagerDuty's rate limit is reached.",
	"pagerduty.requester":     "PagerDuty does not know the user in whose name this was to be done.",
	"pagerduty.unauthorized":  "PagerDuty does not allow this user to do that.",
	"pagerduty.gone":          "It does not exist in PagerDuty (any more).",
	"pagerduty.token":         "PagerDuty refuses amsbot's token: %s.",
	"pagerduty.no_permission": "no permission",
	"pagerduty.refused":       "PagerDuty refused it: %s.",
	"pagerduty.address":       "PagerDuty's address leads elsewhere: pagerduty.api_url is wrong.",
	"pagerduty.fault":         "PagerDuty has a fault of its own (status %d).",
	"pagerduty.unreached":     "PagerDuty cannot be reached.",
	"pagerduty.unread":        "PagerDuty's answer could not be read.",
	"pagerduty.silent":        "PagerDuty did not answer.",
	"pagerduty.unasked":       "PagerDuty could not be asked.",
	"pagerduty.unsaid":        "PagerDuty's answer does not say what became of it.",
}

// outboxEN are the texts about what bot/outbox, which says nothing itself, could
// not deliver.
var outboxEN = map[string]string{
	"outbox.unread":  "The act cannot be read.",
	"outbox.nowhere": "Nothing here delivers it.",
	"outbox.inside":  "No answer came: an error inside amsbot.",
}
