package scenarios

import (
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/expr-lang/expr/vm"
)

// allocated is how many bytes a call allocates in all.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestLargeFiles: large files, made to take long. Each is told
// about in a page of text, and read in memory that a multiple of its size
// bounds; what grew with the square of its size would not come to an end here.
func TestLargeFiles(t *testing.T) {
	const size = maxFile / 4
	fill := func(piece string) string { return strings.Repeat(piece, size/len(piece)) }
	count := func(format string) string {
		var b strings.Builder
		for i := 0; b.Len() < size-50; i++ {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	const check = "check: [{name: c, exec: [ls]}]\n"
	for name, c := range map[string]struct{ text, want string }{
		"unknown keys":        {head + count("k%d: x\n"), "more problems than these 100"},
		"one key again":       {head + fill("a: x\n"), "more problems than these 100"},
		"anchors":             {head + count("a%d: &a x\n"), "more problems than these 100"},
		"aliases":             {head + "a: &a x\n" + count("b%d: *a\n"), "more problems than these 100"},
		"tags":                {head + count("a%d: !x y\n"), "more problems than these 100"},
		"hosts that are none": {head + check + "hosts: [" + fill("'a b', ") + "]", "more problems than these 100"},
		"acts that are none":  {head + check + "then: {ok: [" + fill("ntify, ") + "]}", "more problems than these 100"},
		"variables":           {head + check + "vars:\n" + count("  k%d: x\n"), "at most 1000 are read"},
		"a long variable":     {head + check + "vars: {a: [" + fill("1,") + "]}", "at most 1000 are read"},
		"expressions":         {head + check + "links: [{name: a, url: 'https://x/" + fill("${{ incident.id }}") + "'}]", "more than 2000 expressions"},
		"a body":              {head + "check: [{name: c, http: {method: POST, readonly: true, url: 'https://a', body: [" + fill("'${{ target }}', ") + "]}}]", "more than 2000 expressions"},
		"regular expressions": {"name: a\nwhen: {title: [" + fill("'/^.{900}(.{900})$/',\n") + "]}\n", "more than 20000 parts"},
		"too large ones":      {"name: a\nwhen: {title: [" + fill("'/.{1000}.{1000}/',\n") + "]}\n", "more problems than these 100"},
		"steps":               {head + "check: [" + fill("{name: c, exec: [ls]},") + "]", "at most 50 are run"},
		"lists in lists":      {head + "vars: " + fill("["), "exceeded max depth"},
		"mappings in lists":   {head + "vars:\n" + fill("- "), "exceeded max depth"},
		"flow in flow":        {head + "vars: " + fill("{a: "), "exceeded max depth"},
		"opened and not shut": {head + "description: " + fill("${{"), "is not filled in here"},
		"documents":           {fill("---\n"), "a second document"},
		"colons":              {head + fill(": "), "YAML: "},
		"quotes":              {head + fill("\""), "YAML: "},
		"tabs":                {head + fill("\t"), "YAML: "},
		"empty lines":         {head + fill("\n"), "has no check"},
		"arguments":           {head + "check: [{name: c, exec: [" + fill("a, ") + "]}]", ""},
		"details":             {strings.Replace(head, "{title: t}", "{details: {"+count("a%d: b, ")+"}}", 1) + check, "at most 100 are read"},
	} {
		t.Run(name, func(t *testing.T) {
			var err error
			took := allocated(func() {
				_, err = LoadFS(fstest.MapFS{"s.yaml": {Data: []byte(c.text)}}, Options{})
			})
			var p Problems
			switch {
			case c.want == "" && err != nil:
				t.Errorf("got %.300s", err.Error())
			case c.want != "" && (!errors.As(err, &p) || !strings.Contains(err.Error(), c.want)):
				t.Errorf("want %s, got %.300v", c.want, err)
			}
			if len(p) > maxProblems+1 || len(p.Error()) > 50_000 {
				t.Errorf("%d problems, %d bytes of text", len(p), len(p.Error()))
			}
			if took > 1024*size {
				t.Errorf("it took %d MiB", took>>20)
			}
		})
	}
}

// TestLargeFolder: what is too long is not even read.
func TestLargeFolder(t *testing.T) {
	big := make([]byte, 10<<20)
	var err error
	took := allocated(func() {
		_, err = LoadFS(fstest.MapFS{"s.yaml": {Data: big}, "t.yaml": {Data: big}}, Options{})
	})
	if err == nil || strings.Count(err.Error(), "at most 1048576 are read") != 2 || took > 8*maxFile {
		t.Errorf("%d KiB: %v", took>>10, err)
	}
	folder := fstest.MapFS{}
	for i := range 70 {
		folder[textual(i)+".yaml"] = &fstest.MapFile{Data: big[:maxFile-1]}
	}
	if _, err := LoadFS(folder, Options{}); err == nil || err.Error() != "scenarios: load: more than 64 MiB in all" {
		t.Errorf("%v", err)
	}
}

// hostile is the largest incident that a monitoring tool could send: every
// text, number of values and depth beyond what is let in.
func hostile() Facts {
	long := strings.Repeat("xX,a b", 2<<20)
	wide := map[string]any{}
	for i := range 1000 {
		wide[fmt.Sprintf("k%04d", i)] = long[:4096]
	}
	var deep any = long
	for range 200 {
		deep = map[string]any{"d": deep, "l": []any{deep}}
	}
	list := make([]any, 100_000)
	for i := range list {
		list[i] = long[:8]
	}
	alert := Alert{ID: "A", Status: "triggered", Summary: long, Source: long,
		Details: map[string]any{"a": wide, "deep": deep, "list": list, "long": long[:200<<10]}}
	return Facts{Incident: Incident{ID: "Q", Number: 1, Title: long, Description: long, Alerts: []Alert{alert}}, Target: long[:maxTarget],
		Groups: map[string]string{"machine": long[:1000]},
		Steps:  map[string]map[string]any{"health endpoint": {"status": 500.0, "body": long[:maxText], "json": wide}}}
}

// worst is expressions that do as much as the limits let them.
func worst() []string {
	chain := func(piece, between string) string {
		n := (maxExpression + len(between)) / (len(piece) + len(between))
		return strings.Join(slices.Repeat([]string{piece}, n), between)
	}
	nest := func(before, inner, after string, n int) string {
		return strings.Repeat(before, n) + inner + strings.Repeat(after, n)
	}
	var out []string
	for _, all := range []string{
		chain("incident.title", "+"), chain("target", "+"), chain(`steps["health endpoint"].body`, "+"), chain("alert.details.long", "+"),
		chain(`string(alert.details.a)`, "+"), chain(`upper(incident.title)`, "+"), chain(`string(split(incident.title,""))`, "+"),
		chain(`len(split(incident.title,""))`, "+"), chain(`alert.details==alert.details`, "and"), chain(`"x" in alert.details`, " or "),
		chain(`incident.title matches "(x+x+)+y"`, " or "), chain(`incident.title matches "^(x?){30}x{30}$"`, " or "),
		chain(`incident.title contains incident.description`, " or "), chain(`alert.details.list==alert.details.list`, " and "),
		chain("2", "**"), chain("9", "*"), chain("1", "??"), chain("[1]", "in"), "[" + chain(`split(incident.title,"")`, ",") + "]",
		"[" + chain(`incident.title`, ",") + "]", "[" + chain("alert.details", ",") + "]",
	} {
		// The longest beginning that compiles.
		for _, m := compiled(all); m != nil && len(all) > 20; _, m = compiled(all) {
			sep := max(strings.LastIndexAny(all, "+*?,"), strings.LastIndex(all, " or "), strings.LastIndex(all, " and "), strings.LastIndex(all, "in["))
			if sep < 0 {
				break
			}
			closing := ""
			if all[0] == '[' && strings.HasSuffix(all, "]") {
				closing = "]"
			}
			all = all[:sep] + closing
		}
		out = append(out, all)
	}
	return append(out, nest("upper(", "incident.title", ")", 90), nest("trim(lower(", "incident.title", "))", 45), nest("[", "incident.title", "]", 90),
		nest("(", "incident.title", ")", 300), nest("split(", `incident.title`, `,"")[0]`, 30), nest("-", "1", "", 150), nest("not ", "true", "", 150),
		nest("true?", "incident.title", ":1", 60), nest("string([", "alert.details", "])", 40))
}

func compiled(source string) (*expression, *mistake) { return testScope().compile(source, nil) }

// looping is the instructions that go back, or that go over a list by
// themselves.
var looping = []vm.Opcode{vm.OpJumpBackward, vm.OpJumpIfEnd, vm.OpRange, vm.OpBegin, vm.OpGroupBy, vm.OpSortBy, vm.OpSort, vm.OpCreate, vm.OpIncrementIndex}

// straight fails when a program may do more than as many steps as it has
// instructions, or has more of them than the limit on parts lets it.
func straight(t *testing.T, e *expression) {
	t.Helper()
	if e.program == nil {
		return
	}
	for _, op := range e.program.Bytecode {
		if slices.Contains(looping, op) {
			t.Fatalf("%s: instruction %d goes back", e.source, op)
		}
	}
	if n := len(e.program.Bytecode); n > 6*maxNodes {
		t.Fatalf("%s: %d instructions", e.source, n)
	}
}

// TestWorstExpressions: what an expression does is bounded by its length and
// the caps on what it reads, and the sizes of what it makes by both.
func TestWorstExpressions(t *testing.T) {
	w := newWorld(testScope().vars, hostile())
	if n := valuesIn(w.values["alert"]); n > maxValues+len(alertFields) {
		t.Fatalf("an alert of %d values", n)
	}
	var seen int
	for _, source := range worst() {
		e, m := compiled(source)
		if m != nil {
			continue // refused: no worse than any other mistake
		}
		seen++
		straight(t, e)
		var v any
		took := allocated(func() { v, _ = e.value(w) })
		if took > 512<<20 {
			t.Errorf("%.60s: it took %d MiB", source, took>>20)
		}
		if n := sizeOf(v); n > maxNodes*maxBytes {
			t.Errorf("%.60s: a value of %d bytes", source, n)
		}
	}
	if seen < 20 {
		t.Errorf("only %d expressions compile", seen)
	}
}

func valuesIn(v any) int {
	switch v := v.(type) {
	case map[string]any:
		sum := 0
		for e := range maps.Values(v) {
			sum += 1 + valuesIn(e)
		}
		return sum
	case []any:
		sum := 0
		for _, e := range v {
			sum += 1 + valuesIn(e)
		}
		return sum
	}
	return 0
}

func sizeOf(v any) int {
	switch v := v.(type) {
	case string:
		return len(v)
	case []string:
		sum := 0
		for _, e := range v {
			sum += len(e)
		}
		return sum
	case []any:
		sum := 0
		for _, e := range v {
			sum += sizeOf(e)
		}
		return sum
	case map[string]any:
		sum := 0
		for k, e := range v {
			sum += len(k) + sizeOf(e)
		}
		return sum
	}
	return 8
}
