package scenarios

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

const (
	maxPerfdata = 500 // labels of one plugin
	maxUnit     = 20  // bytes
)

// perfNumber is how a plugin writes a value: with a point, whatever its language.
var perfNumber = regexp.MustCompile(`^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?`)

// perfdata reads performance data: 'label'=value[unit];[warn];[crit];[min];[max]
// with blanks between. A label may be quoted, and then hold blanks, = and two quotes for
// one. Each label is mapped to
//
//	value   a number; missing where the plugin says U, that it does not know it
//	unit    s, %, B, c, or whatever stands there; may be ""
//	warn    the ranges of the thresholds, as they were written; may be ""
//	crit
//	min     numbers; missing where the plugin leaves them out
//	max
//
// What is written otherwise is left out, as is all beyond maxPerfdata labels.
// Of two alike the first counts.
func perfdata(s string) map[string]any {
	all := map[string]any{}
	for len(all) < maxPerfdata {
		s = strings.TrimLeftFunc(s, unicode.IsSpace)
		if s == "" {
			break
		}
		label, rest, ok := perfLabel(s)
		word, after := rest, ""
		if i := strings.IndexFunc(rest, unicode.IsSpace); i >= 0 {
			word, after = rest[:i], rest[i:]
		}
		s = after
		if !ok {
			continue
		}
		if one := measure(word); one != nil && all[label] == nil {
			all[label] = one
		}
	}
	return all
}

// perfLabel splits the label off, up to and including its =. Where there is
// none it reports false, and rest is what may be gone over.
func perfLabel(s string) (label, rest string, ok bool) {
	if s[0] != '\'' {
		i := strings.IndexFunc(s, func(r rune) bool { return r == '=' || r == '\'' || unicode.IsSpace(r) })
		if i <= 0 || s[i] != '=' {
			return "", s, false
		}
		return s[:i], s[i+1:], true
	}
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] != '\'':
		case strings.HasPrefix(s[i:], "''"):
			i++
		default:
			label = strings.ReplaceAll(s[1:i], "''", "'")
			rest, ok = strings.CutPrefix(s[i+1:], "=")
			return label, rest, ok && label != ""
		}
	}
	return "", s, false
}

// measure reads one value with its thresholds; nil where it is none.
func measure(word string) map[string]any {
	parts := strings.Split(word, ";")
	one := map[string]any{"unit": "", "warn": "", "crit": ""}
	if n := perfNumber.FindString(parts[0]); n != "" {
		unit := parts[0][len(n):]
		v, err := strconv.ParseFloat(n, 64)
		if err != nil || len(unit) > maxUnit || strings.ContainsAny(unit, "0123456789.,=':") {
			return nil
		}
		one["value"], one["unit"] = v, unit
	} else if parts[0] != "U" {
		return nil
	}
	for i, key := range []string{"warn", "crit"} {
		if len(parts) > i+1 {
			one[key] = parts[i+1]
		}
	}
	for i, key := range []string{"min", "max"} {
		if len(parts) > i+3 {
			if v, err := strconv.ParseFloat(parts[i+3], 64); err == nil && perfNumber.FindString(parts[i+3]) == parts[i+3] {
				one[key] = v
			}
		}
	}
	return one
}
