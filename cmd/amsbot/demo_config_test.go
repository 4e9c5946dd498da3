package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// ownScenario is a user's own: it recovers by itself, and leaves a trace.
const ownScenario = `name: file-missing
autonomy: auto
when: {service: my-service}
target: my-file
check:
  - name: is it there
    exec: [test, -e, %[1]q]
recover:
  - name: make it
    exec: [touch, %[1]q]
recheck: {settle: 0s, every: 1s, stable: 1, within: 5s}
`

const ownProject = `name: mine
services: [my-service]
channel: "#my-ops"
permissions: {run: [everyone], resolve: [everyone]}
`

// TestDemoOfOwnConfiguration: a user's own configuration and scenarios run in the
// simulator, and only observe; with --act their recoveries really run.
func TestDemoOfOwnConfiguration(t *testing.T) {
	for _, c := range []struct {
		name, card string
		args       []string
		made       bool
	}{
		{"observes", "Observed", nil, false},
		{"acts", "Recovered by amsbot", []string{"--act"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			trace := filepath.Join(dir, "trace")
			config := ownFiles(t, dir, trace)
			p := start(t, append([]string{"demo", "--config", config, "--db", filepath.Join(dir, "amsbot.db"), "--listen", "127.0.0.1:0"}, c.args...)...)
			control := strings.TrimSuffix(p.line(), "/") + "/control/"
			post(t, control+"raise", map[string]any{"service": "my-service", "title": "It is gone", "key": "gone"})
			within(t, "the card says "+c.card, func() bool { return strings.Contains(get(t, control+"messages?channel=my-ops"), c.card) })
			if _, err := os.Stat(trace); (err == nil) != c.made {
				t.Errorf("the recovery left its trace: %v, want %v", err == nil, c.made)
			}
		})
	}
}

// ownFiles writes a user's configuration and scenarios, and names the configuration.
func ownFiles(t *testing.T, dir, trace string) string {
	t.Helper()
	exe, err := build()
	if err != nil {
		t.Fatal(err)
	}
	example, err := exec.Command(exe, "init").Output()
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{
		"amsbot.yaml":                 string(example),
		"scenarios/mine/project.yaml": ownProject,
		"scenarios/mine/file.yaml":    fmt.Sprintf(ownScenario, trace),
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "amsbot.yaml")
}

func post(t *testing.T, url string, body any) {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.Post(url, "application/json", bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if answer, _ := io.ReadAll(r.Body); r.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s", url, r.StatusCode, answer)
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	answer, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}
