package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Every key that is said in code has a text, with as many verbs as it is filled
// with; where the key is put together, its beginning has texts.
func TestWhatIsSaidHasAText(t *testing.T) {
	english, found := catalogues["en"].texts, 0
	for at, call := range said(t) {
		key, whole := begins(call.Args[0])
		if key == "" {
			continue // a key that came from elsewhere
		}
		found++
		text, ok := english[key]
		switch {
		case !whole:
			ok = slices.ContainsFunc(keys(english), func(k string) bool { return strings.HasPrefix(k, key) })
		case ok && call.Ellipsis == 0 && call.Fun.(*ast.SelectorExpr).Sel.Name == "Say":
			if n := len(verbs(text)); len(call.Args)-1 != n {
				t.Errorf("%s: %s is filled with %d of %d: %q", at, key, len(call.Args)-1, n, text)
			}
		}
		if !ok {
			t.Errorf("%s: %s is said, and no catalogue has it", at, key)
		}
	}
	if found < 150 {
		t.Errorf("only %d texts are said", found)
	}
}

// said are the calls in the code outside this package that say a text, by place.
func said(t *testing.T) map[string]*ast.CallExpr {
	t.Helper()
	out, files := map[string]*ast.CallExpr{}, token.NewFileSet()
	for _, root := range []string{"../../bot", "../../cmd"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && (d.Name() == "sim" || d.Name() == "words" || d.Name() == "testdata"):
				return fs.SkipDir
			case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
				return nil
			}
			f, err := parser.ParseFile(files, path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && len(call.Args) > 0 {
					if sel, ok := call.Fun.(*ast.SelectorExpr); ok && slices.Contains([]string{"Say", "Count", "Plural"}, sel.Sel.Name) {
						out[files.Position(call.Pos()).String()] = call
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// begins is what a key begins with, and whether that is the whole key.
func begins(arg ast.Expr) (key string, whole bool) {
	switch x := arg.(type) {
	case *ast.BasicLit:
		key, err := strconv.Unquote(x.Value)
		return key, err == nil
	case *ast.BinaryExpr:
		key, _ = begins(x.X)
		return key, false
	}
	return "", false
}

func keys(texts map[string]string) []string {
	var out []string
	for key := range texts {
		out = append(out, key)
	}
	return out
}
