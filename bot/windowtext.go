package bot

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// What people type after /ams maintenance: of what, until when, and why. The
// time is what is looked for; what is before it says of what.
//
//	service shop-web 2h kernel upgrade
//	target "rack 7" from 22:00 until tomorrow 04:00
//	web-down for 1 hour 30 minutes
//	until friday 18:00 moving house

// wished is a maintenance window as somebody typed it.
type wished struct {
	words       []typedWord // before the time
	from, until time.Time
	why         string // after the time
}

// typedWord is a word, or several in quotes, which are a name and never a time.
type typedWord struct {
	text   string
	quoted bool
}

// windowMost is how far ahead a window may end: a brake that nobody remembers is
// worse than one that has to be set again.
const windowMost = 30 * 24 * time.Hour

// parseWindow reads a window; now is in the zone that clock times are meant in.
// problem is the key of what is wrong, with its args; "" if nothing is.
func parseWindow(text string, now time.Time) (wish wished, problem string, args []any) {
	p := &windowParser{words: typedWords(text), now: now}
	for ; p.at < len(p.words) && !p.begins(); p.at++ {
	}
	wish.words, wish.from = p.words[:p.at], now
	if p.at == len(p.words) {
		return wish, "window.when", nil
	}
	p.word("from", "starting")
	if from := p.clock(now); !from.IsZero() {
		wish.from = from
	}
	if !p.word("until", "till", "til", "to", "-", "–", "for") && !p.begins() {
		return wish, "window.when", nil
	}
	if wish.until = p.end(wish.from); wish.until.IsZero() {
		if p.at == len(p.words) {
			return wish, "window.when", nil
		}
		return wish, "window.time", []any{plain(p.rest(2), 60)}
	}
	wish.why = cut(strings.TrimLeft(p.rest(len(p.words)), " -–—:,;"), 500)
	switch {
	case !wish.until.After(now):
		return wish, "window.past", []any{wish.until}
	case !wish.until.After(wish.from):
		return wish, "window.order", []any{wish.until, wish.from}
	case wish.until.Sub(now) > windowMost:
		return wish, "window.long", []any{windowMost}
	}
	return wish, "", nil
}

// windowParser reads words one after the other.
type windowParser struct {
	words []typedWord
	at    int
	now   time.Time
}

// end takes when a window ends: a time of day, or a span from its beginning on.
// Zero: neither is said.
func (p *windowParser) end(from time.Time) time.Time {
	if at := p.clock(from); !at.IsZero() {
		return at
	}
	if d := p.span(); d > 0 {
		return from.Add(d)
	}
	return time.Time{}
}

// peek is the next word in lower case, without what ends a phrase; "" for one in
// quotes and at the end.
func (p *windowParser) peek() string {
	if p.at == len(p.words) || p.words[p.at].quoted {
		return ""
	}
	return strings.ToLower(strings.TrimRight(p.words[p.at].text, ",:;."))
}

// word takes the next word if it is one of these.
func (p *windowParser) word(of ...string) bool {
	if w := p.peek(); w != "" && slices.Contains(of, w) {
		p.at++
		return true
	}
	return false
}

// rest is what is left, at most so many words of it.
func (p *windowParser) rest(most int) string {
	var out []string
	for _, w := range p.words[p.at:min(p.at+most, len(p.words))] {
		out = append(out, w.text)
	}
	return strings.Join(out, " ")
}

// begins says whether the time is said from here on. "Until" always begins it:
// what follows has to be a time, and where it is none its author is told so.
func (p *windowParser) begins() bool {
	try := *p
	switch {
	case try.word("until", "till", "til"):
		return true
	case try.word("from", "starting"):
	case try.word("for"):
		return try.span() > 0
	}
	return !try.clock(p.now).IsZero() || try.span() > 0
}

// between is "22:00-04:00", which people write in one word.
var between = regexp.MustCompile(`^(\d{1,2}:\d\d)[-–](\d{1,2}:\d\d)$`)

var quotes = map[rune]rune{'"': '"', '“': '”', '”': '”', '„': '“', '«': '»'}

// typedWords are the words of a text; what is in quotes is one.
func typedWords(text string) []typedWord {
	var out []typedWord
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		first, size := utf8.DecodeRuneInString(text)
		if closing, ok := quotes[first]; ok {
			inside := text[size:]
			if end := strings.IndexRune(inside, closing); end > 0 {
				out = append(out, typedWord{text: strings.Join(strings.Fields(inside[:end]), " "), quoted: true})
				text = inside[end+utf8.RuneLen(closing):]
				continue
			}
		}
		end := strings.IndexFunc(text, unicode.IsSpace)
		if end < 0 {
			end = len(text)
		}
		word := text[:end]
		if text = text[end:]; between.MatchString(word) {
			m := between.FindStringSubmatch(word)
			out = append(out, typedWord{text: m[1]}, typedWord{text: "until"}, typedWord{text: m[2]})
			continue
		}
		out = append(out, typedWord{text: word})
	}
	return out
}
