package main

import (
	"bytes"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// kills NAME kills a process, as the kernel does that runs out of memory.
func kills(ts *testscript.TestScript, _ bool, args []string) {
	b := ts.Value(processes{}).(map[string]*background)[args[0]]
	ts.Check(b.cmd.Process.Kill())
	<-b.over
}

// signals NAME SIGNAL… sends a process signals, one right after the other.
func signals(ts *testscript.TestScript, _ bool, args []string) {
	b := ts.Value(processes{}).(map[string]*background)[args[0]]
	for _, name := range args[1:] {
		ts.Check(b.cmd.Process.Signal(map[string]syscall.Signal{"TERM": syscall.SIGTERM, "INT": syscall.SIGINT}[name]))
		time.Sleep(300 * time.Millisecond) // two at once are one
	}
}

// ends NAME CODE DURATION waits until a process has ended, with this code and
// within this time.
func ends(ts *testscript.TestScript, _ bool, args []string) {
	b := ts.Value(processes{}).(map[string]*background)[args[0]]
	within, err := time.ParseDuration(args[2])
	ts.Check(err)
	select {
	case <-b.over:
		if code := strconv.Itoa(b.cmd.ProcessState.ExitCode()); code != args[1] {
			ts.Fatalf("%s ended with %s, not %s:\n%s", args[0], code, args[1], b.said())
		}
	case <-time.After(within):
		ts.Fatalf("%s goes on after %s:\n%s", args[0], within, b.said())
	}
}

// saysAtTheEnd NAME REGEXP looks at what a process that has ended has printed.
func saysAtTheEnd(ts *testscript.TestScript, _ bool, args []string) {
	if said := ts.Value(processes{}).(map[string]*background)[args[0]].said(); !regexp.MustCompile(args[1]).MatchString(said) {
		ts.Fatalf("%s did not say %s:\n%s", args[0], args[1], said)
	}
}

// appears FILE… waits until files are there.
func appears(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		for end := time.Now().Add(patient); !isFile(ts.MkAbs(name)); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				ts.Fatalf("there is no %s", name)
			}
		}
	}
}

// lives FILE: the process whose PID the file holds is alive; with ! it has ended,
// or does soon.
func lives(ts *testscript.TestScript, not bool, args []string) {
	pid, err := strconv.Atoi(strings.TrimSpace(ts.ReadFile(args[0])))
	ts.Check(err)
	for end := time.Now().Add(3 * time.Second); alive(pid) == not; time.Sleep(10 * time.Millisecond) {
		if !not || time.Now().After(end) {
			ts.Fatalf("%s (%d): alive is %v", args[0], pid, alive(pid))
		}
	}
}

// keeps DB FILE waits until the database names the program whose PID the file holds.
func keeps(ts *testscript.TestScript, _ bool, args []string) {
	name := []byte(`"group":` + strings.TrimSpace(ts.ReadFile(args[1])) + ",")
	for end := time.Now().Add(patient); ; time.Sleep(10 * time.Millisecond) {
		data, err := os.ReadFile(ts.MkAbs(args[0]))
		ts.Check(err)
		if bytes.Contains(data, name) {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("%s is not written down", name)
		}
	}
}

// alive leaves out what has ended and waits for somebody to see it.
func alive(pid int) bool {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && !strings.Contains(string(data), ") Z ")
}
