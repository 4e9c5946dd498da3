package words

// stormEN are the texts of a storm of incidents.
var stormEN = map[string]string{
	"storm.title":         "Storm of %s (%d)",
	"storm.begins":        "*Storm of %s*: many of its targets are in trouble at once (%d waiting now). Recoveries are held: Run Recovery on All, on the card, begins with one and goes on when that has worked.\n%s",
	"storm.decide":        "Run Recovery on All begins with one target and goes on when that works. Each incident's own card is still there.",
	"storm.running":       "Recovering, one first",
	"storm.calm":          "No incident of it waits any more",
	"storm.over":          "The storm is over",
	"storm.closing":       "Over",
	"storm.incidents":     "Incidents",
	"storm.held":          "%d waiting: the storm brake holds their recoveries",
	"storm.waits":         "Waiting (%d)",
	"storm.runs":          "Recovering (%d)",
	"storm.good":          "Works again (%d)",
	"storm.bad":           "Did not help (%d)",
	"storm.left":          "Seen to otherwise (%d)",
	"storm.accepted":      "%s lets it go on (%d), one first.",
	"storm.goes":          "%s lets it go on, with the others of the storm.",
	"storm.stopped":       "Stopped: it did not help #%d",
	"storm.stopped.reply": "Stopped: the recovery did not help #%d %s. %d still waiting.",
	"storm.done":          "Done: %d working again.",
	"storm.forbidden":     "Stopped: %s may not do this any more",
	"storm.guarded":       "Held by another guard (%d)",
	"storm.stopped.held":  "Stopped, #%d is held: %s",
	"storm.done.guarded":  "%d held by a guard of their own: their own cards ask.",
}
