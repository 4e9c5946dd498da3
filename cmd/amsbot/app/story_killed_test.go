package app_test

import (
	"fmt"
	"slices"
	"strings"
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
	for _, c := range []struct {
		look int // the re-check's looks are the second and the third at its health
		what string
	}{{2, "step "}, {2, "ended"}, {3, "step "}} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			t.Parallel()
			b, looks, blew := branchNamed(t, "recovered once"), 0, false
			b.dark, b.ends = 15*time.Second, ended(overNow)
			b.play(t, func(now kill) bool {
				if now.name == "step GET /healthz" && now.after {
					looks++
				}
				hit := looks == c.look && now.after && strings.Contains(now.name, c.what)
				blew = blew || hit
				return hit
			})
			if !blew {
				t.Error("it was not killed")
			}
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
