package bot

import (
	"regexp"
	"slices"
	"strconv"
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
	if p.word("from", "starting") {
		wish.from = p.clock(now)
	}
	if p.word("until", "till", "til", "to", "-") {
		wish.until = p.clock(wish.from)
	} else {
		p.word("for")
		if d := p.span(); d > 0 {
			wish.until = wish.from.Add(d)
		}
	}
	if wish.until.IsZero() {
		if p.at == len(p.words) {
			return wish, "window.when", nil
		}
		return wish, "window.time", []any{plain(p.rest(3), 60)}
	}
	wish.why = cut(strings.TrimLeft(p.rest(len(p.words)), " -–—:,;"), 500)
	switch {
	case !wish.until.After(now):
		return wish, "window.past", []any{moment(wish.until)}
	case !wish.until.After(wish.from):
		return wish, "window.order", []any{moment(wish.until), moment(wish.from)}
	case wish.until.Sub(now) > windowMost:
		return wish, "window.long", []any{ago(windowMost)}
	}
	return wish, "", nil
}

// windowParser reads words one after the other.
type windowParser struct {
	words []typedWord
	at    int
	now   time.Time
}

// peek is the next word in lower case; "" for one in quotes and at the end.
func (p *windowParser) peek() string {
	if p.at == len(p.words) || p.words[p.at].quoted {
		return ""
	}
	return strings.ToLower(p.words[p.at].text)
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
		return !try.clock(p.now).IsZero()
	case try.word("for"):
	}
	return try.span() > 0
}

var (
	spanForm = regexp.MustCompile(`^(?:\d{1,5}(?:\.\d{1,3})?[a-z]+)+$`)
	spanPart = regexp.MustCompile(`(\d+(?:\.\d+)?)([a-z]+)`)
	number   = regexp.MustCompile(`^\d{1,5}(?:\.\d{1,3})?$`)
	unitForm = regexp.MustCompile(`^(?:(m|mins?|minutes?)|(h|hrs?|hours?)|(d|days?)|(w|weeks?))$`)
)

// unit is what a unit's name stands for; 0: it is none.
func unit(name string) time.Duration {
	for i, found := range unitForm.FindStringSubmatch(name) {
		if i > 0 && found != "" {
			return []time.Duration{time.Minute, time.Hour, 24 * time.Hour, 7 * 24 * time.Hour}[i-1]
		}
	}
	return 0
}

// span takes a time span: 2h, 1h30m, 1h 30m, 2 hours. 0: there is none.
func (p *windowParser) span() time.Duration {
	var sum time.Duration
	for {
		d := p.spanWord()
		if d == 0 {
			return sum
		}
		sum = min(sum+d, 2*windowMost) // more is too long anyway
	}
}

func (p *windowParser) spanWord() time.Duration {
	word, took := p.peek(), 1
	if number.MatchString(word) { // its unit is a word of its own
		try := *p
		try.at++
		word, took = word+try.peek(), 2
	}
	if !spanForm.MatchString(word) {
		return 0
	}
	var sum time.Duration
	for _, part := range spanPart.FindAllStringSubmatch(word, -1) {
		n, err := strconv.ParseFloat(part[1], 64)
		one := unit(part[2])
		if err != nil || one == 0 {
			return 0
		}
		sum = min(sum+time.Duration(min(n*float64(one), float64(2*windowMost))), 2*windowMost)
	}
	p.at += took
	return sum
}

// clock takes a time of day, with a day beside it where one is said; the next
// such time after base where none is. Zero: there is no time of day.
func (p *windowParser) clock(base time.Time) time.Time {
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
		if at, err := time.Parse(form, strings.ToUpper(p.peek())); err == nil {
			p.at++
			return at
		}
	}
	began := *p
	var day, hour string
	for range 2 {
		p.word("at", "on", "next")
		word := p.peek()
		switch date, clock, both := strings.Cut(word, "t"); {
		case both && day == "" && hour == "" && isDate(date) && timeOfDay(clock) >= 0:
			day, hour = date, clock
		case hour == "" && timeOfDay(word) >= 0:
			hour = word
		case day == "" && (isDate(word) || weekday(word) >= 0 || word == "today" || word == "tomorrow"):
			day = word
		default:
			continue
		}
		p.at++
	}
	if hour == "" {
		*p = began
		return time.Time{}
	}
	zone := base.Location()
	if own, _ := base.Zone(); p.word("utc", "gmt", "z") {
		zone = time.UTC
	} else {
		p.word(strings.ToLower(own))
	}
	return dayTime(base.In(zone), p.now.In(zone), day, timeOfDay(hour))
}

// dayTime is a time of day, in minutes, on a day; with none the next after base.
func dayTime(base, now time.Time, day string, minutes int) time.Time {
	on := func(t time.Time, days int) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day()+days, 0, minutes, 0, 0, t.Location())
	}
	switch {
	case day == "today":
		return on(now, 0)
	case day == "tomorrow":
		return on(now, 1)
	case isDate(day):
		date, err := time.ParseInLocation(time.DateOnly, day, base.Location())
		if err != nil {
			return time.Time{}
		}
		return on(date, 0)
	}
	for days := range 9 {
		at := on(base, days)
		if at.After(base) && (day == "" || int(at.Weekday()) == weekday(day)) {
			return at
		}
	}
	return time.Time{}
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// weekday is a day of the week by its name or its beginning; -1: it is none.
func weekday(s string) int {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if len(s) >= 3 && strings.HasPrefix(strings.ToLower(d.String()), s) {
			return int(d)
		}
	}
	return -1
}

// timeOfDay is a time of day in minutes: 04:00, 4am, 4:30pm, 24:00, noon; -1: it
// is none.
func timeOfDay(s string) int {
	switch s {
	case "noon":
		return 12 * 60
	case "midnight", "24:00":
		return 24 * 60
	}
	for _, form := range []string{"15:04", "3:04pm", "3pm"} {
		if t, err := time.Parse(form, s); err == nil {
			return t.Hour()*60 + t.Minute()
		}
	}
	return -1
}

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
		out = append(out, typedWord{text: text[:end]})
		text = text[end:]
	}
	return out
}
