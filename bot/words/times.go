package words

import (
	"strconv"
	"time"
)

// timesEN are durations.
var timesEN = map[string]string{
	"took.least": "under 1 ms",
	"took.ms":    "%s ms",
	"took.s":     "%s s",
	"took.min":   "%s min",
	"took.h":     "%s h",
	"took.d":     "%s d",
}

// At is the catalogue for a reader in a time zone; nil is UTC.
func (c Catalogue) At(zone *time.Location) Catalogue {
	c.zone = zone
	return c
}

// Time is a time in the reader's zone, where nothing can show each their own.
func (c Catalogue) Time(t time.Time, layout string) string {
	if c.zone == nil {
		return t.UTC().Format(layout)
	}
	return t.In(c.zone).Format(layout)
}

// Took is a duration as people say it: "under 1 ms", "410 ms", "2.2 s", "1 min 46 s",
// "3 h 5 min", "7 d".
func (c Catalogue) Took(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return c.Say("took.least")
	case d < time.Second:
		return c.Say("took.ms", strconv.FormatInt(d.Round(time.Millisecond).Milliseconds(), 10))
	case d.Round(100*time.Millisecond) < time.Minute:
		return c.Say("took.s", strconv.FormatFloat(d.Round(100*time.Millisecond).Seconds(), 'f', -1, 64))
	}
	units := []struct {
		of  time.Duration
		key string
	}{{24 * time.Hour, "took.d"}, {time.Hour, "took.h"}, {time.Minute, "took.min"}, {time.Second, "took.s"}}
	d = d.Round(time.Second)
	i := 0
	for d < units[i].of {
		i++
	}
	text := c.Say(units[i].key, strconv.Itoa(int(d/units[i].of)))
	if i+1 < len(units) {
		if rest := d % units[i].of / units[i+1].of; rest > 0 {
			text += " " + c.Say(units[i+1].key, strconv.Itoa(int(rest)))
		}
	}
	return text
}
