package app_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The house rules that a compiler does not hold: who may import whom, what lies
// at the top, and where bbolt is known.

const module = "amsbot"

// sink is where secrets are masked: everything that lets text out may know it.
const sink = "scenarios/secret"

// adapter is what a package under bot/ may import that has no rule of its own:
// the neighbours of today, and those to come.
var adapter = []string{"bot", "bot/outbox", "bot/words", sink}

// arrows are the packages of ours that each may import besides its own parts. A
// package that is not here is found by its folder: see allowed.
var arrows = map[string][]string{
	"bot":           {"bot/outbox", "bot/words", "scenarios", "store", sink},
	"bot/slack":     adapter,
	"bot/pagerduty": append([]string{"scenarios"}, adapter...), // a Snapshot is made of what scenarios know of an incident
	"bot/admin":     adapter,
	"bot/outbox":    {"store", sink},
	"bot/words":     {sink},
	"scenarios":     {sink, "scenarios/examples"},
	"store":         {},

	"cmd/amsbot/floor": {}, // it is what a bot costs that is not ours
}

// allowed says whether package from may import package to, both within the module.
func allowed(from, to string) bool {
	under := func(dir, path string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }
	switch {
	case arrows[from] != nil:
		return slices.Contains(arrows[from], to)
	case from == "cmd/amsbot/app": // whoever is measured does not know it
		return !under("cmd/amsbot/bench", to) && !under("cmd/amsbot/floor", to)
	case under("cmd", from):
		return true
	case under("bot/sim", from):
		return under("bot/sim", to)
	case under("scenarios", from):
		return to == sink && from != sink
	case under("bot", from):
		return slices.Contains(adapter, to)
	}
	return false
}

// listed is what go list says about a package.
type listed struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

// within is the path inside the module, or "" for a foreign package.
func within(path string) string {
	if path == module {
		return "."
	}
	inside, ok := strings.CutPrefix(path, module+"/")
	if !ok {
		return ""
	}
	return inside
}

// bboltKnown are the packages that may: the store, and the floor that it is
// measured against.
var bboltKnown = []string{"store", "cmd/amsbot/floor"}

// wrongImports are the arrows that must not be, and bbolt where it is not known.
func wrongImports(packages []listed) (faults []string) {
	for _, p := range packages {
		from := within(p.ImportPath)
		for _, path := range p.Imports {
			if to := within(path); to != "" && !allowed(from, to) {
				faults = append(faults, from+" imports "+to)
			}
		}
		for _, path := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			if strings.HasPrefix(path, "go.etcd.io/bbolt") && !slices.Contains(bboltKnown, from) {
				faults = append(faults, from+" knows bbolt")
			}
		}
	}
	slices.Sort(faults)
	return slices.Compact(faults)
}

func TestArrows(t *testing.T) {
	packages := listPackages(t)
	seen := map[string]bool{}
	for _, p := range packages {
		seen[within(p.ImportPath)] = true
	}
	for from := range maps.Keys(arrows) {
		if !seen[from] {
			t.Errorf("there is no package %s: the rules are out of date", from)
		}
	}
	for _, fault := range wrongImports(packages) {
		t.Errorf("%s", fault)
	}
}

func listPackages(t *testing.T) []listed {
	t.Helper()
	out := run(t, "go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	var packages []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

// run runs a command at the top of the module.
func run(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir = top(t)
	var complaint bytes.Buffer
	command.Stderr = &complaint
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, complaint.String())
	}
	return out
}

// top is the folder with go.mod.
func top(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	for err == nil {
		if _, e := os.Stat(filepath.Join(dir, "go.mod")); e == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	t.Fatalf("no go.mod above the test: %v", err)
	return ""
}

func TestWrongArrowsAreFound(t *testing.T) {
	for edge, fault := range map[string]string{
		"cmd/amsbot store":                   "",
		"cmd/amsbot/app bot/sim":             "",
		"cmd/amsbot/app cmd/amsbot/bench":    "cmd/amsbot/app imports cmd/amsbot/bench",
		"cmd/amsbot/bench cmd/amsbot/app":    "",
		"cmd/amsbot/floor store":             "cmd/amsbot/floor imports store",
		"bot bot/outbox":                     "",
		"bot scenarios":                      "",
		"bot bot/slack":                      "bot imports bot/slack",
		"bot bot/admin":                      "bot imports bot/admin",
		"bot bot/sim":                        "bot imports bot/sim",
		"bot cmd/amsbot/app":                 "bot imports cmd/amsbot/app",
		"bot/slack bot":                      "",
		"bot/slack store":                    "bot/slack imports store",
		"bot/slack scenarios":                "bot/slack imports scenarios",
		"bot/slack bot/pagerduty":            "bot/slack imports bot/pagerduty",
		"bot/pagerduty scenarios":            "",
		"bot/pagerduty store":                "bot/pagerduty imports store",
		"bot/admin store":                    "bot/admin imports store",
		"bot/ticket bot/words":               "",
		"bot/ticket bot/slack":               "bot/ticket imports bot/slack",
		"bot/ticket store":                   "bot/ticket imports store",
		"bot/outbox store":                   "",
		"bot/outbox bot":                     "bot/outbox imports bot",
		"bot/words bot":                      "bot/words imports bot",
		"bot/words store":                    "bot/words imports store",
		"bot/sim bot/sim/slack":              "",
		"bot/sim/slack bot/sim/patient":      "",
		"bot/sim/slack bot/slack":            "bot/sim/slack imports bot/slack",
		"bot/sim scenarios/secret":           "bot/sim imports scenarios/secret",
		"bot/simulated bot/sim":              "bot/simulated imports bot/sim",
		"scenarios scenarios/secret":         "",
		"scenarios store":                    "scenarios imports store",
		"scenarios bot/words":                "scenarios imports bot/words",
		"scenarios/secret scenarios":         "scenarios/secret imports scenarios",
		"scenarios/examples scenarios":       "scenarios/examples imports scenarios",
		"store scenarios/secret":             "store imports scenarios/secret",
		"store bot":                          "store imports bot",
		"elsewhere store":                    "elsewhere imports store",
		". store":                            ". imports store",
		"store go.etcd.io/bbolt":             "",
		"bot go.etcd.io/bbolt":               "bot knows bbolt",
		"cmd/amsbot go.etcd.io/bbolt/errors": "cmd/amsbot knows bbolt",
	} {
		from, to, _ := strings.Cut(edge, " ")
		if !strings.HasPrefix(to, "go.etcd.io/") {
			to = module + "/" + to
		}
		got := wrongImports([]listed{
			{ImportPath: strings.TrimSuffix(module+"/"+from, "/."), Imports: []string{"fmt", to}},
			{ImportPath: module + "/store"},
		})
		if strings.Join(got, "; ") != fault {
			t.Errorf("%s: got %q, want %q", edge, got, fault)
		}
	}
	hidden := wrongImports([]listed{{ImportPath: module + "/bot", XTestImports: []string{"go.etcd.io/bbolt", module + "/bot/sim"}}})
	if fmt.Sprint(hidden) != "[bot knows bbolt]" {
		t.Errorf("imports of a story: %q", hidden)
	}
}
