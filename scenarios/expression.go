package scenarios

import (
	"errors"
	"fmt"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"
)

// The limits of one expression. Together with what survey refuses (ranges,
// predicates, let) and the cap on alert details they bound its time and
// memory: it has no loop but its own length.
const (
	maxExpression = 2000
	maxNodes      = 200
)

// scope is what an expression may read at its place.
type scope struct {
	target  bool
	vars    map[string]any
	groups  []string            // of match
	steps   map[string][]string // earlier steps and their fields; nil: not known here
	later   map[string]string   // steps that may not be read here, and why
	secrets map[string]string   // nil: no secret may be used here
}

// expression is one compiled expression. Either it names a secret, or it has
// a program.
type expression struct {
	source  string
	secret  string
	program *vm.Program
	alerts  [][]string // paths below alert that it reads
	tainted bool       // it reads what comes from outside
	fixed   bool       // it reads nothing at all
}

// mistake is what is wrong with an expression, at a place in it.
type mistake struct {
	at   int // in runes
	text string
	hint string
}

// compile checks and compiles an expression.
func (s *scope) compile(source string, want expr.Option) (*expression, *mistake) {
	switch {
	case strings.TrimSpace(source) == "":
		return nil, &mistake{text: "an empty expression", hint: "quote it if it is there: YAML cuts an unquoted text at ! and #"}
	case len(source) > maxExpression:
		return nil, &mistake{text: fmt.Sprintf("an expression of %d bytes, at most %d are read", len(source), maxExpression)}
	}
	sv := &survey{scope: s, reads: reads{}}
	program, err := expr.Compile(source, s.options(sv, want)...)
	if len(sv.mistakes) > 0 {
		return nil, &sv.mistakes[0]
	}
	if err != nil {
		return nil, mistakeOf(err, s)
	}
	e := &expression{source: strings.TrimSpace(source), program: program, secret: sv.secret,
		alerts: sv.paths, tainted: sv.tainted, fixed: !sv.named}
	return e, nil
}

func (s *scope) options(sv *survey, want expr.Option) []expr.Option {
	o := []expr.Option{
		expr.Env(s.types()), expr.MaxNodes(maxNodes), expr.Optimize(false), expr.DisableAllBuiltins(),
		expr.Function(readAny, readValue, new(func(any, any, string, int) any)),
		expr.Function(readText, readString, new(func(any, any, string, int) string)),
		expr.Patch(sv), expr.Patch(&patch{sv}),
	}
	for _, name := range builtins {
		o = append(o, expr.EnableBuiltin(name))
	}
	if want != nil {
		o = append(o, want)
	}
	return o
}

// types is the typed environment of the scope.
func (s *scope) types() types.Map {
	env := types.Map{"incident": incidentFields.types(), "alert": alertFields.types(), "vars": typesOf(s.vars)}
	match := types.Map{}
	for _, g := range s.groups {
		match[g] = types.String
	}
	env["match"] = match
	if s.target {
		env["target"] = types.String
	}
	steps := types.Map{}
	for name, fields := range s.steps {
		one := types.Map{}
		for _, f := range fields {
			one[f] = types.Any
		}
		steps[name] = one
	}
	env["steps"] = steps
	if s.secrets != nil {
		secrets := types.Map{}
		for name := range s.secrets {
			secrets[name] = types.String
		}
		env["secrets"] = secrets
	}
	return env
}

func typesOf(vars map[string]any) types.Map {
	out := types.Map{}
	for k, v := range vars {
		switch v := v.(type) {
		case map[string]any:
			out[k] = typesOf(v)
		case nil:
			out[k] = types.Any
		default:
			out[k] = types.TypeOf(v)
		}
	}
	return out
}

// mistakeOf puts expr-lang's errors into our words.
func mistakeOf(err error, s *scope) *mistake {
	var at *file.Error
	if !errors.As(err, &at) {
		text := strings.SplitN(err.Error(), "\n", 2)[0]
		if strings.Contains(text, "maximum allowed nodes") {
			text = fmt.Sprintf("the expression is too long: at most %d parts", maxNodes)
		}
		return &mistake{text: "expression: " + text}
	}
	m := &mistake{at: at.From, text: "expression: " + strings.SplitN(at.Message, "\n", 2)[0]}
	if name, ok := strings.CutPrefix(at.Message, "unknown name "); ok {
		m.text = "expression: nothing is called " + name + " here"
		m.hint = didYouMean(name, s.names())
		if s.secrets == nil && name == "secrets" {
			m.hint = "secrets can be used inside ${{ }} of a step alone"
		}
	}
	if strings.Contains(at.Message, "maximum allowed nodes") {
		m.text = fmt.Sprintf("the expression is too long: at most %d parts", maxNodes)
	}
	return m
}

func (s *scope) names() []string {
	names := []string{"incident", "alert", "vars", "match", "steps"}
	if s.target {
		names = append(names, "target")
	}
	if s.secrets != nil {
		names = append(names, "secrets")
	}
	return names
}

// value works the expression out. An error says in words what was missing.
func (e *expression) value(w *world) (any, error) {
	if e.secret != "" {
		return w.secret(e.secret)
	}
	v, err := vm.Run(e.program, w.values)
	if err != nil {
		var own *readError
		if errors.As(err, &own) {
			return nil, own
		}
		return nil, fmt.Errorf("%s: %s", e.source, strings.SplitN(err.Error(), "\n", 2)[0])
	}
	if p := findAmbiguous(v); p != "" {
		return nil, &readError{path: p, differs: true}
	}
	return v, nil
}
