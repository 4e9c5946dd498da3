package scenarios

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"amsbot/scenarios/secret"
)

// sh is a step that runs a shell script, which stands for any program.
func sh(t *testing.T, script, more string) *Step {
	t.Helper()
	return stepOf(t, "    exec: {command: [/bin/sh, -c, "+strconv.Quote(script)+"], env: {TOKEN: \"${{ secrets.token }}\"}}\n"+more, "secrets: {token: \"env:T\"}\n")
}

func TestExecVerdicts(t *testing.T) {
	for _, c := range []struct {
		script  string
		verdict Verdict
		why     string
		line    string
	}{
		{"echo one; echo two", OK, "exit 0", "two"},
		{"echo warning >&2", OK, "exit 0", "warning"},
		{"echo half; echo broken >&2; exit 1", NG, "exit 1", "broken"},
		{"exit 2", NG, "exit 2", ""},
		{"exit 255", NG, "exit 255", ""},
		{"exit 126", Unknown, "exit 126: cannot be executed", ""},
		{"exit 127", Unknown, "exit 127: command not found", ""},
		{"kill -KILL $$", Unknown, "ended by signal killed", ""},
		{"kill -SEGV $$", Unknown, "ended by signal segmentation fault", ""},
	} {
		o := sh(t, c.script, "").Do(context.Background(), Facts{}, Tools{})
		if o.Verdict != c.verdict || o.Why != c.why || o.Line != c.line {
			t.Errorf("%s: %s, %q, %q; want %s, %q, %q", c.script, o.Verdict, o.Why, o.Line, c.verdict, c.why, c.line)
		}
	}
}

func TestExecThatCannotStart(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, []byte("no program"), 0o644); err != nil {
		t.Fatal(err)
	}
	for command, want := range map[string]string{
		"[no-such-program-here]":             "not installed",
		"[/no/such/program]":                 "does not exist",
		"[" + plain + "]":                    "cannot be executed",
		"{command: [ls], dir: /no/such/dir}": "does not exist",
	} {
		o := stepOf(t, "    exec: "+command+"\n", "").Do(context.Background(), Facts{}, Tools{})
		if o.Verdict != Unknown || !strings.Contains(o.Why, want) {
			t.Errorf("%s: %s, %q; want UNKNOWN, %q", command, o.Verdict, o.Why, want)
		}
	}
}

func TestExecInheritsNoEnvironment(t *testing.T) {
	t.Setenv("AMSBOT_TEST_INHERITED", "yes")
	o := stepOf(t, "    exec: {command: [env], env: {GIVEN: \"a b\"}}\n", "").Do(context.Background(), Facts{}, Tools{})
	if got, want := string(o.Output), "GIVEN=a b\nPATH="+childPath+"\n"; got != want {
		t.Errorf("the environment is %q, want %q", got, want)
	}
}

// TestExecTimeoutKillsTheGroup: a child that ignores TERM, and its own child,
// are gone when the step has ended.
func TestExecTimeoutKillsTheGroup(t *testing.T) {
	pids := filepath.Join(t.TempDir(), "pids")
	st := sh(t, "trap '' TERM; (trap '' TERM; echo $$ >> "+pids+"; exec sleep 60) & echo $! >> "+pids+"; echo started; sleep 60; sleep 60", "    timeout: 300ms\n")
	began := time.Now()
	o := st.Do(context.Background(), Facts{}, Tools{})
	if o.Verdict != Unknown || o.Why != "not finished in time, stopped" || o.Line != "started" {
		t.Errorf("%s, %q, %q", o.Verdict, o.Why, o.Line)
	}
	if took := time.Since(began); took < killGrace || took > killGrace+5*time.Second {
		t.Errorf("it took %s", took)
	}
	data, err := os.ReadFile(pids)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range strings.Fields(string(data)) {
		pid, err := strconv.Atoi(word)
		if err != nil {
			t.Fatal(err)
		}
		if !gone(pid) {
			t.Errorf("process %d is still there", pid)
		}
	}
}

// gone waits a moment for a killed process to leave; a zombie has left.
func gone(pid int) bool {
	for range 100 {
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if err != nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) || strings.Contains(string(stat), ") Z ") {
			return true
		}
		time.Sleep(20 * time.Millisecond)
	}
	return false
}

// TestExecCancelled: the caller's cancelling ends a well-behaved child at once.
func TestExecCancelled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	timer := time.AfterFunc(200*time.Millisecond, func() { cancel(errors.New("amsbot is stopping")) })
	defer timer.Stop()
	began := time.Now()
	o := stepOf(t, "    exec: [sleep, 60]\n    attempts: 3\n    every: 1s\n", "deadline: 1h\n").Do(ctx, Facts{}, Tools{})
	if o.Verdict != Unknown || o.Why != "stopped: amsbot is stopping" || o.Tries != 1 {
		t.Errorf("%s, %q after %d tries", o.Verdict, o.Why, o.Tries)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
}

// TestExecPipeHeldOpen: a daemon that keeps the pipe does not keep the step.
func TestExecPipeHeldOpen(t *testing.T) {
	pids := filepath.Join(t.TempDir(), "pid")
	began := time.Now()
	o := sh(t, "sleep 60 & echo $! > "+pids+"; echo done", "").Do(context.Background(), Facts{}, Tools{})
	if o.Verdict != OK || o.Line != "done" {
		t.Errorf("%s, %q, %q", o.Verdict, o.Why, o.Line)
	}
	if took := time.Since(began); took > pipeGrace+5*time.Second {
		t.Errorf("it took %s", took)
	}
	data, err := os.ReadFile(pids)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Errorf("what a recovery starts has to live on: %v", err)
	}
}

func TestExecOutputIsCapped(t *testing.T) {
	o := sh(t, "echo first; head -c 50000000 /dev/zero | tr '\\0' 'x'; echo; echo last", "").Do(context.Background(), Facts{}, Tools{})
	if o.Verdict != OK || len(o.Output) > maxOutput || o.Line != "last" || !strings.HasPrefix(string(o.Output), "first\n") || !strings.Contains(string(o.Output), "\n[…]\n") {
		t.Errorf("%s, %d bytes, line %q", o.Verdict, len(o.Output), o.Line)
	}
}

func TestExecOutputIsCleanAndMasked(t *testing.T) {
	script := `printf 'a\033[31mred\033[0m\r\nb\000c\377d\342\200\256e\rf %s\n' "$TOKEN"; printf "$TOKEN" | base64; printf 's3cr3t\033[0m-value-9\n'; printf "user:$TOKEN" | base64 >&2`
	shared := &secret.Masker{}
	shared.Add("ared-other-secret")
	o := sh(t, script, "").Do(context.Background(), Facts{}, Tools{Mask: shared})
	out := string(o.Output)
	if !utf8.ValidString(out) || strings.ContainsAny(out, "\x1b\x00\r\u202e") {
		t.Errorf("output %q", out)
	}
	if !strings.HasPrefix(out, "ared\nbc\ufffdde\nf [redacted]\n") {
		t.Errorf("output %q", out)
	}
	for _, leak := range []string{"s3cr3t", "czNjcjN0", "value-9"} {
		if strings.Contains(out, leak) || strings.Contains(o.Line, leak) {
			t.Errorf("%s in %q", leak, out)
		}
	}
	if shared.Mask("x s3cr3t-value-9") != "x [redacted]" {
		t.Error("the shared masker has not learnt the secret")
	}
}

// TestExecHostileValues: whatever an alert says is one argument, and never a
// flag.
func TestExecHostileValues(t *testing.T) {
	st := stepOf(t, "    exec: [printf, \"<%s>\", \"${{ alert.details.x }}\", \"at:${{ alert.details.x }}\"]\n", "")
	for _, x := range []string{"a b", "$(reboot)", "`reboot`", "; reboot", "| reboot", "a\nb", "'\"\\", "*", "~", "${PATH}", "&& x", "é"} {
		f := Facts{Incident: Incident{Alerts: open(map[string]any{"x": x})}}
		if o := st.Do(context.Background(), f, Tools{}); o.Verdict != OK || string(o.Output) != "<"+x+"><at:"+x+">" {
			t.Errorf("%q: %s, %q, %q", x, o.Verdict, o.Output, o.Why)
		}
		if line, err := st.Show(f); err != nil || strings.Contains(line, "\n") {
			t.Errorf("%q is shown as %q, %v", x, line, err)
		}
	}
	for _, x := range []any{"-rf", "--", "-", "a\x00b", map[string]any{}, []any{"a"}, strings.Repeat("x", maxText+1)} {
		f := Facts{Incident: Incident{Alerts: open(map[string]any{"x": x})}}
		if o := st.Do(context.Background(), f, Tools{}); o.Verdict != Unknown || o.Output != nil {
			t.Errorf("%#v: %s, %q", x, o.Verdict, o.Output)
		}
	}
}

// TestExecScriptWithValues: behind a script of its own a value is data.
func TestExecScriptWithValues(t *testing.T) {
	st := stepOf(t, "    exec: [sh, -c, 'printf \"%s\" \"$1\"', sh, \"${{ incident.title }}\"]\n", "")
	o := st.Do(context.Background(), Facts{Incident: Incident{Title: "$(reboot); x"}}, Tools{})
	if o.Verdict != OK || string(o.Output) != "$(reboot); x" {
		t.Errorf("%s, %q, %q", o.Verdict, o.Output, o.Why)
	}
}

func TestSecretThatIsMissing(t *testing.T) {
	s := loadOne(t, head+"secrets: {token: \"env:AMSBOT_TEST_UNSET\"}\ncheck:\n  - {name: c, exec: {command: [env], env: {T: \"${{ secrets.token }}\"}}}\n", Options{})
	if o := s.Check[0].Do(context.Background(), Facts{}, Tools{}); o.Verdict != Unknown || !strings.Contains(o.Why, "AMSBOT_TEST_UNSET") {
		t.Errorf("%s, %q", o.Verdict, o.Why)
	}
	t.Setenv("AMSBOT_TEST_UNSET", "abc")
	if o := s.Check[0].Do(context.Background(), Facts{}, Tools{}); o.Verdict != Unknown || !strings.Contains(o.Why, "too short") {
		t.Errorf("%s, %q", o.Verdict, o.Why)
	}
	t.Setenv("AMSBOT_TEST_UNSET", "long enough")
	if o := s.Check[0].Do(context.Background(), Facts{}, Tools{}); o.Verdict != OK || !strings.Contains(string(o.Output), "T=[redacted]") {
		t.Errorf("%s, %q", o.Verdict, o.Output)
	}
}
