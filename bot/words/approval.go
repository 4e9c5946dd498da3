package words

// approvalEN are the texts about recoveries that take two people.
var approvalEN = map[string]string{
	"act.approve":     "Approve",
	"act.break_glass": "Break Glass",

	"button.approve":     "Approve",
	"button.break_glass": "Break Glass",

	"headline.approve": "Approve waits for a second person",
	"wait.approve":     "%s asks for the recovery: somebody else has to approve it.",
	"field.asked_by":   "Asked by",
	"field.approvers":  "May approve",
	"card.approve":     "Approve until",
	"everyone.else":    "everyone else",
	"nobody.else":      "nobody else; `permissions` in amsbot.yaml or project.yaml names who may",
	"by.two":           "%s, approved by %s",
	"said.approved":    "Asked for by %s, approved by %s",
	"said.glass":       "%s broke the glass, without a second person: %s",

	"confirm.approve.title":     "Approve the recovery %s?",
	"confirm.approve":           "%s asks for it.",
	"confirm.break_glass.title": "Break the glass: run recovery %s alone?",
	"confirm.break_glass":       "Nobody else approves it. Everybody is told, and the second line is called.",
	"confirm.break_glass.next":  "You are asked for the reason next.",

	"requested.recover":  "%s asks to run the recovery on %s: somebody else has to approve it until %s. Who may: %s.",
	"requested.again":    "%s asks to run the recovery on %s again: somebody else has to approve it until %s. Who may: %s.",
	"requested.override": "It overrides %s.",

	"accepted.approve":     "%s approves it: the recovery that %s asked for begins.",
	"accepted.break_glass": "*Break glass*: %s runs the recovery on %s without a second person.",
	"glass.reason":         "Reason: %s",

	"withdrawn":        "The request of %s to run the recovery is withdrawn: %s.",
	"withdrawn.checks": "it is checked again",
	"withdrawn.over":   "the incident is over",
	"withdrawn.left":   "none of the incidents waits any more",
	"end.unapproved":   "%s asked for the recovery, and nobody approved it in time. Run Checks Again takes its place.",

	"guard.permission": "permission",
	"held.permission":  "permission: %s may not do this any more; somebody who may has to press again",
	"guard.approval":   "second person",
	"held.approval":    "second person: this recovery takes two people, and %s decided alone for all; its own card asks",

	"refused.own":            "You asked for it yourself: somebody else has to approve it. Who may: %s.",
	"refused.asked":          "%s has asked for it already. If you agree, press Approve on the card or type `/ams approve %d`.",
	"refused.asked.yours":    "You have asked for it already: somebody else has to approve it. Who may: %s.",
	"refused.withdrawn":      "The request of %s was withdrawn; the card shows what is on offer.",
	"refused.asker":          "%s, who asked for it, may not do this any more: nothing runs. Somebody who may has to ask again.",
	"refused.unasked":        "Nothing waits for an approval here.",
	"refused.glass.needless": "One person is enough for this recovery: press Run Recovery.",
	"refused.glass.never":    "This scenario lets nobody recover alone. Press Run Recovery, and have somebody else approve it. Who may: %s.",
	"refused.glass.why":      "Say why: `/ams recover %d break glass: REASON`.",
	"refused.glass.storm":    "Say why: `/ams recover storm break glass: REASON`.",

	"note.glass": "Break glass: %s runs the recovery %s on %s through amsbot without a second person. Reason: %s",

	"event.requested":  "%s asked for %s: somebody else has to approve it",
	"event.approved":   "%s approved it",
	"event.unapproved": "Nobody approved it in time.",
	"event.glass":      "%s broke the glass and recovers alone: %s",

	"storm.requested":     "%s asks to run the recovery on all %d, one first: somebody else has to approve it until %s. Who may: %s.",
	"storm.approved":      "%s approves it: the recoveries that %s asked for begin (%d), one first.",
	"storm.glass":         "*Break glass*: %s lets all %d go on, one first, without a second person. Reason: %s",
	"storm.unapproved":    "%s asked for the recovery of all, and nobody approved it in time.",
	"storm.withdrawn":     "What %s asked for is withdrawn: none of those incidents waits any more.",
	"refused.asked.all":   "%s has asked for it already. If you agree, press Approve on the card.",
	"refused.glass.empty": "Say why: a reason has to be given.",
}
