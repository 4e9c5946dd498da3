package scenarios

import (
	"context"
	"errors"
	"syscall"
	"time"
)

// ErrAtOnce is the cause of a context whose programs are to be killed without
// being asked to end first.
var ErrAtOnce = errors.New("amsbot was told to stop at once")

// Program is a program that a step has started on this machine, by what finds
// it again after amsbot was killed: its process group, and what no other
// process that is given the same number has.
type Program struct {
	Group   int    `json:"group"`   // its process group, which is the program's own PID
	Began   uint64 `json:"began"`   // when it was started, in the kernel's ticks since the boot
	Session int    `json:"session"` // amsbot's own, which it has inherited
	Boot    string `json:"boot"`    // the boot's ID
}

// End ends what is left of a program and of its group: TERM and, where that
// does not help, KILL. It says whether anything was left, and whether it ended:
// what runs as another user may not. A process that only was given the same
// number is not touched; nor is one that has left the group. Where the system
// does not tell one process from a later one, nothing is.
func (p Program) End(ctx context.Context, t Tools) (found, ended bool) {
	if !p.alive() {
		return false, false
	}
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		if p.alive() && notOurs(t.signal(-p.Group, signal)) { // other errors: it has gone just now
			return true, !p.alive()
		}
		for until := time.Now().Add(killGrace); p.alive() && ctx.Err() == nil && time.Now().Before(until); {
			time.Sleep(killGrace / 40)
		}
	}
	return true, !p.alive()
}

// Elsewhere says whether the step's command runs on another machine: what it
// has started there goes on when amsbot does not.
func (st *Step) Elsewhere() bool {
	a := st.action
	if p, ok := a.(*plugin); ok {
		_, there := p.place.(*remote)
		return there
	}
	_, there := a.(*remote)
	return there
}
