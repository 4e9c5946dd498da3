package slack

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// surface is where blocks are shown.
type surface string

const (
	inMessage surface = "message"
	inModal   surface = "modal"
	inHome    surface = "home"
)

// check is one validation of blocks or of a view. It collects every problem
// with its JSON pointer, and counts the characters that people would read.
type check struct {
	on       surface
	problems []string // "must be … [json-pointer:/blocks/0/text]"
	chars    int      // code points of all text
	markdown int      // of markdown blocks alone
	tables   int
	inputs   int
	blockIDs []string
	// fileReady says whether an uploaded file can already be shown.
	fileReady func(id string) bool
}

// rule judges one value at one place.
type rule func(c *check, at string, v any)

// field is one property of an object.
type field struct {
	rule
	need bool
}

// shape is all that an object may have. A property that it does not name is
// refused, as Slack does.
type shape map[string]field

func may(r rule) field  { return field{rule: r} }
func must(r rule) field { return field{rule: r, need: true} }

func (c *check) fail(at, format string, a ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, a...)+" [json-pointer:"+at+"]")
}

// str is a string of min to max code points.
func str(least, most int) rule {
	return func(c *check, at string, v any) {
		text, ok := v.(string)
		switch n := utf8.RuneCountInString(text); {
		case !ok:
			c.fail(at, "must be a string")
		case n < least:
			c.fail(at, "must be more than %d characters", least-1)
		case n > most:
			c.fail(at, "must be less than %d characters", most+1)
		}
	}
}

// count lets the text of a string count towards the message's size.
func count(r rule) rule {
	return func(c *check, at string, v any) {
		text, _ := v.(string)
		c.chars += utf8.RuneCountInString(text)
		r(c, at, v)
	}
}

func truth(c *check, at string, v any) {
	if _, ok := v.(bool); !ok {
		c.fail(at, "must be a boolean")
	}
}

// integer is a whole number between two bounds, both included.
func integer(least, most float64) rule {
	return func(c *check, at string, v any) {
		n, ok := v.(float64)
		switch {
		case !ok || n != float64(int64(n)):
			c.fail(at, "must be an integer")
		case n < least:
			c.fail(at, "must be greater than or equal to %v", least)
		case n > most:
			c.fail(at, "must be less than or equal to %v", most)
		}
	}
}

// among is one of a few strings.
func among(words ...string) rule {
	return func(c *check, at string, v any) {
		if text, ok := v.(string); !ok || !slices.Contains(words, text) {
			c.fail(at, "must be a valid enum value")
		}
	}
}

// list is an array of least to most items, each under the same rule.
func list(least, most int, each rule) rule {
	return func(c *check, at string, v any) {
		items, ok := v.([]any)
		switch {
		case !ok:
			c.fail(at, "must provide an array")
			return
		case len(items) < least:
			c.fail(at, "no fewer than %d items allowed", least)
		case len(items) > most:
			c.fail(at, "no more than %d items allowed", most)
		}
		for i, item := range items {
			each(c, fmt.Sprintf("%s/%d", at, i), item)
		}
	}
}

// object is an object of a shape.
func object(s shape) rule {
	return func(c *check, at string, v any) {
		o, ok := v.(map[string]any)
		if !ok {
			c.fail(at, "must provide an object")
			return
		}
		s.judge(c, at, o)
	}
}

func (s shape) judge(c *check, at string, o map[string]any) {
	for _, key := range sorted(s) {
		v, there := o[key]
		switch {
		case there && v != nil:
			s[key].rule(c, at+"/"+key, v)
		case s[key].need:
			c.fail(at, "missing required field: %s", key)
		}
	}
	for _, key := range sorted(o) {
		if _, known := s[key]; !known {
			c.fail(at, "invalid additional property: %s", key)
		}
	}
}

// kinds is an object whose `type` is one of a few, each with its shape.
func kinds(table map[string]shape, allowed ...string) rule {
	return func(c *check, at string, v any) {
		o, ok := v.(map[string]any)
		if !ok {
			c.fail(at, "must provide an object")
			return
		}
		kind, _ := o["type"].(string)
		s, known := table[kind]
		if !known || !slices.Contains(allowed, kind) {
			c.fail(at+"/type", "unsupported type: %s", kind)
			return
		}
		s.judge(c, at, o)
		if also := afterwards[kind]; also != nil {
			also(c, at, o)
		}
	}
}

// anyValue accepts what is checked elsewhere, or is of no consequence.
func anyValue(*check, string, any) {}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// words is a list of names in one string.
func words(s string) []string { return strings.Fields(s) }

// decode reads JSON into plain values; ok is false for anything malformed.
func decode(raw []byte) (v any, ok bool) {
	return v, json.Unmarshal(raw, &v) == nil
}
