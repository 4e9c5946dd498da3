//go:build linux

package scenarios

import (
	"context"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// started runs a shell step and returns its program while it runs. When the test
// ends so does the step.
func started(t *testing.T, script string) (Program, <-chan Outcome) {
	t.Helper()
	ctx, cancel := context.WithCancelCause(context.Background())
	told, over := make(chan Program, 1), make(chan Outcome, 1)
	step := sh(t, script, "")
	go func() { over <- step.Do(ctx, Facts{}, Tools{Started: func(p Program) { told <- p }}) }()
	t.Cleanup(func() { cancel(ErrAtOnce) })
	return <-told, over
}

// TestOrphanEnds: what a step has started is found again by what Started was told,
// and ended with its whole group.
func TestOrphanEnds(t *testing.T) {
	for name, script := range map[string]string{
		"a program":     "exec sleep 60",
		"it has forked": "sleep 60 & sleep 60 & wait",
		"ignores TERM":  "trap '' TERM; sleep 60 & wait; sleep 60",
	} {
		t.Run(name, func(t *testing.T) {
			p, over := started(t, script)
			if found, ended := p.End(t.Context(), Tools{}); !found || !ended {
				t.Fatalf("%+v: found %t, ended %t", p, found, ended)
			}
			if o := <-over; o.Verdict != Unknown && o.Why != "exit 143" {
				t.Errorf("%s, %q", o.Verdict, o.Why)
			}
			if found, _ := p.End(t.Context(), Tools{}); found {
				t.Errorf("%+v lives on", p)
			}
			nobodyOf(t, p.Group)
		})
	}
}

// TestOrphanIsNobodyElse: a process that has the number and is not it, is left
// alone: one that began at another time, after another boot, or in another's group.
func TestOrphanIsNobodyElse(t *testing.T) {
	p, _ := started(t, "exec sleep 60")
	for name, other := range map[string]Program{
		"began later":     {p.Group, p.Began - 1, p.Session, p.Boot},
		"began before":    {p.Group, p.Began + 1, p.Session, p.Boot},
		"another boot":    {p.Group, p.Began, p.Session, "0" + p.Boot[1:] + "x"},
		"no boot":         {Group: p.Group, Began: p.Began, Session: p.Session},
		"no number":       {Boot: p.Boot},
		"everybody":       {Group: 1, Boot: p.Boot, Began: p.Began},
		"nobody any more": {1 << 22, p.Began, p.Session, p.Boot},
	} {
		if found, _ := other.End(t.Context(), Tools{}); found || !p.alive() {
			t.Fatalf("%s: it was taken for %+v", name, other)
		}
	}
}

// TestOrphanWithoutALeader: where only children are left, those of another session
// and those that began after this amsbot are none of its forerunner's.
func TestOrphanWithoutALeader(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	p, over := started(t, "sleep 60 >&- 2>&- & echo $! > "+file+"; exit 0")
	<-over
	child := pidIn(t, file)
	t.Cleanup(func() { _ = syscall.Kill(child, syscall.SIGKILL) })
	if s, ok := procOf(child); !ok || s.group != p.Group || s.session != p.Session || s.began < p.Began {
		t.Fatalf("%+v is not of %+v", s, p)
	}
	if found, _ := p.End(t.Context(), Tools{}); found {
		t.Error("a process that began after this amsbot is taken for one of its forerunner's")
	}
}

// TestStoppedAtOnce: a second word is not discussed.
func TestStoppedAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	step := sh(t, "trap '' TERM; sleep 60 & wait; sleep 60", "")
	var p Program
	began := time.Now()
	o := step.Do(ctx, Facts{}, Tools{Started: func(q Program) { p = q; time.Sleep(100 * time.Millisecond); cancel(ErrAtOnce) }})
	if took := time.Since(began); o.Verdict != Unknown || took > killGrace/2 {
		t.Errorf("%s, %q after %s", o.Verdict, o.Why, took)
	}
	nobodyOf(t, p.Group)
}

// nobodyOf fails the test where somebody of a group lives on. Who has ended may
// wait to be seen for a while.
func nobodyOf(t *testing.T, group int) {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*")
	if err != nil || len(all) == 0 {
		t.Fatal(err)
	}
	for _, dir := range all {
		pid, err := strconv.Atoi(filepath.Base(dir))
		if err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(time.Second); inGroup(pid, group) && time.Now().Before(end); {
			time.Sleep(time.Millisecond) // a signal takes its time
		}
		if inGroup(pid, group) {
			t.Errorf("%d of the group %d lives on", pid, group)
		}
	}
}

func inGroup(pid, group int) bool {
	s, ok := procOf(pid)
	return ok && !s.over && s.group == group
}
