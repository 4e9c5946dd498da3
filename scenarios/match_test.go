package scenarios

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
)

// shopSet has one scenario for each way in which scenarios compete.
func shopSet(t *testing.T) *Set {
	t.Helper()
	body := "\ntarget: ${{ alert.details.host }}\ncheck: [{name: c, exec: [ls]}]\n"
	set, err := LoadFS(fstest.MapFS{
		"shop/project.yaml":    {Data: []byte("name: shop\nservices: [shop-web, PDB0001]\n")},
		"shop/down.yaml":       {Data: []byte("name: down\nwhen: {service: shop-web, title: '/^(?P<what>\\w+) check .* failed/'}" + body)},
		"shop/down-prod.yaml":  {Data: []byte("name: down-prod\nwhen: {service: shop-web, title: '/check .* failed/i', details: {env: production}, if: alert.details.count > 2}" + body)},
		"shop/urgent.yaml":     {Data: []byte("name: urgent\nwhen: {urgency: high, team: [Ops, Web]}" + body)},
		"shop/db.yaml":         {Data: []byte("name: db\nwhen: {service: PDB0001, priority: [P1, P2], policy: Night}\ntarget: ${{ incident.service.name }}\ncheck: [{name: c, exec: [echo, \"${{ alert.details.disk }}\"]}]\n")},
		"other/project.yaml":   {Data: []byte("name: other\nservices: [mail]\n")},
		"other/mail.yaml":      {Data: []byte("name: mail\nwhen: {title: stuck, details: {port: 25, tls: true}}\ntarget: ${{ alert.details.port }}\ncheck: [{name: c, exec: [ls]}]\n")},
		"other/catch-all.yaml": {Data: []byte("name: catch-all\nwhen: {if: incident.number > 0}\ntarget: ${{ alert.summary }}\ncheck: [{name: c, exec: [ls]}]\n")},
	}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func open(details ...map[string]any) []Alert {
	var out []Alert
	for i, d := range details {
		out = append(out, Alert{ID: "A" + textual(i), Status: "triggered", Details: d})
	}
	return out
}

// TestMatch holds every decision and every why word for word.
func TestMatch(t *testing.T) {
	set := shopSet(t)
	web, db := Ref{"PWEB001", "shop-web"}, Ref{"PDB0001", "shop-db"}
	prod := map[string]any{"host": "web-1", "env": "production", "count": 3.0}
	var got strings.Builder
	for _, c := range []struct {
		name string
		in   Incident
	}{
		{"the more exact one wins", Incident{Service: web, Title: "Health check of web-1 failed", Alerts: open(prod)}},
		{"the less exact one where the exact one does not fit", Incident{Service: web, Title: "Health check of web-1 failed", Alerts: open(map[string]any{"host": "web-1", "env": "test"})}},
		{"an if that reads a missing key", Incident{Service: web, Title: "Health check of web-1 failed", Alerts: open(map[string]any{"host": "web-1", "env": "production"})}},
		{"nothing decides", Incident{Service: web, Title: "Health check of web-1 failed", Urgency: "high", Teams: []Ref{{"T1", "Web"}}, Alerts: open(map[string]any{"host": "web-1", "env": "test"})}},
		{"no target", Incident{Service: web, Title: "Health check of web-1 failed", Alerts: open(map[string]any{"env": "test"})}},
		{"a target that is no text", Incident{Service: web, Title: "Health check of web-1 failed", Alerts: open(map[string]any{"env": "test", "host": 12.0})}},
		{"an empty target", Incident{Service: web, Title: "Health check of web-1 failed", Alerts: open(map[string]any{"env": "test", "host": " "})}},
		{"a target with a line break", Incident{Service: web, Title: "Health check of web-1 failed", Alerts: open(map[string]any{"env": "test", "host": "a\nb"})}},
		{"a target with a letter that nobody sees", Incident{Service: web, Title: "Health check of web-1 failed", Alerts: open(map[string]any{"env": "test", "host": "web-1\u3164"})}},
		{"a target with spaces around it", Incident{Service: web, Title: "Health check of web-1 failed", Alerts: open(map[string]any{"env": "test", "host": " web-1 "})}},
		{"no alert", Incident{Service: web, Title: "Health check of web-1 failed"}},
		{"hosts differ", Incident{Service: web, Title: "Health check of web-1 failed", Alerts: open(prod, map[string]any{"host": "web-2", "env": "production", "count": 3.0})}},
		{"what differs decides for the exact one", Incident{Service: web, Title: "Health check of web-1 failed", Alerts: open(prod, map[string]any{"host": "web-1", "env": "test", "count": 3.0})}},
		{"what differs is not needed", Incident{Service: web, Title: "Health check of web-1 failed", Alerts: open(map[string]any{"host": "web-1", "env": "production", "count": 3.0, "pid": 1.0}, map[string]any{"host": "web-1", "env": "production", "count": 3.0, "pid": 2.0})}},
		{"what differs was resolved", Incident{Service: web, Title: "Health check of web-1 failed", Alerts: append(open(prod), Alert{Status: "resolved", Details: map[string]any{"host": "web-2"}})}},
		{"case counts", Incident{Service: web, Title: "health check of web-1 failed", Alerts: open(map[string]any{"host": "web-1"})}},
		{"by ID, a list, and a policy", Incident{Service: db, Title: "x", Priority: "P2", Policy: Ref{"PN", "Night"}, Alerts: open(map[string]any{"disk": "/data"})}},
		{"a step reads what differs", Incident{Service: db, Title: "x", Priority: "P2", Policy: Ref{"PN", "Night"}, Alerts: open(map[string]any{"disk": "/data"}, map[string]any{"disk": "/log"})}},
		{"no priority", Incident{Service: db, Title: "x", Policy: Ref{"PN", "Night"}}},
		{"numbers and truth values", Incident{Service: Ref{"PM", "mail"}, Number: 1, Title: "stuck", Alerts: open(map[string]any{"port": 25.0, "tls": true})}},
		{"the wrong number", Incident{Service: Ref{"PM", "mail"}, Title: "stuck", Alerts: open(map[string]any{"port": 26.0, "tls": true})}},
		{"a mapping where a text is wanted", Incident{Service: Ref{"PM", "mail"}, Title: "stuck", Alerts: open(map[string]any{"port": map[string]any{}, "tls": true})}},
		{"a service of nobody", Incident{Service: Ref{"PX", "unknown"}, Title: "Health check of web-1 failed"}},
	} {
		fmt.Fprintf(&got, "# %s\n%s\n", c.name, decisionText(set.Match(c.in)))
		if again := decisionText(set.Match(c.in)); !strings.Contains(got.String(), again) {
			t.Errorf("%s: decided otherwise the second time:\n%s", c.name, again)
		}
	}
	golden(t, "testdata/match.golden", got.String())
}

func decisionText(d Decision) string {
	var b strings.Builder
	switch {
	case d.Project == nil:
		return "in no project\n"
	case d.Scenario != nil:
		fmt.Fprintf(&b, "%s/%s target %q groups %v\n", d.Project.Name, d.Scenario.Name, d.Target, d.Groups)
	default:
		fmt.Fprintf(&b, "%s: handed over, tie %v, ambiguous %v\n", d.Project.Name, d.Tie, d.Ambiguous)
	}
	for _, w := range d.Why {
		fmt.Fprintf(&b, "  %s %v: %s\n", w.Scenario, w.Fits, w.Text)
	}
	return b.String()
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s", file, got)
	}
}

// TestMatchAfterTheHistory decides the same on an incident that was kept.
func TestMatchAfterTheHistory(t *testing.T) {
	set := shopSet(t)
	in := Incident{Service: Ref{"PWEB001", "shop-web"}, Title: "Health check of web-1 failed",
		Alerts: open(map[string]any{"host": "web-1", "env": "production", "count": 3})}
	kept, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var again Incident
	if err := json.Unmarshal(kept, &again); err != nil {
		t.Fatal(err)
	}
	if a, b := decisionText(set.Match(in)), decisionText(set.Match(again)); a != b {
		t.Errorf("before\n%safter\n%s", a, b)
	}
}

func TestAmbiguousAndAim(t *testing.T) {
	s := shopSet(t).Match(Incident{Service: Ref{"PWEB001", "shop-web"}, Title: "Health check of web-1 failed",
		Alerts: open(map[string]any{"host": "web-1"})}).Scenario
	in := Incident{Alerts: open(map[string]any{"host": "web-1"}, map[string]any{"host": "web-2", "other": 1.0})}
	if got := s.Ambiguous(in); !reflect.DeepEqual(got, []string{"alert.details.host"}) {
		t.Errorf("ambiguous: %v", got)
	}
	if _, err := s.Aim(in, nil); err == nil || !strings.Contains(err.Error(), "differs") {
		t.Errorf("aim: %v", err)
	}
	in.Alerts = in.Alerts[:1]
	if got, err := s.Aim(in, nil); got != "web-1" || err != nil || len(s.Ambiguous(in)) != 0 {
		t.Errorf("aim: %q, %v", got, err)
	}
}

func TestDefaultProject(t *testing.T) {
	set := &Set{Projects: []*Project{{Name: "a", Services: []string{"web"}}, {Name: "rest", Default: true}}}
	for service, want := range map[string]string{"web": "a", "other": "rest"} {
		if p, ok := set.Project(Ref{Name: service}); !ok || p.Name != want {
			t.Errorf("%s is in %v", service, p)
		}
	}
	if p, ok := (&Set{Projects: set.Projects[:1]}).Project(Ref{}); ok {
		t.Errorf("no service is in %v", p)
	}
}

// TestHandedOver: an incident of the examples' project that none of its
// scenarios fits says of each why.
func TestHandedOver(t *testing.T) {
	set, err := LoadFS(Examples(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	d := set.Match(Incident{Service: Ref{Name: "shop-mail"}, Title: "Mail queue is long"})
	if d.Project == nil || d.Scenario != nil || len(d.Why) != len(set.Scenarios) {
		t.Errorf("decided %+v", d)
	}
}

// TestJudge holds RESPONSE.md's rule for a phase.
func TestJudge(t *testing.T) {
	ok, ng, unknown := Outcome{Verdict: OK}, Outcome{Verdict: NG}, Outcome{Verdict: Unknown}
	skipped, idle := Outcome{Skipped: true}, Outcome{Verdict: OK, Idle: true}
	for _, c := range []struct {
		in   []Outcome
		want Verdict
	}{
		{nil, Unknown}, {[]Outcome{skipped, idle}, Unknown}, {[]Outcome{ok}, OK}, {[]Outcome{ok, skipped, idle}, OK},
		{[]Outcome{ok, ng, ok}, NG}, {[]Outcome{ng, skipped}, NG}, {[]Outcome{ng, unknown, ok}, Unknown},
		{[]Outcome{unknown, ok}, Unknown}, {[]Outcome{{}}, Unknown},
	} {
		if got := Judge(c.in); got != c.want {
			t.Errorf("Judge(%+v) = %s, want %s", c.in, got, c.want)
		}
	}
}
