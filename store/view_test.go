package store

import (
	"slices"
	"testing"
)

// TestEndOfAView: a commit sees where the events of those before it have ended, of
// its own transaction and of any stream, also after the file was opened again.
func TestEndOfAView(t *testing.T) {
	db := newDB(t)
	var ends []uint64
	note := func(c Change) func(*View) (Change, error) {
		return func(v *View) (Change, error) {
			ends = append(ends, v.End())
			return c, nil
		}
	}
	two := change("a")
	two.Events = append(two.Events, change("b").Events...)
	for _, incident := range []string{"pd:acme:P1", "pd:acme:P2"} {
		for _, err := range db.together(incident, note(two), note(Change{}), note(change("c"))) {
			if err != nil {
				t.Fatal(err)
			}
		}
		db.again()
	}
	read := func(v *View) error { _, err := note(Change{})(v); return err }
	if err := db.Read(t.Context(), BotStream, read); err != nil {
		t.Fatal(err)
	}
	if want := []uint64{0, 2, 2, 3, 5, 5, 6}; !slices.Equal(ends, want) {
		t.Errorf("the ends are %v, not %v", ends, want)
	}
}
