package bot

import (
	"strings"
	"testing"

	"amsbot/bot/words"
)

// A time that is given as the reason of a pause ends nothing, and whoever gave it is
// told what does.
func TestPauseHasNoEnd(t *testing.T) {
	for _, c := range []struct{ scope, text, want string }{
		{"project:shop", "30", "project shop 30m"},
		{"scenario:shop/web-down", "1h test", "scenario shop/web-down 1h"},
		{"all", "for 2 hours, deploying", "all 2hours"},
		{"all", "1h 30m", "all 1h30m"},
		{"all", "", ""},
		{"all", "2 hosts are down", ""},
		{"all", "30 hosts", ""},
		{"all", "deploying for 2h", ""},
	} {
		got := Click{Act: DoPause, Text: c.text}.endless(c.scope, words.In("en"))
		typed := c.want
		if want := "`/ams maintenance " + typed + "`"; c.want == "" && got != "" || !strings.Contains(got, want) && c.want != "" {
			t.Errorf("pause %s %s: %q, want %s", c.scope, c.text, got, want)
		}
		if typed == "" {
			continue
		}
		_, rest, _ := strings.Cut(typed, " ")
		if _, wrong, _ := parseWindow(rest, begin); wrong != "" {
			t.Errorf("/ams maintenance %s is not taken: %s", typed, wrong)
		}
		if got := (Click{Act: DoResume, Text: c.text}).endless(c.scope, words.In("en")); got != "" {
			t.Errorf("resume: %q", got)
		}
	}
}
