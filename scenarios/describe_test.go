package scenarios

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
)

// TestDescribe puts every example, and one scenario of odds and ends, into
// words.
func TestDescribe(t *testing.T) {
	set, err := LoadFS(Examples(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	odd := loadOne(t, `name: odd
autonomy: auto
acknowledge: true
when: {title: [a, "/b/", "/c/i", d], urgency: high, details: {n: [1, 2]}, if: "incident.number > 1"}
target: x-${{ incident.id }}
check:
  - {name: c, exec: [a, "b c", "", "${{ target }} d"], if: "alert.severity == 'critical'"}
  - name: h
    http: {method: POST, readonly: true, url: "https://a.example/${{ target }}", body: {a: b}}
    attempts: 3
  - {name: w, wait: 90s}
recover:
  - {name: r, exec: {command: [ls], env: {A: b}}, idempotent: true}
recheck: {stable: 1, settle: 0}
then:
  ok: [resolve, notify: "x\ty"]
  recovered: [report: {text: again}, notify: b]
  failed: escalate
guards: {cooldown: 0, runs: none, scenario_runs: none, lock: none, breaker: 1, masking: 22 per 1d, storm: none}
deadline: 1d
`, Options{})
	bare := loadOne(t, head+"autonomy: observe\ncheck: [{name: c, exec: [ls]}]\nrecover: [{name: r, exec: [ls]}]\nguards: {cooldown: 0, runs: none, scenario_runs: none, lock: none, breaker: none, masking: none, storm: none}\n", Options{})
	var got strings.Builder
	for _, s := range append(set.Scenarios, odd, bare) {
		fmt.Fprintf(&got, "# %s\n%s\n\n", s.Name, strings.Join(s.Describe(), "\n"))
	}
	got.WriteString("# kinds\n")
	for _, example := range []string{"", "nagios:\n  command: [check_load, -w, \"5 4\"]\n  ssh: {host: \"${{ target }}\", port: 22}", "http: {url: {}, method: GET}"} {
		for _, name := range Kinds() {
			k, _ := kindNamed(name)
			if example == "" {
				got.WriteString(inWordsOf(t, k, k.example) + "\n")
			} else if strings.HasPrefix(example, name+":") {
				got.WriteString(inWordsOf(t, k, example) + "\n")
			}
		}
	}
	golden(t, "testdata/describe.golden", got.String())
}

func inWordsOf(t *testing.T, k kind, example string) string {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(example), &n); err != nil {
		t.Fatal(err)
	}
	return k.inWords(n.Content[0].Content[1])
}

func TestSpanText(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0s", 90 * time.Second: "1m30s", 30 * time.Minute: "30m", 90 * time.Minute: "90m",
		6 * time.Hour: "6h", 168 * time.Hour: "7d", 1500 * time.Millisecond: "1.5s"} {
		if got := spanText(d); got != want {
			t.Errorf("%d: %s, want %s", d, got, want)
		}
		if back, err := parseSpan(want); err != nil || back != d {
			t.Errorf("%s reads as %s, %v", want, back, err)
		}
	}
	for n, want := range map[int]string{1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 12: "12th", 21: "21st", 112: "112th"} {
		if got := ordinal(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}
