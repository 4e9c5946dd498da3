package main_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func readme(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// blocks are the README's code blocks of a language.
func blocks(text, language string) []string {
	var out []string
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

// TestReadmeShowsTheScenario: the README's scenario is the example's very text.
func TestReadmeShowsTheScenario(t *testing.T) {
	shown := blocks(readme(t), "yaml")
	if len(shown) != 1 {
		t.Fatalf("%d scenarios are shown", len(shown))
	}
	example, err := os.ReadFile("../../scenarios/examples/shop/web-down.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(shown[0]) != strings.TrimSpace(string(example)) {
		t.Error("README.md shows another scenario than scenarios/examples/shop/web-down.yaml")
	}
}

// TestReadmeLinks: every file that the README names is there.
func TestReadmeLinks(t *testing.T) {
	links := regexp.MustCompile(`(?:\]\(|src=")([^)":]+)`).FindAllStringSubmatch(readme(t), -1)
	if len(links) < 8 {
		t.Fatalf("only %d links found", len(links))
	}
	for _, l := range links {
		if l[1] == "https" {
			continue
		}
		if _, err := os.Stat(filepath.Join("../..", l[1])); err != nil {
			t.Error(err)
		}
	}
}

// TestReadmeManifest: the manifest is JSON and asks for what amsbot uses.
func TestReadmeManifest(t *testing.T) {
	var m struct {
		Features struct {
			Commands []struct{ Command string } `json:"slash_commands"`
		}
		OAuth struct {
			Scopes struct{ Bot []string }
		} `json:"oauth_config"`
		Settings struct {
			Socket bool `json:"socket_mode_enabled"`
			Events struct {
				Bot []string `json:"bot_events"`
			} `json:"event_subscriptions"`
			Interactivity struct {
				Enabled bool `json:"is_enabled"`
			}
		}
	}
	shown := blocks(readme(t), "json")
	if len(shown) != 1 {
		t.Fatalf("%d manifests are shown", len(shown))
	}
	if err := json.Unmarshal([]byte(shown[0]), &m); err != nil {
		t.Fatal(err)
	}
	for _, scope := range []string{"chat:write", "commands", "files:write", "channels:history", "groups:history", "users:read.email", "usergroups:read", "channels:join"} {
		if !slices.Contains(m.OAuth.Scopes.Bot, scope) {
			t.Errorf("the scope %s is missing", scope)
		}
	}
	if !m.Settings.Socket || !m.Settings.Interactivity.Enabled || !slices.Contains(m.Settings.Events.Bot, "app_home_opened") ||
		len(m.Features.Commands) != 1 || m.Features.Commands[0].Command != "/ams" {
		t.Errorf("the manifest lacks something: %+v", m)
	}
}

// TestReadmeCommands runs every command that the README shows, as far as a
// machine without accounts and containers can. A line that is not known here
// fails: whoever adds a command says how it is tested.
func TestReadmeCommands(t *testing.T) {
	exe, err := build()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]func(t *testing.T, line string){
		"go run ./cmd/amsbot demo":                demoStarts("demo"),
		"go install ./cmd/amsbot":                 installs,
		"go test -race ./...":                     ciRuns,
		"amsbot init > amsbot.yaml":               nil, // the next ones use what it wrote
		"export SLACK_BOT_TOKEN":                  nil, // accounts
		"amsbot run --config amsbot.yaml":         nil, // below, with tokens that Slack refuses: testdata/script/run.txtar
		"amsbot demo --config amsbot.yaml":        nil, // below
		"docker build -t amsbot .":                inDockerfile,
		"docker run -v amsbot:/data -p 8081:8081": inDockerfile,
		"amsbot history":                          nil,
		"amsbot history last":                     nil,
		"amsbot healthcheck":                      nil,
	}
	var lines []string
	for _, b := range blocks(readme(t), "sh") {
		lines = append(lines, strings.Split(strings.TrimSpace(b), "\n")...)
	}
	if len(lines) < 10 {
		t.Fatalf("only %d commands found", len(lines))
	}
	for _, line := range lines {
		found := false
		for start, test := range known {
			if line == start || strings.HasPrefix(line, start+" ") || strings.HasPrefix(line, start+"=") {
				found = true
				if test != nil {
					t.Run(start, func(t *testing.T) { test(t, line) })
				}
			}
		}
		if !found {
			t.Errorf("README.md shows a command that no test runs: %s", line)
		}
	}
	t.Run("a newcomer's own configuration", func(t *testing.T) { ownConfiguration(t, exe) })
}

// ownConfiguration follows the README: init, demo --config, history, healthcheck.
func ownConfiguration(t *testing.T, exe string) {
	dir := t.TempDir()
	out, err := exec.Command(exe, "init").Output()
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "amsbot.yaml")
	if err := os.WriteFile(config, out, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(dir, "scenarios"), os.DirFS("../../scenarios/examples")); err != nil {
		t.Fatal(err)
	}
	db := filepath.Join(dir, "amsbot.db")
	p := start(t, "demo", "--config", config, "--db", db, "--listen", "127.0.0.1:0")
	if line := p.line(); !strings.HasPrefix(line, "http://127.0.0.1:") {
		t.Fatalf("the first line is %q", line)
	}
	within(t, "the bot answers", func() bool { return exec.Command(exe, "healthcheck", "--config", config).Run() == nil })
	for _, args := range [][]string{{"history", "--config", config}, {"healthcheck", "--config", config}} {
		if out, err := exec.Command(exe, args...).CombinedOutput(); err != nil {
			t.Errorf("amsbot %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	if out, err := exec.Command(exe, "history", "last", "--config", config).CombinedOutput(); err == nil || !strings.Contains(string(out), "hint:") {
		t.Errorf("history last of nothing: %v\n%s", err, out)
	}
}

func demoStarts(args ...string) func(*testing.T, string) {
	return func(t *testing.T, _ string) {
		p := start(t, append(args, "--listen", "127.0.0.1:0")...)
		if line := p.line(); !strings.HasPrefix(line, "http://127.0.0.1:") {
			t.Errorf("the first line is %q", line)
		}
	}
}

func installs(t *testing.T, line string) {
	dir := t.TempDir()
	cmd := exec.Command("sh", "-c", line)
	cmd.Dir, cmd.Env = "../..", append(os.Environ(), "GOBIN="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if _, err := os.Stat(filepath.Join(dir, "amsbot")); err != nil {
		t.Error(err)
	}
}

// ciRuns: the test command cannot run itself; .ci/run takes it from the README.
func ciRuns(t *testing.T, _ string) {
	ci, err := os.ReadFile("../../.ci/run")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(ci), "go test -race") || !strings.Contains(string(ci), "README.md") {
		t.Error(".ci/run does not take the test command from README.md")
	}
}

// inDockerfile: no container engine is needed to see that what the README says
// of the image is so.
func inDockerfile(t *testing.T, line string) {
	data, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"FROM scratch", "USER 65532", "VOLUME /data", "HEALTHCHECK"} {
		if !strings.Contains(string(data), want) {
			t.Errorf("%s: the Dockerfile lacks %q", line, want)
		}
	}
}
