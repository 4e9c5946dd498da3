package scenarios

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

const (
	// killGrace is how long a process group has between TERM and KILL.
	killGrace = 2 * time.Second
	// pipeGrace is how long pipes are read that stay open after the exit: a
	// daemon that was started keeps them for good.
	pipeGrace = 500 * time.Millisecond
	// leaveAfter is how long a program may take to end after KILL. One that does
	// not (it runs as another user, or hangs in the kernel) is left.
	leaveAfter = killGrace + pipeGrace
)

// runProcess runs a program in a process group of its own, and tells whoever
// wants to know which one it is.
func runProcess(ctx context.Context, f filled, mask masks, t Tools) ran {
	program, why := findProgram(f)
	if why != "" {
		return ran{why: why}
	}
	var stdout, stderr capture
	cmd := exec.Command(program)
	cmd.Args, cmd.Env, cmd.Dir = f.args, f.env, f.dir
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &stdout, &stderr, pipeGrace
	cmd.SysProcAttr = apart()
	runtime.LockOSThread() // the program is killed when the thread ends that started it
	defer runtime.UnlockOSThread()
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return ran{why: startError(f.args[0], err)}
	}
	told := tell(t.Started, cmd.Process.Pid)
	e := await(ctx, cmd, t)
	<-told
	r := ran{why: e.whyNoExit(), out: stdout.text(mask, e.left), complaints: stderr.text(mask, e.left), took: time.Since(began), tried: true, left: e.left}
	if r.why == "" {
		r.exit = e.state.ExitCode()
	}
	return r
}

// tell says, beside the program, that it was started; the channel is closed when
// that has been heard. The number is looked up before anybody waits for the
// program: until then it is nobody else's.
func tell(started func(Program), pid int) <-chan struct{} {
	told := make(chan struct{})
	p, known := Program{}, false
	if started != nil {
		p, known = programOf(pid)
	}
	if !known {
		close(told)
		return told
	}
	go func() { defer close(told); started(p) }()
	return told
}

// ending is how a process ended, or that it was left.
type ending struct {
	state   *os.ProcessState // nil: nobody has seen it end
	stopped error            // why it was to end before its time
	err     error            // of the waiting
	left    bool             // it, or what it started, could not be ended
}

// await waits for the end of a process. When ctx ends first it stops the whole
// group; what does not end then is left to whoever waits beside it, for good if
// need be.
func await(ctx context.Context, cmd *exec.Cmd, t Tools) ending {
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case err := <-done:
		return ending{state: cmd.ProcessState, err: err}
	case <-ctx.Done():
	}
	group, stopped := -cmd.Process.Pid, context.Cause(ctx)
	ended := func(err error) ending {
		// The leader went, its children need not have.
		return ending{state: cmd.ProcessState, stopped: stopped, err: err, left: notOurs(t.signal(group, syscall.SIGKILL))}
	}
	wait := killGrace
	if errors.Is(stopped, ErrAtOnce) {
		wait = 0
	} else {
		_ = t.signal(group, syscall.SIGTERM) // it may be gone already
	}
	select {
	case err := <-done:
		return ended(err)
	case <-time.After(wait):
	}
	_ = t.signal(group, syscall.SIGKILL)
	if t.Signal == nil {
		_ = cmd.Process.Kill() // it may have joined another group
	}
	select {
	case err := <-done:
		return ended(err)
	case <-time.After(leaveAfter):
		return ending{stopped: stopped, left: true} // its state is whoever's who waits
	}
}

// whyNoExit says why a process has no exit code to be judged, "" when it has one.
func (e ending) whyNoExit() string {
	var exit *exec.ExitError
	switch {
	case e.stopped != nil:
		return e.whyStopped()
	case e.state == nil:
		return "cannot be waited for: " + e.err.Error()
	case !e.state.Exited():
		if ws, ok := e.state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
			return "ended by signal " + ws.Signal().String()
		}
		return "ended by a signal"
	case e.err != nil && !errors.As(e.err, &exit) && !errors.Is(e.err, exec.ErrWaitDelay):
		return "its output cannot be read: " + e.err.Error()
	}
	return ""
}

func (e ending) whyStopped() string {
	timeout := errors.Is(e.stopped, errTimeout)
	switch {
	case timeout && !e.left:
		return "not finished in time, stopped"
	case timeout:
		return "not finished in time" + leftWords
	case e.left:
		return "stopped: " + e.stopped.Error() + leftWords
	}
	return "stopped: " + e.stopped.Error()
}

// leftWords are said of a program that was left.
const leftWords = "; it could not be ended and may still be running"

// findProgram looks a program up in the child's own PATH.
func findProgram(f filled) (path, why string) {
	name := f.args[0]
	if strings.Contains(name, "/") {
		return name, ""
	}
	search := childPath
	for _, v := range f.env {
		if p, ok := strings.CutPrefix(v, "PATH="); ok {
			search = p
		}
	}
	for _, dir := range filepath.SplitList(search) {
		if !filepath.IsAbs(dir) {
			continue // never what happens to lie in the working directory
		}
		candidate := filepath.Join(dir, name)
		if info, err := os.Stat(candidate); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return candidate, ""
		}
	}
	return "", fmt.Sprintf("%s is not installed where amsbot runs", name)
}

func startError(name string, err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return name + " or its folder does not exist where amsbot runs"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.ENOEXEC):
		return name + " cannot be executed: " + err.Error()
	case errors.Is(err, syscall.E2BIG):
		return name + ": the arguments are too long"
	}
	return name + " cannot be started: " + err.Error()
}
