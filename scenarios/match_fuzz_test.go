package scenarios

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"
)

// FuzzMatch holds whatever a monitoring tool sends against whatever an author
// wrote into two scenarios, one of which is more exact.
func FuzzMatch(f *testing.F) {
	for _, seed := range [][4]string{
		{"disk full", "Disk full on db-1", `{"host": "db-1", "env": "production"}`, `alert.details.env == "production"`},
		{`/^Disk (?P<what>\w+)/`, "Disk full", `{"host": ["a"], "env": {"x": 1}}`, `match.what == alert.details.host[0]`},
		{"/x/i", "", `{"host": null}`, `(alert.details.host ?? "") != "" or incident.number > 1`},
		{"/(a|ab)(c|bcd)(d*)/", strings.Repeat("ab", 100), `{"host": "\u202e<!channel>", "n": 1e308}`, `len(alert.details) > 1`},
		{"a.b", "a.b", `[1, 2]`, `"host" in alert.details`},
		{"5", "5", `{"host": "a", "host": "b", "a.b": {"": true}}`, `alert.details["a.b"] in [true]`},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	f.Fuzz(func(t *testing.T, title, said, details, condition string) {
		if !utf8.ValidString(title + condition) {
			return // no file of ours can hold it
		}
		write := func(name, when string) []byte {
			return []byte("name: " + name + "\nwhen: " + when + "\ntarget: ${{ alert.details.host }}\ncheck: [{name: c, exec: [look, '${{ target }}']}]\n")
		}
		set, err := LoadFS(fstest.MapFS{
			"a.yaml": {Data: write("a", "{title: "+strconv.Quote(title)+"}")},
			"b.yaml": {Data: write("b", "{title: "+strconv.Quote(title)+", if: "+strconv.Quote(condition)+"}")},
		}, Options{})
		if err != nil {
			return // FuzzLoad's
		}
		alert := Alert{ID: "A", Status: "triggered"}
		_ = json.Unmarshal([]byte(details), &alert.Details) // what is no object is left out
		in := Incident{ID: "Q", Title: said, Service: Ref{"P", "web"}, Alerts: []Alert{alert, {ID: "B", Status: "triggered", Details: alert.Details}}}
		holds(t, set, set.Match(in), in)
	})
}

// holds fails when a decision breaks what every decision keeps.
func holds(t *testing.T, set *Set, d Decision, in Incident) {
	t.Helper()
	if again := set.Match(in); !reflect.DeepEqual(d, again) {
		t.Fatalf("decided %+v, and then %+v", d, again)
	}
	if d.Project == nil || len(d.Why) != len(set.Scenarios) {
		t.Fatalf("%+v", d)
	}
	fit := map[string]bool{}
	for _, w := range d.Why {
		fit[w.Scenario] = w.Fits
		if w.Text == "" {
			t.Fatalf("%s: no word on why", w.Scenario)
		}
	}
	switch {
	case fit["b"] && !fit["a"]:
		t.Fatalf("the more exact one fits alone: %+v", d.Why)
	case d.Scenario == nil && (fit["a"] || fit["b"]) && len(d.Ambiguous) == 0 && len(d.Tie) == 0:
		t.Fatalf("nothing chosen of what fits: %+v", d)
	case d.Scenario == nil:
		return
	case len(d.Ambiguous)+len(d.Tie) > 0, !fit[d.Scenario.Name], fit["b"] && d.Scenario.Name != "b":
		t.Fatalf("chosen %s: %+v", d.Scenario.Name, d)
	case strings.TrimSpace(d.Target) == "", utf8.RuneCountInString(d.Target) > maxTarget, strings.ContainsFunc(d.Target, unprintable):
		t.Fatalf("the target %q", d.Target)
	}
	if line, err := d.Scenario.Check[0].Show(Facts{Incident: in, Target: d.Target, Groups: d.Groups}); err == nil && (line == "" || !utf8.ValidString(line)) {
		t.Fatalf("shown as %q", line)
	}
}
