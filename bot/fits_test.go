package bot

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"amsbot/bot/words"
	"amsbot/scenarios"
)

// What package scenarios can find has a sentence in every language, filled with as
// much, and in English it is the one that authors read.
func TestWhatIsFoundHasWords(t *testing.T) {
	all, english := scenarios.Findings()
	for _, f := range all {
		values := make([]any, strings.Count(english[f], "%s"))
		for i := range values {
			values[i] = fmt.Sprint("<", i, ">")
		}
		key := "fits." + string(f)
		for _, lang := range words.Languages() {
			switch said := words.In(lang).Say(key, values...); {
			case said == key:
				t.Errorf("%s: %s has no text", lang, key)
			case strings.Contains(said, "%!") || strings.Count(said, "<") != len(values):
				t.Errorf("%s: %s: %q", lang, key, said)
			case lang == "en" && said != fmt.Sprintf(english[f], values...):
				t.Errorf("%s is %q, and authors read %q", key, said, fmt.Sprintf(english[f], values...))
			}
		}
	}
}

// Why each scenario fits or does not, as it is written into the incident of a
// project that speaks Japanese.
func TestWhyInJapanese(t *testing.T) {
	in := scenarios.Incident{Service: scenarios.Ref{Name: "web"}, Title: "Health", Urgency: "high", Teams: []scenarios.Ref{{Name: "ops"}}, Alerts: []scenarios.Alert{{Status: "triggered",
		Details: map[string]any{"env": "production", "blank": " ", "more": map[string]any{"a": 1}}}}}
	var got strings.Builder
	for _, said := range []string{
		"{title: Disk full}\ntarget: t",
		"{title: [Disk full, \"Queue %d\"]}\ntarget: t",
		"{priority: P1}\ntarget: t",
		"{if: 'alert.details.env == \"test\" && (alert.details.none ?? 1) == 1'}\ntarget: t",
		"{if: alert.details.none == 1}\ntarget: t",
		"{details: {more: x}}\ntarget: t",
		"{title: Health}\ntarget: ${{ alert.details.nobody }}",
		"{title: Health}\ntarget: ${{ alert.details.blank }}",
		"{title: Health, urgency: high, details: {env: production}}\ntarget: t",
	} {
		set, err := scenarios.LoadFS(fstest.MapFS{
			"project.yaml": {Data: []byte("name: p\nservices: [web]\nlanguage: ja\n")},
			"a.yaml":       {Data: []byte("name: a\nwhen: " + said + "\ncheck:\n  - {name: c, exec: [\"true\"]}\n")},
			"z.yaml":       {Data: []byte("name: z\nwhen: {urgency: high, team: '/./'}\ntarget: t\ncheck:\n  - {name: c, exec: [\"true\"]}\n")},
		}, scenarios.Options{})
		if err != nil {
			t.Fatal(err)
		}
		d := set.Match(in)
		for i, y := range worded(d.Why, words.In("ja")) {
			if y.Scenario == "a" || d.Scenario.Name == "a" { // else z was chosen, and says no more
				fmt.Fprintf(&got, "%s: %s\n", y.Scenario, y.Text)
			}
			if english := worded(d.Why, words.In("en"))[i].Text; english != d.Why[i].Text {
				t.Errorf("in English %q, and authors read %q", english, d.Why[i].Text)
			}
		}
	}
	if want := `a: title: "Health" は Disk full に一致しません
a: title: "Health" は Disk full, Queue %d のいずれにも一致しません
a: priority: インシデントに値がありません
a: if: alert.details.env == "test" && (alert.details.none ?? 1) == 1 が成り立ちません: alert.details.env は "production", alert.details.none がありません
a: if: alert.details.none がありません
a: details.more: alert.details.more: リストまたはマッピングで、文字列ではありません
a: target: alert.details.nobody がありません
a: target: 空です
a: 条件 3 件すべてに合致
z: 条件 2 件すべてに合致。ただし a の条件の方が詳細です（3 件）
`; got.String() != want {
		t.Errorf("got\n%s", got.String())
	}
}
