package bot

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

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
