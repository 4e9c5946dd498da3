package words

// stormEN are the texts of a storm of incidents.
var stormEN = map[string]string{
	"storm.title":         "Storm: %s, %d incidents",
	"storm.begins":        "*Storm of %s*: %d of its targets are in trouble at once. Recoveries are held: Run Recovery on All, on the card, begins with one and goes on when that has worked.\n%s",
	"storm.decide":        "Run Recovery on All begins with one target and goes on when that works. Each incident's own card is still there.",
	"storm.running":       "Recovering, one first",
	"storm.calm":          "No incident of it waits any more",
	"storm.over":          "The storm is over",
	"storm.closing":       "Over",
	"storm.incidents":     "Incidents",
	"storm.held":          "%d incidents wait: the storm brake holds their recoveries",
	"storm.waits":         "Waiting (%d)",
	"storm.runs":          "Recovering (%d)",
	"storm.good":          "Works again (%d)",
	"storm.bad":           "Did not help (%d)",
	"storm.left":          "Seen to otherwise (%d)",
	"storm.accepted":      "%s lets %d recoveries go on, one first.",
	"storm.goes":          "%s lets it go on, with the others of the storm.",
	"storm.stopped":       "Stopped: it did not help #%d",
	"storm.stopped.reply": "Stopped: the recovery did not help #%d %s. %d still wait.",
	"storm.done":          "Done: %d work again.",
	"storm.forbidden":     "Stopped: %s may not do this any more",
	"storm.guarded":       "Held by another guard (%d)",
	"storm.stopped.held":  "Stopped, #%d is held: %s",
	"storm.done.guarded":  "%d are held by a guard of their own: their own cards ask.",
}
