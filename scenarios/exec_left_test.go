//go:build linux

package scenarios

import (
	"context"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// deaf runs steps whose programs cannot be ended, as those of root cannot by
// another user: no signal reaches them. When the test ends they are, all the same.
func deaf(t *testing.T) (tools Tools, group func() int) {
	var p atomic.Pointer[Program]
	t.Cleanup(func() {
		if p := p.Load(); p != nil {
			_ = syscall.Kill(-p.Group, syscall.SIGKILL)
			nobodyOf(t, p.Group)
		}
	})
	return Tools{
		Started: func(q Program) { p.Store(&q) },
		Signal:  func(int, syscall.Signal) error { return syscall.EPERM },
	}, func() int { return p.Load().Group }
}

// restless ignores all that it is told, and never stops to print.
const restless = `trap '' TERM INT HUP; echo begun; while :; do echo on; sleep 0.01; done`

// TestExecCannotBeEnded: a program that goes on whatever is done is left when its
// time is long over. What it printed so far is kept, what came of it is not known,
// and nothing is started beside it.
func TestExecCannotBeEnded(t *testing.T) {
	tools, group := deaf(t)
	began := time.Now()
	o := sh(t, restless, "    timeout: 300ms\n    attempts: 3\n    every: 10ms\n").Do(t.Context(), Facts{}, tools)
	if took := time.Since(began); took > 300*time.Millisecond+killGrace+leaveAfter+3*time.Second {
		t.Errorf("it took %s", took)
	}
	if o.Verdict != Unknown || !o.Left || o.Tries != 1 || o.Why != "not finished in time; it could not be ended and may still be running" {
		t.Errorf("%s, left %t after %d tries, %q", o.Verdict, o.Left, o.Tries, o.Why)
	}
	if out := string(o.Output); !strings.HasPrefix(out, "begun\non\non\n") || o.Fields["exit"] != nil {
		t.Errorf("exit %v, %q", o.Fields["exit"], clip(out, 60))
	}
	if !inGroup(group(), group()) {
		t.Error("it has ended, so that nothing was tested")
	}
}

// TestExecChildCannotBeEnded: the program ended when it was told to, and one that
// it had started did not.
func TestExecChildCannotBeEnded(t *testing.T) {
	tools, _ := deaf(t)
	tools.Signal = func(pid int, s syscall.Signal) error {
		if s == syscall.SIGTERM {
			return syscall.Kill(-pid, s) // the leader alone
		}
		return syscall.EPERM
	}
	began := time.Now()
	o := sh(t, "(trap '' TERM; exec sleep 60 >&- 2>&-) & wait", "    timeout: 300ms\n").Do(t.Context(), Facts{}, tools)
	if took := time.Since(began); o.Verdict != Unknown || !o.Left || !strings.HasSuffix(o.Why, leftWords) || took > killGrace {
		t.Errorf("%s, left %t, %q after %s", o.Verdict, o.Left, o.Why, took)
	}
}

// TestStoppedAtOnceAndLeft: a second word is not waited for long, whatever the
// program does.
func TestStoppedAtOnceAndLeft(t *testing.T) {
	tools, _ := deaf(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	keep := tools.Started
	tools.Started = func(p Program) { keep(p); time.Sleep(100 * time.Millisecond); cancel(ErrAtOnce) }
	began := time.Now()
	o := sh(t, restless, "").Do(ctx, Facts{}, tools)
	if took := time.Since(began); !o.Left || o.Why != "stopped: "+ErrAtOnce.Error()+leftWords || took > leaveAfter+3*time.Second {
		t.Errorf("left %t, %q after %s", o.Left, o.Why, took)
	}
}

// TestOrphanCannotBeEnded: what a start finds and may not end is said to live on,
// and is not waited for.
func TestOrphanCannotBeEnded(t *testing.T) {
	p, _ := started(t, "exec sleep 60")
	began := time.Now()
	found, ended := p.End(t.Context(), Tools{Signal: func(int, syscall.Signal) error { return syscall.EPERM }})
	if took := time.Since(began); !found || ended || !p.alive() || took > killGrace {
		t.Errorf("found %t, ended %t after %s", found, ended, took)
	}
}

// TestCaptureThatIsWrittenOn: what is read while more comes ends with no half of a
// secret.
func TestCaptureThatIsWrittenOn(t *testing.T) {
	tools, _ := deaf(t)
	o := sh(t, `trap '' TERM; printf '%s' "$TOKEN" | head -c 8; exec sleep 60`, "    timeout: 200ms\n").Do(t.Context(), Facts{}, tools)
	if !o.Left || strings.Contains(string(o.Output), "s3") {
		t.Errorf("left %t, %q", o.Left, o.Output)
	}
}
