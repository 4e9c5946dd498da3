package scenarios

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr"
	"gopkg.in/yaml.v3"
)

// maxText bounds a text after its values are filled in.
const maxText = 64 << 10

// text is a scalar in which ${{ }} is filled in.
type text struct {
	raw   string
	parts []part
}

// part is either literal or an expression.
type part struct {
	literal string
	expr    *expression
}

// whole returns the expression that is all of the text, nil when there is
// anything beside it.
func (t *text) whole() *expression {
	if len(t.parts) == 1 {
		return t.parts[0].expr
	}
	return nil
}

func (t *text) tainted() bool {
	for _, p := range t.parts {
		if p.expr != nil && p.expr.tainted {
			return true
		}
	}
	return false
}

func (t *text) secret() bool {
	for _, p := range t.parts {
		if p.expr != nil && p.expr.secret != "" {
			return true
		}
	}
	return false
}

// value works the text out; the whole of one expression keeps its type.
func (t *text) value(w *world) (any, error) {
	if e := t.whole(); e != nil {
		return e.value(w)
	}
	return t.fill(w, nil)
}

// fill works the text out as text. change, if set, is asked about each value
// that comes from outside (and from a secret), with all that stands before.
func (t *text) fill(w *world, change func(before, value string) (string, error)) (string, error) {
	var b strings.Builder
	for _, p := range t.parts {
		if p.expr == nil {
			b.WriteString(p.literal)
			continue
		}
		v, err := p.expr.value(w)
		if err != nil {
			return "", err
		}
		s, err := textOf(v)
		if err != nil {
			return "", fmt.Errorf("${{ %s }}: %w", p.expr.source, err)
		}
		if change != nil && (p.expr.tainted || p.expr.secret != "") {
			if s, err = change(b.String(), s); err != nil {
				return "", err
			}
		}
		if b.Len()+len(s) > maxText {
			return "", fmt.Errorf("${{ %s }}: longer than %d bytes", p.expr.source, maxText)
		}
		b.WriteString(s)
	}
	return b.String(), nil
}

// text reads a scalar in which expressions are filled in. It returns nil
// where there is a problem.
func (c *compiler) text(n *yaml.Node, what string) *text {
	s, ok := c.r.scalar(n, what)
	if !ok {
		return nil
	}
	return c.fillable(n, s)
}

// fillable splits a scalar's value into its parts and compiles them.
func (c *compiler) fillable(n *yaml.Node, s string) *text {
	t := &text{raw: s}
	for rest, at := s, 0; rest != ""; {
		i := strings.Index(rest, "${{")
		if i < 0 {
			t.parts = append(t.parts, part{literal: rest})
			break
		}
		if i > 0 {
			t.parts = append(t.parts, part{literal: rest[:i]})
		}
		length := closing(rest[i+3:])
		offset := at + utf8.RuneCountInString(rest[:i])
		if length < 0 {
			c.r.failIn(n, offset, "quote the text if YAML has cut it at a #", "${{ without }}")
			return nil
		}
		inner := rest[i+3 : i+3+length]
		e := c.expression(n, inner, offset+3, nil)
		if e == nil {
			return nil
		}
		t.parts = append(t.parts, part{expr: e})
		end := i + 3 + length + 2
		at += utf8.RuneCountInString(rest[:end])
		rest = rest[end:]
	}
	return t
}

// closing finds the }} that ends an expression, past quoted texts in it; -1
// when there is none.
func closing(s string) int {
	var quote byte
	for i := 0; i < len(s); i++ {
		switch ch := s[i]; {
		case quote != 0:
			if ch == '\\' && quote != '`' {
				i++
			} else if ch == quote {
				quote = 0
			}
		case ch == '"' || ch == '\'' || ch == '`':
			quote = ch
		case ch == '}' && i+1 < len(s) && s[i+1] == '}':
			return i
		}
	}
	return -1
}

// expression compiles an expression that begins offset runes inside a scalar.
func (c *compiler) expression(n *yaml.Node, source string, offset int, want expr.Option) *expression {
	if c.compiled++; c.compiled > maxExpressions {
		c.r.fail(n, "write several scenarios", "more than %d expressions in one file", maxExpressions)
		return nil
	}
	if !c.bears(n, patternsIn(source)) {
		return nil
	}
	e, m := c.scope.compile(source, want)
	if m != nil {
		c.r.failIn(n, offset+m.at, m.hint, "%s", m.text)
		return nil
	}
	c.alerts = append(c.alerts, e.alerts...)
	if e.tainted {
		c.outside++
	}
	return e
}

// condition is a compiled `if`.
type condition struct{ expr *expression }

// condition reads an `if`; nil where there is a problem.
func (c *compiler) condition(n *yaml.Node, what string) *condition {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!bool" {
		c.r.fail(n, "", "%s is always %s: leave it or what it stands at out", what, n.Value)
		return nil
	}
	s, ok := c.r.scalar(n, what)
	if !ok {
		return nil
	}
	if strings.Contains(s, "${{") {
		c.r.fail(n, "write the bare expression", "%s is an expression by itself: no ${{ }}", what)
		return nil
	}
	secrets := c.scope.secrets
	c.scope.secrets = nil
	e := c.expression(n, s, 0, expr.AsBool())
	c.scope.secrets = secrets
	if e == nil {
		return nil
	}
	if e.fixed {
		if v, err := e.value(newWorld(nil, Facts{})); err == nil {
			c.r.fail(n, "", "%s is always %v: it reads nothing", what, v)
		}
		return nil
	}
	return &condition{e}
}

// holds works the condition out.
func (c *condition) holds(w *world) (bool, error) {
	v, err := c.expr.value(w)
	if err != nil {
		return false, err
	}
	b, ok := v.(bool)
	if !ok {
		return false, about("", FoundUndecided, c.expr.source)
	}
	return b, nil
}
