package app_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// fullDisk is a network whose database cannot be written while it is on.
type fullDisk struct{ on atomic.Bool }

func (d *fullDisk) around(_ string, commit func() error) error {
	if d.on.Load() {
		return fmt.Errorf("write: %w", syscall.ENOSPC)
	}
	return commit()
}

// The disk is full: webhooks are answered 503, nothing is counted that was not
// written, and it goes on by itself when there is room again, with what PagerDuty
// kept.
func TestDiskIsFullForAWhile(t *testing.T) {
	disk := &fullDisk{}
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.stop()
		s.around = disk.around
		s.start()
		disk.on.Store(true)
		s.down()
		s.pass(30 * time.Second)
		sub := s.sim.PagerDuty.State().Webhooks[0]
		if !strings.Contains(sub.Last, "503") || sub.Dropped > 0 || sub.Queued == 0 || s.slackLines() != "" || s.pagerLines() != "" {
			t.Errorf("webhooks: %+v\n%s\n%s", sub, s.slackLines(), s.pagerLines())
		}
		s.recoveries(0)
		disk.on.Store(false)
		s.says("Recovered by amsbot")
		s.settle()
		s.recoveries(1)
		s.is("resolved")
		if n := strings.Count(s.slackLines(), "card:"); n != 1 {
			t.Errorf("%d cards:\n%s", n, s.slackLines())
		}
	}, unhurried)
}
