package app_test

import (
	"slices"
	"testing"
	"time"
)

// branchNamed is one of the branches, to be told once.
func branchNamed(t *testing.T, name string) branch {
	t.Helper()
	all := branches()
	n := slices.IndexFunc(all, func(b branch) bool { return b.name == name })
	if n < 0 {
		t.Fatalf("no branch %s", name)
	}
	return all[n]
}

// The power goes between two looks of a re-check, and comes back when its time
// would be over: while amsbot was away nobody looked, so it looks again.
func TestKilledDuringTheRecheck(t *testing.T) {
	for _, k := range []kill{
		{effect{"commit[started]", 3}, true},  // the first look has begun
		{effect{"commit[ended]", 3}, true},    // and was OK, which is not yet a verdict
		{effect{"commit[verdict]", 1}, true},  // one OK of two
		{effect{"commit[started]", 4}, false}, // before the second
	} {
		t.Run(k.String(), func(t *testing.T) {
			t.Parallel()
			b := branchNamed(t, "recovered once")
			b.dark, b.ends = 15*time.Second, ended(overNow)
			b.play(t, func(now kill) bool { return now == k })
		})
	}
}

// A closed incident is reopened, and the power goes when that has been read and
// nothing has come of it: it is taken up again.
func TestKilledWhenItWasReopened(t *testing.T) {
	t.Parallel()
	b, armed := branchNamed(t, "reopened"), false
	each := b.each
	b.each = func(s *stage, second int) {
		if second == 60 {
			s.fuse.mu.Lock()
			armed = true
			s.fuse.mu.Unlock()
		}
		each(s, second)
	}
	b.play(t, func(now kill) bool { return armed && now.name == "commit[read]" && now.after })
}
