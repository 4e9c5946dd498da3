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
)

// runProcess runs a program in a process group of its own, and tells whoever
// wants to know which one it is.
func runProcess(ctx context.Context, f filled, mask masks, started func(Program)) ran {
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
	told := tell(started, cmd.Process.Pid)
	stopped, err := await(ctx, cmd)
	<-told
	r := ran{why: whyNoExit(cmd.ProcessState, stopped, err), out: stdout.text(mask), complaints: stderr.text(mask), took: time.Since(began), tried: true}
	if r.why == "" {
		r.exit = cmd.ProcessState.ExitCode()
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

// await waits for the end of a process. When ctx ends first it stops the
// whole group and returns the cause.
func await(ctx context.Context, cmd *exec.Cmd) (stopped, err error) {
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case err := <-done:
		return nil, err
	case <-ctx.Done():
	}
	group := -cmd.Process.Pid
	wait := killGrace
	if errors.Is(context.Cause(ctx), ErrAtOnce) {
		wait = 0
	} else {
		_ = syscall.Kill(group, syscall.SIGTERM) // it may be gone already
	}
	grace := time.NewTimer(wait)
	defer grace.Stop()
	select {
	case err = <-done:
		// The leader went, its children need not have.
		_ = syscall.Kill(group, syscall.SIGKILL)
	case <-grace.C:
		_ = syscall.Kill(group, syscall.SIGKILL)
		_ = cmd.Process.Kill() // it may have joined another group
		err = <-done
	}
	return context.Cause(ctx), err
}

// whyNoExit says why a process that has ended has no exit code to be judged,
// "" when it has one.
func whyNoExit(state *os.ProcessState, stopped, err error) string {
	var exit *exec.ExitError
	switch {
	case stopped != nil && errors.Is(stopped, errTimeout):
		return "not finished in time, stopped"
	case stopped != nil:
		return "stopped: " + stopped.Error()
	case state == nil:
		return "cannot be waited for: " + err.Error()
	case !state.Exited():
		if ws, ok := state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
			return "ended by signal " + ws.Signal().String()
		}
		return "ended by a signal"
	case err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay):
		return "its output cannot be read: " + err.Error()
	}
	return ""
}

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
