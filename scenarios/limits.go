package scenarios

import (
	"regexp/syntax"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
	"gopkg.in/yaml.v3"
)

// The limits of one file, so that none takes long to be read, however it was
// made. What people write stays far below.
const (
	maxProblems    = 100   // that are told at once
	maxExpressions = 2000  // that are compiled
	maxWeight      = 2000  // of one regular expression, or of all in one expression
	maxDetails     = 100   // conditions on the details of an alert
	maxWeights     = 20000 // of all regular expressions
)

// weigh is about how many instructions a regular expression is compiled to,
// which is also what it costs for each character of a text. What does not
// parse weighs nothing: its compilation says why.
func weigh(source string) int {
	re, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return 0
	}
	return weight(re)
}

func weight(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpRepeat:
		return weight(re.Sub[0]) * max(re.Max, re.Min, 1) // nested, the parser keeps it below 1000
	case syntax.OpLiteral:
		return len(re.Rune)
	}
	sum := 1
	for _, sub := range re.Sub {
		sum += weight(sub)
	}
	return sum
}

// patternsIn weighs the regular expressions of an expression before it is
// compiled.
func patternsIn(source string) int {
	tree, err := parser.Parse(source)
	if err != nil {
		return 0
	}
	var s scale
	ast.Walk(&tree.Node, &s)
	return s.sum
}

// scale adds up the patterns of `matches`.
type scale struct{ sum int }

// Visit implements ast.Visitor.
func (s *scale) Visit(node *ast.Node) {
	if n, ok := (*node).(*ast.BinaryNode); ok && n.Operator == "matches" {
		if p, ok := n.Right.(*ast.StringNode); ok {
			s.sum += weigh(p.Value)
		}
	}
}

// bears reports whether the file may still hold a regular expression, or an
// expression with some, of that weight; else it notes a problem.
func (c *compiler) bears(n *yaml.Node, weight int) bool {
	c.weight += weight
	switch {
	case weight > maxWeight:
		c.r.fail(n, "repeat less: {1,1000} counts a thousand times", "a regular expression that is too large: %d parts, at most %d are allowed", weight, maxWeight)
	case c.weight > maxWeights:
		c.r.fail(n, "write several scenarios", "the regular expressions of one file have more than %d parts", maxWeights)
	default:
		return true
	}
	return false
}

// nodes counts a value and all below it.
func nodes(n *yaml.Node) int {
	sum := 1
	for _, c := range n.Content {
		sum += nodes(c)
	}
	return sum
}
