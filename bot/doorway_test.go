package bot

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// Whoever is after the same thing goes through one after the other; nobody waits
// for long, nor after they gave up; many within a minute are a crowd, and nothing is
// left of a door that nobody has been at for that long.
func TestDoorway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d doorway
		began := time.Now()
		enter := func(ctx context.Context, what string) func() {
			leave, crowd := d.enter(ctx, what)
			if crowd {
				t.Error("two or three are no crowd")
			}
			return leave
		}
		after := func(want time.Duration) {
			t.Helper()
			if took := time.Since(began); took != want {
				t.Errorf("entered after %v, want %v", took, want)
			}
			began = time.Now()
		}
		first := enter(t.Context(), "1 recover")
		enter(t.Context(), "1 take")()
		after(0)
		time.AfterFunc(300*time.Millisecond, first)
		second := enter(t.Context(), "1 recover")
		after(300 * time.Millisecond)
		impatient := enter(t.Context(), "1 recover")
		after(doorwayMost)
		gone, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		enter(gone, "1 recover")()
		after(100 * time.Millisecond)
		impatient()
		waiting := make(chan func())
		go func() { waiting <- enter(t.Context(), "1 recover") }()
		synctest.Wait()
		second()
		(<-waiting)()
		after(0)
		var all []func()
		for n := range 10 {
			leave, crowd := d.enter(t.Context(), "2 recover")
			if all = append(all, leave); crowd != (n+1 >= doorwayCrowd) {
				t.Errorf("of %d at once it was said that they are a crowd: %t", n+1, crowd)
			}
		}
		for _, leave := range all {
			leave()
		}
		if _, crowd := d.enter(t.Context(), "2 recover"); !crowd {
			t.Error("one of many who comes a moment later is told apart from them")
		}
		time.Sleep(doorwayWithin + time.Second)
		enter(t.Context(), "3 take")()
		if len(d.of) != 2 || d.of["2 recover"] == nil || d.of["3 take"] == nil {
			t.Errorf("left behind: %v", d.of)
		}
	})
}
