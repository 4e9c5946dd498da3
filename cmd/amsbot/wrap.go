package main

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// columns is how wide prose is printed; what machines or grep read is not broken.
const columns = 80

// filledIn is an expression, which stays in one piece.
var filledIn = regexp.MustCompile(`\$\{\{[^}]*\}\}`)

// wrapped is a text in lines of at most so many columns, broken at spaces alone:
// a word that is longer stands as it is. Lines but the first begin with indent.
func wrapped(text, indent string) string {
	var b strings.Builder
	at := 0
	text = filledIn.ReplaceAllStringFunc(text, func(s string) string { return strings.ReplaceAll(s, " ", "\x00") })
	for i, word := range strings.Split(text, " ") {
		wide := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case at+1+wide > columns:
			b.WriteString("\n" + indent)
			at = len(indent)
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += wide
	}
	return strings.ReplaceAll(b.String(), "\x00", " ")
}
