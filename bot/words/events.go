package words

// eventEN are the events, as a history says them.
var eventEN = map[string]string{
	"event.received":    "received by %s: %s",
	"event.read":        "read: %s, assigned to %s",
	"event.nobody":      "nobody",
	"event.run":         "first response no. %d (%s)",
	"event.matched":     "scenario %s for %s: %s",
	"event.concluded":   "%s. %s",
	"event.started":     "%s: started %s: %s",
	"event.ended":       "%s: %s: %s %s",
	"event.verdict":     "%s: %s (%d of %d OK)",
	"event.intent":      "recovery begins, by %s, on %s",
	"event.held":        "held by %s: %s",
	"event.asks":        "left to a person by %s: %s",
	"event.tripped":     "%s: %s",
	"event.offered":     "offered: %s",
	"event.refused":     "refused to %s: %s (%s)",
	"event.wanted":      "wanted: %s, by %s",
	"event.done":        "done: %s",
	"event.failed":      "did not work: %s",
	"event.unknown":     "no answer, looking for it: %s",
	"event.restored":    "a backup took the database's place: %s",
	"history.forgotten": "Its events were removed: they are kept for a time only (history.keep in amsbot.yaml).",
	"history.earlier":   "… %d earlier lines: `amsbot history` prints all.",

	"want.acknowledge": "acknowledge in PagerDuty",
	"want.escalate":    "escalate in PagerDuty",
	"want.resolve":     "resolve in PagerDuty",
	"want.note":        "note in PagerDuty",
	"want.post":        "message in Slack",
	"want.reply":       "reply in Slack",
}
