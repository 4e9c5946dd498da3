package scenarios

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// beside are the scenarios that the tests of these tests stand beside.
var beside = map[string]string{
	"project.yaml": "name: shop\nservices: [shop-web]\nfirst_line: {policy: PSHOPEP, level: 2}\n",
	"web.yaml": `name: web-down
when: {service: shop-web, title: '/^web (?P<n>\d+) is (down|gone)$/i', details: {environment: production}}
target: ${{ alert.details.host }}
check:
  - {name: health endpoint, http: https://shop.example/healthz, attempts: 2}
  - {name: settle, wait: 1s}
recover:
  - {name: restart web, exec: [/usr/local/bin/restart]}
`,
}

func besideThem(t testing.TB, files map[string]string) (fstest.MapFS, *Set) {
	t.Helper()
	folder := fstest.MapFS{}
	for _, from := range []map[string]string{beside, files} {
		for name, text := range from {
			folder[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	set, err := LoadFS(folder, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return folder, set
}

// TestWrongTests reads one file of tests per file of testdata/wrongtests. The
// file's name says the mistake, its last part is all that an author is told.
func TestWrongTests(t *testing.T) {
	files, err := filepath.Glob("testdata/wrongtests/*.txtar")
	if err != nil || len(files) < 20 {
		t.Fatalf("only %d mistakes: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			input, want, found := strings.Cut(string(data), "-- want --\n")
			if !found {
				t.Fatal("no part called want")
			}
			folder, set := besideThem(t, map[string]string{"web.test.yaml": input})
			all, err := ReadFixtures(folder, set)
			var problems Problems
			if !errors.As(err, &problems) {
				t.Fatalf("read %d tests with error %v, want problems", len(all), err)
			}
			got := problems.Error() + "\n"
			if *update {
				if err := os.WriteFile(file, []byte(input+"-- want --\n"+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}

// What is said once holds for all tests, and each says what is different.
func TestFixtures(t *testing.T) {
	folder, set := besideThem(t, map[string]string{"web.test.yaml": `
incident: {title: web 1 is down, details: {host: web-1, environment: production, port: 8080, up: false, tags: [a, 1]}}
given: {assigned: ben}
steps: {health endpoint: [NG, {verdict: OK, output: "a\nlast line\n", took: 3s, fields: {status: 200}}], restart web: OK}
tests:
  - name: one
    expect: {outcome: escalated}
  - name: two
    incident: {urgency: low, age: 20m, team: [A, B], alerts: [{details: {host: web-2}}, {status: resolved, key: k}]}
    given: {paused: all, earlier: [{test: one, ago: 1h}, {test: one, ago: 30m}]}
    steps: {health endpoint: UNKNOWN}
    clicks: [{press: recover, by: aiko, after: 1m, override: true}]
    news: [{is: alert, details: {host: web-3}, after: 2m}]
    refuse: {escalate: "No."}
    expect: {held: [], acts: resolve, card: "a\nb\n", note: {contains: [x], lacks: y}, commands: {restart web: restart}}
  - {name: three, incident_file: incident.json, expect: {scenario: none}}
`})
	all, err := ReadFixtures(folder, set)
	if err != nil {
		t.Fatal(err)
	}
	one, two, three := all[0], all[1], all[2]
	if a := one.Incident.Alerts[0]; a.Details["port"] != 8080.0 || a.Details["up"] != false || a.Details["host"] != "web-1" || a.Summary != "web 1 is down" {
		t.Errorf("%+v", a)
	}
	if r := one.Results["health endpoint"]; len(r) != 2 || r[0].Verdict != NG || r[1].Line != "last line" || r[1].Took.Seconds() != 3 {
		t.Errorf("%+v", r)
	}
	if one.Incident.Policy.ID != "PSHOPEP" || one.Incident.Service.Name != "shop-web" || one.Given.Assigned != "ben" || one.ID() != "web: one" {
		t.Errorf("%+v %s", one.Incident, one.ID())
	}
	if a := two.Incident.Alerts; len(a) != 2 || a[0].Details["host"] != "web-2" || a[0].Details["port"] != 8080.0 || a[1].Status != "resolved" || a[1].Key != "k" || a[0].ID == a[1].ID {
		t.Errorf("%+v", a)
	}
	if g := two.Given; g.Assigned != "ben" || g.Paused != "all" || len(g.Earlier) != 2 || g.Earlier[0].Ago <= g.Earlier[1].Ago {
		t.Errorf("%+v", g)
	}
	if two.Results["health endpoint"][0].Verdict != Unknown || two.Results["restart web"][0].Verdict != OK || two.Refuse["escalate"] != "No." || two.Age.Minutes() != 20 {
		t.Errorf("%+v", two.Results)
	}
	var keys []string
	for _, e := range two.Expect {
		keys = append(keys, e.Key)
	}
	if strings.Join(keys, " ") != "held acts commands card note" || two.Expect[0].Want == nil || len(two.Expect[3].Want) != 2 || two.Expect[4].Want != nil {
		t.Errorf("%v %+v", keys, two.Expect)
	}
	if three.IncidentFile != "incident.json" || three.Incident.ID != "" {
		t.Errorf("%+v", three)
	}
}

// Files of tests are no scenarios, and are found in the folders below too.
func TestFixturesAreNoScenarios(t *testing.T) {
	folder, set := besideThem(t, map[string]string{
		"below/more.test.yml": "tests: [{name: one, expect: {scenario: none}}]\n",
		"_out/more.test.yaml": "nonsense", ".x.test.yaml": "nonsense",
	})
	if len(set.Scenarios) != 1 {
		t.Errorf("%d scenarios", len(set.Scenarios))
	}
	all, err := ReadFixtures(folder, set)
	if err != nil || len(all) != 1 || all[0].ID() != "below/more: one" {
		t.Errorf("%v, %v", all, err)
	}
}

// A file of tests to start from can be read as it is, and its incident fits.
func TestNewFixture(t *testing.T) {
	_, set := besideThem(t, nil)
	text := string(NewFixture(set.Scenarios[0]))
	if strings.Contains(text, "does not fit") || !strings.Contains(text, "title: web 1 is down\n") {
		t.Errorf("%s", text)
	}
	folder, set := besideThem(t, map[string]string{"web.test.yaml": text})
	all, err := ReadFixtures(folder, set)
	if err != nil || len(all) != 5 {
		t.Fatalf("%d tests, %v\n%s", len(all), err, text)
	}
	for _, x := range all {
		if d := set.Match(x.Incident); d.Scenario == nil {
			t.Errorf("%s: %v", x.ID(), d.Why)
		}
	}
}

// Whose fields others read is told, since OK alone gives none.
func TestNewFixtureTellsOfFields(t *testing.T) {
	_, set := besideThem(t, map[string]string{"web.yaml": `
name: web
when: {title: web is down}
target: web-1
check: [{name: disk used, nagios: [/bin/check_disk]}, {name: disk, exec: [/bin/df]}]
recover: [{name: clean, if: 'steps["disk used"].perfdata["/"].value > 90', exec: [/bin/clean]}]
`})
	text := string(NewFixture(set.Scenarios[0]))
	if !strings.Contains(text, "result of it.\n  disk used: OK\n  disk: OK\n  clean: OK\n") {
		t.Errorf("%s", text)
	}
}

// A text is found that fits a regular expression, or none at all.
func TestSampleOfAPattern(t *testing.T) {
	for source, want := range map[string]string{
		`^Disk of \S+ is (nearly )?full$`: "Disk of x is full", `(?i:DOWN|gone)`: "down", `[0-9]{3}-[A-F]+`: "111-A", `a.c`: "axc",
		`^\p{Greek}$`: "Ͱ", `x\bx`: "", `(?P<n>[^x]+) down`: "1 down", `a*b?`: "", `[[:^print:]]z`: "",
	} {
		c := &compiler{r: newReader("x", nil)}
		p, ok := c.pattern(nil, "/"+source+"/")
		if !ok {
			t.Fatalf("%s: %v", source, c.r.problems)
		}
		if got := p.sample(); got != want && !(want == "" && p.re.MatchString(got)) {
			t.Errorf("%s: %q, not %q", source, got, want)
		}
	}
}

// Every key of a test has an example that can be read.
func TestExamplesOfFixtureKeys(t *testing.T) {
	indent := func(s, by string) string { return by + strings.ReplaceAll(s, "\n", "\n"+by) }
	const one = "tests:\n  - name: one\n    expect: {outcome: escalated}\n"
	test := func(s string) string {
		return one + "  - name: a restart helps\n    expect: {outcome: escalated}\n" + s
	}
	n, schema := 0, compiledSchema(t, "tests.json", FixtureSchema())
	for what, c := range map[string]struct {
		keys keys
		in   func(k key) string
	}{
		"file": {fixtureFileKeys, func(k key) string {
			if k.name == "tests" {
				return k.example
			}
			return k.example + "\n" + one
		}},
		"test": {fixtureKeys, func(k key) string {
			switch k.name {
			case "name":
				return one + "  - " + k.example + "\n    expect: {outcome: escalated}\n"
			case "expect":
				return one + "  - name: two\n    " + k.example + "\n"
			}
			return test("    " + k.example + "\n")
		}},
		"incident": {fixtureIncidentKeys, func(k key) string { return "incident:\n" + indent(k.example, "  ") + "\n" + one }},
		"alert":    {fixtureAlertKeys, func(k key) string { return "incident:\n  alerts:\n    - {" + k.example + "}\n" + one }},
		"given": {givenKeys, func(k key) string {
			return test("  - name: two\n    expect: {held: []}\n    given:\n" + indent(k.example, "      ") + "\n")
		}},
		"earlier": {earlierKeys, func(k key) string {
			others := map[string]string{"test": "ago: 1m", "ago": "test: one"}
			return test("  - name: two\n    expect: {held: []}\n    given: {earlier: [{" + k.example + ", " + both(others[k.name], "test: one, ago: 1m") + "}]}\n")
		}},
		"result": {resultKeys, func(k key) string {
			return "steps: {health endpoint: {" + k.example + both(map[string]string{"verdict": " "}[k.name], ", verdict: NG") + "}}\n" + one
		}},
		"click": {clickKeys, func(k key) string {
			others := map[string]string{"press": "by: aiko", "by": "press: take"}
			return test("    clicks:\n      - " + strings.ReplaceAll(k.example, "\n", "\n        ") + "\n        " + strings.ReplaceAll(both(others[k.name], "press: take, by: aiko"), ", ", "\n        ") + "\n")
		}},
		"news": {newsKeys, func(k key) string {
			more := map[string]string{"after": "\n        is: resolved", "by": "\n        is: resolved"}
			return test("    news:\n      - " + strings.ReplaceAll(k.example, "\n", "\n        ") + more[k.name] + "\n")
		}},
		"expect":  {comeKeys, func(k key) string { return one + "  - name: two\n    expect:\n      " + k.example + "\n" }},
		"through": {lookedThroughKeys, func(k key) string { return one + "  - name: two\n    expect: {card: {" + k.example + "}}\n" }},
	} {
		for _, k := range c.keys {
			n++
			text := strings.ReplaceAll(c.in(k), "disk", "web")
			folder, set := besideThem(t, map[string]string{"web.test.yaml": text})
			if _, err := ReadFixtures(folder, set); err != nil {
				t.Errorf("%s.%s: %v\n%s", what, k.name, err, text)
			}
			if doc, err := asJSON([]byte(text)); err != nil || schema.Validate(doc) != nil {
				t.Errorf("%s.%s is refused by the schema: %v %v\n%s", what, k.name, err, schema.Validate(doc), text)
			}
			if k.doc == "" || k.example == "" || !strings.HasSuffix(k.doc, ".") {
				t.Errorf("%s.%s is without its words", what, k.name)
			}
		}
	}
	if n < 60 {
		t.Errorf("%d keys", n)
	}
}

// both is the first of two texts that says anything.
func both(a, b string) string {
	if strings.TrimSpace(a) == "" && a == "" {
		return b
	}
	return strings.TrimSpace(a)
}

// The schema takes what is beside the examples, and sees most mistakes.
func TestSchemaOfFixtures(t *testing.T) {
	schema := compiledSchema(t, "tests.json", FixtureSchema())
	refused := func(text []byte) bool {
		doc, err := asJSON(text)
		return err != nil || schema.Validate(doc) != nil
	}
	files, err := filepath.Glob("examples/shop/*.test.yaml")
	if err != nil || len(files) < 6 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil || refused(text) {
			t.Errorf("%s is refused: %v", file, err)
		}
	}
	unseen := strings.Fields("name-twice unknown-step unknown-step-of-file step-that-waits unknown-field unknown-scenario command-of-unknown-step " +
		"groups-without-user news-by-nobody news-details-of-no-alert earlier-unknown-test earlier-itself refuse-unknown-act " +
		"incident-file-and-incident incident-file-elsewhere detail-a-date alias expect-empty")
	wrong, err := filepath.Glob("testdata/wrongtests/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range wrong {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		input, _, _ := strings.Cut(string(text), "-- want --\n")
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		if seen := refused([]byte(input)); seen == slices.Contains(unseen, name) {
			t.Errorf("%s: refused by the schema: %v", name, seen)
		}
	}
}

// FuzzFixtures: whatever stands in a file of tests, it is read or refused with
// places, and what is read has a name.
func FuzzFixtures(f *testing.F) {
	files, err := filepath.Glob("testdata/wrongtests/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range append(files, "examples/shop/web-down.test.yaml") {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		input, _, _ := strings.Cut(string(data), "-- want --\n")
		f.Add(input)
	}
	_, set := besideThem(f, nil)
	f.Fuzz(func(t *testing.T, text string) {
		all, err := ReadFixtures(fstest.MapFS{"web.test.yaml": &fstest.MapFile{Data: []byte(text)}}, set)
		var problems Problems
		if err != nil && (!errors.As(err, &problems) || len(problems) == 0) {
			t.Fatalf("%v", err)
		}
		for _, x := range all {
			if x.Name == "" || x.Line == 0 || len(x.Expect) == 0 || slices.Contains(slices.Collect(maps.Keys(x.Results)), "settle") {
				t.Errorf("%+v", x)
			}
		}
	})
}
