package app_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// atTop is all that lies at the top of the repository, besides dot files.
var atTop = strings.Fields("cmd bot scenarios store go.mod go.sum Dockerfile README.md")

// strayEntries are tracked files whose first folder, or own name, does not
// belong at the top.
func strayEntries(tracked []string) (stray []string) {
	for _, path := range tracked {
		first, _, _ := strings.Cut(path, "/")
		if first != "" && !strings.HasPrefix(first, ".") && !slices.Contains(atTop, first) {
			stray = append(stray, first)
		}
	}
	slices.Sort(stray)
	return slices.Compact(stray)
}

func TestTopLevel(t *testing.T) {
	if _, err := os.Stat(filepath.Join(top(t), ".git")); err != nil {
		t.Skip("this is no clone, so nothing is tracked")
	}
	tracked := strings.Split(string(run(t, "git", "ls-files", "-z")), "\x00")
	if !slices.Contains(tracked, "go.mod") {
		t.Fatalf("go.mod is not among %d tracked files", len(tracked))
	}
	for _, stray := range strayEntries(tracked) {
		t.Errorf("%s does not belong at the top", stray)
	}
}

func TestStrayEntriesAreFound(t *testing.T) {
	got := strayEntries([]string{
		"cmd/amsbot/main.go", "go.mod", "README.md", ".ci/run", ".gitignore", "bot/util/x.go", "",
		"pkg/x/a.go", "pkg/x/b.go", "Makefile", "docs/a.md", "stores/a.go", "bot.go",
	})
	if fmt.Sprint(got) != "[Makefile bot.go docs pkg stores]" {
		t.Errorf("got %v", got)
	}
}

// silentSkips are the calls in a test file that leave a test out without
// saying why.
func silentSkips(name string, source any) (calls []string, err error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		if ok && ofTest(method.X) && skipsSilently(method.Sel.Name, call.Args) {
			calls = append(calls, files.Position(call.Pos()).String())
		}
		return true
	})
	return calls, nil
}

// ofTest says whether an expression is, by its last name, a test: t, r.t, tb.
func ofTest(x ast.Expr) bool {
	if selected, ok := x.(*ast.SelectorExpr); ok {
		x = selected.Sel
	}
	name, ok := x.(*ast.Ident)
	return ok && slices.Contains([]string{"t", "b", "f", "tb", "T", "B", "F", "TB"}, name.Name)
}

func skipsSilently(method string, args []ast.Expr) bool {
	switch method {
	case "SkipNow":
		return true
	case "Skip", "Skipf":
		if len(args) == 0 {
			return true
		}
		text, ok := args[0].(*ast.BasicLit)
		return ok && strings.Trim(text.Value, "\"` ") == ""
	}
	return false
}

func TestSkipsSayWhy(t *testing.T) {
	files := 0
	err := filepath.WalkDir(top(t), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && strings.HasPrefix(entry.Name(), ".") {
			return fs.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		files++
		calls, err := silentSkips(path, nil)
		for _, call := range calls {
			t.Errorf("%s: a test is left out and nobody is told why", call)
		}
		return err
	})
	if err != nil || files < 2 {
		t.Errorf("read %d files: %v", files, err)
	}
}

func TestSilentSkipsAreFound(t *testing.T) {
	for call, silent := range map[string]bool{
		`t.Skip()`:                      true,
		`t.SkipNow()`:                   true,
		`t.Skip("")`:                    true,
		"t.Skipf(` `)":                  true,
		`r.t.Skip()`:                    true,
		`if x { b.Skip() }`:             true,
		`func() { tb.SkipNow() }()`:     true,
		`t.Skip("no Chromium here")`:    false,
		`t.Skipf("no %s here", "x")`:    false,
		`t.Skip(why)`:                   false,
		`decoder.Skip()`:                false,
		`t.Log("t.Skip() is not here")`: false,
	} {
		calls, err := silentSkips("x_test.go", "package x\n\nfunc TestX() {\n\t"+call+"\n}\n")
		if err != nil || (len(calls) == 1) != silent || len(calls) > 1 {
			t.Errorf("%s: %v, %v", call, calls, err)
		}
	}
}
