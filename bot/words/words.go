// Package words holds what people read in Slack and PagerDuty, per language.
// It knows sentences and nothing else: not what they are about, not who reads
// them, not how Slack formats them.
//
// A text is named by a key and filled with fmt verbs, indexed where a language
// may need another order ("%[2]s of %[1]s"). Every language has every key, with
// the same verbs; a test holds that.
package words

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Catalogue is one language's texts, for readers in one time zone; the zero value
// is English, in UTC.
type Catalogue struct {
	lang  string
	texts map[string]string
	zone  *time.Location // nil: UTC
	solid bool           // sentences follow each other without a space
}

var catalogues = map[string]Catalogue{
	"en": {lang: "en", texts: merged(botEN, slackEN, formsEN, pagerdutyEN, outboxEN, timesEN)},
	"ja": {lang: "ja", solid: true, texts: merged(botJA, slackJA, formsJA, pagerdutyJA, outboxJA, timesJA)},
}

// In is the catalogue of a language by its code ("en", "ja"); the English one
// where there is none of that language.
func In(lang string) Catalogue {
	if c, ok := catalogues[lang]; ok {
		return c
	}
	return catalogues["en"]
}

// Languages are the codes of all catalogues, in order.
func Languages() []string { return slices.Sorted(maps.Keys(catalogues)) }

// Known says whether there is a catalogue of this language.
func Known(lang string) bool { _, ok := catalogues[lang]; return ok }

// Say is the text of a key with its verbs filled in. An unknown key is said as
// itself, so that a missing text is seen and nothing is lost.
func (c Catalogue) Say(key string, args ...any) string {
	text, ok := c.all()[key]
	if !ok {
		return key
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// Count is a text that says how many.
func (c Catalogue) Count(key string, n int) string { return c.Plural(key, n, n) }

// Plural is a text about so many: that of KEY.one where it is one and the
// language says one in words of its own, which not every language does.
func (c Catalogue) Plural(key string, n int, args ...any) string {
	if _, ok := c.all()[key+one]; ok && n == 1 {
		key += one
	}
	return c.Say(key, args...)
}

// Join puts sentences after each other; those that are empty are left out.
func (c Catalogue) Join(sentences ...string) string {
	gap := " "
	if c.solid {
		gap = ""
	}
	return strings.Join(slices.DeleteFunc(sentences, func(s string) bool { return s == "" }), gap)
}

func (c Catalogue) all() map[string]string {
	if c.texts == nil {
		return catalogues["en"].texts
	}
	return c.texts
}

// one ends the key of a text about a single thing.
const one = ".one"

// merged are all texts of the parts; a key that stands in two of them would hide
// one text behind the other.
func merged(parts ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, p := range parts {
		for key, text := range p {
			if _, ok := all[key]; ok {
				panic("words: " + key + " stands in the catalogue twice")
			}
			all[key] = text
		}
	}
	return all
}
