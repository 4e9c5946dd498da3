package scenarios

import (
	"strings"
	"testing"
	"time"

	"github.com/expr-lang/expr"
)

// testScope is the scope of a step in a scenario that has everything.
func testScope() *scope {
	return &scope{target: true, vars: map[string]any{"port": 8080, "name": "web", "list": []any{"a", "b"}, "deep": map[string]any{"x": 1}},
		groups: []string{"machine"}, steps: map[string][]string{"health endpoint": {"status", "body", "json"}, "skipped": {"exit"}},
		secrets: map[string]string{"token": "env:TOKEN"}}
}

func testFacts() Facts {
	return Facts{
		Incident: Incident{ID: "Q1", Number: 7, Title: "Health check failed", Urgency: "high",
			Service: Ref{"P1", "shop-web"}, Teams: []Ref{{"T1", "Ops"}},
			Alerts: []Alert{
				{ID: "A1", Key: "k", Status: "triggered", Summary: "down", Details: map[string]any{
					"host": "web-1", "count": 3.0, "env": "production", "nothing": nil, "list": []any{"x", 2.0},
					"deep": map[string]any{"a": map[string]any{"b": "c"}}, "address": "10.0.0.1:80"}},
				{ID: "A2", Key: "k", Status: "acknowledged", Summary: "down", Details: map[string]any{
					"host": "web-2", "count": 3.0, "env": "production", "nothing": nil, "list": []any{"x", 2.0},
					"deep": map[string]any{"a": map[string]any{"b": "d"}}, "address": "10.0.0.1:80"}},
				{ID: "A3", Status: "resolved", Details: map[string]any{"env": "test"}},
			}},
		Target: "web-1",
		Groups: map[string]string{"machine": "web-1"},
		Steps:  map[string]map[string]any{"health endpoint": {"status": 500.0, "body": "oops", "json": map[string]any{"used": 91.5}}},
	}
}

func eval(t *testing.T, source string) (any, error) {
	t.Helper()
	s := testScope()
	e, m := s.compile(source, nil)
	if m != nil {
		t.Fatalf("%s: %s", source, m.text)
	}
	return e.value(newWorld(s.vars, testFacts()))
}

func TestExpressionValues(t *testing.T) {
	for source, want := range map[string]any{
		`incident.number + 1`:                          8,
		`incident.service.name`:                        "shop-web",
		`"Ops" in incident.teams`:                      true,
		`incident.teams[0]`:                            "Ops",
		`alert.details.env == "production"`:            true,
		`alert.summary + "!"`:                          "down!",
		`alert.details.count == 3`:                     true,
		`alert.details.list[1]`:                        2.0,
		`alert.details.missing ?? "none"`:              "none",
		`alert.details.missing.deeper ?? "none"`:       "none",
		`alert.details.nothing ?? "null"`:              "null",
		`alert.details.a ?? alert.details.b ?? "z"`:    "z",
		`"host" in alert.details`:                      true,
		`"hst" in alert.details`:                       false,
		`"x" in alert.details.absent`:                  false,
		`"web-1" not in alert.details.list`:            true,
		`vars.port`:                                    8080,
		`vars.deep.x + 1`:                              2,
		`vars.list[1]`:                                 "b",
		`steps["health endpoint"].status == 500`:       true,
		`steps["health endpoint"].json.used > 90`:      true,
		`steps.skipped.exit ?? -1`:                     -1,
		`match.machine + "." + target`:                 "web-1.web-1",
		`len(split("a,b,c", ","))`:                     3,
		`upper(trim(" a ")) + lower("B") + string(1)`:  "Ab1",
		`int("12") + int(abs(-3.0))`:                   15,
		`max(1, 2) + min(3, 4)`:                        5,
		`float("1.5") < 2 and not (incident.number>9)`: true,
		`incident.title matches "^Health"`:             true,
		`incident.title contains "check" ? "y" : "n"`:  "y",
		`incident.urgency in ["high", "low"]`:          true,
		`false && alert.details.missing == 1`:          false,
		`target | upper()`:                             "WEB-1",
	} {
		got, err := eval(t, source)
		if err != nil || got != want {
			t.Errorf("%s = %#v, %v; want %#v", source, got, err, want)
		}
	}
}

func TestExpressionReadsNothingInSilence(t *testing.T) {
	for source, want := range map[string]string{
		`alert.details.missing == 1`:           "alert.details.missing is missing",
		`alert.details.missing.deeper`:         "alert.details.missing is missing",
		`alert.details.nothing`:                "alert.details.nothing is missing",
		`alert.details.list[9]`:                `alert.details.list["9"] is missing`,
		`alert.severity`:                       "alert.severity is missing",
		`lower(alert.details.missing) ?? "x"`:  "alert.details.missing is missing",
		`alert.details.host`:                   "alert.details.host differs between the open alerts",
		`alert.details.host ?? "x"`:            "alert.details.host differs between the open alerts",
		`alert.details.deep.a.b`:               "alert.details.deep.a.b differs between the open alerts",
		`string(alert.details.deep)`:           "alert.details.deep.a.b differs between the open alerts",
		`alert.details.deep == alert.details`:  "alert.details.deep.a.b differs between the open alerts",
		`alert.id`:                             "alert.id differs between the open alerts",
		`steps.skipped.exit`:                   "steps.skipped is missing",
		`steps["health endpoint"].json.absent`: `steps["health endpoint"].json.absent is missing`,
	} {
		got, err := eval(t, source)
		if err == nil || err.Error() != want {
			t.Errorf("%s = %#v, error %v; want %q", source, got, err, want)
		}
	}
	if got, err := eval(t, `split("a", ",")[5]`); err == nil {
		t.Errorf("an index beyond the end reads %v", got)
	}
	if got, err := eval(t, `vars.list[7]`); err == nil {
		t.Errorf("an index beyond the end reads %v", got)
	}
}

func TestExpressionRefuses(t *testing.T) {
	for _, source := range []string{
		`1..1000000000`, `len(1..1000000)`, `map([1], #)`, `filter(split("a", ""), true)`, `any([1], any([2], true))`,
		`reduce([1], #acc, 0)`, `let a = "x"; a + a`, `1; 2`, `{"a": 1}`, `repeat("a", 100000)`, `toJSON(alert.details)`,
		`now()`, `date("2026-01-01")`, `duration("1h")`, `$env`, `$env["secrets"]`, `$read(alert, "x", "", 0)`, `get(alert, "x")`,
		`alert?.details`, `alert["de" + "tails"]`, `steps[target]`, `match[target]`, `secrets["to" + "ken"]`, `type(1)`,
		`incident.title matches target`, `incident.Title`, `incident.service()`, `"a" matches "("`, `fromJSON("{}")`,
		`steps`, `[alert]`, `alert == nil`, `secrets.token + "x"`, `secrets.token[0:1]`, `len(secrets.token)`, `secrets`,
		`nope`, `print(1)`, `incident.number + "x"`, `1 +`, `"unclosed`, "`", `#`, `.a`, `all(alert.details.list, .x)`,
		strings.Repeat("(", 1999), strings.Repeat("!", 1999) + "1", strings.Repeat("a", 3000), "1" + strings.Repeat("+1", 900),
	} {
		if e, m := testScope().compile(source, nil); m == nil {
			t.Errorf("%s compiled to %v", clip(source, 60), e.program.Disassemble())
		} else if strings.Contains(m.text, "\n") {
			t.Errorf("%s: a message of several lines: %q", clip(source, 60), m.text)
		}
	}
}

// TestExpressionCannotRunLong runs the worst that the limits let through over
// the largest facts that they let in.
func TestExpressionCannotRunLong(t *testing.T) {
	long := strings.Repeat("aaaaaaaaab", 100_000) // a title of a megabyte
	details := map[string]any{"text": long}
	for i := range 5000 {
		details[string(rune('a'+i%26))+strings.Repeat("k", i%50)+string(rune('0'+i%10))] = map[string]any{"list": []any{1.0, long}}
	}
	f := Facts{Incident: Incident{Title: long, Alerts: []Alert{{Status: "triggered", Details: details}, {Status: "triggered", Details: details}}}}
	times := func(part, join string, n int) string { return strings.Repeat(part+join, n-1) + part }
	s := &scope{vars: map[string]any{}}
	for _, source := range []string{
		times("incident.title", "+", 40) + ` == ""`,
		times(`incident.title matches "(a|aa)+$"`, " || ", 1) + " && " + times(`incident.title matches "(((a*)*)*)*b{900}$"`, " && ", 8),
		times(`alert.details == alert.details`, " && ", 10),
		times(`len(split(incident.title, "a"))`, " + ", 20) + " > 0",
		times(`upper(lower(trim(incident.title)))`, "+", 12) + ` contains "zz"`,
		times(`string(alert.details)`, "+", 12) + ` contains "zz"`,
		times(`"zz" in split(incident.title, "b")`, " || ", 12),
		times("9", "**", 60) + " > 1",
	} {
		began := time.Now()
		e, m := s.compile(source, expr.AsBool())
		if m != nil {
			t.Errorf("%s: %s", clip(source, 60), m.text)
			continue
		}
		_, _ = (&condition{e}).holds(newWorld(s.vars, f)) // a memory limit may end it
		// Each takes well below a second; the bound only has to tell a
		// linear from an exponential one, on a busy machine under -race.
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%s took %s", clip(source, 60), took)
		}
	}
}

func TestTextKeepsTypesAndLimits(t *testing.T) {
	s, w := testScope(), newWorld(testScope().vars, testFacts())
	c := &compiler{r: newReader("f", nil), scope: *s}
	one := func(raw string) *text {
		x := c.fillable(scalarNode(raw), raw)
		if x == nil {
			t.Fatalf("%s: %v", raw, c.r.problems)
		}
		return x
	}
	for raw, want := range map[string]any{
		"${{ vars.port }}":                         8080,
		"p ${{ vars.port }}":                       "p 8080",
		"${{vars.port}}${{ vars.name }}":           "8080web",
		`${{ "}}" }} and ${{ '}}' }}`:              "}} and }}",
		"${{ alert.details.count }}/s":             "3/s",
		"a }} b":                                   "a }} b",
		"Bearer ${{ secrets.token }}":              "Bearer [redacted]",
		"${{ steps[\"health endpoint\"].status }}": 500.0,
	} {
		if got, err := one(raw).value(w); err != nil || got != want {
			t.Errorf("%s = %#v, %v; want %#v", raw, got, err, want)
		}
	}
	for _, raw := range []string{"x${{ vars.list }}", "x${{ vars.deep }}", "x${{ nil }}"} {
		if got, err := one(raw).value(w); err == nil {
			t.Errorf("%s = %q, want an error", raw, got)
		}
	}
	big := Facts{Incident: Incident{Title: strings.Repeat("x", maxText+1)}}
	if _, err := one("a${{ incident.title }}").fill(newWorld(nil, big), nil); err == nil {
		t.Error("a text of more than 64 KiB was filled in")
	}
}

func TestAlertDetailsAreCapped(t *testing.T) {
	details := map[string]any{}
	for i := range 3 * maxValues {
		details["k"+textual(i)] = i
	}
	view := alertView(Incident{Alerts: []Alert{{Status: "triggered", Details: details}}})
	if n := len(view["details"].(map[string]any)); n > maxValues {
		t.Errorf("%d values are read", n)
	}
	gone, open := Alert{Status: "resolved", ID: "A"}, Alert{Status: "triggered", ID: "B"}
	if got := alertView(Incident{Alerts: []Alert{gone, open}}); got["id"] != "B" {
		t.Errorf("beside an open alert a resolved one is read: %v", got)
	}
	if got := alertView(Incident{Alerts: []Alert{gone}}); got["id"] != "A" {
		t.Errorf("of a reopened incident nothing is read: %v", got)
	}
}
