package bot

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"amsbot/bot/words"
)

// saturday is a Saturday afternoon in Tokyo.
func saturday(t *testing.T) time.Time {
	t.Helper()
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	return time.Date(2026, 1, 31, 15, 30, 0, 0, tokyo)
}

// What people type, what it is about, from when until when, and why.
func TestParseWindow(t *testing.T) {
	now := saturday(t)
	for said, want := range map[string]string{
		"service shop-web 2h":                              "service shop-web | 15:30 - 17:30 |",
		"service shop-web 2h kernel upgrade":               "service shop-web | 15:30 - 17:30 | kernel upgrade",
		"service shop-web for 90m: kernel":                 "service shop-web | 15:30 - 17:00 | kernel",
		"Service Shop Web 2 hours kernel":                  "Service Shop Web | 15:30 - 17:30 | kernel",
		"service “rack 2h” 1h30m - moving":                 "service rack 2h | 15:30 - 17:00 | moving",
		`target "web 1" 1h 30m`:                            "target web 1 | 15:30 - 17:00 |",
		"target web-1 kernel upgrade for 1 hour 5 minutes": "target web-1 kernel upgrade | 15:30 - 16:35 |",
		"1.5h":              "| 15:30 - 17:00 |",
		"2d moving house":   "| 15:30 - 2026-02-02 15:30 | moving house",
		"1w":                "| 15:30 - 2026-02-07 15:30 |",
		"web-1 until 04:00": "web-1 | 15:30 - 2026-02-01 04:00 |",
		"web-1 until 16:00 because of 2h of work": "web-1 | 15:30 - 16:00 | because of 2h of work",
		"web-1 until 4am":                         "web-1 | 15:30 - 2026-02-01 04:00 |",
		"web-1 until 4:15pm JST":                  "web-1 | 15:30 - 16:15 |",
		"web-1 until 16:00 UTC":                   "web-1 | 15:30 - 2026-02-01 01:00 |",
		"web-1 until noon":                        "web-1 | 15:30 - 2026-02-01 12:00 |",
		"web-1 until midnight":                    "web-1 | 15:30 - 2026-02-01 00:00 |",
		"web-1 until tomorrow 04:00":              "web-1 | 15:30 - 2026-02-01 04:00 |",
		"web-1 until 04:00 tomorrow":              "web-1 | 15:30 - 2026-02-01 04:00 |",
		"web-1 until monday at 8:00":              "web-1 | 15:30 - 2026-02-02 08:00 |",
		"web-1 until Sat 15:00":                   "web-1 | 15:30 - 2026-02-07 15:00 |",
		"web-1 until next saturday 16:00":         "web-1 | 15:30 - 16:00 |",
		"web-1 until 2026-02-03 04:00 why":        "web-1 | 15:30 - 2026-02-03 04:00 | why",
		"web-1 until 2026-02-03T04:00":            "web-1 | 15:30 - 2026-02-03 04:00 |",
		"web-1 until 2026-02-03T04:00Z":           "web-1 | 15:30 - 2026-02-03 13:00 |",
		"web-1 until 2026-02-03T04:00:00+01:00":   "web-1 | 15:30 - 2026-02-03 12:00 |",
		"web-1 until 2h":                          "web-1 | 15:30 - 17:30 |",
		"web-1 from 22:00 until 04:00 moving":     "web-1 | 22:00 - 2026-02-01 04:00 | moving",
		"web-1 from 22:00 to 04:00":               "web-1 | 22:00 - 2026-02-01 04:00 |",
		"web-1 22:00-04:00 moving":                "web-1 | 22:00 - 2026-02-01 04:00 | moving",
		"web-1 tomorrow 22:00 for 2h":             "web-1 | 2026-02-01 22:00 - 2026-02-02 00:00 |",
		"web-1 from today 15:00 2h":               "web-1 | 15:00 - 17:00 |",
		"web-1 moved from berlin until 16:00":     "web-1 moved from berlin | 15:30 - 16:00 |",

		"":                                "window.when",
		"service shop-web":                "window.when",
		"service shop-web kernel upgrade": "window.when",
		"web-1 until":                     "window.when",
		"web-1 from 22:00":                "window.when",
		"web-1 from 22:00 moving":         "window.when",
		"web-1 until teatime moving":      "window.time",
		"web-1 until monday":              "window.time",
		"web-1 until 25:00":               "window.time",
		"web-1 until 4":                   "window.time",
		"web-1 for ever":                  "window.when",
		"web-1 30":                        "window.when",
		"web-1 0h":                        "window.when",
		"web-1 30 bananas":                "window.when",
		`"2h"`:                            "window.when",
		"web-1 until today 04:00":         "window.past",
		"web-1 until 2020-01-01 00:00":    "window.past",
		"web-1 from 2026-02-02 04:00 until 2026-02-01 22:00": "window.order",
		"web-1 31d":                    "window.long",
		"web-1 99999w 99999w 99999w":   "window.long",
		"web-1 until 9999-12-31 00:00": "window.long",
	} {
		wish, problem, args := parseWindow(said, now)
		got := problem
		if got == "" {
			got = phrase(wish.words) + " | " + near(wish.from, now) + " - " + near(wish.until, now) + " | " + wish.why
			got = strings.TrimSpace(got)
		}
		if got != want {
			t.Errorf("%q: %s, want %s", said, got, want)
		}
		if text := words.In("en").Say(problem, args...); problem != "" && (strings.Contains(text, "%!") || text == problem) {
			t.Errorf("%q: %s", said, text)
		}
	}
}

// near is a time as a test reads it: without the day where it is today.
func near(at, now time.Time) string {
	at = at.In(now.Location())
	if at.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return at.Format("15:04")
	}
	return at.Format("2006-01-02 15:04")
}

// When clocks are set forward, 02:30 does not exist, and a day has 23 hours.
func TestParseWindowWhenClocksChange(t *testing.T) {
	vienna, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 28, 22, 0, 0, 0, vienna)
	for said, want := range map[string]time.Duration{"x until 06:00": 7 * time.Hour, "x 8h": 8 * time.Hour, "x until 02:30": 4*time.Hour + 30*time.Minute} {
		wish, problem, _ := parseWindow(said, now)
		if got := wish.until.Sub(now); problem != "" || got != want {
			t.Errorf("%q: %s %s, want %s", said, problem, got, want)
		}
	}
}

// Whatever is typed: a window that can be kept, or something to say.
func FuzzParseWindow(f *testing.F) {
	for _, s := range []string{
		"", "service shop-web 2h reason", "target “rack 7” from 22:00 until tomorrow 04:00", "1.5h", "x until 2026-02-03T04:00Z",
		"“ 2h", "22:00-04:00", "99999w 99999w", "until until", "from from 1h", "2 hours", "\xff\x00 1h", "x until 04:00 gmt, y", `"" 1m`,
	} {
		f.Add(s)
	}
	now := time.Date(2026, 1, 31, 15, 30, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, said string) {
		wish, problem, args := parseWindow(said, now)
		switch {
		case problem != "":
			if text := words.In("en").Say(problem, args...); strings.Contains(text, "%!(") || strings.Contains(text, "\n") {
				t.Errorf("%q: %q", said, text)
			}
		case !wish.until.After(now) || !wish.until.After(wish.from) || wish.until.Sub(now) > windowMost:
			t.Errorf("%q: from %s until %s", said, wish.from, wish.until)
		case utf8.RuneCountInString(wish.why) > 500:
			t.Errorf("%q: %d runes of reason", said, len(wish.why))
		}
	})
}

// Which targets a name is about: in a case of doubt more rather than fewer.
func TestWindowAims(t *testing.T) {
	for name, targets := range map[string]string{
		"web-1":              "web-1 WEB-1 web-1.shop.example !web-10 !web-10.shop.example !my-web-1",
		"web-1.shop.example": "web-1.shop.example Web-1.Shop.Example !web-1 !web-1.shop.example.org",
		"web-*":              "web-1 web-10.shop.example !db-1",
		"web-?.shop.example": "web-1.shop.example !web-10.shop.example",
		"*":                  "anything any.thing",
		"[web":               "[web [WEB !web",
		"10.0.0.*":           "10.0.0.7 !10.0.1.7",
	} {
		for _, target := range strings.Fields(targets) {
			bare, not := strings.CutPrefix(target, "!")
			if got := (covered{Kind: coverTarget, Name: name}).aims(bare); got == not {
				t.Errorf("%s and %s: %v", name, bare, got)
			}
		}
	}
}

func TestNearest(t *testing.T) {
	known := []string{"service", "scenario", "target", "project", "all", "list", "end"}
	for typed, want := range map[string]string{
		"sevrice": "service", "scenraio": "scenario", "Targets": "target", "lsit": "list", "edn": "end", "al": "all",
		"": "", "web": "", "x": "", strings.Repeat("a", 300): "",
	} {
		if got := Nearest(typed, known); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
}
