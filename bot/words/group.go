package words

// groupEN are the texts of the group cards of a crowded channel.
var groupEN = map[string]string{
	"group.title":      "%d × %s · %s",
	"group.title.over": "%d × %s · %s: it is calm again",
	"group.detail":     "The buttons act on those that stand here; what comes later waits for the next press.",
	"group.empty":      "Each of them has its own card now",
	"group.none":       "no scenario fits",
	"group.stale":      "This button names no incidents; press it on the newest card.",
	"group.lost":       "they could not be written down, and nothing has happened there: press again",

	"button.take_all":         "Take Over All %d",
	"button.take_all.yes":     "Take Over All",
	"button.escalate_all":     "Escalate All %d",
	"button.escalate_all.yes": "Escalate All",

	"confirm.take_all.title":     "Take over all %d?",
	"confirm.take_all":           "You acknowledge %d in PagerDuty, in your name: %s.",
	"confirm.escalate_all.title": "Escalate all %d?",
	"confirm.escalate_all":       "To the next level, where whoever is on call is paged about %d: %s.",

	"accepted.take_all":     "%s takes over %d: %s.",
	"accepted.escalate_all": "%s escalates %d to the next level: %s.",
	"told.take_all":         "Taken over: %d (%s).",
	"told.escalate_all":     "Escalated: %d (%s).",
	"told.not":              "Not done for %s: %s",

	// A command on several incidents.
	"several.none":      "no such incident is here: `/ams list` says what is open",
	"several.lost":      "they could not be written down, and nothing has happened there: say it again",
	"several.most":      "Those are too many for one command, which takes %d incidents at most, and %d characters. Say fewer, such as `/ams %s 12-20`.",
	"several.backwards": "`%d-%d` runs backwards. Say `/ams %s %d-%d`.",
	"several.text":      "Several incidents are numbers and nothing else: `/ams %s 12 14`. What you write about one begins with a word: `/ams %s 12 since 14 hosts are down`.",
	"several.single":    "`/ams %s` is about one incident at a time. Several at once: `/ams take 12 14 15`, `/ams escalate 12-20`.",
}
