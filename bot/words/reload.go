package words

// reloadEN are the texts about scenarios that were read again.
var reloadEN = map[string]string{
	"reload.refused":   "*The changed scenarios of %s are refused.* Those of before stay in force.",
	"reload.elsewhere": "Nothing is wrong in the files of this project; others have %s.",
	"reload.more":      "… and %d more; `amsbot lint` shows all.",
	"reload.mended":    "The scenarios of %s have no mistakes any more: they are in force as they are written now.",

	"list.refused":           "Scenarios of %s were refused at %s, those of before are in force: %s",
	"list.refused.more":      "(and %d more)",
	"list.refused.elsewhere": "problems in files of other projects",

	"problems":     "%d problems",
	"problems.one": "%d problem",
	"projects":     "%d projects",
	"projects.one": "%d project",

	"event.reloaded":       "scenarios reloaded (%s): %d in %s; new: %s; changed: %s; gone: %s",
	"event.reload_refused": "scenarios refused (%s): %s: %s",
}
