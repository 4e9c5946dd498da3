package pagerduty

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"amsbot/scenarios"

	"amsbot/bot/words"
)

func TestNoOddFieldMakesAnIncidentUnreadable(t *testing.T) {
	odd := []string{"null", "0", "-1", "1e400", "true", `"text"`, "[]", "{}", `[null]`, `[1,"a",{}]`, `{"id":{}}`, `{"id":["x"]}`,
		`[{"assignee":null}]`, `[{"assignee":"x"}]`, `"\ud800"`, `{"details":{"a":1}}`}
	for _, field := range []string{"incident_number", "title", "description", "urgency", "incident_key", "html_url", "created_at",
		"last_status_change_by", "priority", "service", "escalation_policy", "teams", "assignments", "acknowledgements",
		"resolve_reason", "body", "conference_bridge", "assigned_via"} {
		for _, value := range odd {
			body := fmt.Sprintf(`{"incident":{"id":"Q1","status":"triggered",%q:%s}}`, field, value)
			var answer struct{ Incident *incident }
			if err := json.Unmarshal([]byte(body), &answer); err != nil {
				t.Errorf("%s: %v", body, err)
				continue
			}
			i := answer.Incident
			if i.ID != "Q1" || i.Status != "triggered" {
				t.Errorf("%s: lost the rest: %+v", body, i)
			}
			_, _, _, _, _ = i.core(), i.assignees(), i.acknowledgers(), i.mergedInto(), i.endedBy(words.In("en"))
		}
	}
}

func TestForeignTextIsBoundedAndValid(t *testing.T) {
	long := strings.Repeat("ü", 100_000)
	for in, want := range map[string]string{
		`"plain"`:                 "plain",
		`"<!channel> *b* \u0000"`: "<!channel> *b* \x00",
		"\"\xff\xfe\"":            "\uFFFD\uFFFD",
		`12`:                      "12",
		`null`:                    "",
		`{"a":1}`:                 "",
		`"` + long + `"`:          strings.Repeat("ü", 2048),
	} {
		var got text
		must(t, json.Unmarshal([]byte(in), &got))
		if string(got) != want {
			t.Errorf("%.40s: %.40q, want %.40q", in, got, want)
		}
	}
	if got := text(long[:mostText]).title(); utf8.RuneCountInString(got) != mostTitle {
		t.Errorf("title of %d runes", utf8.RuneCountInString(got))
	}
	if got := cut("aü", 2); got != "a" {
		t.Errorf("cut in the middle of a character: %q", got)
	}
}

func TestDetails(t *testing.T) {
	for _, c := range []struct {
		name, body string
		want       map[string]any
	}{
		{"object", `{"details":{"host":"web-1","n":3,"ok":true,"no":null,"list":["a",1]}}`,
			map[string]any{"host": "web-1", "n": 3.0, "ok": true, "no": nil, "list": []any{"a", 1.0}}},
		{"string", `{"details":"disk full on web-1"}`, map[string]any{"text": "disk full on web-1"}},
		{"number", `{"details":7}`, map[string]any{"value": 7.0}},
		{"null", `{"details":null}`, nil},
		{"empty", `{"details":{}}`, nil},
		{"cef", `{"details":null,"cef_details":{"details":{"host":"web-2"},"source_origin":"prober","severity":"error"}}`, map[string]any{"host": "web-2"}},
		{"details before cef", `{"details":{"host":"web-1"},"cef_details":{"details":{"host":"web-2"}}}`, map[string]any{"host": "web-1"}},
		{"cef is odd", `{"details":{"host":"web-1"},"cef_details":"x"}`, map[string]any{"host": "web-1"}},
		{"body is text", `"x"`, nil},
		{"body is a list", `[]`, nil},
	} {
		var a alert
		must(t, json.Unmarshal([]byte(`{"id":"A1","body":`+c.body+`}`), &a))
		room := mostDetails
		if got := a.core(&room).Details; !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestDetailsAreCapped(t *testing.T) {
	many := map[string]any{}
	for n := range 5000 {
		many[fmt.Sprintf("key-%04d", n)] = n
	}
	deep := any("bottom")
	for range 1000 {
		deep = map[string]any{"d": deep}
	}
	for _, c := range []struct {
		name    string
		details any
		check   func(map[string]any) bool
	}{
		{"values", many, func(d map[string]any) bool { return len(d) == mostValues && d["key-0000"] == 0.0 }},
		{"one value", map[string]any{"log": strings.Repeat("x", 100_000)}, func(d map[string]any) bool { return len(d["log"].(string)) == mostText }},
		{"depth", map[string]any{"a": 1, "deep": deep}, func(d map[string]any) bool { return d["a"] == 1.0 }},
		{"long names", map[string]any{strings.Repeat("k", 300) + "1": 1, strings.Repeat("k", 300) + "2": 2}, func(d map[string]any) bool { return len(d) == 2 }},
		{"list", map[string]any{"l": make([]int, 5000)}, func(d map[string]any) bool { return len(d["l"].([]any)) == mostValues }},
	} {
		raw, err := json.Marshal(c.details)
		must(t, err)
		room := mostDetails
		first := details(raw, &room)
		if !c.check(first) {
			t.Errorf("%s: %.200v", c.name, first)
		}
		room = mostDetails
		if !reflect.DeepEqual(first, details(raw, &room)) {
			t.Errorf("%s: two reads differ", c.name)
		}
	}
}

func TestSnapshotKeepsTheOpenOnes(t *testing.T) {
	var all []alert
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for n := range 600 {
		a := alert{ID: text(fmt.Sprintf("A%d", n)), Status: "resolved", CreatedAt: moment(begin.Add(time.Duration(n) * time.Second))}
		if n >= 500 {
			a.Status = "triggered"
		}
		all = append(all, a)
	}
	kept := snapshot(all)
	open := 0
	for _, a := range kept {
		if a.Status == "triggered" {
			open++
		}
	}
	if len(kept) != mostAlerts || open != 100 || kept[0].ID != "A500" || kept[100].ID != "A0" {
		t.Errorf("%d kept, %d open, first %s", len(kept), open, kept[0].ID)
	}
	if got := snapshot(nil); len(got) != 0 {
		t.Errorf("of nothing: %v", got)
	}
	var _ []scenarios.Alert = kept
}
