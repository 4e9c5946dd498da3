package words

// answerEN are answers to what people do and ask.
var answerEN = map[string]string{
	"act.take":        "Take Over",
	"act.recover":     "Run Recovery",
	"act.escalate":    "Escalate",
	"act.resolve":     "Resolve",
	"act.check":       "Run Checks Again",
	"act.note":        "Add Note",
	"act.again":       "Run Again",
	"act.mark_done":   "Mark Done",
	"act.recover_all": "Run Recovery on All",
	"act.pause":       "Pause",
	"act.resume":      "Resume",

	"accepted.take":        "%s takes it over.",
	"accepted.recover":     "%s pressed Run Recovery.",
	"accepted.escalate":    "%s escalates it to the next level.",
	"accepted.resolve":     "%s resolves it.",
	"accepted.check":       "%s has it checked again.",
	"accepted.note":        "%s added a note.",
	"accepted.recover_all": "%s pressed Run Recovery on All.",
	"accepted.again":       "%s runs the recovery again.",
	"accepted.mark_done":   "%s marked the recovery as done.",
	"accepted.override":    ", overriding %s.",

	"refused.over": "Too late: %s.",

	"refused.forgotten":  "It is too old: its history was removed.",
	"refused.permission": "You may not %s here. Who may: %s.",
	"refused.view":       "This incident belongs to a project that you may not see.",
	"refused.user":       "PagerDuty has no user with your Slack e-mail address, and this is done in your name. Ask whoever runs amsbot to add you in PagerDuty, or press Escalate.",
	"refused.pagerduty":  "PagerDuty does not answer, so amsbot cannot tell who you are there. Nothing has happened; press again in a minute, or act in PagerDuty.",
	"refused.override":   "Held by %s, and you may not override it here. Who may: %s.",
	"refused.guard":      "Held by: %s. The button on the newest card asks whether to override it.",
	"refused.yours":      "You have done this already: %s, %s ago.",
	"refused.twice":      "You have just pressed %s: once is enough.",
	"refused.first":      "%s was first: %s has been pressed already.",
	"refused.held":       "Nothing runs: %s.",
	"refused.taken":      "%s has it already.",
	"refused.expired":    "The offer to run the recovery has expired. Run Checks Again takes its place.",
	"refused.closed":     "%s is not on offer now; the card shows what is.",

	"everyone": "everyone",
	"nobody":   "nobody yet; `permissions` in amsbot.yaml or project.yaml names who may",
	"none":     "none",

	"nobody.gone": "nobody, for its project is no longer among the scenarios; act in PagerDuty, or have its project.yaml put back",

	"find.which":    "Which incident? Open: %s. Say its number, or `last`.",
	"find.never":    "There is no incident here yet.",
	"find.none":     "There is no incident %s here. Open: %s.",
	"scope.which":   "%s what? This channel belongs to no project: say `all`, `project:NAME` or `scenario:PROJECT/NAME`.",
	"scope.unknown": "There is no %s %s here. Say `all`, `project:NAME` or `scenario:PROJECT/NAME`.",

	"down.name.slack":     "Slack",
	"down.name.pagerduty": "PagerDuty",
	"down.since":          "%s has not answered since %s",
	"down.alone":          "%s.",
	"down.wait":           "%s; %s wait.",
	"down.wait.one":       "%s; %s waits.",
	"down.and":            " and ",
	"down.cards":          "%d cards",
	"down.cards.one":      "%d card",
	"down.messages":       "%d messages",
	"down.messages.one":   "%d message",
	"down.acts":           "%d acts",
	"down.acts.one":       "%d act",

	"list.none":    "No incident is open.",
	"list.head":    "*%d open*",
	"list.more":    "… and %d more, `/ams show NUMBER` tells of one: %s",
	"list.holder":  "with %s",
	"list.paused":  "Paused: %[1]s, by %[2]s; “/ams resume %[1]s” lifts it",
	"list.storm":   "Storm: %s; the recoveries of its incidents are held, and its card asks for all",
	"list.breaker": "Breaker: %[1]s asks, because its recoveries failed (%[2]d in a row, the last for #%[3]d); “/ams resume %[1]s” lifts it",

	"paused.done":     "%s paused %s: recoveries are held until “/ams resume %s”. Handing over goes on.",
	"paused.already":  "%s is paused already, by %s. “/ams resume %[1]s” lifts it.",
	"resumed.done":    "%s resumed %s.",
	"resumed.breaker": "Its breaker is reset: it recovers by itself again, where it did.",
	"resumed.already": "%s is not paused.",
	"resumed.still":   "Still paused: %[1]s, by %[2]s; “/ams resume %[1]s” lifts it",

	"why.none": "No scenario has been chosen yet.",
	"why.head": "Scenario *%s* was chosen, for %s.",
	"why.yes":  "• *%s* fits: %s",
	"why.no":   "• %s does not fit: %s",

	"help": "*/ams* gives every incident its first response, and you decide what needs a person.\n" +
		"`/ams list` what is open · `/ams show 12` its card · `/ams why 12` why this scenario · `/ams history 12` all that happened\n" +
		"`/ams take 12` · `/ams recover 12` · `/ams check 12` · `/ams escalate 12` · `/ams resolve 12` · `/ams note 12 text`\n" +
		"`/ams pause [all | project:NAME | scenario:PROJECT/NAME] [reason]` · `/ams resume [the same]`\n" +
		"`/ams maintenance` what is under maintenance · `/ams maintenance service NAME 2h reason` · `/ams maintenance end NUMBER`\n" +
		"An incident is its number, its PagerDuty ID or `last`; `show` and `why` alone are about the last one.",
}
