package scenarios

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"
)

// TestExecMuchOutput: however much a program prints, and without a line break,
// it goes on, both ends are kept, and memory holds no more than those.
func TestExecMuchOutput(t *testing.T) {
	for name, c := range map[string]struct{ script, begins, line string }{
		"1 GB":               {`echo first; head -c 1000000000 /dev/zero; echo last`, "first\n", "last"},
		"a line of 100 MB":   {`head -c 100000000 /dev/zero | tr '\0' x`, "xxxx", strings.Repeat("x", maxLine-1) + "…"},
		"both at once":       {`(head -c 30000000 /dev/zero | tr '\0' y >&2) & head -c 30000000 /dev/zero | tr '\0' x; wait; echo; echo last`, "xxxx", "last"},
		"byte by byte":       {`i=0; while [ $i -lt 20000 ]; do printf .; i=$((i+1)); done; echo; echo last`, "....", "last"},
		"nothing but breaks": {`head -c 5000000 /dev/zero | tr '\0' '\n'; echo last`, "\n\n", "last"},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			o := sh(t, c.script, "").Do(context.Background(), Facts{}, Tools{})
			runtime.ReadMemStats(&after)
			if o.Verdict != OK || len(o.Output) > maxOutput || o.Line != c.line || !strings.HasPrefix(string(o.Output), c.begins) {
				t.Errorf("%s, %q, %d bytes, line %q", o.Verdict, o.Why, len(o.Output), clip(o.Line, 40))
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 20<<20 {
				t.Errorf("%d MB were used on the way", used>>20)
			}
		})
	}
}

// TestExecEndlessOutput: a program that never stops to print is stopped in
// time.
func TestExecEndlessOutput(t *testing.T) {
	began := time.Now()
	o := stepOf(t, "    exec: [yes]\n    timeout: 300ms\n", "").Do(context.Background(), Facts{}, Tools{})
	if o.Verdict != Unknown || o.Why != "not finished in time, stopped" || o.Line != "y" || len(o.Output) > maxOutput {
		t.Errorf("%s, %q, %q, %d bytes", o.Verdict, o.Why, o.Line, len(o.Output))
	}
	if took := time.Since(began); took > killGrace+5*time.Second {
		t.Errorf("it took %s", took)
	}
}

// TestExecBinaryOutput: any bytes become text that is safe to show.
func TestExecBinaryOutput(t *testing.T) {
	o := sh(t, `head -c 200000 /dev/urandom; printf '\0\377\376\033[2J\342\200\256gnp.exe\r\n\303'; printf '\220\220\033]0;owned\007 end'`, "").Do(context.Background(), Facts{}, Tools{})
	out := string(o.Output)
	if o.Verdict != OK || !utf8.ValidString(out) || strings.ContainsAny(out, "\x00\x1b\x07\r\u202e") || !utf8.ValidString(o.Line) || !strings.HasSuffix(o.Line, " end") {
		t.Errorf("%s, %q, line %q", o.Verdict, o.Why, o.Line)
	}
	if clean(out) != out {
		t.Error("cleaning it again changes it")
	}
}

// TestExecJoinsAnotherGroup: a program that has joined amsbot's own group does
// not outlive its time.
func TestExecJoinsAnotherGroup(t *testing.T) {
	began := time.Now()
	o := stepOf(t, "    exec: [perl, -e, 'setpgrp(0, getpgrp(getppid())); sleep 20']\n    timeout: 200ms\n", "").Do(context.Background(), Facts{}, Tools{})
	if o.Verdict != Unknown || o.Why != "not finished in time, stopped" {
		t.Errorf("%s, %q", o.Verdict, o.Why)
	}
	if took := time.Since(began); took > 2*killGrace {
		t.Errorf("it took %s", took)
	}
}

// TestExecLeavesTheGroup: a daemon that forks twice and leaves the group lives
// on, after a program that ended in time and after one that was stopped, and
// keeps neither waiting.
func TestExecLeavesTheGroup(t *testing.T) {
	for name, c := range map[string]struct {
		script, more string
		verdict      Verdict
	}{
		"ended":   {"echo done", "", OK},
		"stopped": {"sleep 60", "    timeout: 2s\n", Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "pid")
			began := time.Now()
			o := sh(t, `(setsid sh -c 'echo $$ > `+file+`.new; mv `+file+`.new `+file+`; exec sleep 60' &) ; while [ ! -e `+file+` ]; do sleep 0.01; done; `+c.script, c.more).
				Do(context.Background(), Facts{}, Tools{})
			if o.Verdict != c.verdict {
				t.Errorf("%s, %q", o.Verdict, o.Why)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("it took %s", took)
			}
			pid := pidIn(t, file)
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Errorf("the daemon is gone: %v", err)
			}
		})
	}
}

func pidIn(t *testing.T, file string) int {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// TestExecClosesItsPipes late, or early: neither is the end of the program.
func TestExecClosesItsPipes(t *testing.T) {
	for script, line := range map[string]string{
		`exec >&- 2>&-; sleep 0.3; exit 0`:                  "",
		`echo begun; exec >&-; sleep 0.2; echo late >&2`:    "begun",
		`(sleep 0.2; echo child) & echo parent; exit 0`:     "child",
		`trap 'echo bye; sleep 0.2; exit 3' TERM; kill $$;`: "bye",
	} {
		o := sh(t, script, "").Do(context.Background(), Facts{}, Tools{})
		want := OK
		if line == "bye" {
			want = NG
		}
		if o.Verdict != want || o.Line != line {
			t.Errorf("%s: %s, %q, %q", script, o.Verdict, o.Why, o.Line)
		}
	}
}

// TestExecAtTheEndOfItsTime: what a program says while it is stopped is kept,
// and an exit 0 then is none.
func TestExecAtTheEndOfItsTime(t *testing.T) {
	began := time.Now()
	o := sh(t, `trap 'echo tidied up; exit 0' TERM; echo begun; while :; do sleep 0.05; done`, "    timeout: 1s\n").Do(context.Background(), Facts{}, Tools{})
	if o.Verdict != Unknown || o.Why != "not finished in time, stopped" || o.Fields["stdout"] != "begun\ntidied up\n" {
		t.Errorf("%s, %q, %q", o.Verdict, o.Why, o.Output)
	}
	if _, has := o.Fields["exit"]; has || time.Since(began) > killGrace+5*time.Second {
		t.Errorf("fields %v after %s", o.Fields, time.Since(began))
	}
}

// TestExecManyArguments: as many as the system takes, and a clear word about
// more.
func TestExecManyArguments(t *testing.T) {
	many := make([]string, 64<<10)
	for i := range many {
		many[i] = "x"
	}
	r := runProcess(context.Background(), filled{args: append([]string{"sh", "-c", "echo $#", "sh"}, many...), env: []string{"PATH=" + childPath}, dir: "/"}, nil, Tools{})
	if r.why != "" || r.out != "65536\n" {
		t.Errorf("%q, %q", r.why, r.out)
	}
	long := strings.Repeat("y", 100<<10)
	r = runProcess(context.Background(), filled{args: []string{"sh", "-c", "printf %s \"$1\" | wc -c", "sh", long}, env: []string{"PATH=" + childPath}, dir: "/"}, nil, Tools{})
	if r.why != "" || r.out != "102400\n" {
		t.Errorf("%q, %q", r.why, r.out)
	}
	r = runProcess(context.Background(), filled{args: []string{"echo", strings.Repeat("y", 200<<10)}, env: []string{"PATH=" + childPath}, dir: "/"}, nil, Tools{})
	if r.why != "echo: the arguments are too long" || r.exit != 0 || r.tried {
		t.Errorf("%q", r.why)
	}
}

// TestExecSurroundings: nothing of amsbot's own reaches a program but what its
// step lists: no folder, no input, no open file, no group.
func TestExecSurroundings(t *testing.T) {
	open, err := os.Open("/etc/passwd")
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	o := sh(t, `pwd; cat | wc -c; ls -l /proc/self/fd | grep -c passwd; read pid name state parent group rest < /proc/self/stat; [ $pid = $group ] && echo own group`, "").
		Do(context.Background(), Facts{}, Tools{})
	if got := strings.Join(strings.Fields(string(o.Output)), " "); got != "/ 0 0 own group" {
		t.Errorf("%s, %q, %q", o.Verdict, o.Why, o.Output)
	}
	dir := t.TempDir()
	o = stepOf(t, "    exec: {command: [pwd], dir: "+dir+"}\n", "").Do(context.Background(), Facts{}, Tools{})
	if !bytes.Equal(o.Output, []byte(dir+"\n")) {
		t.Errorf("%q, want %q", o.Output, dir)
	}
}
