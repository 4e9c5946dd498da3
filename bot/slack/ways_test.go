package slack

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// waysOf says how each act of a person is reached beside its button: by a slash
// command, or why there is none. The shortcut on a card offers what stands on it,
// and what is on the page is a button or a field, which the keyboard reaches; the
// tests in a browser hold that.
var waysOf = map[string]struct{ command, without, button string }{
	"take": {command: "take 12"}, "recover": {command: "recover 12"}, "escalate": {command: "escalate 12"},
	"resolve": {command: "resolve 12"}, "check": {command: "check 12"}, "note": {command: "note 12 text"},
	"again": {command: "again 12"}, "mark_done": {command: "done 12"}, "approve": {command: "approve 12"},
	"break_glass": {without: "`/ams recover 12 break glass: why` is read by the conductor"},
	"pause":       {command: "pause"}, "resume": {command: "resume", button: `"ams.lift_pause`}, "maintain": {command: "maintenance new"}, "end_maintenance": {command: "maintenance end 3", button: `"ams.lift_window`},
	"recover_all":  {without: "`/ams recover storm` is read by the conductor", button: "[Run Recovery on All"},
	"show_card":    {without: "`/ams show 12` is for whoever asks; a card for all is chosen on the index"},
	"take_all":     {command: "take 12 14"},
	"escalate_all": {command: "escalate 12-20"},
}

// actsOf are the Do… names that the conductor knows.
func actsOf(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	files, err := filepath.Glob("../*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, path := range files {
		file, err := parser.ParseFile(gotoken.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Names) != 1 || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Do") {
				return true
			}
			if lit, ok := spec.Values[0].(*ast.BasicLit); ok && lit.Kind == gotoken.STRING {
				value, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				all[value] = spec.Names[0].Name
			}
			return true
		})
	}
	return all
}

// Every act of a person has a button, on a card, on Home or in a dialogue, and a
// slash command. An act that is new has to be put into the table.
func TestEveryActHasItsWays(t *testing.T) {
	acts := actsOf(t)
	delete(acts, "choose") // the shortcut's dialogue itself
	if len(acts) < 10 {
		t.Fatalf("found %v", acts)
	}
	var drawn strings.Builder
	for _, dir := range []string{"testdata/golden", "../testdata/cards"} {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			raw, err := os.ReadFile(path)
			drawn.Write(raw)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for act, name := range acts {
		ways, ok := waysOf[act]
		if !ok {
			t.Errorf("%s (%q) is not in the table: how is it reached?", name, act)
			continue
		}
		button := ways.button
		if button == "" {
			button = `"1|` + act + `|`
		}
		if !strings.Contains(drawn.String(), button) {
			t.Errorf("%s (%q) has no button on any card, group, index or Home", name, act)
		}
		if o := parseOrder(ways.command); ways.command != "" && o.Act != act {
			t.Errorf("/ams %s is %+v, not %s", ways.command, o, act)
		}
		if (ways.command == "") == (ways.without == "") {
			t.Errorf("%q needs a command, or why there is none", act)
		}
	}
	for act := range waysOf {
		if acts[act] == "" {
			t.Errorf("%q is no act any more", act)
		}
	}
}
