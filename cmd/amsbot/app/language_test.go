package app_test

import (
	"slices"
	"testing"

	"amsbot/bot/words"
	"amsbot/scenarios"
)

// A project may ask for every language that there are texts in, and for no other.
func TestLanguages(t *testing.T) {
	if got, want := scenarios.Languages(), words.Languages(); !slices.Equal(got, want) {
		t.Errorf("a project may ask for %q, and there are texts in %q", got, want)
	}
}
