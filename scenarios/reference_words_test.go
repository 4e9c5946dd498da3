package scenarios

import (
	"fmt"
	"strings"
)

// mapping is the keys that a shape holds, nil for none.
func (s shape) mapping() keys {
	if s.form == mappingForm {
		return s.keys
	}
	for _, one := range s.of {
		if k := one.mapping(); k != nil {
			return k
		}
	}
	return nil
}

// traits is what a key takes, and what holds without it.
func (k key) traits() string {
	text := k.shape.inWords()
	switch {
	case k.required:
		text += " · required"
	case k.fallback != "":
		text += " · default `" + k.fallback + "`"
	}
	return text
}

// inWords is what a value has to be.
func (s shape) inWords() string {
	const filled = "`${{ }}` is filled in"
	switch s.form {
	case wordForm:
		return "a text"
	case textForm:
		return "a text, " + filled
	case conditionForm:
		return "an expression"
	case patternForm:
		return "a text or `'/…/'`"
	case numberForm:
		if s.most > 1<<30 {
			return "a whole number"
		}
		return fmt.Sprintf("a whole number from %d to %d", s.least, s.most)
	case truthForm:
		return "`true` or `false`"
	case spanForm:
		if s.zero {
			return "a duration or `0`"
		}
		return "a duration"
	case limitForm:
		return "a limit"
	case choiceForm:
		return joinWords(strings.Split("`"+strings.Join(s.words, "`,`")+"`", ","))
	case constantForm:
		return "any value"
	case templateForm:
		if s.also != nil {
			return "a text or a number, " + filled
		}
		return "any value, " + filled
	case mappingForm:
		return "a mapping"
	case namesForm:
		return "names, each with " + s.of[0].inWords()
	case listForm:
		return "a list, each " + s.of[0].inWords()
	case stepsForm:
		return "a list of [steps](#steps)"
	}
	if len(s.of) == 2 && s.of[1].form == listForm && s.of[1].of[0].form == s.of[0].form {
		return s.of[0].inWords() + "; or a list of them"
	}
	var ways []string
	for _, way := range s.of {
		ways = append(ways, way.inWords())
	}
	return strings.Join(ways, "; or ")
}
