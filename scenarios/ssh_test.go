package scenarios

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestSSHVerdicts is RESPONSE.md's table for ssh. A bubble ends only when
// nothing of the connection is left.
func TestSSHVerdicts(t *testing.T) {
	for _, c := range []struct {
		command string
		verdict Verdict
		why     string
		line    string
	}{
		{"[say, hello]", OK, "exit 0", "hello"},
		{"[exit, 0]", OK, "exit 0", "two"},
		{"[exit, 1]", NG, "exit 1", "complaint"},
		{"[exit, 254]", NG, "exit 254", "complaint"},
		{"[exit, 126]", Unknown, "exit 126: cannot be executed", "complaint"},
		{"[exit, 127]", Unknown, "exit 127: command not found", "complaint"},
		{"[exit, 255]", Unknown, "exit 255: a fault of ssh itself on the way, or of the program: it cannot be told", "complaint"},
		{"[die]", Unknown, "ended by signal SEGV", "half"},
		{"[silent-end]", Unknown, lostWords, "half"},
		{"[cut]", Unknown, lostWords, "half"},
		{"[forbidden]", Unknown, "the server does not let this user run commands", ""},
		{"[daemon]", OK, "exit 0", "started"},
		{"[late]", OK, "exit 0", "4"},
	} {
		t.Run(strings.Trim(c.command, "[]"), func(t *testing.T) {
			m := newMachine(t)
			synctest.Test(t, func(t *testing.T) {
				o := m.do(m.step(c.command, ""), "", Facts{})
				if o.Verdict != c.verdict || o.Why != c.why || o.Line != c.line {
					t.Errorf("%s, %q, %q; want %s, %q, %q", o.Verdict, o.Why, o.Line, c.verdict, c.why, c.line)
				}
				if exit, has := o.Fields["exit"]; has != strings.HasPrefix(c.why, "exit ") {
					t.Errorf("exit %v, %t", exit, has)
				}
			})
			if len(m.odd) > 0 {
				t.Errorf("asked for %v", m.odd)
			}
		})
	}
}

// TestSSHTimeout: the command is told to end, the output so far is kept, and
// the words say what was seen of it.
func TestSSHTimeout(t *testing.T) {
	for _, c := range []struct {
		command string
		why     string
		line    string
		took    time.Duration
		signals string
	}{
		{"[polite]", "not finished in time, stopped", "ended by TERM", 5 * time.Second, "TERM"},
		{"[stubborn]", "not finished in time, stopped", "ended by KILL", 5*time.Second + killGrace, "TERM KILL"},
		{"[hang]", "not finished in time; it may still be running there", "begun", 5*time.Second + killGrace + pipeGrace, "TERM KILL"},
		{"[drip]", "not finished in time; it may still be running there", "........", 5*time.Second + killGrace + pipeGrace, "TERM KILL"},
	} {
		t.Run(strings.Trim(c.command, "[]"), func(t *testing.T) {
			m := newMachine(t)
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				o := m.do(m.step(c.command, "    timeout: 5s\n"), "", Facts{})
				if o.Verdict != Unknown || o.Why != c.why || o.Line != c.line {
					t.Errorf("%s, %q, %q; want UNKNOWN, %q, %q", o.Verdict, o.Why, o.Line, c.why, c.line)
				}
				if took := time.Since(began); took != c.took {
					t.Errorf("it took %s, want %s", took, c.took)
				}
				time.Sleep(2 * time.Second) // the drip notices
			})
			if got := strings.Join(m.signals, " "); got != c.signals {
				t.Errorf("signals %q", got)
			}
		})
	}
}

// TestSSHCancelled: the caller's cancelling is told from the try's time.
func TestSSHCancelled(t *testing.T) {
	m := newMachine(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(context.Background())
		time.AfterFunc(3*time.Second, func() { cancel(errors.New("amsbot is stopping")) })
		st := loadOne(t, head+"deadline: 1h\ncheck:\n  - name: c\n"+m.step("[polite]", "    attempts: 3\n"), Options{}).Check[0]
		o := st.Do(ctx, Facts{}, m.tools())
		if o.Verdict != Unknown || o.Why != "stopped: amsbot is stopping, stopped" || o.Tries != 1 {
			t.Errorf("%s, %q after %d tries", o.Verdict, o.Why, o.Tries)
		}
	})
}
