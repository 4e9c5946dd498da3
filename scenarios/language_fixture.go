package scenarios

// fixtureFileKeys is every key of a file of fixtures.
var fixtureFileKeys = keys{
	{name: "incident", shape: aMapping(fixtureIncidentKeys), example: "incident: {service: shop-web, title: Health check of web-1 failed}",
		doc: "The incident of all tests of the file; a test says what is different."},
	{name: "incident_file", shape: aWord, example: "incident_file: incident.json",
		doc: "Instead of `incident`: a file beside this one with an incident as PagerDuty's REST API answers it."},
	{name: "given", shape: aMapping(givenKeys), example: "given: {assigned: amsbot}",
		doc: "What holds when the incident comes, in all tests of the file."},
	{name: "steps", shape: someResults, example: "steps: {health endpoint: [NG, OK]}",
		doc: "The results of steps, by name, for the tests that say no other. A list is one result per run of the step, in order; the last stands for all later ones."},
	{name: "tests", shape: aList(aMapping(fixtureKeys)), required: true, example: "tests: [{name: nothing is wrong, steps: {health endpoint: OK}, expect: {outcome: no fault found}}]",
		doc: "The tests."},
}

// fixtureKeys is every key of one test.
var fixtureKeys = keys{
	{name: "name", shape: aWord, required: true, example: "name: nothing is wrong", doc: "What is tested, in words. No other test of the file has the name."},
	{name: "incident", shape: aMapping(fixtureIncidentKeys), example: "incident: {urgency: low}", doc: "What is different from the file's `incident`."},
	{name: "incident_file", shape: aWord, example: "incident_file: incident.json", doc: "As in the file, for this test alone."},
	{name: "given", shape: aMapping(givenKeys), example: "given: {paused: scenario}", doc: "What is different from the file's `given`."},
	{name: "steps", shape: someResults, example: "steps: {health endpoint: OK}", doc: "Results of steps, over the file's. A step that runs and has none fails the test."},
	{name: "clicks", shape: aList(aMapping(clickKeys)), example: "clicks: [{press: recover, by: aiko}]", doc: "What people press, one after the other, each as soon as it is offered."},
	{name: "news", shape: aList(aMapping(newsKeys)), example: "news: [{is: resolved, by: monitoring, after: 1m}]", doc: "What happens meanwhile without amsbot."},
	{name: "refuse", shape: someNames(plainName, aWord), example: "refuse: {escalate: Nobody is on call there.}", doc: "The acts that PagerDuty refuses (`acknowledge`, `escalate`, `resolve`, `note`), and why."},
	{name: "until", shape: aSpan, example: "until: 10m", doc: "How long after the incident came it is played. Without it, until nothing is left to happen: offers expire, maintenance ends."},
	{name: "expect", shape: aMapping(comeKeys), required: true, example: "expect: {outcome: recovered by amsbot}", doc: "What has to come of it. What is not said is not looked at."},
}

// fixtureIncidentKeys is every key of a fixture's incident.
var fixtureIncidentKeys = keys{
	{name: "service", shape: aWord, example: "service: shop-web", doc: "The PagerDuty service, by name or ID."},
	{name: "title", shape: aWord, example: "title: Health check of web-1 failed", doc: "The incident's title."},
	{name: "description", shape: aWord, example: "description: as the monitoring tool says it", doc: "The incident's description."},
	{name: "urgency", shape: aChoice("high", "low"), fallback: "high", example: "urgency: low", doc: "The incident's urgency."},
	{name: "priority", shape: aWord, example: "priority: P1", doc: "The incident's priority, by name."},
	{name: "team", shape: oneOrMore(aWord), example: "team: [Shop]", doc: "The incident's teams, by name."},
	{name: "policy", shape: aWord, example: "policy: Shop", doc: "The escalation policy, by name or ID. Without it, the one of the project's first line."},
	{name: "number", shape: aNumber(1, 1_000_000_000), fallback: "1", example: "number: 4711", doc: "The incident's number."},
	{name: "age", shape: aSpanOr0, fallback: "0s", example: "age: 20m", doc: "How old the incident is when it reaches amsbot."},
	{name: "key", shape: aWord, example: "key: web-1/health", doc: "The key of its alert, by which a problem that comes back is known. Without it, every incident has its own."},
	{name: "details", shape: someDetails, example: "details: {host: web-1.shop.example, environment: production}", doc: "The details of its one alert."},
	{name: "alerts", shape: aList(aMapping(fixtureAlertKeys)).orEmpty(), example: "alerts: [{details: {host: web-1}}, {details: {host: web-2}, status: resolved}]", doc: "Its alerts, where it is not one. `details` holds for each of them, and each says what is different."},
}

// fixtureAlertKeys is every key of a fixture's alert.
var fixtureAlertKeys = keys{
	{name: "key", shape: aWord, example: "key: web-1/health", doc: "The alert's key."},
	{name: "status", shape: aChoice("triggered", "resolved"), fallback: "triggered", example: "status: resolved", doc: "Whether it is open."},
	{name: "summary", shape: aWord, example: "summary: Health check failed", doc: "The alert's summary. Without it, the incident's title."},
	{name: "severity", shape: aChoice("critical", "error", "warning", "info"), example: "severity: critical", doc: "The alert's severity."},
	{name: "source", shape: aWord, example: "source: web-1", doc: "What the alert is about, as the monitoring tool says it."},
	{name: "details", shape: someDetails, example: "details: {host: web-1.shop.example}", doc: "The alert's details, over the incident's."},
}

// givenKeys is every key of given.
var givenKeys = keys{
	{name: "assigned", shape: aWord, fallback: "amsbot", example: "assigned: first_line", doc: "Who has the incident: `amsbot`, `first_line`, `second_line`, or a person's name."},
	{name: "acknowledged", shape: aWord, example: "acknowledged: aiko", doc: "The person who has acknowledged the incident."},
	{name: "acknowledge_timeout", shape: aSpan, example: "acknowledge_timeout: 5m", doc: "After which PagerDuty takes an acknowledgement back on this service. Without it never: then amsbot acknowledges nothing, whatever `acknowledge` says."},
	{name: "paused", shape: aChoice("all", "project", "scenario"), example: "paused: project", doc: "What somebody has paused."},
	{name: "locked", shape: aSpan, example: "locked: 2m", doc: "For how long the recovery of another incident holds the lock of the same target."},
	{name: "maintenance", shape: aSpan, example: "maintenance: 1h", doc: "For how long there is maintenance of everything."},
	{name: "earlier", shape: aList(aMapping(earlierKeys)), example: "earlier: [{test: a restart helps, ago: 10m}]", doc: "Tests of this file that were played before, as incidents of their own: what they counted counts."},
}

// earlierKeys is every key of an element of earlier.
var earlierKeys = keys{
	{name: "test", shape: aWord, required: true, example: "test: a restart helps", doc: "The name of a test of the same file."},
	{name: "ago", shape: aSpan, required: true, example: "ago: 10m", doc: "How long before this incident that one came."},
}

// resultKeys is every key of a step's result.
var resultKeys = keys{
	{name: "verdict", shape: aChoice(string(OK), string(NG), string(Unknown)), required: true, example: "verdict: NG", doc: "What the step found."},
	{name: "why", shape: aWord, example: "why: \"status 500, expected 200\"", doc: "Why, in the words of the step."},
	{name: "output", shape: aWord, example: "output: 'ok: 12 workers'", doc: "All that it printed."},
	{name: "line", shape: aWord, example: "line: 12 workers", doc: "The line of its output that is shown. Without it, the last one."},
	{name: "fields", shape: someDetails, example: "fields: {status: 500}", doc: "What later steps may read of it, as the step's kind gives it."},
	{name: "took", shape: aSpanOr0, fallback: "0s", example: "took: 12s", doc: "How long it took, all tries together."},
	{name: "tries", shape: aNumber(1, 100), example: "tries: 2", doc: "How many tries it took. Without it: one when it is OK, all of its attempts otherwise."},
}

// clickWords are the buttons of a fixture, and what stands on them.
var (
	clickWords  = []string{"take", "recover", "approve", "break_glass", "escalate", "resolve", "check", "note"}
	clickLabels = map[string]string{"Take Over": "take", "Run Recovery": "recover", "Approve": "approve", "Break Glass": "break_glass",
		"Escalate": "escalate", "Resolve": "resolve", "Run Checks Again": "check", "Add Note": "note"}
)

// clickKeys is every key of a click.
var clickKeys = keys{
	{name: "press", shape: aChoice(clickWords...), required: true, example: "press: recover", doc: "The button: Take Over, Run Recovery, Approve, Break Glass, Escalate, Resolve, Run Checks Again, Add Note."},
	{name: "by", shape: aWord, required: true, example: "by: aiko", doc: "Who presses it. They may, unless `user` is said."},
	{name: "user", shape: aWord, example: "user: U0CHIE0001", doc: "Their Slack user ID: then they may what the project's `permissions` let them."},
	{name: "groups", shape: oneOrMore(aWord), example: "user: U0AIKO0001\ngroups: [S0SHOPOPS1]", doc: "The Slack user groups that the user is in."},
	{name: "after", shape: aSpanOr0, fallback: "0s", example: "after: 5m", doc: "How long after it is offered."},
	{name: "text", shape: aWord, example: "text: looking into it", doc: "The text of a note, or the reason of an escalation or of breaking the glass."},
	{name: "override", shape: aTruth, fallback: "false", example: "override: true", doc: "They confirm to override the guard that the button names."},
}

// newsWords are what can happen meanwhile.
var newsWords = []string{"acknowledged", "reassigned", "resolved", "unacknowledged", "reopened", "alert", "paused", "resumed"}

// newsKeys is every key of an element of news.
var newsKeys = keys{
	{name: "is", shape: aChoice(newsWords...), required: true, example: "is: resolved",
		doc: "What happens: a person `acknowledged`, `reassigned` (to themselves) or `resolved` it, or monitoring did; PagerDuty took an acknowledgement back (`unacknowledged`) or `reopened` it; another `alert` joins it; everything is `paused` or `resumed`."},
	{name: "after", shape: aSpanOr0, fallback: "0s", example: "after: 1m", doc: "How long after the incident came."},
	{name: "by", shape: aWord, fallback: "monitoring", example: "by: aiko", doc: "Who does it: a person's name, or `monitoring`."},
	{name: "details", shape: someDetails, example: "is: alert\ndetails: {host: web-2}", doc: "The details of the alert that joins, over the incident's."},
}

// The keys of expect whose value is one word, and those whose value is a list; the
// others are texts that may also be looked through.
var (
	wordsExpected = []string{"scenario", "target", "outcome", "check", "recheck", "recover"}
	listsExpected = []string{"path", "held", "acts"}
)

// comeKeys is every key of expect.
var comeKeys = keys{
	{name: "scenario", shape: aWord, example: "scenario: web-down", doc: "The scenario that fits, or `none`: the incident is handed over."},
	{name: "target", shape: aWord, example: "target: web-1.shop.example", doc: "The target."},
	{name: "check", shape: aVerdict, example: "check: NG", doc: "The verdict of the first check."},
	{name: "recover", shape: aVerdict, example: "recover: OK", doc: "The verdict of the recovery; `none` when there was none."},
	{name: "recheck", shape: aVerdict, example: "recheck: OK", doc: "The verdict of the last re-check; `none` when there was none."},
	{name: "outcome", shape: aChoice(append([]string{"none"}, outcomes...)...), example: "outcome: recovered by amsbot", doc: "What the first response came to; `none` when it goes on, see `until`."},
	{name: "path", shape: aList(aWord), example: "path: [matched web-down, check OK, gather, \"ended: no fault found\"]", doc: "All that happened, in order; `amsbot test --verbose` prints it."},
	{name: "held", shape: either(aWord, aList(aWord).orEmpty()), example: "held: cooldown", doc: "The guards that held a recovery; `[]` for none."},
	{name: "acts", shape: either(aWord, aList(aWord).orEmpty()), example: "acts: [escalate first_line, resolve]", doc: "What amsbot does in PagerDuty, in order, its notes left out; `[]` for nothing."},
	{name: "commands", shape: someNames(freeName, aWord), example: "commands: {restart web: \"POST http://127.0.0.1/restart\"}", doc: "What steps do, by name, with values filled in."},
	{name: "card", shape: aLookedThrough, example: "card: {contains: [Recovered]}", doc: "The card at the end: all of it, or what it `contains` and `lacks`."},
	{name: "waiting", shape: aLookedThrough, example: "waiting: {contains: [Run Recovery]}", doc: "The card while the recovery is before people, the last time."},
	{name: "note", shape: aLookedThrough, example: "note: {contains: [web-down]}", doc: "The newest note on the PagerDuty incident."},
	{name: "messages", shape: aLookedThrough, example: "messages: {contains: [still down]}", doc: "What is said in Slack beside the card, a line each."},
	{name: "refused", shape: aLookedThrough, example: "refused: {contains: [may not]}", doc: "Why clicks were refused, a line each."},
}

// lookedThroughKeys is every key of a text that is looked through.
var lookedThroughKeys = keys{
	{name: "contains", shape: oneOrMore(aWord), example: "contains: [Recovered]", doc: "What the text has somewhere."},
	{name: "lacks", shape: oneOrMore(aWord), example: "lacks: [UNKNOWN]", doc: "What it must not have."},
}

// outcomes is what a first response can come to, as its result says it.
var outcomes = []string{"no fault found", "recovered by amsbot", "recovered at a person's word", "healed but not by amsbot",
	"resolved by a person", "resolved by monitoring", "escalated", "handed over", "held", "observed", "interrupted", "expired", "merged"}

var (
	aVerdict       = aChoice(string(OK), string(NG), string(Unknown), "none")
	aLookedThrough = either(aWord, aMapping(lookedThroughKeys))
	aResult        = either(aChoice(string(OK), string(NG), string(Unknown)), aMapping(resultKeys))
	someResults    = someNames(freeName, oneOrMore(aResult)).orEmpty()
	someDetails    = someNames(freeName, anyDetail).orEmpty()
	anyDetail      = aConstant.besides(map[string]any{"anyOf": []any{map[string]any{}}}) // an alert may well have an empty one
)
