package scenarios

import (
	"regexp"
	"slices"
)

var (
	slackWho     = regexp.MustCompile(`^([UWSCG][A-Z0-9]{2,}|everyone)$`)
	slackChannel = regexp.MustCompile(`^([CG][A-Z0-9]{2,}|#[^\sA-Z@#]{1,80})$`)
)

// languages are those that amsbot speaks.
var languages = []string{"en", "ja"}

// Languages are the codes of the languages that a project may ask for.
func Languages() []string { return slices.Clone(languages) }

// projectKeys is every key of project.yaml.
var projectKeys = keys{
	{name: "name", shape: aWord, required: true, example: "name: shop",
		doc: "What the project is called. No other has the name."},
	{name: "services", shape: oneOrMore(aWord), example: "services: [shop-web, PSHOPDB]",
		doc: "The PagerDuty services that belong to it, by name or ID. A service belongs to one project. Required, except in the default project."},
	{name: "hosts", shape: oneOrMore(aHost), example: "hosts: [\"*.shop.example\", 10.20.0.0/16]",
		doc: "Where a host may lie that an incident names: names, globs, addresses, networks. Holds for the scenarios that say no `hosts` of their own."},
	{name: "channel", shape: aWordLike(slackChannel), example: "channel: \"#shop-ops\"",
		doc: "The Slack channel of its cards, by ID or by a quoted name. Without it they have no card: PagerDuty's notes and `amsbot history` tell."},
	{name: "shared", shape: aTruth, fallback: "false", example: "shared: true",
		doc: "The channel may be shared with other organisations."},
	{name: "permissions", shape: aMapping(permissionKeys), example: "permissions: {run: [S0SHOPOPS1], resolve: [S0SHOPOPS1, U0CHIE0001]}",
		doc: "Who may press what, narrower than `amsbot.yaml` lets them and never wider. What is not said here is what `amsbot.yaml` says. A channel named for more than `view` has to be private: whoever joins it may do what it is named for."},
	{name: "first_line", shape: line, example: "first_line: {policy: PSHOPEP, level: 2}",
		doc: "Where incidents go that a person has to look at: what is handed over, held or interrupted, and a first check that could not find out."},
	{name: "second_line", shape: line, example: "second_line: {users: [PUSER01]}",
		doc: "Where incidents go that a recovery did not mend."},
	{name: "contacts", shape: oneOrMore(aMapping(contactKeys)), example: "contacts: [{name: Database vendor, phone: \"+43 1 2345\", note: contract 4711}]",
		doc: "Whom people may have to call who are not in PagerDuty: a customer, a vendor. They stand on the card when it needs a person."},
	{name: "vars", shape: someNames(plainName, aConstant).orEmpty(), example: "vars: {disk_limit: 90}",
		doc: "Constants that every scenario of the project may read, as `vars.disk_limit`."},
	{name: "secrets", shape: someNames(plainName, aWordLike(secretRef)).orEmpty(), example: "secrets: {token: \"env:SHOP_TOKEN\"}",
		doc: "Where secrets come from that every scenario of the project may use: `env:NAME` or `file:/path`."},
	{name: "ssh", shape: aMapping(projectSSHKeys), example: "ssh: {user: amsbot, key: file:/etc/amsbot/id_ed25519, known_hosts: /etc/amsbot/known_hosts}",
		doc: "How amsbot gets onto the project's machines over SSH, for all its steps. A step says what differs."},
	{name: "language", shape: aChoice(languages...), example: "language: ja",
		doc: "The language of all that people read about it in Slack and PagerDuty: English or Japanese. Without it, amsbot's own."},
	{name: "time_zone", shape: aWord, example: "time_zone: Europe/Vienna",
		doc: "The time zone of times that are written out. Without it, amsbot's own."},
	{name: "default", shape: aTruth, fallback: "false", example: "default: true",
		doc: "Takes the services that no project names. At most one project does."},
}

// contactKeys is every key of one of `contacts`.
var contactKeys = keys{
	{name: "name", shape: aWord, required: true, example: "name: Database vendor\nphone: \"+43 1 2345\"", doc: "Who it is."},
	{name: "phone", shape: aWord, example: "name: Database vendor\nphone: \"+43 1 2345\"", doc: "A telephone number, quoted. It or `email` is said."},
	{name: "email", shape: aWord, example: "name: Shop owner\nemail: owner@shop.example", doc: "An e-mail address."},
	{name: "note", shape: aWord, example: "name: Shop owner\nemail: owner@shop.example\nnote: in business hours", doc: "What one has to know before one calls."},
}

// permissionKeys is every key of `permissions`.
var permissionKeys = keys{
	{name: "view", shape: whoOrNobody, example: "view: everyone",
		doc: "Who may see its incidents, take them over, escalate, note and pause: Slack user IDs (`U…`), user group IDs (`S…`), channel IDs (`C…`, whoever is in it) or `everyone`. `[]` is nobody."},
	{name: "run", shape: whoOrNobody, example: "run: [S0SHOPOPS1]", doc: "Who may press **Run Recovery**."},
	{name: "approve", shape: whoOrNobody, example: "approve: [S0SHOPLEAD]",
		doc: "Who may press **Approve** where a scenario wants a second person, never on what they asked for themselves. Where neither this file nor `amsbot.yaml` says it: who may `run`."},
	{name: "break_glass", shape: whoOrNobody, example: "break_glass: [U0CHIE0001]",
		doc: "Who, of those who may `run`, may recover without the second person that a scenario wants, with a reason."},
	{name: "resolve", shape: whoOrNobody, example: "resolve: [S0SHOPOPS1, U0CHIE0001]", doc: "Who may press **Resolve**."},
	{name: "resume", shape: whoOrNobody, example: "resume: [U0CHIE0001]", doc: "Who may lift a pause, and reset a breaker."},
	{name: "override", shape: whoOrNobody, example: "override: []", doc: "Who may recover in spite of a cooldown, a limit of runs or a storm, and spare the second line what masking tells it."},
}

var whoOrNobody = either(aWordLike(slackWho), aList(aWordLike(slackWho)).orEmpty())

// line is either a level of a policy, or users.
var line = aMapping(lineKeys).besides(map[string]any{"oneOf": []any{
	map[string]any{"required": []any{"policy"}, "not": map[string]any{"required": []any{"users"}}},
	map[string]any{"required": []any{"users"}, "not": map[string]any{"anyOf": []any{
		map[string]any{"required": []any{"policy"}}, map[string]any{"required": []any{"level"}}}}},
}})

// lineKeys is every key of first_line and second_line.
var lineKeys = keys{
	{name: "policy", shape: aWord, example: "policy: PSHOPEP\nlevel: 2", doc: "A PagerDuty escalation policy, by name or ID. It is said or `users` is, not both."},
	{name: "level", shape: aNumber(1, 20), fallback: "1", example: "policy: PSHOPEP\nlevel: 3", doc: "The level of the policy."},
	{name: "users", shape: oneOrMore(aWord), example: "users: [PUSER01, PUSER02]", doc: "PagerDuty users, by ID."},
}
