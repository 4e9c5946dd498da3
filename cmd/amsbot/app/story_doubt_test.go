package app_test

import (
	"cmp"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// doubtful is a disk that takes what is written and says that it has not, from one
// commit on, for a while.
type doubtful struct {
	commits atomic.Int64
	at      int64 // which; 0: none
	until   atomic.Int64
}

func (d *doubtful) around(what string, commit func() error) error {
	if what != "upkeep" && d.commits.Add(1) == d.at { // amsbot does not start without that of opening the file
		d.until.Store(time.Now().Add(15 * time.Second).UnixNano())
	}
	if time.Now().UnixNano() < d.until.Load() {
		return cmp.Or(commit(), error(syscall.EIO))
	}
	return commit()
}

// TestDoubt plays branches, and again with a disk that at one of their commits leaves
// it in doubt what it has written: nothing of it is forgotten, and nothing done twice.
func TestDoubt(t *testing.T) {
	const some = 2 // of the commits of a branch
	for i, b := range branches() {
		if !slices.Contains([]string{"recovered once", "asked and pressed", "failed"}, b.name) {
			continue
		}
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			all := b.doubted(t, 0)
			step := max(all/some, 1)
			if *kills == 0 {
				step = 1
			}
			for n := int64(1); n <= all && !t.Failed(); n += step {
				again := branches()[i]                      // its people have done nothing yet
				again.ends = ended(overNow, atAiko, atChie) // a recovery that was not run has not helped
				again.doubted(t, n)
			}
		})
	}
}

// doubted tells a branch with a disk in doubt from its nth commit on, judges what it
// came to, and says how many commits there were while it was told.
func (b branch) doubted(t *testing.T, n int64) (commits int64) {
	t.Helper()
	dir, db := b.write(t), filepath.Join(t.TempDir(), "amsbot.db")
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, dir, db, append([]option{unhurried}, b.options...))
		disk := &doubtful{at: n}
		s.around = disk.around
		s.powered(newFuse(nil))
		s.tellOut(b)
		commits = disk.commits.Load()
		p := s.judge(b.once)
		if b.ends != nil {
			b.ends(p)
		}
		if t.Failed() {
			t.Logf("in doubt from commit %d on", n)
			p.tell()
		}
	})
	return commits
}
