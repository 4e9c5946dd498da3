package scenarios

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// toldApart is the keys of which to say the default is not the same to the
// loader as to say nothing, and those whose default is no one value.
var toldApart = []string{
	"then.held",                                                                    // said, it holds during maintenance too
	".ssh.jump.agent", ".ssh.agent", ".nagios.ssh.jump.agent", ".nagios.ssh.agent", // said, the project's login is not taken
	".ssh.port", ".nagios.ssh.port", ".http.expect.status", // in words
	".tls.port", ".dns.expect.least", ".dns.expect.rcode", // the step looks whether they were said
}

// TestDefaultsOfTheTable: to say a default is to say nothing.
func TestDefaultsOfTheTable(t *testing.T) {
	tried := 0
	for _, ofProject := range []bool{false, true} {
		for _, s := range samples(t, ofProject) {
			if s.key.fallback == "" || slices.Contains(toldApart, s.path[strings.LastIndex(s.path, "].")+1:]) {
				continue
			}
			load := func(text string) string {
				folder := fstest.MapFS{"project.yaml": {Data: []byte(aroundProject)}, "s.yaml": {Data: []byte(text)}}
				if ofProject {
					folder = fstest.MapFS{"project.yaml": {Data: []byte(text)}, "s.yaml": {Data: []byte(head + "check: [{name: c, exec: [ls]}]\n")}}
				}
				set, err := LoadFS(folder, Options{Secrets: fixedSecret})
				if err != nil { // where the default is not enough, both have the same wrong
					_, text, _ := strings.Cut(err.Error(), ": ")
					return text
				}
				var out strings.Builder
				dump(&out, reflect.ValueOf(set), 0)
				return out.String()
			}
			said, unsaid := load(inYAML(t, s.with(written(s.key.fallback)))), load(inYAML(t, s.with(absent{})))
			if said != unsaid {
				t.Errorf("%s: the default is not %s\n%.200s\n%.200s", s.path, s.key.fallback, said, unsaid)
			}
			tried++
		}
	}
	if tried < 25 {
		t.Errorf("%d defaults", tried)
	}
}

// unlike is what differs between two files that mean the same.
var unlike = []string{"at", "sources", "Version", "resolve", "words", "definition", "program", "scenario", "re", "vars"}

// dump writes every value that can be reached, but for unlike.
func dump(out *strings.Builder, v reflect.Value, depth int) {
	if depth > 20 {
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			dump(out, v.Elem(), depth+1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; !slices.Contains(unlike, name) {
				fmt.Fprintf(out, "%s{", name)
				dump(out, v.Field(i), depth+1)
				out.WriteString("}")
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			dump(out, v.Index(i), depth+1)
			out.WriteString(",")
		}
	case reflect.Func:
	default:
		fmt.Fprintf(out, "%v", v)
	}
}
