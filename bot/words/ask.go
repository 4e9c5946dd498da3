package words

// askEN are the answers to /ams that are about no single act.
var askEN = map[string]string{
	"find.none":            "There is no incident %s here. Open: %s.",
	"find.more":            " and %d more",
	"find.mean":            "Did you mean “%s”?",
	"find.name":            "Say which one, so that it is not another by the time it is done: `/ams %s`. Open:",
	"find.service.none":    "No incident of %s is open here. Open: %s.",
	"find.service.several": "%d incidents of %s are open. Say which one, by its number:",
	"note.empty":           "Write the note behind the incident: `/ams note 1234 the plug was out`.",

	"list.deaf":      "amsbot has not been able to read PagerDuty since %s: what stands here may be older.",
	"list.refuses":   "PagerDuty has refused to be read by amsbot since %s, so what stands here may be older. Whoever runs amsbot: look at its PagerDuty token.",
	"list.damaged":   "The record of an incident is damaged: since %s nothing new is taken in of that one. All others go on as ever. Whoever runs amsbot: `amsbot healthcheck` names it.",
	"list.partly":    "amsbot has not been able to take in all that PagerDuty says since %s: some of what is open may not stand here. Whoever runs amsbot: `amsbot healthcheck` says why.",
	"list.unwritten": "amsbot has not been able to write to its disk since %s: nothing new is taken in, so what stands here may be older. PagerDuty goes on paging. Whoever runs amsbot: `amsbot healthcheck` says why.",

	"autonomy.check": "checks only",

	"scenarios.nowhere":     "This channel belongs to no project that you may see. Ask in a project's channel or in a direct message.",
	"scenarios.none":        "There is no scenario for %s yet.",
	"scenarios.unknown":     "There is no scenario “%s” here. There are: %s.",
	"scenarios.mean":        "There is no scenario “%s” here. Did you mean `/ams scenarios %s`?",
	"scenarios.does":        "checks %s; recovers by %s",
	"scenarios.looks":       "checks %s",
	"scenarios.used":        "last for #%d, %s",
	"scenarios.unused":      "not used yet",
	"scenarios.paused":      "paused (%s) by %s",
	"scenarios.breaker":     "its breaker asks: %d recoveries failed in a row",
	"scenarios.storm":       "a storm holds its recoveries",
	"scenarios.maintenance": "under maintenance until %s",

	"stats.head":      "*%s, the last %s*",
	"stats.most":      "More than %d incidents: these are the newest, back to %s.",
	"stats.none":      "No incident.",
	"stats.count":     "*%d* incidents, %d of them still open",
	"stats.count.one": "*%d* incident, %d of them still open",
	"stats.alone":     "Answered without a person: *%d of %d (%d %%)*",
	"stats.took":      "First response: median %s, 90th percentile %s (of %d that have one)",
	"stats.outcomes":  "By outcome: %s",
	"stats.pending":   "no outcome yet",
	"stats.scenarios": "By scenario: %s",
	"stats.scenario":  "%s %d (%d without a person)",
	"stats.unmatched": "none that fits",
	"stats.noise":     "Marked as noise by a person: %d",
	"stats.meaning": "_Without a person: amsbot found no fault or recovered it, it is resolved, amsbot called nobody, nobody took it or pressed anything, and it did not come back. " +
		"It is counted out of all incidents, also those that are open and those that no scenario fits._",
	"stats.span": "“%s” is no span of time that amsbot counts. Say `/ams stats 7d`, `/ams stats 30d` or `/ams stats 24h`; %s at most.",

	"help": "*/ams* gives every incident its first response, and you decide what needs a person.\n" +
		"*Look* (only you see the answer)\n" +
		"`/ams list` what is open · `show 1234` its card · `why 1234` why this scenario · `history 1234` all that happened\n" +
		"`/ams scenarios` what amsbot can do here · `stats 30d` what it did · `maintenance` what is under maintenance\n" +
		"*Act* (everybody sees it)\n" +
		"`/ams take 1234` · `check 1234` · `recover 1234` · `approve 1234` · `escalate 1234` · `resolve 1234` · `note 1234 text`\n" +
		"After an interrupted recovery: `/ams again 1234` runs it again · `done 1234` says that it is done\n" +
		"`/ams pause` · `resume` · `maintenance service NAME 2h reason` · `maintenance end NUMBER`\n" +
		"An incident is its number, its PagerDuty ID, its service if one incident of that is open, or `last` (to look); `take` and `escalate` do several: `take 12 14-20`. `/ams help resolve` tells more of one.",

	"help.list": "`/ams list`: what is open in this channel's projects, newest first, with who has it; who does not answer; what is paused or under maintenance. " +
		"In a direct message: of all projects that you may see.",
	"help.show": "`/ams show INCIDENT`: the card of an incident, for you alone. Alone it is the last one.\nFor example: `/ams show 1234`, `/ams show shop-web`",
	"help.why": "`/ams why INCIDENT`: why its scenario was chosen, and why the others were not. Alone it is about the last one.\n" +
		"For example: `/ams why 1234`, `/ams why last`",
	"help.history": "`/ams history INCIDENT`: all that happened, with the time of each: who did what, and what came of it. Alone it is about the only one that is open.\n" +
		"For example: `/ams history 1234`",
	"help.scenarios": "`/ams scenarios [NAME]`: what amsbot can answer here: what each scenario does, who starts its recovery, what holds it now, when it was used last.\n" +
		"For example: `/ams scenarios`, `/ams scenarios web`",
	"help.stats": "`/ams stats [SPAN]`: how many incidents there were, how many were answered without a person, by outcome and by scenario, and how fast. Alone it is about 7 days.\n" +
		"For example: `/ams stats 30d`",
	"help.take": "`/ams take INCIDENT`: you have it: it is acknowledged in PagerDuty in your name, and amsbot starts nothing more by itself. Alone it is the only one that is open. Several numbers are several incidents, with one answer for all.\n" +
		"For example: `/ams take 1234`, `/ams take 12 14 15`, `/ams take 12-20`",
	"help.check": "`/ams check INCIDENT`: runs its checks again; nothing is changed. Alone it is the only one that is open.\n" +
		"For example: `/ams check 1234`",
	"help.recover": "`/ams recover INCIDENT`: reads it, checks again, and recovers if it still does not work, as far as that is on offer on its card. Say its number: it is not guessed. `/ams recover storm` is Run Recovery on All of the storm that waits here.\n" +
		"Where it takes two people, it asks for somebody else's `/ams approve`; who may, recovers alone with `break glass:` and a reason.\n" +
		"For example: `/ams recover 1234`, `/ams recover 1234 break glass: nobody else is awake`",
	"help.approve": "`/ams approve INCIDENT`: approves a recovery that somebody else has asked for: then it begins, with a check before it. Say its number, or `storm`: it is not guessed.\n" +
		"For example: `/ams approve 1234`",
	"help.again": "`/ams again INCIDENT`: runs a recovery again that was interrupted, with a check before it. Say its number: it is not guessed.\n" +
		"For example: `/ams again 1234`",
	"help.done": "`/ams done INCIDENT`: says that a recovery that was interrupted has been done: it is checked again. Say its number: it is not guessed.\n" +
		"For example: `/ams done 1234`",
	"help.escalate": "`/ams escalate INCIDENT [to WHOM] [reason]`: PagerDuty pages the next level, or the first line, the second line, a level or a person. Alone it is the only one that is open. Several numbers, with nothing behind them, go to the next level.\n" +
		"For example: `/ams escalate 1234 the restart did not help`, `/ams escalate 1234 to second line: the pool is full`, `/ams escalate 12-20`",
	"help.resolve": "`/ams resolve INCIDENT [noise] [what it was]`: resolves it in PagerDuty in your name, with what you write as its note; `noise` counts it as one that nobody needed. Say its number: it is not guessed.\n" +
		"For example: `/ams resolve 1234 the plug was out`, `/ams resolve 1234 noise: a probe of ours`",
	"help.note": "`/ams note INCIDENT TEXT`: adds a note to its history and in PagerDuty. Without a text it asks for one.\n" +
		"For example: `/ams note 1234 the vendor is on it`",
	"help.pause": "`/ams pause [all | project NAME | scenario NAME] [reason]`: recoveries are held until somebody resumes; checks and handing over go on. A pause has no end: for one that ends, say `/ams maintenance`. Alone it asks what and why.\n" +
		"For example: `/ams pause deploying the shop`, `/ams pause scenario web-down it loops`",
	"help.resume": "`/ams resume [all | project NAME | scenario NAME]`: recoveries may run again; it resets the breaker of a scenario, too. Alone it asks of what.\n" +
		"For example: `/ams resume all`, `/ams resume scenario web-down`",
	"help.maintenance": "`/ams maintenance`: what is under maintenance.\n" +
		"`/ams maintenance [service | target | scenario | project | all] NAME TIME [reason]`: what it covers is checked and reported, and nothing of it recovers until then.\n" +
		"`/ams maintenance new`: asks for all of that. `/ams maintenance end NUMBER`: it is over.\n" +
		"For example: `/ams maintenance service shop-web 2h kernel upgrade`, `/ams maintenance target web-1 until 04:00`",
	"help.help": "`/ams help [SUBCOMMAND]`: what there is, or how one is used. `/ams SUBCOMMAND help` says the same.",
}
