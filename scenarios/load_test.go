package scenarios

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func TestExamplesLoad(t *testing.T) {
	set, err := LoadFS(Examples(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	autonomy := map[Autonomy]int{}
	for _, s := range set.Scenarios {
		autonomy[s.Autonomy]++
		pinned, err := Pin(s.Sources(), Options{})
		if err != nil {
			t.Fatalf("%s: %v", s.Name, err)
		}
		if pinned.Version != s.Version || pinned.Project.Name != s.Project.Name {
			t.Errorf("%s: pinned version %s of %s, loaded %s", s.Name, pinned.Version, pinned.Project.Name, s.Version)
		}
	}
	if len(set.Scenarios) < 6 || autonomy[Ask] == 0 || autonomy[Auto] == 0 {
		t.Errorf("%d scenarios, by autonomy %v", len(set.Scenarios), autonomy)
	}
}

func TestDefaults(t *testing.T) {
	s := loadOne(t, head+"check: [{name: c, exec: [ls]}]\nrecover: [{name: r, exec: [ls]}]\n", Options{})
	if s.Autonomy != Ask || s.Acknowledge || s.Deadline != 10*time.Minute || s.Approval != (Approval{Expires: 30 * time.Minute}) || s.StartWithin != 15*time.Minute {
		t.Errorf("%+v", s)
	}
	if s.Guards != (Guards{Cooldown: 30 * time.Minute, Runs: Limit{3, 6 * time.Hour}, Lock: true,
		ScenarioRuns: Limit{20, time.Hour}, Breaker: 3, Masking: Limit{3, 7 * 24 * time.Hour},
		Storm: Limit{5, 5 * time.Minute}, Parallel: 3}) || s.Recheck.Stable != 2 {
		t.Errorf("%+v, %+v", s.Guards, s.Recheck)
	}
	for branch, got := range map[string][]Ending{"report": s.Then.OK, "resolve": s.Then.Recovered, "escalate second_line": s.Then.Failed,
		"escalate first_line": s.Then.Unknown, "escalate first_line ": s.Then.Held} {
		if len(got) != 1 || strings.TrimSpace(got[0].Act+" "+got[0].To) != strings.TrimSpace(branch) {
			t.Errorf("%s: %+v", branch, got)
		}
	}
	if s.Then.HeldSaid || len(s.Steps(Recheck)) != 1 || len(s.Steps(Recover)) != 1 || s.Steps(Gather) != nil {
		t.Errorf("%+v", s)
	}
	p := s.Project
	if !p.Default || p.Permissions.Run != nil || s.Check[0].Timeout != 30*time.Second || s.Check[0].Attempts != 1 {
		t.Errorf("%+v, %+v", p, s.Check[0])
	}
}

// Bare, approval is how long the offer stands; a mapping says more.
func TestApproval(t *testing.T) {
	for text, want := range map[string]Approval{
		"":                                {Expires: 30 * time.Minute},
		"approval: 1h":                    {Expires: time.Hour},
		"approval: {}":                    {Expires: 30 * time.Minute},
		"approval: {expires: 5m}":         {Expires: 5 * time.Minute},
		"approval: {second_person: true}": {Expires: 30 * time.Minute, SecondPerson: true, BreakGlass: true},
		"approval: {expires: 10m, second_person: true, break_glass: false}": {Expires: 10 * time.Minute, SecondPerson: true},
	} {
		set, err := LoadFS(fstest.MapFS{"s.yaml": {Data: []byte(head + "check: [{name: c, exec: [ls]}]\nrecover: [{name: r, exec: [ls]}]\n" + text + "\n")}}, Options{})
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := set.Scenarios[0].Approval; got != want {
			t.Errorf("%s is %+v, not %+v", text, got, want)
		}
	}
}

func TestEverythingThatCanBeSaid(t *testing.T) {
	set, err := LoadFS(fstest.MapFS{
		"a/project.yaml": {Data: []byte("name: a\nservices: [web]\nhosts: [web-1.example]\nchannel: '#a-b'\nshared: true\npermissions: {view: everyone, run: [U123, S456, C789], approve: [S456], break_glass: U123, resolve: [], resume: [W99], override: [everyone]}\nfirst_line: {policy: P1, level: 2}\nsecond_line: {users: [PU1, PU2]}\nvars: {n: 1, f: 1.5, b: true, s: x, l: [1, a], m: {k: v}}\nsecrets: {one: \"env:ONE\", two: \"file:/run/two\"}\nlanguage: ja\ntime_zone: Europe/Vienna\n")},
		"a/deep/s.yaml":  {Data: []byte("name: s\ndescription: d\nautonomy: auto\nwhen: {service: web, urgency: [high, low]}\ntarget: t-${{ vars.n }}\nvars: {n: 2}\ncheck:\n  - {name: c, exec: [ls], timeout: 1m, attempts: 2, every: 1d}\ngather:\n  - {name: g, wait: 45s}\nrecover:\n  - {name: r, exec: [ls], idempotent: true}\nrecheck: {settle: 0, every: 1s, stable: 3, within: 10s}\nthen:\n  ok: [report, resolve, notify: \"hi ${{ target }}\"]\n  failed: {escalate: {to: next, text: \"n ${{ vars.n }}\"}}\n  held: report\nguards: {cooldown: 0, runs: 5 per 7d, lock: none}\ndeadline: 3d\napproval: 1h30m\nstart_within: 1h\nacknowledge: true\nlinks: [{name: L, url: \"https://x.example/${{ target }}?q=${{ incident.title }}\"}]\n")},
	}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	p, s := set.Projects[0], set.Scenarios[0]
	if !p.Shared || p.Permissions.Resolve == nil || len(p.Permissions.Resolve) != 0 || len(p.Permissions.Run) != 3 || len(p.Permissions.Approve) != 1 || len(p.Permissions.BreakGlass) != 1 || p.FirstLine.Level != 2 || len(p.SecondLine.Users) != 2 {
		t.Errorf("%+v", p)
	}
	if s.Project != p || s.GatherWithin != 45*time.Second || s.Guards.Runs.Per != 7*24*time.Hour || s.Guards.Lock || !s.Then.HeldSaid || !s.Acknowledge {
		t.Errorf("%+v", s)
	}
	f := Facts{Target: "a/b", Incident: Incident{Title: "x&y"}}
	if got, err := s.Then.OK[2].Message(f); got != "hi a/b" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := s.Then.Failed[0].Message(f); got != "n 2" || err != nil || s.Then.Failed[0].To != "next" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := s.Links[0].URL(f); got != "https://x.example/a%2Fb?q=x%26y" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if target, err := s.Aim(Incident{}, nil); target != "t-2" || err != nil {
		t.Errorf("%q, %v", target, err)
	}
}

// TestLoadFolder covers what only a real folder can be.
func TestLoadFolder(t *testing.T) {
	dir := t.TempDir()
	good := head + "check: [{name: c, exec: [ls]}]\n"
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{filepath.Join(dir, "none"): "no such folder", dir: "no scenario in this folder"} {
		var p Problems
		if _, err := Load(path, Options{}); !errors.As(err, &p) || p[0].Hint == "" || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
	// As Kubernetes mounts a config map: files are links into a hidden folder.
	write("..data/s.yaml", good)
	write(".git/config.yaml", "not: ours")
	write("_draft.yaml", "not: finished")
	write("README.md", "not YAML")
	if err := os.Symlink(filepath.Join("..data", "s.yaml"), filepath.Join(dir, "s.yaml")); err != nil {
		t.Fatal(err)
	}
	set, err := Load(dir, Options{})
	if err != nil || len(set.Scenarios) != 1 {
		t.Fatalf("%v, %v", set, err)
	}
	if _, err := Load(filepath.Join(dir, "s.yaml"), Options{}); err == nil || !strings.Contains(err.Error(), "this is a file") {
		t.Errorf("a file: %v", err)
	}
	if err := os.Symlink("..data", filepath.Join(dir, "linked")); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir, Options{}); err == nil || !strings.Contains(err.Error(), "linked: a link to a folder is not followed") {
		t.Errorf("a link: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "linked")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere.yaml", filepath.Join(dir, "broken.yaml")); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir, Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a broken link: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "broken.yaml")); err != nil {
		t.Fatal(err)
	}
	write("big.yaml", good+strings.Repeat("#", maxFile))
	if _, err := Load(dir, Options{}); err == nil || !strings.Contains(err.Error(), "big.yaml: the file has 1048577 bytes") {
		t.Errorf("a big file: %v", err)
	}
	write("big.yaml", good+"# \xff")
	if _, err := Load(dir, Options{}); err == nil || !strings.Contains(err.Error(), "not UTF-8") {
		t.Errorf("not UTF-8: %v", err)
	}
}

// TestPin: the kept bytes alone decide.
func TestPin(t *testing.T) {
	good := head + "check: [{name: c, exec: [ls]}]\n"
	s := loadOne(t, good, Options{})
	sources := s.Sources()
	sources[0].Data[0] = 'X'
	if _, err := Pin(sources, Options{}); err == nil {
		t.Error("changed bytes are pinned")
	}
	if again := s.Sources(); again[0].Data[0] == 'X' {
		t.Error("the scenario's own bytes were changed")
	}
	var p Problems
	if _, err := Pin([]Source{{"s.yaml", []byte(good + "later_key: 1\n")}}, Options{}); !errors.As(err, &p) {
		t.Errorf("a version that this one refuses: %v", err)
	}
	for _, bad := range [][]Source{nil, {{"project.yaml", []byte("name: p\nservices: [a]\n")}}, {{"a.yaml", []byte(good)}, {"b.yaml", []byte(good)}}} {
		if _, err := Pin(bad, Options{}); err == nil {
			t.Errorf("pinned %v", bad)
		}
	}
	other := loadOne(t, good+"# a comment\n", Options{})
	if other.Version == s.Version || len(s.Version) != 64 {
		t.Errorf("versions %s and %s", s.Version, other.Version)
	}
}

func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob("testdata/mistakes/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		_, text, _ := strings.Cut(string(data), "\n")
		text, _, _ = strings.Cut(text, "-- want --")
		f.Add(text)
	}
	_ = fs.WalkDir(Examples(), ".", func(name string, d fs.DirEntry, _ error) error {
		if !d.IsDir() {
			data, _ := fs.ReadFile(Examples(), name)
			f.Add(string(data))
		}
		return nil
	})
	in := Incident{ID: "Q", Title: "t", Service: Ref{"P", "web"}, Alerts: open(map[string]any{"host": "h"})}
	f.Fuzz(func(t *testing.T, text string) {
		set, err := LoadFS(fstest.MapFS{"s.yaml": {Data: []byte(text)}}, Options{Secrets: noSecrets})
		if err != nil {
			var p Problems
			if !errors.As(err, &p) || len(p) == 0 || set != nil {
				t.Fatalf("%v, %v", set, err)
			}
			for _, one := range p {
				if one.Text == "" || strings.Contains(one.Text, "\n") || one.Line < 0 || one.Line > len(lineBreaks.FindAllString(text, -1))+2 {
					t.Fatalf("%+v", one)
				}
			}
			return
		}
		d := set.Match(in)
		for _, s := range set.Scenarios {
			for _, p := range []Phase{Check, Gather, Recover} {
				for _, st := range s.Steps(p) {
					_, _ = st.Show(Facts{Incident: in, Target: d.Target})
					_, _ = st.Skip(Facts{Incident: in, Target: d.Target})
				}
			}
			if _, err := Pin(s.Sources(), Options{}); err != nil {
				t.Fatalf("loaded and not pinned: %v", err)
			}
		}
	})
}

func FuzzExpression(f *testing.F) {
	for _, seed := range []string{`incident.number > 1 && "a" in alert.details`, `steps["health endpoint"].json.used ?? 0`,
		`upper(target) matches "^W" ? vars.port : vars.list[0]`, `alert.details.x.y[0] == nil`, `[1, "a"][0:1]`, `secrets.token`} {
		f.Add(seed)
	}
	s := testScope()
	w := newWorld(s.vars, testFacts())
	f.Fuzz(func(t *testing.T, source string) {
		e, m := s.compile(source, nil)
		if m != nil {
			if m.text == "" || m.at < 0 {
				t.Fatalf("%+v", m)
			}
			return
		}
		straight(t, e)
		v, err := e.value(w)
		if n := sizeOf(v); n > maxNodes*maxBytes {
			t.Fatalf("a value of %d bytes", n)
		}
		if err == nil && findAmbiguous(v) != "" {
			t.Fatalf("an ambiguous value came out: %v", v)
		}
	})
}
