package slack

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	simslack "amsbot/bot/sim/slack"
	"amsbot/bot/words"
)

// What is tested is what is asked for: the pretended Slack refuses whatever needs
// a scope that its token has not, and its token has those of the manifest.
func TestManifestAsksForWhatIsTested(t *testing.T) {
	m := NewManifest(words.In("en"))
	granted := slices.Sorted(slices.Values(simslack.Defaults().Scopes))
	if asked := slices.Sorted(slices.Values(m.OAuth.Scopes.Bot)); !slices.Equal(asked, granted) {
		t.Errorf("the manifest asks for %v, and the tests have %v", asked, granted)
	}
	if !slices.IsSorted(m.OAuth.Scopes.Bot) {
		t.Error("the scopes are in no order")
	}
	for _, s := range Scopes() {
		if s.Why == "" {
			t.Errorf("what is %s for?", s.Name)
		}
	}
	if !m.Settings.Socket || !m.Settings.Interactivity.Enabled || !m.Features.Home.Home || m.Features.Home.ReadOnly || m.Settings.Rotation {
		t.Errorf("%+v", m)
	}
}

// TestManifestKeepsSlacksLimits: of what Slack's schema bounds, in any language.
func TestManifestKeepsSlacksLimits(t *testing.T) {
	for _, lang := range []string{"en", "ja"} {
		m := NewManifest(words.In(lang))
		for what, c := range map[string]struct {
			text string
			most int
		}{
			"name": {m.Display.Name, 35}, "description": {m.Display.Description, 140}, "bot": {m.Features.Bot.Name, 80},
			"command": {m.Features.Commands[0].Command, 32}, "its description": {m.Features.Commands[0].Description, 2000},
			"its hint": {m.Features.Commands[0].Hint, 1000},
		} {
			if n := utf8.RuneCountInString(c.text); n == 0 || n > c.most || strings.Contains(c.text, "manifest.") {
				t.Errorf("%s: the %s is %q", lang, what, c.text)
			}
		}
		for _, s := range m.Features.Shortcuts {
			if n := utf8.RuneCountInString(s.Name); n == 0 || n > 24 || s.Callback == "" || s.Description == "" {
				t.Errorf("%s: %+v", lang, s)
			}
		}
	}
}
