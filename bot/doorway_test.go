package bot

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// Whoever is after the same thing goes through one after the other; nobody waits
// for long, nor after they gave up, and nothing is left of a door that all have
// left.
func TestDoorway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d doorway
		began := time.Now()
		after := func(want time.Duration) {
			t.Helper()
			if took := time.Since(began); took != want {
				t.Errorf("entered after %v, want %v", took, want)
			}
			began = time.Now()
		}
		first := d.enter(t.Context(), "1 recover")
		d.enter(t.Context(), "1 take")()
		after(0)
		time.AfterFunc(300*time.Millisecond, first)
		second := d.enter(t.Context(), "1 recover")
		after(300 * time.Millisecond)
		impatient := d.enter(t.Context(), "1 recover")
		after(doorwayMost)
		gone, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		d.enter(gone, "1 recover")()
		after(100 * time.Millisecond)
		impatient()
		waiting := make(chan func())
		go func() { waiting <- d.enter(t.Context(), "1 recover") }()
		synctest.Wait()
		second()
		(<-waiting)()
		after(0)
		if len(d.of) != 0 {
			t.Errorf("left behind: %v", d.of)
		}
	})
}
