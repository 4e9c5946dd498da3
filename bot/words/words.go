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
)

// Catalogue is one language's texts.
type Catalogue struct {
	lang  string
	texts map[string]string
}

var catalogues = map[string]Catalogue{
	"en": {lang: "en", texts: merged(botEN, slackEN)},
}

// In is the catalogue of a language by its code ("en"); the English one where
// there is none of that language.
func In(lang string) Catalogue {
	if c, ok := catalogues[lang]; ok {
		return c
	}
	return catalogues["en"]
}

// Known says whether there is a catalogue of this language.
func Known(lang string) bool { _, ok := catalogues[lang]; return ok }

// Say is the text of a key with its verbs filled in. An unknown key is said as
// itself, so that a missing text is seen and nothing is lost.
func (c Catalogue) Say(key string, args ...any) string {
	text, ok := c.texts[key]
	if !ok {
		return key
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// Count is a text that says how many: that of KEY.one where it is one.
func (c Catalogue) Count(key string, n int) string {
	if n == 1 {
		key += ".one"
	}
	return c.Say(key, n)
}

func merged(parts ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, p := range parts {
		maps.Copy(all, p)
	}
	return all
}
