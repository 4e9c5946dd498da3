package bot

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"amsbot/scenarios"
)

// playAll plays the tests of a folder, by name.
func playAll(t *testing.T, files map[string]string) (map[string]Played, []Coverage) {
	t.Helper()
	folder := fstest.MapFS{}
	for name, text := range files {
		folder[name] = &fstest.MapFile{Data: []byte(text)}
	}
	set, err := scenarios.LoadFS(folder, scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	all, err := scenarios.ReadFixtures(folder, set)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]Played{}
	var list []Played
	for _, x := range all {
		p := PlayFixture(t.Context(), x, FixtureOptions{Scenarios: set, All: all})
		out[x.Name], list = p, append(list, p)
	}
	return out, Cover(set, list)
}

const testedProject = "name: shop\nservices: [web]\nchannel: C0SHOP001\nhosts: [\"*.example\"]\nfirst_line: {policy: PP, level: 2}\nsecond_line: {users: [PCHIE]}\n"

// tested is a scenario that recovers by itself, and its tests.
func tested(tests string) map[string]string {
	return map[string]string{
		"project.yaml": testedProject,
		"web.yaml": strings.Replace(strings.Replace(responding, "AUTONOMY", "auto", 1), "target: web-1", "target: ${{ alert.details.host }}", 1) +
			"then: {recovered: [{resolve: {text: well again}}]}\n",
		"web.test.yaml": `
incident: {title: it is down, details: {host: web-1.example}}
steps: {health: [NG, OK], one: OK, two: OK, first: OK, second: OK}
tests:
` + tests,
	}
}

// The tests beside the examples are as expected, and take every branch: they are
// what authors learn from.
func TestExampleFixtures(t *testing.T) {
	set, err := scenarios.LoadFS(scenarios.Examples(), scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	all, err := scenarios.ReadFixtures(scenarios.Examples(), set)
	if err != nil || len(all) < 40 {
		t.Fatalf("%d tests, %v", len(all), err)
	}
	var played []Played
	for _, x := range all {
		p := PlayFixture(t.Context(), x, FixtureOptions{Scenarios: set, All: all})
		played = append(played, p)
		if !p.OK() {
			t.Errorf("%s: %v %+v\n%s", x.ID(), p.Err, p.Failures, p.Card())
		}
	}
	for _, c := range Cover(set, played) {
		if len(c.Missing) > 0 {
			t.Errorf("%s/%s: no test takes %v", c.Project, c.Scenario, c.Missing)
		}
	}
}

// What amsbot test --new prints can be played as it is; only what later steps read
// has to be made up by hand.
func TestNewFixturesCanBePlayed(t *testing.T) {
	set, err := scenarios.LoadFS(scenarios.Examples(), scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, sc := range set.Scenarios {
		folder := fstest.MapFS{"shop/new.test.yaml": &fstest.MapFile{Data: scenarios.NewFixture(sc)}}
		all, err := scenarios.ReadFixtures(folder, set)
		if err != nil {
			t.Fatalf("%s: %v", sc.Name, err)
		}
		for _, x := range all {
			p := PlayFixture(t.Context(), x, FixtureOptions{Scenarios: set, All: all})
			if reads := sc.Name == "disk-full" && strings.HasPrefix(x.Name, "the recovery"); p.OK() == reads {
				t.Errorf("%s: %s: %v %+v", sc.Name, x.Name, p.Err, p.Failures)
			}
		}
	}
}

// Every expectation that is wrong is told, with what came instead.
func TestFixtureFailures(t *testing.T) {
	for expect, want := range map[string]string{
		"scenario: none":                      "scenario: not as expected; [none] [web]",
		"target: web-2.example":               "target: not as expected; [web-2.example] [web-1.example]",
		"check: OK":                           "check: not as expected; [OK] [NG]",
		"recover: none":                       "recover: not as expected; [none] [OK]",
		"recheck: NG":                         "recheck: not as expected; [NG] [OK]",
		"outcome: held":                       "outcome: not as expected; [held] [recovered by amsbot]",
		"path: [check NG]":                    "path: not as expected; [check NG] [matched web check NG gather recover OK recheck OK ended: recovered by amsbot closed: resolved]",
		"held: cooldown":                      "held: not as expected; [cooldown] []",
		"acts: []":                            "acts: not as expected; [] [resolve]",
		"commands: {first: x}":                "commands: not as expected; [x] [POST http://web-1.example/a]",
		"card: x":                             "card: not as expected; [x] #1 it is down",
		"card: {contains: [down, up]}":        `card: "up" is missing; [] #1 it is down`,
		"note: {lacks: amsbot}":               `note: "amsbot" is in it; [] amsbot: Recovered by amsbot`,
		"messages: {contains: [still down]}":  `messages: "still down" is missing; [] *Check: NG*`,
		"waiting: {contains: [Run Recovery]}": `waiting: "Run Recovery" is missing; [] `,
		"refused: {contains: [x]}":            `refused: "x" is missing; [] `,
	} {
		all, _ := playAll(t, tested("  - {name: one, expect: {"+expect+"}}\n"))
		p := all["one"]
		if p.OK() || len(p.Failures) != 1 {
			t.Fatalf("%s: %+v", expect, p.Failures)
		}
		f := p.Failures[0]
		got := fmt.Sprintf("%s: %s; %v %v", f.Key, f.Text, f.Want, f.Got)
		if strings.Contains(want, "; [x] #") || strings.Contains(want, "; [] ") && !strings.HasSuffix(want, "]") {
			got = fmt.Sprintf("%s: %s; %v %s", f.Key, f.Text, f.Want, strings.Join(append(f.Got, "")[:1], ""))
		}
		if got != want || f.Line != 5 {
			t.Errorf("%s:\n%s (line %d)\nwant\n%s", expect, got, f.Line, want)
		}
	}
}

// A card may be expected whole.
func TestFixtureWholeCard(t *testing.T) {
	all, _ := playAll(t, tested("  - {name: one, expect: {held: []}}\n"))
	card := strings.ReplaceAll(all["one"].Card(), "\n", "\n        ")
	all, _ = playAll(t, tested("  - name: one\n    expect:\n      card: |\n        "+card+"\n"))
	if p := all["one"]; !p.OK() || !strings.Contains(p.Card(), "Recovered by amsbot") {
		t.Errorf("%v %+v", p.Err, p.Failures)
	}
}

// A test that cannot be played to its end says what to do.
func TestFixtureErrors(t *testing.T) {
	all, coverage := playAll(t, tested(`
  - {name: fine, expect: {outcome: recovered by amsbot}}
  - {name: nobody's, incident: {service: mail}, expect: {held: []}}
  - {name: never offered, clicks: [{press: recover, by: aiko}], expect: {held: []}}
  - {name: a file, incident_file: i.json, expect: {held: []}}
`))
	for name, want := range map[string]string{
		"fine": "<nil>", "nobody's": "the incident's service belongs to no project: amsbot ignores it; name one of the project's services",
		"never offered": "aiko could not press recover: it was never offered", "a file": "incident_file i.json cannot be read here",
	} {
		if got := fmt.Sprint(all[name].Err); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := fmt.Sprint(coverage); got != "[{shop web [recovered] [no match check OK check UNKNOWN recheck NG healed held]}]" {
		t.Errorf("%s", got)
	}
	files := tested("  - {name: one, expect: {held: []}}\n")
	files["web.test.yaml"] = strings.Replace(files["web.test.yaml"], ", two: OK", "", 1)
	all, _ = playAll(t, files)
	if got := fmt.Sprint(all["one"].Err); got != `the step "two" (gather) has no result; add it under steps: {two: OK}` {
		t.Errorf("%s", got)
	}
}

// What was given holds: who has the incident, what is paused or locked, and what
// came before, as incidents of their own.
func TestFixtureGiven(t *testing.T) {
	tests := []string{
		"incident: {age: 20m}, expect: {recover: none, outcome: expired}",
		"given: {assigned: first_line}, expect: {outcome: recovered by amsbot, acts: resolve}",
		"given: {assigned: ben}, steps: {health: NG}, expect: {outcome: escalated, acts: [], card: {contains: [\"Assigned to: ben\"]}}",
		"given: {assigned: second_line}, steps: {health: NG}, expect: {card: {contains: [\"Assigned to: PCHIE\"]}}",
		"given: {acknowledged: ben}, expect: {recover: none, card: {contains: [\"ben (acknowledged)\"]}}",
		"steps: {health: NG}, expect: {acts: escalate second_line, card: {contains: [\"Assigned to: PCHIE\"]}}",
		"steps: {health: UNKNOWN}, expect: {acts: escalate first_line, card: {contains: [\"Assigned to: first line\"]}}",
		"steps: {health: UNKNOWN}, refuse: {escalate: Nobody.}, expect: {acts: escalate first_line (failed), card: {contains: [Nobody.]}}",
		"given: {paused: all}, expect: {held: pause}",
		"given: {paused: project}, expect: {held: pause}",
		"given: {paused: scenario}, expect: {held: pause}",
		"given: {locked: 1h}, steps: {health: NG}, expect: {held: lock, outcome: held}",
		"given: {locked: 1m}, steps: {health: [NG, NG, OK]}, expect: {held: [], outcome: recovered by amsbot}",
		"given: {maintenance: 5m}, expect: {held: maintenance, outcome: healed but not by amsbot, recover: none}",
		"given: {maintenance: 5m}, until: 4m, expect: {held: maintenance, outcome: held, recover: none}",
		"given: {acknowledged: ben}, until: 5m, expect: {outcome: none, waiting: {contains: [Run Recovery]}}",
		"given: {earlier: [{test: before, ago: 10m}]}, expect: {held: cooldown}",
		"given: {earlier: [{test: before, ago: 2h}]}, expect: {held: []}",
		"given: {earlier: [{test: before, ago: 5h}, {test: before, ago: 3h}, {test: before, ago: 1h}]}, expect: {held: runs}",
		"given: {earlier: [{test: elsewhere, ago: 10m}]}, expect: {held: []}",
		"incident: {key: k}, given: {earlier: [{test: same alert, ago: 10m}]}, expect: {recover: none, card: {contains: [\"Came back after #901\"]}}",
		"news: [{is: resolved, after: 1s}], steps: {first: {verdict: OK, took: 5s}}, expect: {outcome: resolved by monitoring, path: [matched web, check NG, gather, recover OK, \"ended: resolved by monitoring\", \"closed: resolved\"]}",
		"news: [{is: resolved, by: ben, after: 1s}], steps: {first: {verdict: OK, took: 5s}}, expect: {outcome: resolved by a person}",
		"news: [{is: acknowledged, by: ben, after: 1s}], steps: {one: {verdict: OK, took: 5s}}, expect: {recover: none}",
		"news: [{is: reassigned, by: ben, after: 1s}], steps: {one: {verdict: OK, took: 5s}}, expect: {recover: none, waiting: {contains: [ben]}}",
		"news: [{is: alert, details: {host: web-2.example}, after: 1s}], steps: {one: {verdict: OK, took: 5s}}, expect: {held: ambiguous}",
		"news: [{is: paused, after: 1s}], steps: {one: {verdict: OK, took: 5s}}, expect: {held: pause}",
		"news: [{is: paused, after: 0s}, {is: resumed, after: 1s}], steps: {one: {verdict: OK, took: 5s}}, expect: {held: []}",
		"news: [{is: reopened, after: 10m}], expect: {card: {contains: [\"Reopened: response no. 2\"]}}",
	}
	var b strings.Builder
	b.WriteString("  - {name: before, expect: {held: []}}\n")
	b.WriteString("  - {name: elsewhere, incident: {details: {host: web-9.example}}, expect: {held: []}}\n")
	b.WriteString("  - {name: same alert, incident: {key: k}, expect: {held: []}}\n")
	for n, test := range tests {
		fmt.Fprintf(&b, "  - {name: t%d, %s}\n", n, test)
	}
	all, _ := playAll(t, tested(b.String()))
	for name, p := range all {
		if !p.OK() {
			t.Errorf("%s: %v %+v\n%s", name, p.Err, p.Failures, p.Card())
		}
	}
}

// A test may expect every outcome that there is.
func TestFixtureOutcomes(t *testing.T) {
	for _, o := range []Outcome{NoFault, Recovered, RecoveredByWord, Healed, ResolvedByPerson, ResolvedByMonitoring, EscalatedOutcome,
		HandedOver, HeldOutcome, Observed, Interrupted, Expired, Merged} {
		all, _ := playAll(t, tested(fmt.Sprintf("  - {name: one, expect: {outcome: %s}}\n", o)))
		if ok := o == Recovered; all["one"].OK() != ok {
			t.Errorf("%s: %+v", o, all["one"].Failures)
		}
	}
}

// The tests that the reference shows are as expected, of the scenario that it shows.
func TestFixturesOfTheReference(t *testing.T) {
	text, err := os.ReadFile("../scenarios/REFERENCE.md")
	if err != nil {
		t.Fatal(err)
	}
	block := func(begins string) string {
		_, rest, found := strings.Cut(string(text), "```yaml\n"+begins)
		if !found {
			t.Fatalf("the reference shows nothing that begins with %s", begins)
		}
		rest, _, _ = strings.Cut(rest, "```")
		return begins + rest
	}
	all, _ := playAll(t, map[string]string{
		"web-unhealthy.yaml": block("name: web-unhealthy"), "project.yaml": block("name: shop\n"), "web-unhealthy.test.yaml": block("incident: {service: shop-web, title: Health check of web-1.shop"),
	})
	if len(all) < 3 {
		t.Errorf("%d tests", len(all))
	}
	for name, p := range all {
		if !p.OK() {
			t.Errorf("%s: %v %+v\n%s", name, p.Err, p.Failures, p.Card())
		}
	}
}
