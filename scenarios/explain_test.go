package scenarios

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// one loads a single scenario of a project with variables.
func one(t *testing.T, vars, text string) *Scenario {
	t.Helper()
	set, err := LoadFS(fstest.MapFS{
		"project.yaml": {Data: []byte("name: p\nservices: [web]\nhosts: [\"web-*.example\", 10.1.0.0/16, 10.2.0.1]\nvars: {limit: " + vars + "}\n")},
		"a.yaml":       {Data: []byte(text)},
	}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return set.Scenarios[0]
}

func TestAFalseIfNamesWhatWasThere(t *testing.T) {
	sc := one(t, "1", "name: a\nwhen: {title: /x/, if: 'alert.details.env == \"production\" && (alert.details[\"a b\"].n ?? 7) > vars.limit && \"k\" in alert.details'}\ntarget: t\ncheck: [{name: c, exec: [ls]}]\n")
	for want, details := range map[string]map[string]any{
		`is false: alert.details["a b"].n is missing, alert.details.env is "staging"`:        {"env": "staging"},
		`is false: alert.details["a b"].n is 1, alert.details.env is "production"`:           {"env": "production", "a b": map[string]any{"n": 1.0}},
		`is false: alert.details["a b"].n is a list or a mapping, alert.details.env is "x…"`: {"env": "x" + strings.Repeat("y", 100), "a b": map[string]any{"n": []any{1}}},
	} {
		set := &Set{Projects: []*Project{sc.Project}, Scenarios: []*Scenario{sc}}
		d := set.Match(Incident{Title: "x", Service: Ref{Name: "web"}, Alerts: open(details)})
		text := strings.Replace(d.Why[0].Text, strings.Repeat("y", 79), "", 1)
		if d.Scenario != nil || !strings.HasSuffix(text, want) {
			t.Errorf("%q, want %q", text, want)
		}
	}
}

func TestHostList(t *testing.T) {
	own := "name: a\nwhen: {title: x}\ntarget: t\ncheck: [{name: c, exec: [ls]}]\n"
	if got := one(t, "1", own).HostList(); !slices.Equal(got, []string{"web-*.example", "10.2.0.1", "10.1.0.0/16"}) {
		t.Errorf("the project's: %q", got)
	}
	if got := one(t, "1", own+"hosts: [db.example]\n").HostList(); !slices.Equal(got, []string{"db.example"}) {
		t.Errorf("its own: %q", got)
	}
}

// Two steps have one definition exactly when they do the same.
func TestDefinition(t *testing.T) {
	of := func(vars, step, more string) string {
		return one(t, vars, "# a comment\nname: a\nwhen: {title: x}\ntarget: t\ncheck:\n- "+step+"\n"+more).Check[0].Definition()
	}
	plain := of("1", "{name: c, exec: [ls, /a]}", "")
	if plain == "" {
		t.Fatal("there is none")
	}
	for what, same := range map[string]struct {
		got  string
		same bool
	}{
		"written otherwise":         {of("1", "\n  name: 'c'\n  exec:\n    - ls # here\n    - \"/a\"", ""), true},
		"a variable that it leaves": {of("2", "{name: c, exec: [ls, /a]}", ""), true},
		"another argument":          {of("1", "{name: c, exec: [ls, /b]}", ""), false},
		"arguments cut otherwise":   {of("1", "{name: c, exec: [ls, /, a]}", ""), false},
		"a number for a text":       {of("1", "{name: c, exec: [ls, /a], attempts: 2}", ""), false},
		"another name":              {of("1", "{name: d, exec: [ls, /a]}", ""), false},
		"other hosts":               {of("1", "{name: c, exec: [ls, /a]}", "hosts: [x.example]\n"), false},
	} {
		if (same.got == plain) != same.same {
			t.Errorf("%s: same is %v", what, same.got == plain)
		}
	}
	reads := "{name: c, exec: [ls, \"${{ vars.limit }}\"]}"
	first, again, other := of("1", reads, ""), of("1", reads, ""), of("2", reads, "")
	if first != again || first == other {
		t.Error("a variable that it reads does not count")
	}
}

func TestParseSpan(t *testing.T) {
	for text, want := range map[string]time.Duration{"30d": 720 * time.Hour, "2w": 336 * time.Hour, "0d": 0, "1h30m": 90 * time.Minute, "36500d": 36500 * 24 * time.Hour} {
		if got, err := ParseSpan(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "d", "w", "-1d", "1.5d", "36501d", "99999999999999999999d", "6000w", "7", "1d2h"} {
		if got, err := ParseSpan(text); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}
