package scenarios

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"text/template"

	"github.com/expr-lang/expr"
)

const referenceFile = "REFERENCE.md"

// wholeScenario is the scenario with which the reference begins.
const wholeScenario = `name: web-unhealthy
description: Restart the web tier when its health check fails.
autonomy: ask                       # a person presses Run Recovery
when:
  service: shop-web
  title: '/^Health check of (?P<machine>\S+) failed/'
target: ${{ match.machine }}
hosts: ["web-*.shop.example"]       # where a host that an incident names may lie

check:
  - name: health endpoint
    http:
      url: "https://${{ target }}/healthz"
      expect: {status: 200, within: 2s}
    attempts: 3
    every: 5s
gather:
  - name: last errors
    http: "https://${{ target }}/debug/errors"
recover:
  - name: restart web
    exec: [/usr/local/bin/restart-web, "${{ target }}"]
    timeout: 60s
    idempotent: true                # it does no harm to run it twice

recheck: {settle: 10s, every: 5s, stable: 2, within: 2m}
then: {ok: report, recovered: [resolve], failed: [escalate: second_line]}
guards: {cooldown: 30m, runs: 3 per 6h}
`

const wholeProject = `name: shop
services: [shop-web, shop-db]
channel: "#shop-ops"
permissions: {run: [S0SHOPOPS1], resolve: [S0SHOPOPS1]}
first_line: {policy: Shop, level: 2}
second_line: {policy: Shop, level: 3}
`

// wholeTests is the file of tests with which their part begins: web-unhealthy.test.yaml.
const wholeTests = `incident: {service: shop-web, title: Health check of web-1.shop.example failed}

steps:                              # one result per run; the last stands for all later ones
  health endpoint: [{verdict: NG, why: "status 500, expected 200"}, NG, OK]
  last errors: {verdict: OK, output: out of memory}
  restart web: {verdict: OK, took: 12s}

tests:
  - name: a restart helps
    clicks: [{press: recover, by: aiko, after: 2m}]
    expect:
      scenario: web-unhealthy
      outcome: recovered at a person's word
      acts: [escalate first_line, resolve]
      commands: {restart web: /usr/local/bin/restart-web web-1.shop.example}
      card: {contains: ["Re-check: OK"]}

  - name: nobody presses
    expect: {outcome: expired, waiting: {contains: ["[Run Recovery]"]}}

  - name: nobody can say
    steps: {health endpoint: UNKNOWN}
    expect: {recover: none, outcome: escalated}
`

// expressions is the examples of expressions, with what they are.
var expressions = [][2]string{
	{`incident.urgency == "high" and alert.severity in ["critical", "error"]`, "both"},
	{`alert.details.value > vars.limit`, "a number of the alert, against a constant"},
	{`"maintenance" in alert.details`, "whether the alert has the key"},
	{`(alert.details.retries ?? 0) < 3`, "0 where the alert has none"},
	{`incident.title contains "disk" and not (incident.title matches "(?i)test")`, "a part of a text, and a regular expression"},
	{`steps["health endpoint"].status in [502, 503]`, "what an earlier step found"},
	{`steps["health endpoint"].json.disks[0].used`, "a value of its JSON"},
	{`lower(split(alert.details.host, ".")[0])`, "the first part of a host name"},
}

// parts is the mappings of the language, by their names in the template.
func parts() map[string]keys {
	return map[string]keys{"scenario": scenarioKeys, "when": whenKeys, "step": commonKeys, "recheck": recheckKeys, "then": thenKeys,
		"act": actKeys, "guards": guardKeys, "link": linkKeys, "project": projectKeys,
		"file of tests": fixtureFileKeys, "incident": fixtureIncidentKeys, "given": givenKeys,
		"test": slices.DeleteFunc(slices.Clone(fixtureKeys), func(k key) bool { // what the file may say for all of them
			return slices.Contains(fixtureFileKeys.names(), k.name)
		})}
}

// own is the mappings that have a part of their own, by their keys.
var own = []string{"when", "recheck", "then", "guards", "links", "incident", "given", "tests"}

func reference(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/reference.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	tmpl, err := template.New("reference").Funcs(template.FuncMap{
		"contents": func() string { return contentsOf(string(text)) },
		"whole":    func() string { return wholeScenario }, "project": func() string { return wholeProject },
		"tests":     func() string { return wholeTests },
		"functions": func() string { return "`" + strings.Join(builtins, "`, `") + "`" },
		"maxNodes":  func() int { return maxNodes }, "maxExpression": func() int { return maxExpression },
		"keys":        func(part string) string { return keysInMarkdown(parts()[part], "") },
		"kinds":       kindsInMarkdown,
		"expressions": expressionsInMarkdown,
		"table": func(part string) string {
			return fieldsInMarkdown(map[string]fields{"names": rootNames, "incident": incidentFields, "alert": alertFields}[part], "")
		},
	}).Parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := tmpl.Execute(&out, nil); err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`\n{3,}`).ReplaceAllString(out.String(), "\n\n")
}

// contentsOf lists the headings.
func contentsOf(text string) string {
	var out strings.Builder
	for _, m := range regexp.MustCompile(`(?m)^## (.*)$`).FindAllStringSubmatch(text, -1) {
		anchor := strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(m[1]), " ", "-"), ".", "")
		fmt.Fprintf(&out, "- [%s](#%s)\n", m[1], anchor)
		if m[1] == "Kinds of steps" {
			var names []string
			for _, k := range Kinds() {
				names = append(names, fmt.Sprintf("[`%s`](#%s)", k, k))
			}
			fmt.Fprintf(&out, "  - %s\n", strings.Join(names, ", "))
		}
	}
	return strings.TrimSpace(out.String())
}

// keysInMarkdown lists keys, and below each mapping its own, with the path
// before them; but not those that have a part of their own.
func keysInMarkdown(all keys, path string) string {
	var out strings.Builder
	for _, k := range all {
		fmt.Fprintf(&out, "**`%s%s`** · %s<br>\n%s", path, k.name, k.traits(), k.doc)
		below := k.shape.mapping()
		apart := below != nil && path == "" && slices.Contains(own, k.name)
		if apart {
			fmt.Fprintf(&out, " [Its keys](#%s).", k.name)
		}
		fmt.Fprintf(&out, "\n\n```yaml\n%s\n```\n\n", k.example)
		if below != nil && !apart && below[0].name != Report {
			name := k.name
			if k.shape.form == namesForm {
				name += ".NAME"
			}
			out.WriteString(keysInMarkdown(below, path+name+".") + "\n\n")
		}
	}
	return strings.TrimSpace(out.String())
}

func kindsInMarkdown() string {
	var out strings.Builder
	for _, name := range Kinds() {
		k, _ := kindNamed(name)
		fmt.Fprintf(&out, "### %s\n\n%s", name, k.doc)
		if k.timeout > 0 {
			fmt.Fprintf(&out, " One try has %s, unless `timeout` says otherwise.", spanText(k.timeout))
		}
		fmt.Fprintf(&out, "\n\n```yaml\n%s\n```\n\n", k.example)
		if len(k.short) > 0 && len(k.keys) > 0 {
			fmt.Fprintf(&out, "`%s` takes a mapping, or %s.\n\n", name, either(k.short...).inWords())
		}
		out.WriteString(keysInMarkdown(k.keys, "") + "\n\n")
		if len(k.fields) > 0 {
			fmt.Fprintf(&out, "What later steps read:\n\n%s\n\n", fieldsInMarkdown(k.fields, `steps["…"].`))
		}
	}
	return strings.TrimSpace(out.String())
}

func fieldsInMarkdown(all fields, before string) string {
	var out strings.Builder
	out.WriteString("| name | what it is | |\n|---|---|---|\n")
	for _, f := range all {
		fmt.Fprintf(&out, "| `%s%s` | %s | %s |\n", before, f.name, f.of, f.doc)
	}
	return strings.TrimSpace(out.String())
}

func expressionsInMarkdown() string {
	var out strings.Builder
	for _, e := range expressions {
		fmt.Fprintf(&out, "%-80s # %s\n", e[0], e[1])
	}
	return out.String()
}

// TestReference: the page is what the table says now, and nothing on it is
// untried.
func TestReference(t *testing.T) {
	text := reference(t)
	if now, _ := os.ReadFile(referenceFile); string(now) != text && !*update {
		t.Errorf("%s is out of date; go test ./scenarios -run TestReference -update writes it", referenceFile)
	} else if *update {
		golden(t, referenceFile, text)
	}
	examples := map[string]bool{}
	for _, s := range slices.Concat(samples(t, false), samples(t, true)) {
		examples[s.key.example] = true // TestExamplesOfTheTable loads them
	}
	for _, all := range []keys{fixtureFileKeys, fixtureIncidentKeys, fixtureAlertKeys, fixtureKeys, givenKeys, earlierKeys, resultKeys, clickKeys, newsKeys, comeKeys, lookedThroughKeys} {
		for _, k := range all {
			examples[k.example] = true // TestExamplesOfFixtureKeys reads them
		}
	}
	folder := fstest.MapFS{"project.yaml": {Data: []byte(wholeProject)}, "s.yaml": {Data: []byte(wholeScenario)}, "s.test.yaml": {Data: []byte(wholeTests)}}
	set, err := LoadFS(folder, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ReadFixtures(folder, set); err != nil {
		t.Error(err)
	}
	for _, m := range regexp.MustCompile("(?s)```yaml\n(.*?)\n```").FindAllStringSubmatch(text, -1) {
		if !examples[m[1]] && m[1]+"\n" != wholeScenario && m[1]+"\n" != wholeProject && m[1]+"\n" != wholeTests {
			t.Errorf("no test loads\n%s", m[1])
		}
	}
	s := scope{target: true, vars: map[string]any{"limit": 1}, steps: map[string][]string{"health endpoint": {"status", "json"}}}
	for _, e := range expressions {
		if _, m := s.compile(e[0], nil); m != nil {
			t.Errorf("%s: %+v", e[0], m)
		}
	}
	if _, m := s.compile(expressions[0][0], expr.AsBool()); m != nil {
		t.Errorf("%+v", m)
	}
	for _, m := range regexp.MustCompile(`\]\(#([^)]*)\)`).FindAllStringSubmatch(text, -1) {
		if !regexp.MustCompile(`(?im)^##+ ` + strings.ReplaceAll(regexp.QuoteMeta(m[1]), "-", "[ -]") + `$`).MatchString(strings.ReplaceAll(text, "project.yaml\n", "projectyaml\n")) {
			t.Errorf("nothing is headed %s", m[1])
		}
	}
}
