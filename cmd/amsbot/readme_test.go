package main_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"amsbot/bot/slack"
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
	if len(shown) != 2 {
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
		if title, ok := strings.CutPrefix(l[1], "#"); ok {
			if !strings.Contains(strings.ToLower(readme(t)), "\n## "+strings.ReplaceAll(title, "-", " ")+"\n") {
				t.Errorf("there is no section %s", title)
			}
			continue
		}
		if _, err := os.Stat(filepath.Join("../..", l[1])); err != nil {
			t.Error(err)
		}
	}
}

// TestReadmeManifest: the README says of each scope of the manifest what for, and
// names no other.
func TestReadmeManifest(t *testing.T) {
	shown := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z.:_]+)` \\| (.*) \\|$").FindAllStringSubmatch(readme(t), -1) {
		if strings.Contains(m[1], ":") || m[1] == "commands" {
			shown[m[1]] = m[2]
		}
	}
	for _, s := range slack.Scopes() {
		if shown[s.Name] != s.Why {
			t.Errorf("README.md says %q of %s, and the manifest %q", shown[s.Name], s.Name, s.Why)
		}
		delete(shown, s.Name)
	}
	if len(shown) > 0 {
		t.Errorf("README.md names scopes that the manifest has not: %v", shown)
	}
	if n := len(blocks(readme(t), "json")); n != 1 { // an incident
		t.Errorf("%d pieces of JSON are shown", n)
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
		"go run ./cmd/amsbot demo":                                  demoStarts,
		"go install ./cmd/amsbot":                                   installs,
		"go test -race ./...":                                       ciRuns,
		"amsbot init > amsbot.yaml":                                 nil, // the next ones use what it wrote
		"amsbot manifest > manifest.yaml":                           nil, // testdata/script/manifest.txtar
		"export SLACK_BOT_TOKEN":                                    nil, // accounts
		"amsbot doctor --config amsbot.yaml":                        nil, // testdata/script/doctor.txtar
		"amsbot run --config amsbot.yaml":                           nil, // below, with tokens that Slack refuses: testdata/script/run.txtar
		"amsbot demo --config amsbot.yaml":                          nil, // below
		"docker build -t amsbot .":                                  inDockerfile,
		"docker run --stop-timeout 30 -v amsbot:/data -p 8081:8081": inDockerfile,
		"amsbot history":                                            nil,
		"amsbot history last":                                       nil,
		"amsbot history storm":                                      nil, // testdata/script/run.txtar, where there was none
		"amsbot healthcheck":                                        nil,
		"mkdir mine":                                                nil, // the author's way, below
		"amsbot schema":                                             nil,
		"amsbot lint mine":                                          nil,
		"amsbot test":                                               nil,
		"amsbot try":                                                nil,
		"amsbot demo --db demo.db":                                  nil,
		"amsbot replay --since 30d":                                 nil,
		"amsbot backup amsbot-backup.db":                            nil, // testdata/script/backup.txtar
		"amsbot restore amsbot-backup.db":                           nil,
		"amsbot bench":                                              nil, // testdata/script/bench.txtar, with --quick
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
	t.Run("an author's way", func(t *testing.T) { authorsWay(t, exe) })
}

// authorsWay follows the README from an empty folder to a scenario that was
// linted, tested, tried and replayed, with the very text and commands that it shows.
func authorsWay(t *testing.T, exe string) {
	dir, text := t.TempDir(), readme(t)
	write := func(name, data string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("incident.json", blocks(text, "json")[0])
	run := func(line string) string {
		cmd := exec.Command("sh", "-c", line)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "PATH="+filepath.Dir(exe)+":"+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", line, err, out)
		}
		return string(out)
	}
	said := map[string]string{}
	for _, b := range blocks(text, "sh")[1:4] {
		for _, line := range strings.Split(strings.TrimSpace(b), "\n") {
			switch {
			case strings.HasPrefix(line, "go install"):
			case line == "amsbot demo --db demo.db":
				p := start(t, "demo", "--db", filepath.Join(dir, "demo.db"), "--listen", "127.0.0.1:0")
				makeIll(t, strings.TrimSpace(p.line()))
				within(t, "an incident is answered", func() bool {
					out, err := exec.Command(exe, "history", "last", "--db", filepath.Join(dir, "demo.db")).Output()
					return err == nil && strings.Contains(string(out), "Run Recovery")
				})
			default:
				said[line] = run(line)
			}
			if line == "amsbot schema > mine/.amsbot.schema.json" {
				write("mine/mail-down.yaml", blocks(text, "yaml")[1])
			}
		}
	}
	for line, want := range map[string]string{
		"amsbot lint mine":                                "1 scenario, no problem, 0 warnings",
		"amsbot test mine":                                "5 tests: 5 ok, 0 failed",
		"amsbot try --incident incident.json mine":        "ssh ops@mail-1.shop.example -- sudo systemctl restart postfix",
		"amsbot try --incident incident.json --run mine":  "UNKNOWN  check greeting",
		"amsbot try --number last --db demo.db examples":  "web-down fits",
		"amsbot replay --since 30d --db demo.db examples": "1 incident",
	} {
		if !strings.Contains(said[line], want) {
			t.Errorf("%s does not say %q:\n%s", line, want, said[line])
		}
	}
}

// makeIll presses Errors on the demo's page.
func makeIll(t *testing.T, page string) {
	t.Helper()
	res, err := http.Post(page+"control/ail", "application/json", strings.NewReader(`{"ailment":"errors"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("make it ill: %s", res.Status)
	}
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

func demoStarts(t *testing.T, line string) {
	args := append(strings.Fields(strings.TrimPrefix(line, "go run ./cmd/amsbot ")), "--listen", "127.0.0.1:0")
	if line := start(t, args...).line(); !strings.HasPrefix(line, "http://127.0.0.1:") {
		t.Errorf("the first line is %q", line)
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
