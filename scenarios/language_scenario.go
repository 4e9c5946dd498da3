package scenarios

import "regexp"

var (
	plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	secretRef = regexp.MustCompile(`^(env:[A-Za-z_][A-Za-z0-9_]*|file:/[\s\S]*)$`)
)

// aHost is a name, a glob, an address or a network; anAddress leads somewhere.
var (
	aHost     = aWordLike(regexp.MustCompile(`^[^@ \\]+$`))
	anAddress = aText.besides(map[string]any{"pattern": `^(https?://|\$\{\{)`})
)

var (
	autonomies   = []string{string(Observe), string(Ask), string(Auto)}
	acts         = []string{Report, Resolve, Escalate, Notify}
	destinations = []string{"first_line", "second_line", "next"}
)

// scenarioKeys is every key of a scenario.
var scenarioKeys = keys{
	{name: "name", shape: aWord, required: true, example: "name: web-unhealthy",
		doc: "What the scenario is called on cards, in the history and in `/ams`. At most 100 characters, and no other scenario of the project has it."},
	{name: "description", shape: aWord, example: "description: Restart the web tier when its health check fails.",
		doc: "What it is for, in a sentence. People read it under **Why This Scenario**."},
	{name: "autonomy", shape: aChoice(autonomies...), fallback: "ask", example: "autonomy: auto",
		doc: "Who starts `recover`: `observe` never does and only reports what it would have done, `ask` waits for a person's button, `auto` starts by itself within the guards."},
	{name: "when", shape: aMapping(whenKeys).besides(map[string]any{"minProperties": 1}), required: true, example: "when:\n  service: shop-web\n  title: '/health check .* failed/i'",
		doc: "Which incidents it is for. All keys have to fit; of several scenarios that fit, the one with more conditions is taken."},
	{name: "target", shape: aText, required: true, example: "target: ${{ alert.details.host }}",
		doc: "What has the fault: a host, a database, a queue. Guards, locks and \"seen 3 times\" are counted by it. An incident for which it comes out empty is not matched."},
	{name: "hosts", shape: oneOrMore(aHost), example: "hosts: [\"web-*.shop.example\", 10.1.0.0/16]",
		doc: "Where a host may lie that an incident names: names, globs (`*` never matches a dot), addresses, networks. Takes the place of the project's `hosts`. A step whose address is built from the incident needs it."},
	{name: "vars", shape: someNames(plainName, aConstant).orEmpty(), example: "vars: {port: 8080, limit: 0.9}",
		doc: "Constants, read as `vars.port`. They stand over the project's of the same name."},
	{name: "secrets", shape: someNames(plainName, aWordLike(secretRef)).orEmpty(), example: "secrets: {token: \"env:SHOP_TOKEN\", key: \"file:/run/secrets/key\"}",
		doc: "Where secrets come from: `env:NAME` or `file:/path`, never the secret itself. A step uses one as `${{ secrets.token }}`; it is read when the step runs and masked in everything that amsbot shows."},
	{name: "check", shape: stepsOf(Check), required: true, example: "check:\n  - name: health endpoint\n    http: https://shop.example/healthz",
		doc: "The steps that find out whether it really does not work. All of them run; one UNKNOWN makes the check UNKNOWN, else one NG makes it NG. They only look."},
	{name: "gather", shape: stepsOf(Gather), example: "gather:\n  - name: last errors\n    exec: [tail, -n, \"50\", /var/log/shop/web.log]",
		doc: "The steps that collect evidence before anything is changed. They only look, may run side by side, and never change what happens next."},
	{name: "recover", shape: stepsOf(Recover), example: "recover:\n  - name: restart web\n    exec: [/usr/local/bin/restart-web, \"${{ target }}\"]",
		doc: "The steps that mend it, one after the other up to the first that fails. What counts is the re-check, not their exit codes."},
	{name: "recheck", shape: aMapping(recheckKeys), example: "recheck: {settle: 10s, every: 5s, stable: 2, within: 2m}",
		doc: "How `check` is repeated after a recovery. It decides how the run ends."},
	{name: "then", shape: aMapping(thenKeys), example: "then:\n  ok: report\n  recovered: [resolve]\n  failed: [escalate: second_line]",
		doc: "How a run ends, for each way that it can go: one act or a list of acts."},
	{name: "guards", shape: aMapping(guardKeys), example: "guards: {cooldown: 30m, runs: 3 per 6h, lock: target}",
		doc: "The brakes on `recover`. All of them hold with their defaults where nothing is said. What is held goes to the first line, with the guard's name and what would lift it."},
	{name: "deadline", shape: aSpan, fallback: "10m", example: "deadline: 15m",
		doc: "How long a run may take, without the time that it waits for a person. When it is over amsbot escalates. A scenario whose steps may take longer than that at worst is refused."},
	{name: "approval", shape: either(aSpan, aMapping(approvalKeys)), fallback: "30m", example: "approval: {expires: 1h, second_person: true}",
		doc: "What a person's word takes before it recovers: how long the button **Run Recovery** stands, and whether two have to agree. Bare, it is `expires`: `approval: 1h`."},
	{name: "start_within", shape: aSpan, fallback: "15m", example: "start_within: 5m",
		doc: "An incident that is older when amsbot gets to it, or that a person has acknowledged already, is checked and recovers nothing by itself."},
	{name: "acknowledge", shape: aTruth, fallback: "false", example: "acknowledge: true",
		doc: "Lets amsbot acknowledge the incident when it starts a recovery, on services whose acknowledgement times out in PagerDuty before the deadline."},
	{name: "links", shape: oneOrMore(aMapping(linkKeys)), example: "links:\n  - {name: Dashboard, url: \"https://grafana.shop.example/d/web?var-host=${{ target }}\"}",
		doc: "What people may want to open: buttons beside the card."},
}

// detail is a value that an alert's details are compared with: alerts carry
// numbers and truth values too.
var detail = either(aPattern, shape{form: numberForm, least: -1 << 53, most: 1 << 53}, aTruth)

// whenKeys is every key of `when`.
var whenKeys = keys{
	{name: "service", shape: oneOrMore(aPattern), example: "service: [shop-web, PSHOPDB]",
		doc: "The PagerDuty service, by name or ID. It has to be one of the project's."},
	{name: "title", shape: oneOrMore(aPattern), example: "title: '/^Health check of (?P<host>\\S+) failed/'",
		doc: "The incident's title. A named group of the regular expression is read as `match.host`."},
	{name: "urgency", shape: oneOrMore(aPattern.besides(map[string]any{"anyOf": []any{
		map[string]any{"enum": []any{"high", "low"}}, map[string]any{"pattern": "^/"}}})), example: "urgency: high",
		doc: "`high` or `low`."},
	{name: "priority", shape: oneOrMore(aPattern), example: "priority: [P1, P2]",
		doc: "The incident's priority, by the name that it has in PagerDuty."},
	{name: "team", shape: oneOrMore(aPattern), example: "team: Web Operations",
		doc: "A team of the incident, by name or ID."},
	{name: "policy", shape: oneOrMore(aPattern), example: "policy: Shop around the clock",
		doc: "The escalation policy, by name or ID."},
	{name: "details", shape: someNames(regexp.MustCompile(`^[^.]+(\.[^.]+)*$`), oneOrMore(detail)), example: "details: {environment: production, check.name: [http, https], code: 503}",
		doc: "What the monitoring tool says, by key; a dot goes one level down."},
	{name: "if", shape: aCondition, example: "if: alert.details.value > 90 && alert.severity == \"critical\"",
		doc: "Any other condition, as an expression. One that reads what is missing does not fit."},
}

// recheckKeys is every key of `recheck`.
var recheckKeys = keys{
	{name: "settle", shape: aSpanOr0, fallback: "5s", example: "settle: 30s",
		doc: "The wait after the recovery, before the first re-check."},
	{name: "every", shape: aSpan, fallback: "5s", example: "every: 10s",
		doc: "The time between two re-checks."},
	{name: "within", shape: aSpan, fallback: "2m", example: "within: 5m",
		doc: "How long it may take. If it is not stable by then the recovery has failed."},
	{name: "stable", shape: aNumber(1, 100), fallback: "2", example: "stable: 3",
		doc: "How many OKs in a row it takes."},
}

// approvalKeys is every key of `approval`.
var approvalKeys = keys{
	{name: "expires", shape: aSpan, fallback: "30m", example: "expires: 1h",
		doc: "How long the button **Run Recovery** stands. After that the checks have to be run again first."},
	{name: "second_person", shape: aTruth, fallback: "false", example: "second_person: true",
		doc: "Two people: whoever presses **Run Recovery** asks for it, and it begins when somebody else presses **Approve**, before it expires. It is for presses alone, **Run Again** and a storm's **Run Recovery on All** included; what `auto` starts by itself needs nobody."},
	{name: "break_glass", shape: aTruth, fallback: "true", example: "second_person: true\nbreak_glass: false",
		doc: "Whoever has the permission `break_glass` may recover alone all the same, with a reason: it is said in the channel, calls the second line, and stands on the card, in PagerDuty and in the history. `false` lets nobody. Only with `second_person`."},
}

// thenKeys is every key of `then`.
var thenKeys = keys{
	{name: "ok", shape: endings(true), fallback: "report", example: "ok: [report, notify: \"nothing wrong with ${{ target }}\"]",
		doc: "The first check found nothing wrong."},
	{name: "recovered", shape: endings(true), fallback: "[resolve]", example: "recovered: report",
		doc: "The recovery ran, and the re-check is OK."},
	{name: "failed", shape: endings(false), fallback: "[escalate: second_line]", example: "failed: [escalate: {to: second_line, text: \"still down after a restart of ${{ target }}\"}]",
		doc: "The re-check is NG or UNKNOWN, or the check is NG and there is nothing in `recover`."},
	{name: "unknown", shape: endings(false), fallback: "[escalate: first_line]", example: "unknown: [escalate: second_line]",
		doc: "The first check could not find out. This never resolves anything."},
	{name: "held", shape: endings(false), fallback: "[escalate: first_line]", example: "held: [escalate: {to: first_line, text: \"look before you restart it\"}]",
		doc: "A guard held the recovery back. During a maintenance window it is `report`, unless you say it here."},
}

// endings is one act or a list of acts. Only where it was seen to work may a
// branch resolve.
func endings(resolves bool) shape {
	bare, long := []string{Report, Resolve, Escalate}, actKeys
	if !resolves {
		bare = []string{Report, Escalate}
		long = keys{actKeys[0], actKeys[2], actKeys[3]}
	}
	one := aMapping(long).besides(map[string]any{"minProperties": 1, "maxProperties": 1})
	return oneOrMore(either(aChoice(bare...), one))
}

// actKeys is the acts of an ending, each written with what it takes.
var actKeys = keys{
	{name: Report, shape: aMapping(actTextKeys), example: "report: {text: \"seen ${{ steps[\\\"health endpoint\\\"].status }}\"}",
		doc: "The result on the card, in its thread and in a note in PagerDuty; what amsbot holds goes to the first line."},
	{name: Resolve, shape: aMapping(actTextKeys), example: "resolve: {text: \"restarted ${{ target }}\"}",
		doc: "Resolves the incident, in `ok` and `recovered` alone, and only if it still can be: no person has acknowledged it, and no alert of it is left that the check did not cover."},
	{name: Escalate, shape: either(aChoice(destinations...), aMapping(escalateKeys)), example: "escalate: second_line",
		doc: "Hands the incident to people, and mentions them. Bare, it goes to the next level of its escalation policy."},
	{name: Notify, shape: aText, example: "notify: \"${{ target }} was restarted\"",
		doc: "Says the result, with this text, in the channel, and mentions who has the incident or is on call. May be there more than once."},
}

// actTextKeys is what report and resolve take.
var actTextKeys = keys{
	{name: "text", shape: aText, example: "text: \"restarted ${{ target }}\"", doc: "What the author adds for those who read it."},
}

// escalateKeys is what escalate takes.
var escalateKeys = keys{
	{name: "to", shape: aChoice(destinations...), fallback: "next", example: "to: first_line",
		doc: "`first_line` and `second_line` are the project's, `next` is the next level of the incident's own escalation policy."},
	{name: "text", shape: aText, example: "text: \"still down after a restart of ${{ target }}\"", doc: "What the author adds for those who are called."},
}

// guardKeys is every key of `guards`.
var guardKeys = keys{
	{name: "cooldown", shape: aSpanOr0, fallback: "30m", example: "cooldown: 1h",
		doc: "The time since the last recovery of this scenario and target. `0` turns it off."},
	{name: "runs", shape: either(aLimit, aChoice("none")), fallback: "3 per 6h", example: "runs: 5 per 1d",
		doc: "How many recoveries of this scenario and target in a window."},
	{name: "scenario_runs", shape: either(aLimit, aChoice("none")), fallback: "20 per 1h", example: "scenario_runs: 50 per 1h",
		doc: "How many recoveries of this scenario in a window, whatever the target."},
	{name: "lock", shape: aChoice("target", "none"), fallback: "target", example: "lock: none",
		doc: "One recovery per target at a time, of all scenarios: another waits until the deadline."},
	{name: "breaker", shape: either(aNumber(1, 1000), aChoice("none")), fallback: "3", example: "breaker: 2",
		doc: "After so many failed recoveries of this scenario in a row it falls back to `ask`, until a person resets it."},
	{name: "masking", shape: either(aLimit, aChoice("none")), fallback: "3 per 7d", example: "masking: 5 per 30d",
		doc: "So many successful recoveries of one target in a window hide a fault: it still recovers, and the second line is told that this is the Nth time."},
	{name: "storm", shape: either(aLimit, aChoice("none")), fallback: "5 per 5m", example: "storm: 10 per 5m",
		doc: "So many different targets of this scenario in a few minutes are no longer its business alone: recoveries are held, and one card asks for one decision."},
	{name: "parallel", shape: aNumber(1, 100), fallback: "3", example: "parallel: 1",
		doc: "How many recoveries run at once when a person lets all of a storm go on, after the first has shown that it helps."},
}

// linkKeys is every key of a link.
var linkKeys = keys{
	{name: "name", shape: aWord, required: true, example: "name: Dashboard", doc: "What stands on the button."},
	{name: "url", shape: anAddress, required: true, example: "url: \"https://grafana.shop.example/d/web?var-host=${{ target }}\"",
		doc: "Where it leads, with `http://` or `https://`. Values of the incident are escaped for their place."},
}
