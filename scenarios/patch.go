package scenarios

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// expr-lang reads a missing key of a map as nil without a word. Every access
// to what may be missing is therefore replaced by a call of one of these
// functions, whose names no author can write.
const (
	readAny  = "$read"
	readText = "$readText"
)

const (
	modeLenient = 1 << iota // a missing value is nil
	modeInner               // the value is only passed through
)

// patch replaces the member accesses that survey has seen.
type patch struct{ survey *survey }

// Visit implements ast.Visitor.
func (p *patch) Visit(node *ast.Node) {
	p.survey.finish()
	n, ok := (*node).(*ast.MemberNode)
	if !ok {
		return
	}
	r := p.survey.reads[n]
	if r == nil || r.path != nil && (r.root == "incident" || r.root == "vars") {
		return
	}
	mode, name := 0, readAny
	if r.lenient {
		mode |= modeLenient
	}
	if r.inner {
		mode |= modeInner
	}
	if mode == 0 && n.Type() != nil && n.Type().Kind() == reflect.String {
		name = readText
	}
	ast.Patch(node, &ast.CallNode{
		Callee:    &ast.IdentifierNode{Value: name},
		Arguments: []ast.Node{n.Node, n.Property, &ast.StringNode{Value: pathText(r)}, &ast.IntegerNode{Value: mode}},
	})
}

// pathText is the access as an author would write it.
func pathText(r *read) string {
	if r.root == "" || r.path == nil {
		return ""
	}
	var b strings.Builder
	b.WriteString(r.root)
	for _, key := range r.path {
		if isName(key) {
			b.WriteString("." + key)
		} else {
			fmt.Fprintf(&b, "[%q]", key)
		}
	}
	return b.String()
}

// readError is a value that could not be read.
type readError struct {
	path    string
	differs bool
	noText  bool
}

func (e *readError) Error() string { return about("", e.found(), e.path).Error() }

func (e *readError) found() Found {
	switch {
	case e.differs:
		return FoundDiffers
	case e.noText:
		return FoundNoText
	}
	return FoundMissing
}

// readValue is $read(from, key, path, mode).
func readValue(params ...any) (any, error) {
	from, key := params[0], params[1]
	path, _ := params[2].(string)
	mode, _ := params[3].(int)
	if path == "" {
		path = fmt.Sprint(key)
	}
	if a, ok := from.(ambiguous); ok {
		return nil, &readError{path: a.path, differs: true}
	}
	v, ok := at(from, key)
	switch {
	case ok && v != nil:
	case mode&modeLenient != 0:
		return nil, nil
	default:
		return nil, &readError{path: path}
	}
	if mode&modeInner == 0 {
		if p := findAmbiguous(v); p != "" {
			return nil, &readError{path: p, differs: true}
		}
	}
	return v, nil
}

// readString is $readText: readValue of what has to be a text.
func readString(params ...any) (any, error) {
	v, err := readValue(params...)
	if err != nil {
		return nil, err
	}
	s, ok := v.(string)
	if !ok {
		return nil, &readError{path: fmt.Sprint(params[2]), noText: true}
	}
	return s, nil
}

func at(from, key any) (any, bool) {
	switch from := from.(type) {
	case map[string]any:
		k, ok := key.(string)
		if !ok {
			return nil, false
		}
		v, ok := from[k]
		return v, ok
	case []any:
		if i, ok := key.(int); ok && i >= 0 && i < len(from) {
			return from[i], true
		}
	case []string:
		if i, ok := key.(int); ok && i >= 0 && i < len(from) {
			return from[i], true
		}
	}
	return nil, false
}

func isName(s string) bool {
	for i, c := range s {
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
