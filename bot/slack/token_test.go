package slack

import (
	"math"
	"testing"

	"amsbot/bot"
)

func TestTokenOfEachPress(t *testing.T) {
	for _, p := range []press{
		{Act: bot.DoRecover, Offer: 42, Incident: key},
		{Act: bot.DoRecover, Offer: math.MaxUint64, Override: true, Incident: key},
		{Act: bot.DoNote, Incident: "pd:a|b:Q1"},
		{Act: bot.DoMark, Offer: 1, Incident: "x"},
		{Act: "why", Incident: key}, {Act: "open", Incident: key},
	} {
		got, err := parsePress(p.token())
		if err != nil || got != p {
			t.Errorf("%q: %+v, %v", p.token(), got, err)
		}
	}
}

func TestTokensOfOthersAreRefused(t *testing.T) {
	for _, s := range []string{
		"", "1", "1|recover|1|", "1|recover|1||", "2|recover|1||k", "1||1||k", "1|RECOVER|1||k", "1|recover|-1||k",
		"1|recover|1|x|k", "1|recover|01||k", "1|recover|+1||k", "1|recover|A||k", "1|recover|1||\xff",
		"1|rm -rf|1||k", "1|aaaaaaaaaaaaaaaaaaaaa|1||k",
	} {
		if p, err := parsePress(s); err == nil {
			t.Errorf("%q was read as %+v", s, p)
		}
	}
}

// A token fits into the menu, whose options take 150 characters.
func TestTokenFitsIntoAnOption(t *testing.T) {
	p := press{Act: bot.DoMark, Offer: math.MaxUint64, Override: true, Incident: "pd:a-rather-long-account-name:Q2ABCDEFGHIJKL"}
	if n := len(p.token()); n > 75 {
		t.Errorf("%d characters", n)
	}
}

func FuzzParsePress(f *testing.F) {
	for _, s := range []string{"1|recover|16|o|pd:acme:Q1", "1|why|0||k", "1|note|0||pd:a|b:c", "", "||||", "1|take|zz|o|x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := parsePress(s)
		if err == nil && p.token() != s {
			t.Errorf("%q is written as %q", s, p.token())
		}
	})
}
