package scenarios

import "regexp"

// key is one key of the language. The loader knows the keys that are listed
// here and no others, and the schema for editors and the reference are written
// from the same list.
type key struct {
	name     string
	doc      string // one or two sentences, Markdown
	shape    shape
	fallback string // what holds where it is not said, as one would write it; "" for nothing
	required bool
	telling  bool   // not required, and yet it says most of what a step does
	example  string // YAML: the key with a value, and such neighbours as it needs
}

// keys is every key of one mapping, in the order of the reference.
type keys []key

// names lists the keys.
func (k keys) names() []string {
	out := make([]string, len(k))
	for i, one := range k {
		out[i] = one.name
	}
	return out
}

// form is what kind of YAML a value is.
type form int

const (
	wordForm      form = iota // a text that is read before any incident
	textForm                  // a text in which ${{ }} is filled in
	conditionForm             // a bare expression that is true or false
	patternForm               // a whole text, or '/a regular expression/'
	numberForm                // a whole number
	truthForm                 // true or false
	spanForm                  // a duration
	limitForm                 // so many per so long
	choiceForm                // one word of a few
	constantForm              // any value; nothing in it is filled in
	templateForm              // any value; its texts are filled in
	mappingForm               // a mapping with keys of its own
	namesForm                 // a mapping whose keys the author chooses
	listForm                  // a list
	eitherForm                // one of several shapes
	stepsForm                 // the steps of a phase
)

// shape is what a value has to look like, as far as that can be said without
// the rest of the file.
type shape struct {
	form        form
	of          []shape // the element of a list, the value of a name, or the ways
	keys        keys
	words       []string
	least, most int
	zero        bool           // of a span: 0 may be said
	empty       bool           // of a list or of names: there may be none
	like        *regexp.Regexp // of a word, or of the names
	phase       Phase
	also        map[string]any // what the schema says besides
}

// The shapes, as the tables name them.
var (
	aWord      = shape{form: wordForm}
	aText      = shape{form: textForm}
	aCondition = shape{form: conditionForm}
	aPattern   = shape{form: patternForm}
	aTruth     = shape{form: truthForm}
	aSpan      = shape{form: spanForm}
	aSpanOr0   = shape{form: spanForm, zero: true}
	aLimit     = shape{form: limitForm}
	aConstant  = shape{form: constantForm}
	aTemplate  = shape{form: templateForm}
)

func aChoice(words ...string) shape     { return shape{form: choiceForm, words: words} }
func aNumber(least, most int) shape     { return shape{form: numberForm, least: least, most: most} }
func aWordLike(re *regexp.Regexp) shape { return shape{form: wordForm, like: re} }
func aMapping(k keys) shape             { return shape{form: mappingForm, keys: k} }
func aList(of shape) shape              { return shape{form: listForm, of: []shape{of}} }
func either(ways ...shape) shape        { return shape{form: eitherForm, of: ways} }
func oneOrMore(of shape) shape          { return either(of, aList(of)) }
func someNames(re *regexp.Regexp, s shape) shape {
	return shape{form: namesForm, like: re, of: []shape{s}}
}
func stepsOf(p Phase) shape { return shape{form: stepsForm, phase: p} }

// orEmpty lets a list, or a mapping of chosen names, hold nothing.
func (s shape) orEmpty() shape {
	s.empty = true
	return s
}

// besides adds what the schema has to say beyond the shape.
func (s shape) besides(rules map[string]any) shape {
	s.also = rules
	return s
}

// field is one value that expressions may read below a name.
type field struct {
	name string
	of   string // in words: "a text", "a whole number"
	doc  string
}

// fields is all that may be read of one thing.
type fields []field

// names lists the fields.
func (f fields) names() []string {
	out := make([]string, len(f))
	for i, one := range f {
		out[i] = one.name
	}
	return out
}
