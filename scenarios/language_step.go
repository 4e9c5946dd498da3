package scenarios

// commonKeys is what every step has beside the one key that says what it
// does.
var commonKeys = keys{
	{name: "name", shape: aWord, required: true, example: "name: restart web",
		doc: "What the step is called, on the card and in `steps[\"restart web\"]`. No other step of the scenario has the name."},
	{name: "if", shape: aCondition, example: "if: alert.details.environment == \"production\"",
		doc: "An expression; where it is false the step is skipped and does not count. Where it cannot be worked out the step is UNKNOWN."},
	{name: "timeout", shape: aSpan, example: "timeout: 60s",
		doc: "How long one try may take. The default is that of the kind of step."},
	{name: "attempts", shape: aNumber(1, 100), fallback: "1", example: "attempts: 3",
		doc: "How often it is tried at most. The first OK is enough."},
	{name: "every", shape: aSpan, fallback: "2s", example: "attempts: 3\nevery: 5s",
		doc: "The time between two tries."},
	{name: "idempotent", shape: aTruth, fallback: "false", example: "idempotent: true",
		doc: "In `recover` alone: it does no harm to start the step a second time. After a crash amsbot goes on by itself only with a recovery whose steps all say so; else it checks and calls a person."},
}

// stepKeys is every key of a step: those of all steps and one for each kind.
func stepKeys() keys {
	out := commonKeys[:len(commonKeys):len(commonKeys)]
	for _, k := range kinds {
		out = append(out, key{name: k.name, doc: k.doc, shape: k.shape(), example: k.example})
	}
	return out
}
