package words

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Where one is said in words of its own, several are, too, with the same verbs.
func TestCount(t *testing.T) {
	verb := regexp.MustCompile(`%[^ ]*?[a-z]`)
	for lang, c := range catalogues {
		for key, one := range c.texts {
			if many, ok := strings.CutSuffix(key, ".one"); ok && !slices.Equal(verb.FindAllString(one, -1), verb.FindAllString(c.texts[many], -1)) {
				t.Errorf("%s: %s is %q, and %s is %q", lang, key, one, many, c.texts[many])
			}
		}
	}
	for n, want := range []string{"0 problems", "1 problem", "2 problems"} {
		if got := In("en").Count("problems", n); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
