package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// reads is what survey knows of each member access.
type reads map[*ast.MemberNode]*read

type read struct {
	lenient bool // under ?? or in: may be missing
	inner   bool // only on the way to a value below it
	root    string
	path    []string // nil where a key is worked out
}

// survey walks the tree of an expression once, before it is compiled: it
// refuses what could run long or hide what is read, and notes what is read.
// Nodes arrive children first, so that a parent marks what it has seen.
type survey struct {
	scope    *scope
	mistakes []mistake
	reads    reads
	roots    []*ast.IdentifierNode
	rooted   map[ast.Node]bool // identifiers that stand before a member or behind in
	paths    [][]string        // below alert
	secret   string
	nodes    int
	finished bool
	tainted  bool
	named    bool
}

func (s *survey) fail(n ast.Node, hint, format string, args ...any) {
	s.mistakes = append(s.mistakes, mistake{at: n.Location().From, text: fmt.Sprintf(format, args...), hint: hint})
}

// Visit implements ast.Visitor.
func (s *survey) Visit(node *ast.Node) {
	s.nodes++
	switch n := (*node).(type) {
	case *ast.NilNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.StringNode,
		*ast.UnaryNode, *ast.ConditionalNode, *ast.ArrayNode, *ast.SliceNode:
	case *ast.IdentifierNode:
		s.identifier(n)
	case *ast.BinaryNode:
		s.binary(n)
	case *ast.MemberNode:
		s.member(n)
	case *ast.BuiltinNode:
		if !slices.Contains(builtins, n.Name) {
			s.fail(n, didYouMean(n.Name, builtins), "there is no function %s", n.Name)
		}
	case *ast.CallNode:
		name := "of that kind"
		if id, ok := n.Callee.(*ast.IdentifierNode); ok {
			name = id.Value
		}
		s.fail(n, didYouMean(name, builtins), "there is no function %s", name)
	case *ast.ChainNode:
		s.fail(n, "everything before ?? may be missing: a.b ?? \"\"", "?. is not needed")
	default:
		s.fail(n, "", "expression: %s is not allowed", nodeName(n))
	}
}

func nodeName(n ast.Node) string {
	switch n.(type) {
	case *ast.VariableDeclaratorNode:
		return "let"
	case *ast.SequenceNode:
		return "a sequence (;)"
	case *ast.PredicateNode, *ast.PointerNode:
		return "a predicate"
	case *ast.MapNode, *ast.PairNode:
		return "a map"
	}
	return strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%T", n), "*ast."), "Node")
}

func (s *survey) identifier(n *ast.IdentifierNode) {
	s.named = true
	switch n.Value {
	case "target", "alert", "incident", "match", "steps":
		s.tainted = true
	}
	switch {
	case n.Value == "target":
	case slices.Contains(s.scope.names(), n.Value):
		s.roots = append(s.roots, n)
	case n.Value == "$env" || strings.HasPrefix(n.Value, "$"):
		s.fail(n, "", "expression: nothing is called %s here", n.Value)
	}
}

// forbidden operators: what is no constant or grows beyond its own length.
func (s *survey) binary(n *ast.BinaryNode) {
	switch n.Operator {
	case "..":
		s.fail(n, "", "expression: a range is not allowed")
	case "matches":
		if _, ok := n.Right.(*ast.StringNode); !ok {
			s.fail(n.Right, "", "expression: the pattern of matches has to be a text")
		}
	case "??":
		s.lenient(n.Left)
		s.lenient(n.Right)
	case "in", "not in":
		s.lenient(n.Right)
		s.mayStandAlone(n.Right)
	}
}

// lenient marks a chain of members: any of them may be missing.
func (s *survey) lenient(n ast.Node) {
	for {
		m, ok := n.(*ast.MemberNode)
		if !ok {
			return
		}
		s.read(m).lenient = true
		n = m.Node
	}
}

func (s *survey) read(m *ast.MemberNode) *read {
	if s.reads[m] == nil {
		s.reads[m] = &read{}
	}
	return s.reads[m]
}

func (s *survey) mayStandAlone(n ast.Node) {
	if s.rooted == nil {
		s.rooted = map[ast.Node]bool{}
	}
	s.rooted[n] = true
	if m, ok := n.(*ast.MemberNode); ok {
		s.read(m).inner = true // `"x" in alert.details` reads no value
	}
}

func (s *survey) member(n *ast.MemberNode) {
	r := s.read(n)
	s.mayStandAlone(n.Node)
	if n.Optional {
		s.fail(n, "everything before ?? may be missing: a.b ?? \"\"", "?. is not needed")
	}
	root, path := chain(n)
	if root == nil {
		return
	}
	r.root, r.path = root.Value, path
	if path == nil {
		if slices.Contains([]string{"alert", "steps", "match", "secrets"}, root.Value) {
			s.fail(n.Property, "", "expression: a key of %s has to be written out", root.Value)
		}
		return
	}
	switch root.Value {
	case "secrets":
		if s.scope.secrets == nil {
			return
		}
		s.secret = path[0]
		s.known(n, path, slices.Collect(maps.Keys(s.scope.secrets)), "secret")
	case "vars":
		s.known(n, path, slices.Collect(maps.Keys(s.scope.vars)), "variable")
	case "match":
		s.known(n, path, s.scope.groups, "named group in when")
	case "steps":
		s.step(n, path)
	case "alert":
		if len(path) == 1 && !slices.Contains(alertFields.names(), path[0]) {
			s.fail(n.Property, "what the monitoring tool says is in details: alert.details."+path[0], "an alert has no %s", path[0])
		}
	case "incident":
		s.field(n, path)
	}
}

// field notes a field that no incident has.
func (s *survey) field(n *ast.MemberNode, path []string) {
	if len(path) == 1 && !slices.Contains(incidentFields.names(), path[0]) {
		s.fail(n.Property, didYouMean(path[0], incidentFields.names()), "an incident has no %s", path[0])
	}
}

// known notes a first key that does not exist.
func (s *survey) known(n *ast.MemberNode, path []string, names []string, what string) {
	if len(path) == 1 && !slices.Contains(names, path[0]) {
		s.fail(n.Property, didYouMean(path[0], names), "there is no %s called %s", what, path[0])
	}
}

func (s *survey) step(n *ast.MemberNode, path []string) {
	name := path[0]
	fields, ok := s.scope.steps[name]
	switch {
	case !ok && len(path) > 1:
	case !ok && s.scope.later[name] != "":
		s.fail(n.Property, "", "the step %s cannot be read here: %s", name, s.scope.later[name])
	case !ok && s.scope.steps == nil:
		s.fail(n, "", "no step has run yet here")
	case !ok:
		s.fail(n.Property, didYouMean(name, slices.Collect(maps.Keys(s.scope.steps))), "there is no earlier step called %s", name)
	case len(path) == 2 && !slices.Contains(fields, path[1]):
		s.fail(n.Property, didYouMean(path[1], fields), "the step %s has no field %s", name, path[1])
	}
}

// chain returns the name at which a chain of members begins, and its keys; a
// nil path means that a key is worked out.
func chain(m *ast.MemberNode) (*ast.IdentifierNode, []string) {
	var path []string
	for {
		switch p := m.Property.(type) {
		case *ast.StringNode:
			path = append(path, p.Value)
		case *ast.IntegerNode:
			path = append(path, strconv.Itoa(p.Value))
		default:
			return rootOf(m), nil
		}
		switch next := m.Node.(type) {
		case *ast.MemberNode:
			m = next
		case *ast.IdentifierNode:
			slices.Reverse(path)
			return next, path
		default:
			return nil, nil
		}
	}
}

func rootOf(m *ast.MemberNode) *ast.IdentifierNode {
	for {
		switch next := m.Node.(type) {
		case *ast.MemberNode:
			m = next
		case *ast.IdentifierNode:
			return next
		default:
			return nil
		}
	}
}

// finish checks what only the whole tree shows. It runs between the survey
// and the patch of the same tree.
func (s *survey) finish() {
	if s.finished {
		return
	}
	s.finished = true
	for _, root := range s.roots {
		if !s.rooted[root] {
			s.fail(root, "name the value: "+root.Value+".…", "expression: %s as a whole is no value", root.Value)
		}
	}
	if s.secret != "" && s.nodes != 3 {
		s.mistakes = append(s.mistakes, mistake{text: "a secret has to stand alone in its ${{ }}", hint: "write ${{ secrets." + s.secret + " }}, text may stand around it"})
	}
	for _, r := range s.reads {
		if r.root == "alert" && !r.inner && r.path != nil {
			s.paths = append(s.paths, r.path)
		}
	}
	slices.SortFunc(s.paths, slices.Compare)
	slices.SortStableFunc(s.mistakes, func(a, b mistake) int { return a.at - b.at })
}
