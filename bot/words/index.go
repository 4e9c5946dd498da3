package words

// indexEN are the texts of a crowded channel: its index, and what is said for many
// incidents together.
var indexEN = map[string]string{
	"index.title":      "%d incidents at once",
	"index.title.over": "%d incidents at once: it is calm again",
	"index.detail": "Too many for this channel to show a card for each. Every first response runs all the same; " +
		"Show Card brings the card of one incident at once.",
	"index.detail.over":    "Each incident that is still open gets its own card now.",
	"index.person":         "Need a person (%d)",
	"index.acting":         "Recovering (%d)",
	"index.checking":       "Being checked (%d)",
	"index.good":           "Works, still open (%d)",
	"index.over":           "Over (%d)",
	"index.count.person":   "%d need a person",
	"index.count.acting":   "%d recovering",
	"index.count.checking": "%d being checked",
	"index.count.good":     "%d work, still open",
	"index.count.over":     "%d over",
	"index.services":       "%d more services",
	"index.services.more":  "“/ams list” names what is open.",
	"index.page":           "All of them by number, page %d",
	"index.unsaid":         "There was no card to say it at, in a crowd of incidents; “amsbot history %d” has it all.",

	"event.crowd":      "The channel %s is crowded: one index stands for all that waits",
	"event.crowd.over": "The channel %s is calm again",

	"act.show_card":      "Show Card",
	"accepted.show_card": "%s asked for its card.",
	"refused.card":       "#%d has its card already.",
}
