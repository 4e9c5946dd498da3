package store

import (
	"errors"
	"reflect"
	"testing"
)

// What came since an event is the end of the whole; the chain is checked from the
// event on, and up to the head.
func TestSince(t *testing.T) {
	db := newDB(t)
	for range 5 {
		_, err := db.Commit(t.Context(), "pd:a:1", func(*View) (Change, error) {
			return Change{Events: []NewEvent{{Kind: "k", Data: "some data"}}}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	whole, err := db.Events(t.Context(), "pd:a:1")
	if err != nil {
		t.Fatal(err)
	}
	err = db.Read(t.Context(), "pd:a:1", func(v *View) error {
		for n := range whole {
			if got := v.Since(uint64(n)); !reflect.DeepEqual(got, whole[n:]) {
				t.Errorf("since %d: %v, want %v", n, got, whole[n:])
			}
		}
		if got := v.Since(5); len(got) != 0 {
			t.Errorf("since the last: %v", got)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	err = db.Read(t.Context(), "pd:a:1", func(v *View) error { v.Since(6); return nil })
	if !errors.Is(err, ErrDamaged) {
		t.Errorf("since an event that is not there: %v", err)
	}
}
