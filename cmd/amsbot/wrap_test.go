package main

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWrapped(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"short":         {"  all of it", "  all of it"},
		"long":          {strings.Repeat("word ", 17) + "end", strings.TrimSpace(strings.Repeat("word ", 16)) + "\n    word end"},
		"one long word": {"a " + strings.Repeat("x", 90) + " b", "a\n    " + strings.Repeat("x", 90) + "\n    b"},
		"expression":    {strings.Repeat("x", 70) + " ${{ alert.details.host }} y", strings.Repeat("x", 70) + "\n    ${{ alert.details.host }} y"},
		"wide runes":    {strings.Repeat("ä", 40) + " " + strings.Repeat("ä", 39), strings.Repeat("ä", 40) + " " + strings.Repeat("ä", 39)},
		"nothing":       {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := wrapped(c.text, "    ")
			if got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
			for line := range strings.SplitSeq(got, "\n") {
				if n := utf8.RuneCountInString(line); n > columns && strings.Contains(strings.TrimSpace(line), " ") {
					t.Errorf("%d columns: %s", n, line)
				}
			}
		})
	}
}
