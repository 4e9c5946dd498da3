package words

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

var verb = regexp.MustCompile(`%(\.0)?(?:\[(\d+)\])?([a-z%])`)

// verbs are the verbs of a text by the argument that they are filled with: a
// language may say them in another order, or swallow one.
func verbs(text string) map[int]string {
	out, next := map[int]string{}, 1
	for _, m := range verb.FindAllStringSubmatch(text, -1) {
		if m[3] == "%" {
			continue
		}
		if m[2] != "" {
			_, _ = fmt.Sscan(m[2], &next)
		}
		out[next] = m[3]
		next++
	}
	return out
}

// plural says whether a language says one thing in words of its own.
var plural = map[string]bool{"en": true, "ja": false}

// No text is missing in any language, none is empty, and all take the same arguments.
func TestEveryLanguageHasEveryText(t *testing.T) {
	all := map[string]string{}
	for _, c := range catalogues {
		maps.Copy(all, c.texts)
	}
	if len(all) < 400 || len(catalogues) < 2 {
		t.Fatalf("%d texts in %d languages", len(all), len(catalogues))
	}
	for lang, c := range catalogues {
		for key := range all {
			text, ok := c.texts[key]
			single := strings.HasSuffix(key, one)
			switch want := catalogues["en"].texts[key]; {
			case single && !plural[lang] && ok:
				t.Errorf("%s: %s: this language says one as it says many", lang, key)
			case single && !plural[lang]:
			case !ok:
				t.Errorf("%s: %s is missing; in English it is %q", lang, key, want)
			case strings.TrimSpace(text) == "":
				t.Errorf("%s: %s is empty", lang, key)
			case !maps.Equal(verbs(text), verbs(want)):
				t.Errorf("%s: %s is filled otherwise: %q, and in English %q", lang, key, text, want)
			}
		}
	}
}

// Japanese is told from English by its letters: nothing was left untranslated
// but what has no other name.
func TestJapaneseIsJapanese(t *testing.T) {
	same := []string{"verdict.OK", "verdict.NG", "verdict.UNKNOWN", "note.head", "end.unmatched", "event.tripped", "event.ended",
		"down.name.slack", "down.name.pagerduty", "took.ms"}
	japanese := regexp.MustCompile(`[\p{Hiragana}\p{Katakana}\p{Han}、。「」（）]`)
	for key, text := range catalogues["ja"].texts {
		if !japanese.MatchString(text) && !slices.Contains(same, key) {
			t.Errorf("ja: %s: %q", key, text)
		}
	}
}

// Slack refuses a message whose label is longer than this, and on a phone a
// button is narrow. What a verb brings is cut where it is filled in.
func TestLengths(t *testing.T) {
	limits := []struct {
		key  string
		most int
	}{
		{`^button\.`, 30}, // also what a confirm's button says
		{`^act\.`, 40},    // stands in a sentence, in a menu or as a placeholder
		{`^confirm\.(no|.*\.yes)$`, 30},
		{`^confirm\..*\.title$`, 40}, // of 100, beside a scenario's name
		{`^confirm\.[a-z_]*$`, 220},  // of 300, beside the target and the guards
		{`^slack\.confirm\.(title|no)$`, 30},
		{`^slack\.[a-z]+\.(title|send|close)$`, 24}, // a modal's
		{`^slack\.home\.[a-z]+$`, 150},              // a header's
		{`^(field|phase|card)\.`, 50},
		{`^(status|outcome)\.`, 60},
	}
	for lang, c := range catalogues {
		for key, text := range c.texts {
			for _, l := range limits {
				n := utf8.RuneCountInString(verb.ReplaceAllString(text, "00"))
				if regexp.MustCompile(l.key).MatchString(key) && n > l.most {
					t.Errorf("%s: %s has %d characters of %d: %q", lang, key, n, l.most, text)
				}
			}
		}
	}
}

// Slack takes a star or a backtick for formatting only where a word could begin
// and end, which between two Japanese letters it cannot.
func TestFormattingStandsApart(t *testing.T) {
	span := regexp.MustCompile("`[^`\n]+`|\\*[^* \n][^*\n]*\\*")
	ends := func(r rune) bool { return r == utf8.RuneError || strings.ContainsRune(" \n.,;:!?()", r) }
	for lang, c := range catalogues {
		for key, text := range c.texts {
			for _, at := range span.FindAllStringIndex(text, -1) {
				before, _ := utf8.DecodeLastRuneInString(text[:at[0]])
				after, _ := utf8.DecodeRuneInString(text[at[1]:])
				if !ends(before) || !ends(after) {
					t.Errorf("%s: %s: Slack does not format %s in %q", lang, key, text[at[0]:at[1]], text)
				}
			}
		}
	}
}

// Where one is said in words of its own, several are, too, with the same verbs.
func TestCount(t *testing.T) {
	for lang, c := range catalogues {
		for key, text := range c.texts {
			if many, ok := strings.CutSuffix(key, one); ok && !maps.Equal(verbs(text), verbs(c.texts[many])) {
				t.Errorf("%s: %s is %q, and %s is %q", lang, key, text, many, c.texts[many])
			}
		}
	}
	for lang, wants := range map[string][]string{
		"en": {"0 problems", "1 problem", "2 problems"},
		"ja": {"問題 0 件", "問題 1 件", "問題 2 件"},
	} {
		for n, want := range wants {
			if got := In(lang).Count("problems", n); got != want {
				t.Errorf("%s: %q, not %q", lang, got, want)
			}
		}
	}
}

// What is said of a person's word before PagerDuty did it is not said in the past,
// and 承認 is the second person's alone.
func TestJapaneseOfAPersonsWord(t *testing.T) {
	ja := catalogues["ja"].texts
	for key, text := range ja {
		if (strings.HasPrefix(key, "accepted.escalate") || key == "accepted.resolve") && strings.Contains(text, "しました") {
			t.Errorf("%s: %q", key, text)
		}
	}
	for _, key := range []string{"outcome.expired", "autonomy.ask", "home.breaker", "list.breaker"} {
		if strings.Contains(ja[key], "承認") {
			t.Errorf("%s: %q", key, ja[key])
		}
	}
	if got := In("ja").Say("home.paused", "project:shop", "田中: 移行作業"); got != "project:shop（田中: 移行作業）" {
		t.Errorf("home.paused: %q", got)
	}
}
