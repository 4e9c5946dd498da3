package scenarios

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"gopkg.in/yaml.v3"
)

// around is the scenario into which the examples of the table are put.
const around = `
name: around
when: {title: '/(?P<host>x)/'}
target: ${{ alert.details.host }}
hosts: ["*.shop.example"]
vars: {port: 8080, limit: 90}
secrets: {token: "env:TOKEN"}
check:
  - name: health endpoint
    http: https://shop.example/healthz
recover:
  - {name: mend, exec: [/usr/local/bin/mend]}
`

const aroundProject = "name: around\nservices: [shop-web, PSHOPDB]\n" +
	"ssh: {user: amsbot, key: file:/etc/amsbot/id_ed25519, known_hosts: /etc/amsbot/known_hosts}\n"

// sample is one example of the table in the whole file that it makes.
type sample struct {
	path string // of the key: recover[].http.expect.status
	key  key
	file map[string]any
	with func(value any) map[string]any // the file with another value there
}

// absent is the value of a key that is not there.
type absent struct{}

// inYAML is a file as YAML.
func inYAML(t *testing.T, file map[string]any) string {
	t.Helper()
	out, err := yaml.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// samples is every example of the table, of scenarios or of projects.
func samples(t *testing.T, project bool) []sample {
	t.Helper()
	s := &sampler{t: t}
	if project {
		s.mapping("", projectKeys, parsed(t, aroundProject), func(m map[string]any) map[string]any { return m })
	} else {
		s.mapping("", scenarioKeys, parsed(t, around), func(m map[string]any) map[string]any { return m })
	}
	return s.out
}

func parsed(t *testing.T, text string) map[string]any {
	t.Helper()
	out := map[string]any{}
	if err := yaml.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return out
}

type sampler struct {
	t   *testing.T
	out []sample
}

// mapping takes every key of a mapping. base is what the mapping has to hold
// for any of them, wrap makes a whole file of the mapping.
func (s *sampler) mapping(path string, all keys, base map[string]any, wrap func(map[string]any) map[string]any) {
	for _, k := range all {
		own := maps.Clone(base)
		example := parsed(s.t, k.example)
		if _, ok := example[k.name]; !ok {
			s.t.Errorf("%s%s: the example does not show it", path, k.name)
		}
		maps.Copy(own, example)
		s.out = append(s.out, sample{path + k.name, k, wrap(own), func(v any) map[string]any {
			other := maps.Clone(own)
			other[k.name] = v
			if v == any(absent{}) {
				delete(other, k.name)
			}
			return wrap(other)
		}})
		s.below(path+k.name, k.shape, func(v any) map[string]any {
			outer := maps.Clone(own)
			outer[k.name] = v
			return wrap(outer)
		})
	}
}

// below takes the mappings that a shape holds.
func (s *sampler) below(path string, sh shape, wrap func(any) map[string]any) {
	switch sh.form {
	case mappingForm:
		base := map[string]any{}
		for _, k := range sh.keys {
			if k.required {
				maps.Copy(base, parsed(s.t, k.example))
			}
		}
		s.mapping(path+".", sh.keys, base, func(m map[string]any) map[string]any { return wrap(m) })
	case listForm:
		s.below(path+"[]", sh.of[0], func(v any) map[string]any { return wrap([]any{v}) })
	case eitherForm:
		ways := sh.of
		if len(ways) == 2 && ways[1].form == listForm {
			ways = ways[1:] // the list shows the one as well
		}
		for _, way := range ways {
			s.below(path, way, wrap)
		}
	case stepsForm:
		if sh.phase == Recover { // where a step may do anything
			wrapped := func(m map[string]any) map[string]any { return wrap([]any{m}) }
			exec, _ := kindNamed("exec")
			plain := parsed(s.t, "name: restart web\n"+exec.example)
			s.mapping(path+"[].", commonKeys, plain, wrapped)
			s.mapping(path+"[].", stepKeys()[len(commonKeys):], map[string]any{"name": "restart web"}, wrapped)
		}
	}
}

// TestExamplesOfTheTable loads every example.
func TestExamplesOfTheTable(t *testing.T) {
	all := samples(t, false)
	for _, s := range all {
		folder := fstest.MapFS{"project.yaml": {Data: []byte(aroundProject)}, "s.yaml": {Data: []byte(inYAML(t, s.file))}}
		if _, err := LoadFS(folder, Options{Secrets: fixedSecret}); err != nil {
			t.Errorf("%s: %v\n%s", s.path, err, inYAML(t, s.file))
		}
	}
	ofProject := samples(t, true)
	for _, s := range ofProject {
		folder := fstest.MapFS{"project.yaml": {Data: []byte(inYAML(t, s.file))}, "s.yaml": {Data: []byte(head + "check: [{name: c, exec: [ls]}]\n")}}
		if _, err := LoadFS(folder, Options{Secrets: fixedSecret}); err != nil {
			t.Errorf("%s: %v\n%s", s.path, err, inYAML(t, s.file))
		}
	}
	if len(all) < 90 || len(ofProject) < 20 {
		t.Errorf("%d and %d examples", len(all), len(ofProject))
	}
}

// TestTableIsWritten: nothing is without its words.
func TestTableIsWritten(t *testing.T) {
	for _, s := range slices.Concat(samples(t, false), samples(t, true)) {
		if !strings.HasSuffix(s.key.doc, ".") && !strings.HasSuffix(s.key.doc, ")") {
			t.Errorf("%s: the doc %q is no sentence", s.path, s.key.doc)
		}
		if s.key.required && s.key.fallback != "" {
			t.Errorf("%s: required, and yet with a default", s.path)
		}
	}
	for _, k := range kinds {
		if k.doc == "" || k.example == "" || len(k.short)+len(k.keys) == 0 {
			t.Errorf("the kind %s: %+v", k.name, k)
		}
		for _, f := range k.fields {
			if f.doc == "" || f.of == "" {
				t.Errorf("%s.%s has no words", k.name, f.name)
			}
		}
	}
	for _, f := range slices.Concat(incidentFields, alertFields) {
		if typed[f.of] == nil || f.doc == "" {
			t.Errorf("%s: %q is no type", f.name, f.of)
		}
	}
}

// TestNamesOfExpressions: the table and the checker know the same names.
func TestNamesOfExpressions(t *testing.T) {
	s := scope{target: true, secrets: map[string]string{}}
	known := slices.Sorted(slices.Values(s.names()))
	if listed := slices.Sorted(slices.Values(fields(rootNames).names())); !slices.Equal(known, listed) {
		t.Errorf("known %v, listed %v", known, listed)
	}
	world := newWorld(nil, Facts{Incident: Incident{Alerts: open(map[string]any{"a": "b"})}})
	in, _ := world.values["incident"].(map[string]any)
	if have, listed := slices.Sorted(maps.Keys(in)), slices.Sorted(slices.Values(incidentFields.names())); !slices.Equal(have, listed) {
		t.Errorf("an incident has %v, listed are %v", have, listed)
	}
}
