package words

// slackEN are the texts that bot/slack says itself: modals, Home, field names,
// answers to what it could not make out, and why Slack refused something.
var slackEN = map[string]string{
	// On the card.
	"slack.alert":         "From the alert",
	"slack.alert.more":    "%d more in PagerDuty",
	"slack.more":          "%d more in the thread",
	"slack.lost":          "Shortened here. The thread, PagerDuty and `/ams history` have the whole.",
	"slack.open":          "Open in PagerDuty",
	"slack.confirm.title": "Are you sure?",
	"slack.confirm.text":  "This acts on the incident.",
	"slack.confirm.no":    "Cancel",

	// What the app's page and its menus say of it.
	"manifest.about":   "First response to PagerDuty incidents",
	"manifest.command": "Incidents and their first response",

	"manifest.shortcut":       "Act on this incident",
	"manifest.shortcut.about": "What can be done about the incident of this card",

	// On the index of a crowded channel.
	"slack.index.since": "Since %s",
	"slack.together":    "*%d incidents need a person*: %s",

	// Dialogues.
	"slack.form.send":   "Send",
	"slack.form.close":  "Cancel",
	"slack.form.shut":   "Close",
	"slack.form.choose": "Choose…",
	"slack.form.wait":   "One moment…",
	"slack.form.still":  "amsbot is still at it. What came of it will stand here.",
	"slack.form.done":   "Done.",
	"slack.form.gone":   "Slack did not open the dialogue in time. Press again, or use the slash command: `/ams help` names them.",

	// The shortcut on a message.
	"slack.shortcut.none": "This message is not about one incident. Use the shortcut on a card, or on a message in its thread.",

	// Answers.
	"slack.failed":        "That did not work just now; perhaps it was not done. Look at the card before you try again. If it goes on, whoever runs amsbot finds why in its log.",
	"slack.busy":          "amsbot is busy with other requests. Try again in a moment.",
	"slack.stopping":      "amsbot is restarting. Try again in a moment.",
	"slack.stale":         "This button is from another version of amsbot. Use `/ams show` for the incident as it is now.",
	"slack.foreign":       "This came from a workspace or an app that amsbot does not belong to, so nothing was done.",
	"slack.mean":          "There is no `%s`. Did you mean `/ams %s`?",
	"slack.unknown":       "There is no `%s`. `/ams help` says what there is.",
	"slack.home.unshown":  "Home could not be drawn just now. Open it again in a moment.",
	"slack.file.unread":   "The output could not be read from amsbot's own store, so it is not attached.",
	"slack.file.refused":  "The output could not be attached: %s",
	"slack.thread.nocard": "The incident has no card yet, so there is no thread to reply in.",

	// Why Slack refused.
	"slack.why.channel":   "Slack knows no channel “%s” that amsbot can see. Check its name, or invite amsbot to it.",
	"slack.why.invite":    "amsbot is not a member of the Slack channel. Invite it there with /invite.",
	"slack.why.archived":  "The Slack channel is archived. Unarchive it, or configure another one.",
	"slack.why.gone":      "The Slack message is gone or can no longer be edited.",
	"slack.why.scope":     "The Slack app lacks the permission (scope) %s. Add it to the app and install it again.",
	"slack.why.token":     "Slack does not accept amsbot's token (%s). Install the app again and give amsbot the new token.",
	"slack.why.blocks":    "Slack found the message malformed (%s).",
	"slack.why.long":      "The message is longer than Slack accepts.",
	"slack.why.thread":    "The thread in Slack is gone.",
	"slack.why.user":      "Slack does not know this user, or they have left.",
	"slack.why.plan":      "User groups need a paid Slack plan.",
	"slack.why.forbidden": "Slack or the channel's settings do not let amsbot post here (%s).",
	"slack.why.code":      "Slack refused with the error “%s”.",
	"slack.why.limit":     "Slack asked amsbot to slow down.",
	"slack.why.down":      "Slack cannot be reached.",
	"slack.why.trouble":   "Slack had trouble of its own (%s).",
	"slack.why.lost":      "Slack's answer did not arrive.",
}
