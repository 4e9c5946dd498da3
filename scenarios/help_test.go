package scenarios

import (
	"strconv"
	"testing"
	"testing/fstest"

	"gopkg.in/yaml.v3"
)

func textual(i int) string { return strconv.Itoa(i) }

func scalarNode(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s, Line: 1, Column: 1}
}

// head is what every scenario of a test begins with.
const head = "name: s\nwhen: {title: t}\ntarget: ${{ incident.id }}\n"

// loadOne loads a folder of one scenario without a project.
func loadOne(t *testing.T, yaml string, o Options) *Scenario {
	t.Helper()
	set, err := LoadFS(fstest.MapFS{"s.yaml": {Data: []byte(yaml)}}, o)
	if err != nil {
		t.Fatal(err)
	}
	return set.Scenarios[0]
}

// stepOf loads one step, written in YAML's flow or block style and indented by
// four, as the only check.
func stepOf(t *testing.T, step, more string) *Step {
	t.Helper()
	return loadOne(t, head+more+"check:\n  - name: c\n"+step, Options{Secrets: fixedSecret}).Check[0]
}

func fixedSecret(string) (string, error) { return "s3cr3t-value-9", nil }
