package app_test

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// sickDisk is a network whose database cannot be written while it is on.
type sickDisk struct {
	on    atomic.Bool
	fails func(commit func() error) error
}

func (d *sickDisk) around(_ string, commit func() error) error {
	if d.on.Load() {
		return d.fails(commit)
	}
	return commit()
}

// refusing is a disk that does not take what is written, for this reason.
func refusing(err error) func(func() error) error {
	return func(func() error) error { return fmt.Errorf("write: %w", err) }
}

// The disk takes nothing, be it full, read-only or sick: webhooks are answered 503,
// nothing is counted that was not written, and it goes on by itself when it is well
// again, with what PagerDuty kept. Where the disk has taken it and said that it has
// not, nothing is there twice either.
func TestDiskIsFullForAWhile(t *testing.T) {
	for name, fails := range map[string]func(func() error) error{
		"full": refusing(syscall.ENOSPC), "read-only": refusing(syscall.EROFS), "sick": refusing(syscall.EIO),
		"in doubt": func(commit func() error) error { return cmp.Or(commit(), error(syscall.EIO)) },
	} {
		t.Run(name, func(t *testing.T) {
			disk := &sickDisk{fails: fails}
			story(t, one(web("autonomy: auto")), func(s *stage) { s.onADisk(disk) }, unhurried)
		})
	}
}

func (s *stage) onADisk(disk *sickDisk) {
	s.Helper()
	s.stop()
	s.around = disk.around
	s.start()
	disk.on.Store(true)
	s.down()
	s.pass(30 * time.Second)
	sub := s.sim.PagerDuty.State().Webhooks[0]
	if !strings.Contains(sub.Last, "503") || sub.Dropped > 0 || sub.Queued == 0 || s.slackLines() != "" || s.pagerLines() != "" {
		s.Errorf("webhooks: %+v\n%s\n%s", sub, s.slackLines(), s.pagerLines())
	}
	s.recoveries(0)
	disk.on.Store(false)
	s.says("Recovered by amsbot")
	s.settle()
	s.recoveries(1)
	s.is("resolved")
	if n := strings.Count(s.slackLines(), "card:"); n != 1 {
		s.Errorf("%d cards:\n%s", n, s.slackLines())
	}
}

// The database is on a network file system: amsbot runs, and its log warns.
func TestDiskOfAnotherMachine(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		const warned = "the database is on a network file system"
		if strings.Contains(s.log.String(), warned) {
			t.Errorf("on a disk of its own:\n%s", s.log)
		}
		s.stop()
		s.remote = func(path string) string {
			if path != s.config.Database {
				t.Errorf("asked about %s", path)
			}
			return "nfs"
		}
		s.start()
		if n := strings.Count(s.log.String(), warned); n != 1 || !strings.Contains(s.log.String(), "system=nfs") {
			t.Errorf("warned %d times:\n%s", n, s.log)
		}
	})
}

// While the disk is full the list says that, and does not blame PagerDuty, whose
// news cannot be written down.
func TestListWhileTheDiskIsFull(t *testing.T) {
	disk := &sickDisk{fails: refusing(syscall.ENOSPC)}
	story(t, one(web()), func(s *stage) {
		s.stop()
		s.around = disk.around
		s.start()
		disk.on.Store(true)
		s.down()
		s.pass(time.Minute)
		got := s.asks(ben, "list")
		if !strings.Contains(got, "amsbot has not been able to write to its disk since TIME: nothing new is taken in") || strings.Contains(got, "read PagerDuty") {
			t.Errorf("the list says %s", got)
		}
		disk.on.Store(false)
		s.says("Run Recovery waits for a person")
		s.pass(5 * time.Minute)
		if got := s.asks(ben, "list"); strings.Contains(got, "not been able") || !strings.Contains(got, "*1 open*") {
			t.Errorf("the list says %s", got)
		}
		if said := s.log.String(); strings.Count(said, "what PagerDuty says cannot be written down") != 1 {
			t.Errorf("the log says %s", said)
		}
	}, unhurried)
}

// The record of an incident that was over is damaged, and it is reopened: the list says
// so, and does not blame PagerDuty; what comes beside it has its first response.
func TestListBesideADamagedRecord(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.down()
		s.says("Recovered by amsbot")
		s.settle()
		s.stop()
		record := fmt.Sprintf(`{"key":"pd:shop:%s"`, s.incident)
		flipped := strings.Replace(record, "key", "kex", 1)
		s.flip(record, flipped)
		s.start()
		s.must(s.sim.PagerDuty.Reopen(aikoPD, s.incident))
		s.pass(time.Minute)
		if got := s.asks(ben, "list"); !strings.Contains(got, "The record of an incident is damaged: since TIME nothing new is taken in of that one.") {
			t.Errorf("the list says:\n%s", got)
		}
		s.stop()
		s.flip(flipped, record)
		s.start()
		s.says("No fault found")
	}, unhurried)
}

// flip replaces bytes in the database, of which nothing else may be open.
func (s *stage) flip(old, new string) {
	s.Helper()
	data, err := os.ReadFile(s.config.Database)
	s.must(err)
	s.must(os.WriteFile(s.config.Database, bytes.ReplaceAll(data, []byte(old), []byte(new)), 0o600))
}
