package scenarios

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// freeName is a name of somebody else's choosing: of a step, of a detail.
var freeName = regexp.MustCompile(`\S`)

// fixtureFile reads one file of fixtures.
type fixtureFile struct {
	*reader
	set     *Set
	project *Project
	steps   map[string]*Step // of every scenario of the project
	names   map[string]int   // of tests, to their line
	shared  map[string]*yaml.Node
}

// fixtures reads the tests of a file.
func (r *reader) fixtures(root *yaml.Node, set *Set) []*Fixture {
	f := &fixtureFile{reader: r, set: set, steps: map[string]*Step{}, names: map[string]int{}}
	var ok bool
	if f.project, ok = set.Owner(r.file); !ok && len(set.Projects) == 1 && set.Projects[0].Default {
		f.project, ok = set.Projects[0], true // one team, one system
	}
	if !ok {
		r.file0("the tests lie in no project; move the file to the folder of a project.yaml")
		return nil
	}
	for _, s := range f.scenarios() {
		for _, st := range slices.Concat(s.Check, s.Gather, s.Recover) {
			f.steps[st.Name] = st
		}
	}
	f.shared = r.fields(root, "the file", fixtureFileKeys)
	tests := f.shared["tests"]
	if tests == nil || tests.Kind != yaml.SequenceNode || len(tests.Content) == 0 {
		r.fail(root, "write a list: each test begins with - name:", "the file has no tests")
		return nil
	}
	var out []*Fixture
	for _, n := range tests.Content {
		out = append(out, f.test(n))
	}
	for i, one := range out {
		f.earlierExists(one, tests.Content[i])
	}
	return out
}

// scenarios are those of the file's project.
func (f *fixtureFile) scenarios() []*Scenario {
	return slices.DeleteFunc(slices.Clone(f.set.Scenarios), func(s *Scenario) bool { return s.Project != f.project })
}

// test reads one test over what the file says for all of them.
func (f *fixtureFile) test(n *yaml.Node) *Fixture {
	x := &Fixture{File: f.file, Line: n.Line, Project: f.project, Results: map[string][]Outcome{}, Refuse: map[string]string{}}
	said := f.fields(n, "the test", fixtureKeys)
	if n.Kind != yaml.MappingNode {
		return x
	}
	f.testName(n, said["name"], x)
	both := func(key string, read func(*yaml.Node)) {
		for _, from := range []map[string]*yaml.Node{f.shared, said} {
			if v := from[key]; v != nil {
				read(v)
			}
		}
	}
	f.incidentOf(said, x)
	x.Given.Assigned = "amsbot"
	both("given", func(v *yaml.Node) { f.given(v, &x.Given) })
	both("steps", func(v *yaml.Node) { f.results(v, x.Results) })
	f.setSpan(said["until"], "until", false, &x.Until)
	f.others(said, x)
	switch v := said["expect"]; {
	case v == nil:
		f.fail(n, "say what has to come of it: expect: {outcome: escalated}", "the test expects nothing")
	default:
		f.expect(v, x)
	}
	return x
}

func (f *fixtureFile) testName(n, name *yaml.Node, x *Fixture) {
	if name == nil {
		f.fail(n, "", "the test has no name")
		return
	}
	var ok bool
	if x.Name, ok = f.word(name, "name"); !ok {
		return
	}
	if first := f.names[x.Name]; first > 0 {
		f.fail(name, "", "two tests are called %s, the first in line %d", clip(x.Name, 60), first)
	}
	f.names[x.Name] = name.Line
}

// incidentOf reads the incident of a test: a file, or the file's own words with
// what the test says over them.
func (f *fixtureFile) incidentOf(said map[string]*yaml.Node, x *Fixture) {
	file := said["incident_file"]
	if file == nil && said["incident"] == nil {
		file = f.shared["incident_file"]
	}
	if file != nil {
		if said["incident"] != nil {
			f.fail(file, "leave one of them out", "the incident is both a file and written out")
		}
		if x.IncidentFile, _ = f.word(file, "incident_file"); strings.HasPrefix(x.IncidentFile, "/") || slices.Contains(strings.Split(x.IncidentFile, "/"), "..") {
			f.fail(file, "put it beside the tests", "incident_file %s lies elsewhere", clip(x.IncidentFile, 60))
		}
		return
	}
	d := &incidentDraft{fixtureFile: f, in: Incident{ID: "QTEST1", Number: 1, Status: "triggered", Urgency: "high", CreatedAt: fixtureBegin,
		URL: "https://example.pagerduty.com/incidents/QTEST1", Policy: Ref{ID: "PPOLICY", Name: "default"}}}
	if p := f.project.FirstLine.Policy; p != "" {
		d.in.Policy = refTo(p, "PPOLICY")
	}
	for _, from := range []map[string]*yaml.Node{f.shared, said} {
		if v := from["incident"]; v != nil {
			d.read(v)
		}
	}
	if d.in.Service.Name == "" && d.in.Service.ID == "" && len(f.project.Services) > 0 {
		d.in.Service = refTo(f.project.Services[0], "PSERVICE")
	}
	x.Incident, x.Age = d.done(), d.age
}

// refTo is something in PagerDuty that was named by name or ID.
func refTo(name, id string) Ref {
	if looksLikeID(name) {
		return Ref{ID: name, Name: name}
	}
	return Ref{ID: id, Name: name}
}

// incidentDraft is an incident being written.
type incidentDraft struct {
	*fixtureFile
	in      Incident
	age     time.Duration
	key     string
	details map[string]any
	alerts  []*yaml.Node
	none    bool // alerts: []
}

func (d *incidentDraft) read(n *yaml.Node) {
	f := d.fields(n, "the incident", fixtureIncidentKeys)
	for key, into := range map[string]*string{"title": &d.in.Title, "description": &d.in.Description, "priority": &d.in.Priority, "key": &d.key} {
		if v := f[key]; v != nil {
			*into, _ = d.word(v, key)
		}
	}
	if v := f["urgency"]; v != nil {
		d.in.Urgency = d.oneOf(v, "urgency", "high", "low")
	}
	if v := f["service"]; v != nil {
		s, _ := d.word(v, "service")
		d.in.Service = refTo(s, "PSERVICE")
	}
	if v := f["policy"]; v != nil {
		s, _ := d.word(v, "policy")
		d.in.Policy = refTo(s, "PPOLICY")
	}
	if v := f["team"]; v != nil {
		d.in.Teams = nil
		for _, s := range d.words(v, "team") {
			d.in.Teams = append(d.in.Teams, refTo(s, "PTEAM"))
		}
	}
	if v := f["number"]; v != nil {
		d.in.Number = d.integer(v, "number", 1, 1_000_000_000)
	}
	d.setSpan(f["age"], "age", true, &d.age)
	if v := f["details"]; v != nil {
		d.details = join(d.details, d.values(v, "details"))
	}
	if v := f["alerts"]; v != nil {
		d.none = v.Kind == yaml.SequenceNode && len(v.Content) == 0
		d.alerts = nil
		if !d.none {
			d.alerts = d.list(v, "alerts")
		}
	}
}

// done is the incident with its alerts.
func (d *incidentDraft) done() Incident {
	all := d.alerts
	if all == nil && !d.none {
		all = []*yaml.Node{{Kind: yaml.MappingNode}}
	}
	for i, n := range all {
		f := d.fields(n, "the alert", fixtureAlertKeys)
		a := Alert{ID: "QALERT" + string(rune('A'+i%26)), Key: d.key, Status: "triggered", Summary: d.in.Title, CreatedAt: fixtureBegin, Details: maps.Clone(d.details)}
		for key, into := range map[string]*string{"key": &a.Key, "summary": &a.Summary, "source": &a.Source} {
			if v := f[key]; v != nil {
				*into, _ = d.word(v, key)
			}
		}
		if v := f["status"]; v != nil {
			a.Status = d.oneOf(v, "status", "triggered", "resolved")
		}
		if v := f["severity"]; v != nil {
			a.Severity = d.oneOf(v, "severity", "critical", "error", "warning", "info")
		}
		if v := f["details"]; v != nil {
			a.Details = join(a.Details, d.values(v, "details"))
		}
		d.in.Alerts = append(d.in.Alerts, a)
	}
	return d.in
}

// values is a mapping as JSON would have it.
func (r *reader) values(n *yaml.Node, what string) map[string]any {
	out := map[string]any{}
	for _, e := range r.entries(n, what) {
		out[e.key.Value] = r.value(e.value, what+"."+e.key.Value)
	}
	return out
}

func (r *reader) value(n *yaml.Node, what string) any {
	switch {
	case n.Kind == yaml.MappingNode:
		return r.values(n, what)
	case n.Kind == yaml.SequenceNode:
		out := []any{}
		for _, c := range n.Content {
			out = append(out, r.value(c, what))
		}
		return out
	case n.Kind != yaml.ScalarNode || n.Tag == "!!null":
		return nil
	case n.Tag == "!!str":
		return n.Value
	case n.Tag == "!!int", n.Tag == "!!float":
		var v float64
		if err := n.Decode(&v); err == nil {
			return v
		}
	case n.Tag == "!!bool":
		return n.Value == "true"
	}
	r.fail(n, "quote it: '"+clip(n.Value, 40)+"'", "%s is %s, a text or a number is needed", what, kindOf(n))
	return nil
}
