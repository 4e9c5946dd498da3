package bot

import (
	"strings"

	"amsbot/bot/words"
)

// endless says that a pause has no end to whoever gave its reason as a time: a
// maintenance window has one.
func (k Click) endless(scope string, w words.Catalogue) string {
	p := windowParser{words: typedWords(k.Text)}
	p.word("for")
	first, bare, span := p.at, p.peek(), ""
	switch {
	case k.Act != DoPause:
	case p.span() > 0:
		for _, one := range p.words[first:p.at] {
			span += strings.TrimRight(one.text, ",:;.")
		}
	case len(p.words) == first+1 && number.MatchString(bare):
		span = bare + "m"
	}
	if span == "" {
		return ""
	}
	return "\n" + w.Say("paused.endless", strings.Replace(scope, ":", " ", 1), span)
}
