package scenarios

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

// schemas compiles both schemas: of scenarios, and of projects.
func schemas(t testing.TB) (scenario, project *jsonschema.Schema) {
	t.Helper()
	return compiledSchema(t, "scenario.json", Schema()), compiledSchema(t, "project.json", ProjectSchema())
}

func compiledSchema(t testing.TB, name string, text []byte) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asJSON is a file of YAML as an editor hands it to a schema. An error means
// that it is not even YAML.
func asJSON(text []byte) (any, error) {
	var v any
	if err := yaml.Unmarshal(text, &v); err != nil {
		return nil, err
	}
	return jsonValue(v), nil
}

func jsonValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = jsonValue(e)
		}
	case map[any]any:
		out := map[string]any{}
		for k, e := range v {
			out[fmt.Sprint(k)] = jsonValue(e)
		}
		return out
	case []any:
		for i, e := range v {
			v[i] = jsonValue(e)
		}
	case time.Time:
		return v.Format(time.DateOnly) // editors read YAML 1.2, which has no dates
	}
	return v
}

// refuses says whether the schemas see anything wrong in a folder.
func refuses(t *testing.T, folder fs.FS, scenario, project *jsonschema.Schema) bool {
	t.Helper()
	refused := false
	err := fs.WalkDir(folder, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".yaml" || isFixture(path.Base(name)) {
			return err
		}
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return err
		}
		doc, err := asJSON(text)
		if err != nil {
			return nil // the editor's YAML says so, no schema does
		}
		s := scenario
		if path.Base(name) == projectFile {
			s = project
		}
		refused = refused || s.Validate(doc) != nil
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return refused
}

func TestSchemaAcceptsExamples(t *testing.T) {
	scenario, project := schemas(t)
	if refuses(t, Examples(), scenario, project) {
		t.Error("the examples are refused")
	}
	for _, s := range samples(t, false) {
		doc, err := asJSON([]byte(inYAML(t, s.file)))
		if err == nil {
			err = scenario.Validate(doc)
		}
		if err != nil {
			t.Errorf("%s: %v", s.path, err)
		}
	}
	for _, s := range samples(t, true) {
		doc, err := asJSON([]byte(inYAML(t, s.file)))
		if err == nil {
			err = project.Validate(doc)
		}
		if err != nil {
			t.Errorf("%s: %v", s.path, err)
		}
	}
}

// TestSchemaRefusesMistakes: the golden file names the mistakes that a schema
// cannot see, since they lie in an expression, between keys or files, or in
// how YAML is written. All others are refused while one types.
func TestSchemaRefusesMistakes(t *testing.T) {
	scenario, project := schemas(t)
	files, err := filepath.Glob("testdata/mistakes/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var beyond []string
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		input, _, _ := strings.Cut(string(data), "-- want --\n")
		if !refuses(t, folderOf(input), scenario, project) {
			beyond = append(beyond, strings.TrimSuffix(filepath.Base(file), ".txtar"))
		}
	}
	t.Logf("%d of %d mistakes are refused by the schema", len(files)-len(beyond), len(files))
	golden(t, "testdata/beyond-schema.golden", strings.Join(beyond, "\n")+"\n")
}

// spellings is what authors write, rightly and wrongly.
var spellings = []any{nil, true, false, 0, 1, -1, 20, 21, 100, 101, 599, 1001, 1.5, "", " ", "0", "0s", "5", "5s", "+5s", "-3s", "1h30m",
	".5h", "1.s", "1d", "1.5d", "31d", "1ns", "3 per 6h", "+3 per  90s", "0 per 1h", "3 per 0s", "none", "target",
	"true", "ok", "report", "escalate", "everyone", "U123", "env:A", "file:/a", "file:a", "C0123", "#a", "de-AT",
	"Europe/Vienna", "/x/", "/x", "//", "/x/i", " /x", "${{ target }}", "${{ vars.port }}", "x ${{", "${{ }}", "true == alert.id",
	"https://a.example", "/abs", "web-*.x", "10.0.0.0/8", []any{}, []any{"a"}, []any{"U123", "S45"}, []any{1, true, ""}, []any{[]any{"a"}},
	map[string]any{}, map[string]any{"a": "b"}, map[string]any{"a": 1}, map[string]any{"a": map[string]any{"b": "c"}}, []any{map[string]any{"notify": "x"}},
	map[string]any{"escalate": "next"}, map[string]any{"users": "P1"}, map[string]any{"to": "next"}}

// TestSchemaRefusesNothingThatLoads puts every spelling at every key: what the
// schema refuses the loader refuses too. It asks the readers of single files:
// no schema sees more, and with all of LoadFS it takes a minute under -race.
func TestSchemaRefusesNothingThatLoads(t *testing.T) {
	scenario, project := schemas(t)
	of := newReader(projectFile, []byte(aroundProject))
	around := of.project(of.tree([]byte(aroundProject)))
	accepted, refused := 0, 0
	try := func(s sample, v any, ofProject bool) {
		file, schema := s.with(v), scenario
		if ofProject {
			schema = project
		}
		wrong := schema.Validate(jsonValue(file))
		if wrong == nil {
			accepted++
			return
		}
		refused++
		text := []byte(inYAML(t, file))
		r := newReader("s.yaml", text)
		if root := r.tree(text); ofProject {
			r.project(root)
		} else {
			r.scenario(root, around, Options{Secrets: fixedSecret})
		}
		if len(r.problems) == 0 {
			t.Errorf("%s loads, and the schema says %v\n%s", s.path, wrong, text)
		}
	}
	for _, ofProject := range []bool{false, true} {
		seen := map[string]bool{}
		for _, s := range samples(t, ofProject) {
			entry := s.key.name + s.key.doc // one of the table is read in several places, by one function
			if seen[entry] {
				continue
			}
			seen[entry] = true
			for _, v := range spellings {
				try(s, v, ofProject)
			}
		}
	}
	if accepted < 2000 || refused < 6000 {
		t.Errorf("%d spellings are accepted, %d refused", accepted, refused)
	}
}

// TestSchemaSpeaksECMAScript: editors read the patterns with another engine.
// What only Go's knows is not in them, and nothing stands beside a $ref, where
// draft 7 does not see it.
func TestSchemaSpeaksECMAScript(t *testing.T) {
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if p, ok := v["pattern"].(string); ok && regexp.MustCompile(`\(\?|\\[AzQECpPx]|\[\[:|\\a`).MatchString(p) {
				t.Errorf("the pattern %s", p)
			}
			if _, ok := v["$ref"]; ok && len(v) > 1 {
				t.Errorf("beside a reference: %v", v)
			}
			for k, e := range v {
				if k != "examples" && k != "default" {
					walk(e)
				}
			}
		case []any:
			for _, e := range v {
				walk(e)
			}
		}
	}
	for _, text := range [][]byte{Schema(), ProjectSchema()} {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		walk(doc)
		if len(text) > 200_000 {
			t.Errorf("a schema of %d bytes", len(text))
		}
	}
}
